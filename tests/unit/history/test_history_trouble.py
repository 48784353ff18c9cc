"""Real trouble with real files: whatever the disk does, records wait, it is told once, and nothing stops."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from platformpm.history import connecting, inbox
from platformpm.history.connecting import connect_writer
from platformpm.history.lock import WriterLock, claim
from platformpm.history.schema import VERSION, migrate
from tests.unit.history.records import (
    NOW,
    QUICK,
    Banner,
    HandClock,
    count,
    one_of_each,
    opened,
    readings_on_disk,
    rows,
    taken,
    until,
)

AS_ROOT = os.name == "posix" and os.geteuid() == 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.db"


@pytest.fixture
def banner() -> Banner:
    return Banner()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if not AS_ROOT or not sys.platform.startswith("linux"):
        pytest.skip("only root may mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=False)


def test_files_are_for_this_user_alone(path: Path, banner: Banner) -> None:
    history = opened(path, banner)
    history.put(taken(NOW))
    assert history.flush(10)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    names = {"history.db", "history.db-wal", "history.db-shm", "history.db.lock"}
    assert {found.name for found in path.parent.iterdir()} == names
    assert {found.stat().st_mode & 0o777 for found in path.parent.iterdir()} == {0o600}
    history.close()
    until(lambda: banner.text is None, "all well again")


def test_a_folder_that_existed_is_left_as_it_is(tmp_path: Path, banner: Banner) -> None:
    tmp_path.chmod(0o755)
    history = opened(tmp_path / "history.db", banner)
    history.put(taken(NOW))
    assert history.flush(10)
    history.close()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_what_was_written_is_there_in_the_next_run(path: Path) -> None:
    for run in range(3):
        history = opened(path)
        history.put(taken(NOW + 15 * run))
        history.close()
        assert history.waiting == 0
    assert readings_on_disk(path) == 3


def test_a_full_disk_keeps_records_waiting_and_nothing_is_lost(small_disk: Path, banner: Banner) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * (600 * 1024))
    path = small_disk / "history.db"
    history = opened(path, banner)
    acknowledged = 0
    while banner.text is None and acknowledged < 200_000:
        for second in range(500):
            history.put(taken(NOW + acknowledged + second))
        until(lambda: not history.waiting or banner.text, "written or told")
        acknowledged += 500
    assert banner.text == f"history is not recorded: the disk is full: {path}"
    assert not history.flush(0.2)
    assert history.waiting
    assert len([text for text in banner.told if text]) == 1
    ballast.unlink()
    assert history.flush(10)
    until(lambda: banner.text is None, "all well again")
    assert history.dropped == 0
    history.close()
    assert readings_on_disk(path) == acknowledged


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from tests.unit.history.records import NOW, Banner, opened, taken, until
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
banner = Banner()
history = opened(Path(sys.argv[1]), banner)
history.put(taken(NOW))
assert history.flush(10)
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, resource.RLIM_INFINITY))
for second in range(1, 5000):
    history.put(taken(NOW + second))
until(lambda: banner.text, "told")
assert history.waiting, banner.told
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert history.flush(10)
until(lambda: banner.text is None, "all well again")
history.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_file_that_may_not_grow_keeps_records_waiting(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert readings_on_disk(path) == 5000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a mount of Linux")
def test_a_disk_that_is_read_only_is_told_and_tried_again(small_disk: Path, banner: Banner) -> None:
    path = small_disk / "history.db"
    history = opened(path, banner)
    history.put(taken(NOW))
    history.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    history = opened(path, banner)
    history.put(taken(NOW + 15))
    until(lambda: banner.text, "told")
    assert banner.text == f"history is not recorded: read-only file system: {path}"
    assert count(history, "fresh") == 1  # what is there can be read
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert history.flush(10)
    history.close()
    assert readings_on_disk(path) == 2


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path, banner: Banner, mode: int) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=mode)
    history = opened(folder / "history.db", banner)
    history.put(taken(NOW))
    until(lambda: banner.text, "told")
    assert "permission denied" in str(banner.text)
    folder.chmod(0o700)
    assert history.flush(10)
    history.close()


@pytest.mark.skipif(not AS_ROOT, reason="only root may become somebody else")
def test_a_folder_of_somebody_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == 0 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    script = (
        "import os, sys; from pathlib import Path\n"
        "from tests.unit.history.records import NOW, Banner, opened, taken, until\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "banner = Banner(); history = opened(Path(sys.argv[1]), banner); history.put(taken(NOW))\n"
        "until(lambda: banner.text, 'told'); history.close(5)\n"
        "sys.stdout.write(banner.text)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"history is not recorded: permission denied: {path}"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, banner: Banner) -> None:
    (tmp_path / "state").write_text("a file")
    path = tmp_path / "state" / "acme" / "history.db"
    history = opened(path, banner)
    history.put(taken(NOW))
    until(lambda: banner.text, "told")
    assert banner.text in (
        f"history is not recorded: not a directory: {path}",
        f"history is not recorded: file exists: {path}",
    )
    (tmp_path / "state").unlink()
    assert history.flush(10)
    until(lambda: banner.text is None, "all well again")
    history.close()


@pytest.mark.parametrize("target", ["nowhere", "state"])
def test_a_folder_that_is_a_link_to_nowhere_or_itself_is_told(tmp_path: Path, banner: Banner, target: str) -> None:
    (tmp_path / "state").symlink_to(target)
    path = tmp_path / "state" / "acme" / "history.db"
    history = opened(path, banner)
    history.put(taken(NOW))
    until(lambda: banner.text, "told")
    assert banner.text == f"history is not recorded: a folder above it is a link that leads nowhere: {path}"
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "state").unlink()
    assert history.flush(10)
    history.close()


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_file_is_told_and_never_opened(path: Path, banner: Banner, kind: str) -> None:
    path.parent.mkdir()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    history = opened(path, banner)
    history.put(taken(NOW))
    until(lambda: banner.text, "told")
    assert banner.text == f"history is not recorded: a {kind}, not a file: {path}"
    assert history.waiting == 1
    history.close()
    assert history.waiting == 0


@pytest.mark.parametrize("name", ["history.db.lock", "history.db.watch"])
@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_lock_is_told_by_its_name_and_never_written_to(
    path: Path, banner: Banner, name: str, kind: str
) -> None:
    path.parent.mkdir()
    precious = path.with_name("precious")
    precious.write_text("mine", encoding="utf-8")
    place = path.with_name(name)
    if kind == "link":
        place.symlink_to(precious)
    elif kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    if name.endswith(".watch"):
        with pytest.raises(OSError, match=r"history\.db\.watch beside it is no plain file"):
            claim(path)
    else:
        history = opened(path, banner)
        until(lambda: banner.text, "told")
        assert banner.text == f"history is not recorded: {name} beside it is no plain file: {path}"
        history.close()
    assert precious.read_text(encoding="utf-8") == "mine"


def untouched(path: Path, banner: Banner, why: str) -> None:
    before = path.read_bytes()
    history = opened(path, banner)
    for record in one_of_each():
        history.put(record)
    assert not history.flush(10)
    assert banner.told == [f"history is not recorded: {why}: {path}"]
    until(lambda: not history.waiting, "dropped")
    history.close()
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*corrupt*"))


def test_a_history_of_a_newer_version_is_untouched(path: Path, banner: Banner) -> None:
    path.parent.mkdir()
    connection = connect_writer(path)
    migrate(connection)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    untouched(path, banner, f"it was written by a newer platformpm (version {VERSION + 1}, this one knows {VERSION})")


def test_a_newer_version_that_was_killed_is_untouched(path: Path, banner: Banner, tmp_path: Path) -> None:
    path.parent.mkdir()
    connection = connect_writer(tmp_path / "original")
    migrate(connection)
    connection.execute("PRAGMA wal_checkpoint")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    path.write_bytes((tmp_path / "original").read_bytes())
    path.with_name("history.db-wal").write_bytes((tmp_path / "original-wal").read_bytes())
    connection.close()
    untouched(path, banner, f"it was written by a newer platformpm (version {VERSION + 1}, this one knows {VERSION})")


@pytest.mark.parametrize("application", [0, 7])
def test_a_database_of_somebody_else_is_untouched(path: Path, banner: Banner, application: int) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {application}")
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.commit()
    connection.close()
    untouched(path, banner, "it is not a history of platformpm")


def test_a_file_that_never_was_a_history_is_untouched(tmp_path: Path, banner: Banner) -> None:
    path = tmp_path / "platform.toml"
    path.write_text("[platform]\nname = 'Acme'\n")
    untouched(path, banner, "it is not a history of platformpm")
    assert [found.name for found in tmp_path.iterdir()] == ["platform.toml"]


def test_of_two_one_writes_and_the_other_takes_over(path: Path, banner: Banner) -> None:
    first, second, clock = opened(path), None, HandClock(NOW + 10)
    try:
        first.put(taken(NOW))
        assert first.flush(10)
        second = opened(path, banner, clock=clock)
        second.put(taken(NOW + 15))
        until(lambda: banner.text, "told")
        assert banner.told == [f"another platformpm (process {os.getpid()}) records; this one probes without recording"]
        assert not second.flush(10)
        assert not second.keep(taken(NOW + 16)).result(0)
        assert second.waiting == 0
        assert count(second, "fresh") == 1
        first.close()
        clock.now = NOW + 20
        until(lambda: banner.text is None, "taken over")
        second.put(taken(NOW + 30))
        assert second.flush(10)
        assert len(banner.told) == 2
        runs = rows(second, "SELECT started / 1000.0 FROM run ORDER BY started")
        assert runs[0] == (NOW,)
        assert runs[1] in ((NOW + 10,), (NOW + 20,))  # not since it waits, but since it may write
    finally:
        first.close()
        if second is not None:
            second.close()
    assert readings_on_disk(path) == 2
    assert path.with_name("history.db.lock").exists()


def test_the_lock_of_a_process_that_was_killed_is_free(path: Path, banner: Banner) -> None:
    path.parent.mkdir()
    script = (
        "import os, signal, sys; from pathlib import Path; from platformpm.history.lock import WriterLock\n"
        "lock = WriterLock(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path)], timeout=60, check=False).returncode == -9
    history = opened(path, banner)
    history.put(taken(NOW))
    assert history.flush(10)
    history.close()


def test_a_lock_keeps_others_out_until_it_is_released(path: Path) -> None:
    path.parent.mkdir()
    WriterLock(path).release()
    lock = WriterLock(path)
    with pytest.raises(Exception, match=rf"another platformpm \(process {os.getpid()}\)"):
        WriterLock(path)
    lock.release()
    WriterLock(path).release()


def test_a_file_that_is_removed_is_made_again(path: Path, banner: Banner) -> None:
    history = opened(path, banner)
    history.put(taken(NOW))
    assert history.flush(10)
    for found in list(path.parent.iterdir()):
        found.unlink()
    path.parent.rmdir()
    until(path.exists, "made again")
    history.put(taken(NOW + 15))
    assert history.flush(10)
    assert count(history, "fresh") == 1
    history.close()


def test_a_banner_that_fails_does_not_stop_history(path: Path) -> None:
    class BrokenBanner(Banner):
        def __call__(self, text: str | None) -> None:
            raise RuntimeError(text)

    history = opened(path, BrokenBanner())
    history.put(taken(NOW))
    assert history.flush(10)
    history.close()


def test_what_nobody_expected_turns_history_off_and_is_told(path: Path, banner: Banner) -> None:
    class BrokenPace:
        def __getattr__(self, name: str) -> float:
            raise RuntimeError("clockwork")

    history = opened(path, banner, pace=BrokenPace())  # type: ignore[arg-type]
    until(lambda: banner.text, "told")
    assert banner.text == "history is off: RuntimeError: clockwork"
    history.put(taken(NOW))
    assert not history.flush(10)
    history.close()


def test_closing_does_not_wait_for_a_disk_that_does_not_come_back(path: Path, banner: Banner) -> None:
    path.parent.mkdir()
    path.mkdir()
    history = opened(path, banner, pace=dataclasses.replace(QUICK, retry=30.0, retry_most=30.0))
    history.put(taken(NOW))
    until(lambda: banner.text, "told")
    history.close(5)
    assert history.waiting == 0
    assert history.dropped == 1


def test_what_must_be_kept_is_not_waited_for_while_the_disk_does_not_take_it(path: Path, banner: Banner) -> None:
    path.parent.mkdir()
    path.mkdir()
    history = opened(path, banner)
    until(lambda: banner.text, "told")
    assert not history.keep(taken(NOW)).result(0)
    path.rmdir()
    until(lambda: history.recording, "all well again")
    assert history.keep(taken(NOW + 15)).result(10)
    assert readings_on_disk(path) == 2
    history.close()
    assert not history.keep(taken(NOW + 30)).result(0)


def test_readings_there_was_no_room_for_leave_a_gap(
    path: Path, banner: Banner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "READINGS", 10)
    path.parent.mkdir()
    path.mkdir()
    history = opened(path, banner)
    until(lambda: banner.text, "told")
    for second in range(30):
        history.put(taken(NOW + second))
    lost = history.dropped
    assert lost >= 20 - 1
    path.rmdir()
    assert history.flush(10)
    until(lambda: count(history, "gap") == 1, "gap")
    assert rows(history, "SELECT ended / 1000.0 FROM gap") == [(NOW + 29,)]
    assert count(history, "fresh") == 30 - lost
    history.close()


def test_a_program_that_locks_the_database_delays_nobody_who_puts(
    path: Path, banner: Banner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "BUSY", 0.05)
    history = opened(path, banner)
    assert history.flush(10)
    until(path.exists, "made")
    history.put(taken(NOW))
    assert history.flush(10)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for second in range(1, 1000):
        history.put(taken(NOW + second))
    assert history.waiting
    assert count(history, "fresh") == 1
    until(lambda: banner.text, "told")
    assert banner.text == f"history is not recorded: another program locks it: {path}"
    other.execute("COMMIT")
    other.close()
    assert history.flush(10)
    until(lambda: banner.text is None, "all well again")
    history.close()
    assert readings_on_disk(path) == 1000
