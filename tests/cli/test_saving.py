"""A file is there whole or not at all, and what came meanwhile is not lost."""

import os
from pathlib import Path

import pytest

from platformpm.cli.saving import saved
from platformpm.errors import PlatformpmError, UsageError


@pytest.mark.parametrize("force", [False, True])
def test_nothing_stays_of_what_was_not_finished(tmp_path: Path, force: bool) -> None:
    def write() -> None:
        with saved(tmp_path / "out", force=force) as file:
            file.write(b"half")
            file.flush()
            assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    def write() -> None:
        with saved(tmp_path / "out", force=False) as file:
            file.write(b"late")
            (tmp_path / "out").write_text("first")

    with pytest.raises(UsageError, match="is there already"):
        write()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out", "first")]


def test_a_file_system_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with saved(tmp_path / "out", force=False) as file:
        file.write(b"whole")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", b"whole")]


def test_what_the_disk_says_is_one_line(tmp_path: Path) -> None:
    def write() -> None:
        with saved(tmp_path / "out", force=False):
            raise OSError(28, "No space left on device")

    with pytest.raises(PlatformpmError, match=r"out cannot be written: No space left on device$"):
        write()
    assert list(tmp_path.iterdir()) == []
