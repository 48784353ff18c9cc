"""A screen beside one that watches without: who writes, and what is said, whatever becomes of their files."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from platformpm.history import recorder
from platformpm.history.lock import LockedError, WriterLock, claim, claim_path, give_way, lock_path
from platformpm.history.store import History
from tests.unit.history.records import NOW, QUICK, SETTINGS, Banner, HandClock, opened, readings_on_disk, taken, until


@dataclass
class HeldClock(HandClock):
    """A clock that may stand still: who has it does not look then whether its file is still there."""

    stopped: float | None = None

    def monotonic(self) -> float:
        return time.monotonic() if self.stopped is None else self.stopped


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.db"


def test_who_watches_gets_a_record_back_that_a_screen_took_when_the_folder_was_deleted(path: Path) -> None:
    clock, banner, standing = HeldClock(stopped=100.0), Banner(), list[bool]()
    watch = History(path, SETTINGS, clock, QUICK)
    watch.start(banner, claims=True)
    until(lambda: watch.recording, "records")
    screen = opened(path, standing=standing.append)
    until(lambda: standing == [False], "follows")
    path.parent.rename(path.parent.with_name("deleted"))
    until(lambda: screen.recording, "the screen was faster")
    clock.stopped = None
    until(lambda: standing == [False, True, False] and banner.text is None and watch.recording, "hands back")
    assert claim_path(path).exists()
    watch.put(taken(NOW))
    assert watch.flush(10)
    assert readings_on_disk(path) == 1
    watch.close()
    until(lambda: screen.recording, "takes over")
    screen.close()


def obstruct(place: Path) -> None:
    """Put something that is no file where one is, in one step."""
    link = place.with_name("link")
    link.symlink_to(place.parent)
    link.replace(place)


def test_a_claim_that_was_removed_is_made_again_while_all_else_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, banner = list[Path](), Banner()

    def counted(place: Path) -> WriterLock:
        tried.append(place)
        return claim(place)

    monkeypatch.setattr(recorder, "claim", counted)
    watch = History(path, SETTINGS, HandClock(), QUICK)
    watch.start(banner, claims=True)
    until(lambda: watch.recording, "records")
    claim_path(path).unlink()
    until(claim_path(path).exists, "claims")
    with pytest.raises(LockedError):
        until(lambda: give_way(path), "held")
    before = len(tried)
    obstruct(claim_path(path))
    until(lambda: len(tried) > before + 1, "no claim can be made there")
    watch.put(taken(NOW))
    assert watch.flush(10)
    claim_path(path).unlink()
    until(claim_path(path).exists, "claims")
    assert (banner.told, watch.recording) == ([], True)
    watch.close()


def test_a_lock_stands_as_long_as_its_file_is_there(path: Path) -> None:
    path.parent.mkdir()
    first = claim(path)
    assert first.stands()
    claim_path(path).unlink()
    assert not first.stands()
    second = claim(path)
    assert (first.stands(), second.stands()) == (False, True)
    first.release()
    second.release()


@pytest.mark.parametrize("at_first", [False, True])
def test_a_screen_that_follows_says_of_a_file_only_that_it_cannot_be_read_and_takes_it_back(
    path: Path, *, at_first: bool
) -> None:
    opened(path).close()
    if at_first:
        obstruct(path)
    watch, banner, standing = WriterLock(lock_path(path)), Banner(), list[bool]()
    screen = opened(path, banner, standing=standing.append)
    if not at_first:
        until(lambda: standing == [False], "follows")
        obstruct(path)
    until(lambda: banner.text, "told")
    what = "is not recorded" if at_first else "cannot be read"  # nothing was seen yet of another that records
    assert banner.text == f"history {what}: a folder, not a file: {path}"
    path.unlink()
    until(lambda: banner.text is None and standing == [False], "taken back")
    watch.release()
    until(lambda: screen.recording, "takes over")
    obstruct(path)
    until(lambda: banner.text == f"history is not recorded: a folder, not a file: {path}", "its own trouble")
    screen.close()


_READS = """
import os, sys; from pathlib import Path
from platformpm.history.lock import LockedError, WriterLock, claim, give_way
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
for take in (WriterLock, claim, give_way):
    try:
        take(Path(sys.argv[1]))
    except (LockedError, OSError) as error:
        print(take.__name__, type(error).__name__, error)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that others may look into, outside of those of a run of tests: another run shuts these."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
        Path(folder).chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_who_may_only_read_a_lock_sees_whether_another_has_it(open_folder: Path) -> None:
    path = open_folder / "history.db"

    def seen() -> list[str]:
        command = [sys.executable, "-c", _READS, str(path)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()

    watch, first = claim(path), WriterLock(path)
    path.chmod(0o444)
    claim_path(path).chmod(0o444)
    open_folder.chmod(0o555)
    held = f"LockedError another platformpm (process {os.getpid()}) records; this one probes without recording"
    assert seen() == [f"WriterLock {held}", f"claim {held}", f"give_way {held}"]
    watch.release()
    first.release()
    assert [line.split()[:2] for line in seen()] == [["WriterLock", "PermissionError"], ["claim", "PermissionError"]]
