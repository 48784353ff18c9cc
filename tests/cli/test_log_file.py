"""`--log`: a file for its owner alone, masked, rotated, in nobody's way."""

import logging
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from platformpm.cli import logfile
from platformpm.cli.logfile import LogFile
from platformpm.errors import UsageError
from platformpm.model.secret import Masker
from tests.cli.conftest import PATIENCE, Answer, Platform, Program
from tests.cli.test_check_command import shop
from tests.unit.engine.platforms import wait_until

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error)  ? ?[a-z. ]+: .+")

RELOADED = """\
[defaults]
interval = "1s"
[services.next]
health = {{ path = "/canary-after-a-reload", auth = {{ bearer = "${{env:TOKEN}}" }} }}
instances.production = ["{url}"]
"""


@pytest.fixture
def _as_before() -> Iterator[None]:
    """Leave logging as it was."""
    root, ours = logging.getLogger(), logging.getLogger("platformpm")
    handlers, level = root.handlers[:], ours.level
    yield
    root.handlers[:] = handlers
    ours.setLevel(level)


def written(path: Path, *tell: str, verbose: bool = False, say: logfile.Say = str) -> list[str]:
    log = LogFile(path, say, verbose=verbose)
    for text in tell:
        log.tell(text)
    log.close()
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.usefixtures("_as_before")
class TestTheFile:
    def test_a_line_is_a_time_a_level_and_a_text(self, tmp_path: Path) -> None:
        lines = written(tmp_path / "a.log", "first", "second")
        assert [bool(LINE.fullmatch(line)) for line in lines] == [True, True]
        assert lines[0].endswith(" info    platformpm: first")
        assert written(tmp_path / "a.log", "third")[:2] == lines
        assert (tmp_path / "a.log").stat().st_mode & 0o777 == 0o600

    def test_texts_from_outside_are_harmless_and_masked_whole(self, tmp_path: Path) -> None:
        hidden = Masker(["secret-of\ntwo-lines"])
        (line,) = written(tmp_path / "a.log", "\x1b]52;c;x\x07 secret-of\ntwo-lines \x9b", say=hidden)
        assert "••• " in line
        assert line.isprintable()

    def test_what_libraries_warn_of_is_in_it_and_so_are_traces(self, tmp_path: Path) -> None:
        log = LogFile(tmp_path / "a.log", str, verbose=True)
        logging.getLogger("somebody.else").warning("odd %s", 7)
        logging.getLogger("somebody.else").info("not that")
        try:
            int("x")
        except ValueError as error:
            logging.getLogger("platformpm.net").debug("internal error", exc_info=error)
        log.close()
        text = (tmp_path / "a.log").read_text()
        assert "warning somebody.else: odd 7" in text
        assert "not that" not in text
        assert "\n    ValueError: invalid literal" in text

    def test_it_is_rotated(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(logfile, "LARGEST", 1000)
        written(tmp_path / "a.log", *(f"line {number:03} " + "x" * 80 for number in range(100)))
        files = sorted(tmp_path.iterdir())
        assert [file.name for file in files] == ["a.log", *(f"a.log.{number}" for number in range(1, 6))]
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        assert all(file.stat().st_size <= 1000 for file in files)
        assert "line 099" in files[0].read_text()

    @pytest.mark.parametrize("name", ["none/a.log", ".", "pipe", "a\0b"])
    def test_where_it_cannot_be_written_it_is_said_at_once(self, tmp_path: Path, name: str) -> None:
        import os

        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(UsageError, match=r"--log: .* cannot be written: "):
            LogFile(tmp_path / name, str, verbose=False)

    def test_nobody_waits_for_a_disk_that_hangs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        freed = threading.Event()
        monkeypatch.setattr(logfile, "_CLOSE_WITHIN", 0.1)
        monkeypatch.setattr(logfile._File, "emit", lambda *_: freed.wait(PATIENCE))
        log = LogFile(tmp_path / "a.log", str, verbose=False)
        for number in range(20_000):  # twice as many as may wait
            log.tell(str(number))
        log.close()
        freed.set()


def test_a_full_disk_disturbs_nothing(tmp_path: Path) -> None:
    """The limit of a file's size stands for a full disk: it is met in the same place, and needs no rights."""
    program = (
        "import logging, resource, signal, sys; from pathlib import Path;"
        "from platformpm.cli.logfile import LogFile;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
        "log = LogFile(Path(sys.argv[1]), str, verbose=False);"
        "[log.tell('x' * 100) for _ in range(1000)];"
        "log.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a.log")], capture_output=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert 0 < (tmp_path / "a.log").stat().st_size <= 2000


def test_a_check_leaves_its_outcome_and_with_v_each_answer(program: Program, platform: Platform) -> None:
    platform.on("/up")
    platform.on("/down", Answer(503, "", {}))
    shop(program, platform, web="/up", ledger="/down")
    plain = program("check", "--attempts", "1")
    done = program("check", "--attempts", "1", "--log", "a.log")
    assert (done.code, done.err) == (plain.code, plain.err)
    lines = (program.folder / "a.log").read_text().splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    assert [line.partition("platformpm: ")[2] for line in lines][1:] == [
        "critical; 1 up, 0 degraded, 1 down, 0 unknown",
        "ended with exit code 2",
    ]
    program("--log", "b.log", "check", "--attempts", "1", "-v")
    text = (program.folder / "b.log").read_text()
    assert "debug   platformpm.engine.asker: ledger@production/eu-1#health: down status HTTP 503" in text


def test_what_went_wrong_is_in_it_too(program: Program) -> None:
    program.inventory("[services.a]\nheath = 1\n")
    done = program("check", "--log", "a.log")
    assert done.code == 3
    text = (program.folder / "a.log").read_text()
    assert "error   platformpm: platform.toml:2: services.a.heath: unknown key" in text
    assert text.splitlines()[-1].endswith("ended with exit code 3")


@pytest.mark.parametrize("words", [("--log", "no/a.log", "check"), ("check", "--log", ""), ("watch", "--log", ".")])
def test_a_log_that_cannot_be_written_is_an_error_before_anything_is_asked(
    program: Program, platform: Platform, words: tuple[str, ...]
) -> None:
    platform.on("/up")
    shop(program, platform, web="/up")
    done = program(*words)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("platformpm: --log: ")
    assert platform.count("/up") == 0


def test_watch_logs_events_and_what_a_reload_brings_is_masked(program: Program, platform: Platform) -> None:
    platform.on("/up")
    path = shop(program, platform, web="/up")
    process = program.start("watch", "--log", "a.log", "-v", TOKEN="canary-after-a-reload")
    log = program.folder / "a.log"
    try:
        wait_until(lambda: log.exists() and "first pass" in log.read_text(), PATIENCE)
        path.write_text(RELOADED.format(url=platform.url))
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: "next@production/" in log.read_text(), PATIENCE)
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert "inventory read: 1 services" in log.read_text()
    assert log.read_text().splitlines()[-1].endswith("ended with exit code 0")
    assert "canary-after-a-reload" not in log.read_text() + out.decode() + err.decode()
    assert time.time() - log.stat().st_mtime < PATIENCE
