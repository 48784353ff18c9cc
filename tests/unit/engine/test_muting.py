"""Mutes and maintenance of a platform that is watched: whoever makes them, each process sees them within seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from platformpm.assembly import Running, Silences, check
from platformpm.assembly.muting import Muting
from platformpm.errors import MutesError, UsageError
from platformpm.inventory import load
from platformpm.model.silence import InForce, Once
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.report.documents import verdict_on
from tests.unit.engine.platforms import wait_until

PLATFORM = """\
[platform]
name = "Test"
[defaults]
interval = "500ms"
[services.shop]
tier = 1
instances = { staging = ["tcp://127.0.0.1:9"], production = ["tcp://127.0.0.1:9"] }
[services.ledger]
tier = 1
instances.production = ["tcp://127.0.0.1:9"]
"""
NIGHT = '[[maintenance]]\nselectors = ["ledger"]\nfrom = 2026-11-22\nto = 2026-11-23\nreason = "move"\n'
AT = 1_795_330_800.0
"""2026-11-22T07:00Z, in the middle of that night everywhere."""
WINDOW = Once(AT, AT + 3600)


class Hand:
    """A clock that stands where it is put."""

    def __init__(self, at: float) -> None:
        self.at = at

    def wall(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "platform.toml"
    file.write_text(PLATFORM)
    return file


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


@pytest.fixture
def silences(path: Path, environ: dict[str, str]) -> Silences:
    return Silences.of(load(path, {}).inventory, environ)


def muted(silences: Silences, now: float = AT) -> set[str]:
    return {subject for one in silences.in_force(now) for subject in one.subjects}


class TestSilences:
    def test_a_mute_of_one_process_is_seen_by_another(self, path: Path, environ: dict[str, str]) -> None:
        here, there = (Silences.of(load(path, {}).inventory, environ) for _ in range(2))
        assert muted(here) == muted(there) == set()
        made = there.mute(["shop@production"], WINDOW, "deploy")
        assert muted(here) == {"shop@production"}
        assert here.known() == (made,)
        assert muted(here, AT + 3600) == set()

    def test_maintenance_and_mutes_hold_together(self, path: Path, environ: dict[str, str]) -> None:
        path.write_text(PLATFORM + NIGHT)
        silences = Silences.of(load(path, {}).inventory, environ)
        silences.mute(["shop"], WINDOW, "")
        assert muted(silences) == {"shop@staging", "shop@production", "ledger@production"}
        assert muted(silences, AT + 86400) == set()

    @pytest.mark.parametrize(
        ("mute", "unmute"),
        [
            (["shop@production"], "shop"),
            (["shop"], "shop"),
            (["shop", "env:staging"], "shop@staging"),
            (["tier:1"], "*"),
            (["tier:1"], "tier:1"),
            (["shop", "ledger"], "ledger shop"),
        ],
    )
    def test_a_selector_takes_back_what_it_covers(self, silences: Silences, mute: list[str], unmute: str) -> None:
        made = silences.mute(mute, WINDOW, "")
        assert silences.unmute(unmute.split(), AT + 1) == [made]
        assert muted(silences) == set()

    def test_an_id_takes_back_that_one(self, silences: Silences) -> None:
        first, second = silences.mute(["shop"], WINDOW, ""), silences.mute(["shop"], WINDOW, "")
        assert silences.unmute([first.id], AT + 1) == [first]
        assert silences.known() == (second,)

    def test_one_that_is_still_to_come_can_be_taken_back(self, silences: Silences) -> None:
        later = silences.mute(["shop"], Once(AT + 60, AT + 120), "")
        assert silences.unmute(["shop"], AT) == [later]

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (["ledger"], "ledger is not muted"),
            (["shop@production"], r"shop@production is muted by [0-9a-f]{4}, which holds for more \(shop\)"),
            (["shpo"], "nothing is selected"),
            (["shop@production", "env:production"], "holds for more"),
        ],
    )
    def test_what_cannot_be_taken_back_changes_nothing(self, silences: Silences, words: list[str], why: str) -> None:
        silences.mute(["shop"], WINDOW, "")
        with pytest.raises(UsageError, match=why):
            silences.unmute(words, AT + 1)
        assert len(silences.known()) == 1

    def test_maintenance_cannot_be_taken_back(self, path: Path, environ: dict[str, str]) -> None:
        path.write_text(PLATFORM + NIGHT)
        silences = Silences.of(load(path, {}).inventory, environ)
        with pytest.raises(UsageError, match=r"ledger is in \[\[maintenance\]\] of the inventory"):
            silences.unmute(["ledger"], AT)

    def test_what_selects_nothing_mutes_nothing(self, silences: Silences) -> None:
        for words in (["shpo"], [""], ["tier:x"], ["shop", "env:dev"]):
            with pytest.raises(UsageError):
                silences.mute(words, WINDOW, "")
        assert silences.known() == ()

    def test_a_mute_of_what_has_gone_can_be_taken_back_by_its_words(
        self, silences: Silences, path: Path, environ: dict[str, str]
    ) -> None:
        made = silences.mute(["ledger"], WINDOW, "")
        path.write_text(PLATFORM.partition("[services.ledger]")[0])
        later = Silences.of(load(path, {}).inventory, environ)
        assert later.unmute(["ledger"], AT + 1) == [made]

    @pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
    def test_a_file_is_obeyed_again_once_only_its_owner_may_write(
        self, silences: Silences, environ: dict[str, str]
    ) -> None:
        silences.mute(["shop"], WINDOW, "")
        (file,) = Path(environ["XDG_STATE_HOME"]).rglob("mutes.json")
        assert muted(silences)
        file.chmod(0o666)
        assert muted(silences) == set()
        assert "everybody may write it" in str(silences.problem)
        file.chmod(0o600)
        assert muted(silences)
        assert silences.problem is None

    def test_a_spoilt_file_mutes_nothing_and_is_told(self, silences: Silences, environ: dict[str, str]) -> None:
        silences.mute(["shop"], WINDOW, "")
        (file,) = Path(environ["XDG_STATE_HOME"]).rglob("mutes.json")
        file.write_text("{")
        assert muted(silences) == set()
        assert silences.problem == "nothing is muted by hand: mutes.json is spoilt: it is no file of mutes"
        with pytest.raises(MutesError, match="spoilt"):
            silences.unmute(["shop"], AT)
        silences.mute(["ledger"], WINDOW, "")
        assert muted(silences) == {"ledger@production"}
        assert not silences.problem


class TestMuting:
    def test_each_change_is_told_once(self, silences: Silences) -> None:
        told: list[tuple[Sequence[InForce], str | None]] = []
        clock = Hand(AT)
        muting = Muting(silences, lambda *seen: told.append(seen), clock)
        for _ in range(3):
            muting.look()
        muting.mute(["shop"], AT + 100, "deploy")
        for clock.at in (AT + 1, AT + 99, AT + 100, AT + 101):
            muting.look()
        assert [len(holding) for holding, _ in told] == [0, 1, 0]

    def test_another_inventory_is_told_at_once(self, silences: Silences, path: Path) -> None:
        told: list[set[str]] = []
        muting = Muting(
            silences, lambda holding, _: told.append({name for one in holding for name in one.subjects}), Hand(AT)
        )
        muting.mute(["tier:1"], AT + 100, "")
        path.write_text(PLATFORM.replace("tier = 1", "tier = 2", 1) + NIGHT)
        muting.adopt(load(path, {}).inventory)
        assert told == [{"shop@staging", "shop@production", "ledger@production"}, {"ledger@production"}]


def rows(session: Running) -> PlatformSnapshot:
    snapshot = session.board.latest()
    assert snapshot is not None
    return snapshot


def test_who_watches_sees_a_mute_of_another_process_and_its_end(path: Path, environ: dict[str, str]) -> None:
    other = Silences.of(load(path, {}).inventory, environ)
    with Running.of(path, environ) as session:
        wait_until(lambda: sum(alert.counts for alert in rows(session).alerts) == 3)
        made = other.mute(["shop"], Once(time.time() - 1, time.time() + 600), "deploy")
        wait_until(lambda: rows(session).counts.muted == 2)
        assert sum(alert.counts for alert in rows(session).alerts) == 1
        other.unmute([made.id], time.time())
        wait_until(lambda: sum(alert.counts for alert in rows(session).alerts) == 3)
        session.mute(["ledger"], time.time() + 600, "mine")
        wait_until(lambda: rows(session).counts.muted == 1)
        assert [one.reason for one in other.known()] == ["mine"]
        session.unmute(["ledger"])
        wait_until(lambda: rows(session).counts.muted == 0)


def test_maintenance_that_is_declared_while_it_is_watched_holds_at_once(path: Path, environ: dict[str, str]) -> None:
    with Running.of(path, environ) as session:
        path.write_text(PLATFORM + '[[maintenance]]\nselectors = ["tier:1"]\nfrom = 2000-01-01\nto = 2100-01-01\n')
        wait_until(lambda: rows(session).counts.muted == 3)


def test_a_check_does_not_count_what_is_muted(path: Path, environ: dict[str, str]) -> None:
    inventory = load(path, {}).inventory
    silences = Silences.of(inventory, environ)
    silences.mute(["shop"], Once(time.time() - 1, time.time() + 600), "deploy")
    snapshot = check(inventory, 1, silences=silences)
    assert (snapshot.counts.down, snapshot.counts.muted, str(verdict_on(snapshot))) == (1, 2, "critical")
    silences.mute(["ledger"], Once(time.time() - 1, time.time() + 600), "deploy")
    assert str(verdict_on(check(inventory, 1, silences=silences))) == "ok"
