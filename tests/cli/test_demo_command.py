import json
import signal
import sys
from time import monotonic, sleep

import psutil
import pytest

from tests.cli.conftest import Program


def test_without_a_terminal_the_demo_is_one_check_that_exits_0(program: Program) -> None:
    done = program("demo")
    assert done.code == 0, done.err
    assert " up, " in done.out.splitlines()[-1]
    assert "Traceback" not in done.err


def test_the_checked_demo_exits_with_its_verdict(program: Program) -> None:
    done = program("demo", "--check", "--format", "json")
    document = json.loads(done.out)
    assert done.code == document["exit_code"]
    assert document["counts"]["up"] > 20
    assert list(program.folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_demo_that_is_hung_up_leaves_nothing_behind(program: Program) -> None:
    process = program.start("demo", "--check", TMPDIR=str(program.folder))
    ends = monotonic() + 30
    watched = psutil.Process(process.pid)
    while not any(one.status == psutil.CONN_ESTABLISHED for one in watched.net_connections()):
        assert monotonic() < ends, "no probe was seen"
        sleep(0.005)
    assert list(program.folder.iterdir())
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (129, b"platformpm: interrupted\n")
    assert list(program.folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_demo_under_nohup_is_not_ended_by_a_hang_up(program: Program) -> None:
    done = program.shell("trap '' HUP; $PM demo --format json & sleep 0.5; kill -HUP $!; wait $!")
    assert done.code == 0
    assert json.loads(done.out)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize("words", ["demo", "demo --check"])
def test_too_few_open_files_are_said_in_one_line(program: Program, words: str) -> None:
    done = program.shell(f"ulimit -n 64; $PM {words}")
    (line,) = done.err.splitlines()
    assert line.startswith("platformpm: the demo needs ")
    assert "only 64 are allowed" in line
    assert "ulimit -n" in line
    assert (done.code, done.out) == (3, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_low_limit_of_open_files_that_may_be_raised_is_raised(program: Program) -> None:
    done = program.shell("ulimit -Sn 64; $PM demo")
    assert (done.code, done.err) == (0, "")
