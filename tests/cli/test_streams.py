import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, Program, on_a_terminal


def test_a_closed_pipe_ends_quietly(program: Program) -> None:
    done = program.shell("set -o pipefail; $PM check --help | head -n 1")
    assert (done.code, done.err) == (0, "")
    assert done.out.count("\n") == 1


def test_a_reader_that_never_reads_is_no_error_either(program: Program) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [*PROGRAM, "inventory", "schema"],
            stdout=write,
            stderr=subprocess.PIPE,
            cwd=program.folder,
            env=program.environ,
            check=False,
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_in_one_line_and_exits_3(program: Program) -> None:
    done = program.shell("$PM --help >/dev/full")
    assert done.code == 3
    assert done.err == "platformpm: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize("closing", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_reason_to_crash(program: Program, closing: str) -> None:
    assert program.shell(f"$PM --help {closing}").code == 0
    assert program.shell(f"$PM chek {closing}").code == 3


def test_a_closed_standard_error_keeps_the_exit_code(program: Program) -> None:
    done = program.shell("$PM chek 2> >(exec <&-; sleep 0) ; echo $?")
    assert done.out.strip() == "3"


@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=lambda environ: " ".join(f"{k}={v}" for k, v in environ.items()),
)
def test_any_locale_can_be_written_to(program: Program, environ: dict[str, str]) -> None:
    for words in (("--help",), ("check", "--help"), ("inventory", "schema")):
        line = " ".join(["$PM", *words])
        done = program.shell(line, **environ)
        assert (done.code, done.err) == (0, ""), words
    json.loads(program.shell("$PM inventory schema", **environ).out)


def test_a_defect_is_one_line_without_locals_and_v_shows_the_trace(program: Program) -> None:
    breaking = (
        "import sys, platformpm.cli.main as m\n"
        "def broken(*_):\n    password = 'hunter2-local'\n    raise ValueError('it broke \\x1b[31m here')\n"
        "m.parse = broken\n"
    )
    calm = subprocess.run(
        [sys.executable, "-c", breaking + "sys.exit(m.main(['check'], None))"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (calm.returncode, calm.stdout) == (3, "")
    assert calm.stderr == (
        "platformpm: a defect of platformpm itself: ValueError: it broke \N{REPLACEMENT CHARACTER}[31m here\n"
        "platformpm: run it again with -v to see the trace, and please report it\n"
    )
    loud = breaking + "m.Diagnostics.verbose = True\nd = m.Diagnostics({}); d.verbose = True\nsys.exit(d.guard(broken))"
    told = subprocess.run([sys.executable, "-c", loud], capture_output=True, text=True, check=False)
    assert told.returncode == 3
    assert "Traceback (most recent call last)" in told.stderr
    assert "hunter2-local" not in told.stderr
    assert "\x1b" not in told.stderr


def test_help_on_a_terminal_is_laid_out_for_it(program: Program) -> None:
    code, seen = on_a_terminal(program, "check", "--help")
    assert code == 0
    assert "--attempts N" in seen


def test_a_working_folder_that_was_removed_is_no_crash(program: Program) -> None:
    inventory = program.inventory("[hosts.local]\n")
    gone = "mkdir gone && cd gone && rmdir ../gone && $PM"
    done = program.shell(f"{gone} inventory validate -i {inventory}")
    assert (done.code, done.err.count("\n")) == (0, 0)
    done = program.shell(f"{gone} inventory validate -i platform.toml")
    assert (done.code, done.err) == (3, "platformpm: --inventory: no such file or folder: platform.toml\n")
    done = program.shell(f"{gone} init")
    assert (done.code, done.err) == (3, "platformpm: platform.toml cannot be written: the folder you are in is gone\n")
    done = program.shell(f"{gone} --help")
    assert (done.code, done.err) == (0, "")
