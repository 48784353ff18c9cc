"""The file of mutes: what is written is read, by any process, whatever stands in it."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from platformpm.errors import MutesError
from platformpm.history import mutes
from platformpm.history.lock import WriterLock
from platformpm.history.place import mutes_path
from platformpm.model.inventory import IN_MEMORY, HistorySettings
from platformpm.model.silence import Once, Silence

NOW = 1_795_330_800.0
WINDOW = Once(NOW, NOW + 7200)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "acme" / "mutes.json"


def entry(**changes: object) -> dict[str, object]:
    usual = {
        "id": "a1b2",
        "selectors": ["shop"],
        "since": "2026-11-22T07:00:00Z",
        "until": "2026-11-22T09:00:00Z",
        "reason": "deploy",
    }
    return {**usual, **changes}


def write(path: Path, *entries: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schema": mutes.SCHEMA, "mutes": list(entries)}))
    return path


def known(path: Path) -> tuple[Silence, ...]:
    found, problem = mutes.read(path)
    assert problem is None
    return found


def test_where_there_is_no_file_nothing_is_muted(path: Path) -> None:
    assert known(path) == ()


def test_what_is_added_is_read_and_is_for_its_owner_alone(path: Path) -> None:
    first = mutes.add(path, ["shop", "tier:1"], WINDOW, "deploy\n2.5")
    second = mutes.add(path, ["host:*"], WINDOW, "")
    assert known(path) == (first, second)
    assert (first.selectors, first.schedule, first.reason) == (("shop", "tier:1"), WINDOW, "deploy 2.5")
    assert first.id != second.id
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(one.name for one in path.parent.iterdir()) == ["mutes.json", "mutes.json.lock"]


def test_one_can_be_taken_back_and_what_is_over_goes_by_itself(path: Path) -> None:
    gone, kept = mutes.add(path, ["shop"], WINDOW, ""), mutes.add(path, ["ledger"], WINDOW, "")
    mutes.remove(path, [gone.id], NOW)
    assert known(path) == (kept,)
    later = mutes.add(path, ["shop"], Once(NOW + 7200, NOW + 9000), "")
    assert known(path) == (later,)


@pytest.mark.parametrize(
    "bad",
    [
        3,
        None,
        [],
        entry(id="../x"),
        entry(id=7),
        entry(id="a" * 99),
        entry(selectors="shop"),
        entry(selectors=[]),
        entry(selectors=["shop", 3]),
        entry(selectors=["x"] * 5000),
        entry(since="yesterday"),
        entry(until=None),
        entry(until=math.nan),
        entry(until=1e308),
        entry(until=20261122),
        entry(selectors=[["shop"]]),
        entry(),
        entry(until="99999-01-01T00:00:00Z"),
        entry(until="0001-01-01T00:00:00+23:59"),
        entry(reason={"a": 1}),
        {},
    ],
)
def test_an_entry_that_makes_no_sense_is_left_out(path: Path, bad: object) -> None:
    (good,), problem = mutes.read(write(path, bad, entry()))
    assert (good.id, good.schedule) == ("a1b2", WINDOW)
    assert problem == "1 of the mutes in mutes.json is not understood and holds nothing back"


def test_what_is_not_understood_is_kept_aside_when_the_rest_is_written(path: Path) -> None:
    before = write(
        path, entry(until=math.nan), entry(), *(entry(id=f"a{number}") for number in range(200))
    ).read_bytes()
    found, problem = mutes.read(path)
    assert (len(found), problem) == (199, "3 of the mutes in mutes.json are not understood and hold nothing back")
    mutes.remove(path, [one.id for one in found[1:]], NOW)
    assert known(path) == found[:1]
    assert path.with_name("mutes.json.corrupt").read_bytes() == before


def test_texts_of_the_file_are_harmless(path: Path) -> None:
    (mute,) = known(write(path, entry(reason="\x1b[31m" + "x" * 5000, selectors=["shop\n\x07"])))
    assert len(mute.reason) <= 200
    assert mute.reason.isprintable()
    assert mute.selectors[0].isprintable()


@pytest.mark.parametrize(
    "text",
    [b"", b'{"mutes": []}', b'{"schema": "platformpm.mutes/2", "mutes": []}', b"{", b"[]", b"3", b'{"mutes": {}}', b"\xff\xfe", b"[" * 100_000, b'{"mutes": [' + b"1" * 5000 + b"]}", b"x" * 2_000_000],
)  # fmt: skip
def test_a_file_that_is_spoilt_mutes_nothing_and_is_moved_aside(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(text)
    found, problem = mutes.read(path)
    assert (found, str(problem).startswith("nothing is muted by hand: mutes.json ")) == ((), True)
    made = mutes.add(path, ["shop"], WINDOW, "")
    assert known(path) == (made,)
    assert path.with_name("mutes.json.corrupt").read_bytes() == text


def test_a_pipe_is_not_waited_for(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert mutes.read(path) == ((), "nothing is muted by hand: mutes.json cannot be read: it is not a file")


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_what_everybody_may_write_is_not_obeyed(path: Path) -> None:
    made = mutes.add(path, ["shop"], WINDOW, "")
    path.chmod(0o660)  # of a group: what a volume of a container may make of it
    assert known(path) == (made,)
    path.chmod(0o602)
    found, problem = mutes.read(path)
    assert (found, problem) == (
        (),
        "nothing is muted by hand: mutes.json is not obeyed: everybody may write it, chmod 600 it",
    )
    path.chmod(0o600)
    assert known(path) == (made,)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give a file away")
def test_what_belongs_to_somebody_else_is_not_obeyed(path: Path) -> None:
    mutes.add(path, ["shop"], WINDOW, "")
    os.chown(path, 65534, -1)
    assert mutes.read(path) == ((), "nothing is muted by hand: mutes.json is not obeyed: it belongs to another user")


def test_where_it_cannot_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MutesError, match=r"mutes\.json cannot be written"):
        mutes.add(tmp_path / "file" / "mutes.json", ["shop"], WINDOW, "")


def test_a_process_that_does_not_let_go_is_not_waited_for_without_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutes.add(path, ["shop"], WINDOW, "")
    monkeypatch.setattr(mutes, "_WAIT", 0.1)
    other = WriterLock(path.with_name("mutes.json.lock"))
    try:
        with pytest.raises(MutesError, match="another process"):
            mutes.add(path, ["shop"], WINDOW, "")
    finally:
        other.release()
    mutes.add(path, ["shop"], WINDOW, "")
    assert len(known(path)) == 2


def test_there_is_an_end_to_how_many(path: Path) -> None:
    write(path, *(entry(id=f"a{number}") for number in range(200)))
    with pytest.raises(MutesError, match="200 mutes already"):
        mutes.add(path, ["shop"], WINDOW, "")


def test_none_is_lost_when_many_processes_mute_at_once(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from platformpm.history import mutes;"
        "from platformpm.model.silence import Once;"
        "[mutes.add(Path(sys.argv[1]), [sys.argv[2]], Once(0, 9e9), '') for _ in range(5)]"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(path), f"s{number}"], stderr=subprocess.PIPE)
        for number in range(4)
    ]
    ended = threading.Event()
    seen: list[int] = []

    def watch() -> None:
        while not ended.wait(0.001):
            seen.append(len(known(path)))  # never a half-written one

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert [process.communicate(timeout=60)[1] for process in running] == [b""] * 4
    finally:
        ended.set()
        watcher.join()
    assert len(known(path)) == 20
    assert seen == sorted(seen)


def test_who_only_reads_does_not_pay_for_sqlite() -> None:
    program = "import sys; from platformpm.history import mutes; sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        (HistorySettings(), "/state/platformpm/acme-commerce/mutes.json"),
        (HistorySettings(path=IN_MEMORY), "/state/platformpm/acme-commerce/mutes.json"),
        (HistorySettings(path="/var/lib/acme.db"), "/var/lib/acme.db.mutes.json"),
    ],
)
def test_they_lie_beside_the_history(settings: HistorySettings, place: str) -> None:
    assert mutes_path("Acme Commerce", settings, {"XDG_STATE_HOME": "/state"}) == Path(place)
