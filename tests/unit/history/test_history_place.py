from pathlib import Path

import pytest

from platformpm.history.place import history_path, slug
from platformpm.model.inventory import HistorySettings

HOSTILE = ["支付平台", "物流平台", "..", ".", "", "/", "a/b", "a\\b", "x" * 300, "x" * 301, "🚀", "🛰", "\0", "\ud800"]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Acme Commerce", "acme-commerce"),
        ("acme", "acme"),
        ("Shop 2", "shop-2"),
        ("data_lake", "data-lake"),
        ("platform", "platform"),
    ],
)
def test_plain_names_are_readable(name: str, folder: str) -> None:
    assert slug(name) == folder


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_safe(name: str) -> None:
    folder = slug(name)
    assert 1 <= len(folder) <= 60
    assert set(folder) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert folder.strip("-") == folder


def test_hostile_names_stay_apart() -> None:
    names = [*HOSTILE, "Café", "Cafe", "a-b", "a.b", "Acme & Co", "Acme Co"]
    assert len({slug(name) for name in names}) == len(names)


def test_the_state_folder_is_the_users() -> None:
    path = history_path("Acme", HistorySettings(), {"XDG_STATE_HOME": "/var/state"})
    assert path == Path("/var/state/platformpm/acme/history.db")


def test_a_relative_state_folder_counts_as_not_set() -> None:
    path = history_path("Acme", HistorySettings(), {"XDG_STATE_HOME": "state"})
    assert path is not None
    assert path.is_absolute()
    assert path.parts[-3:] == ("platformpm", "acme", "history.db")


def test_a_given_path_is_taken_as_it_is() -> None:
    assert history_path("Acme", HistorySettings(path="/data/h.sqlite"), {}) == Path("/data/h.sqlite")


def test_memory_is_no_file() -> None:
    assert history_path("Acme", HistorySettings(path=":memory:"), {}) is None
