"""Programs as checks, from the command line to the screen's engine: verdicts, secrets, and what is left at the end."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from platformpm.assembly import Running
from platformpm.inventory import load
from platformpm.model.status import Reason, Status
from tests.cli.conftest import PATIENCE, Program
from tests.unit.engine.platforms import wait_until
from tests.unit.probes.test_exec_probe import runs

SECRET = "c4n4ry-w0rd"
PLATFORM = """\
[platform]
name = "Machines"
[defaults]
down_after = 1
[services]
"""


def services(**scripts: str) -> str:
    """Give an inventory with a service for each script of a shell."""
    entries = (
        f'[services.{name}]\ninstances.production = ["exec://db-1"]\nhealth.command = ["sh", "-c", {json.dumps(script)}]\n'
        for name, script in scripts.items()
    )
    return PLATFORM + "".join(entries)


def test_check_has_the_verdict_of_plugins(program: Program) -> None:
    program.inventory(
        services(
            fine="echo OK",
            slow="echo 'LOAD WARNING | load1=9'; exit 1",
            bad="echo 'DISK CRITICAL'; exit 2",
            odd="exit 9",
        )
    )
    for name, code in {"fine": 0, "slow": 1, "bad": 2, "odd": 3}.items():
        assert program("check", name).code == code
    done = program("check")
    assert done.code == 2
    assert re.search(r"down +bad@production .*exit_code: DISK CRITICAL", done.out)
    assert re.search(r"unknown +odd@production .*exit_code: ended with 9, which says nothing", done.out)
    (row,) = json.loads(program("check", "slow", "--format", "json").out)["services"]
    (instance,) = row["instances"]
    assert (instance["reason"], instance["detail"], instance["url"]) == ("exit_code", "LOAD WARNING", "exec://db-1")
    assert instance["latency_ms"] > 0


def test_probe_tells_what_was_run_and_measured(program: Program) -> None:
    program.inventory(services(disk="echo 'DISK OK | /=1MB;2;3;0;4'; echo 'and more'"))
    done = program("probe", "disk@production/db-1")
    assert (done.code, done.err) == (0, "")
    assert re.search(r"^  seen +DISK OK$", done.out, re.MULTILINE)
    assert re.search(r"^  command +sh -c ", done.out, re.MULTILINE)
    assert re.search(r"^  measured +/: 1 MB, warning 2, critical 3, from 0 to 4$", done.out, re.MULTILINE)
    document = json.loads(program("probe", "disk", "--format", "json").out)["probes"][0]
    assert document["program"]["exit_code"] == 0
    assert document["program"]["performance"][0]["maximum"] == 4


@pytest.mark.parametrize("url", ["exec://db-1", "exec://db-1:22", "EXEC://db-1"])
def test_a_program_is_run_for_an_inventory_only(program: Program, url: str) -> None:
    done = program("probe", url)
    assert done.code == 3
    assert done.err == "platformpm: URL: a program is run only as an inventory declares it: name its service instead\n"


@pytest.mark.parametrize("words", [("check", "-v"), ("check", "--format", "json"), ("probe", "a"), ("probe", "a", "--format", "json"), ("inventory", "show"), ("inventory", "validate")])  # fmt: skip
def test_secrets_of_a_command_are_shown_nowhere(program: Program, words: tuple[str, ...]) -> None:
    program.inventory(
        PLATFORM + '[services.a]\ninstances.p = ["exec://h"]\n'
        'health.command = ["sh", "-c", "echo $0 $1 $TOKEN; env; exit 2", "--token=${env:KEY}", "${env:KEY}"]\n'
        'health.env = { TOKEN = "${env:KEY}" }\n'
    )
    done = program(*words, KEY=SECRET)
    assert SECRET not in done.out + done.err
    if words[0] != "inventory":
        assert "•••" in done.out
        assert done.code == 2


def test_a_file_that_others_can_write_to_is_warned_of(program: Program) -> None:
    path = program.inventory(services(a="exit 0"))
    assert "others can write" not in program("inventory", "validate").out
    path.chmod(0o666)
    done = program("inventory", "validate")
    assert done.code == 0
    assert (
        "platform.toml:8: warning: services.a.health.command: a command in a file that others can write to" in done.out
    )


@pytest.fixture
def stubborn(program: Program) -> Iterator[Path]:
    """A service whose program says who it and its child are, and ends for nobody."""
    told = program.folder / "told"
    script = f"trap '' TERM INT HUP; sleep 1000 & echo $$ $! > {told}.part; mv {told}.part {told}; wait; sleep 1000"
    text = services(stubborn=script).replace("down_after = 1", 'down_after = 1\ntimeout = "60s"\ninterval = "60s"')
    program.inventory(text)
    yield told
    for pid in pids(told):
        if runs(pid):  # the test has failed already
            os.kill(pid, signal.SIGKILL)


def pids(told: Path) -> list[int]:
    return [int(word) for word in told.read_text().split()] if told.exists() else []


@pytest.mark.parametrize("words", [("check",), ("watch",), ("probe", "stubborn")])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_what_was_started(
    program: Program, stubborn: Path, words: tuple[str, ...], number: signal.Signals
) -> None:
    process: subprocess.Popen[bytes] = program.start(*words)
    try:
        wait_until(stubborn.exists, PATIENCE)
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.communicate()
    assert len(pids(stubborn)) == 2
    wait_until(lambda: not any(map(runs, pids(stubborn))), PATIENCE)


def test_the_engine_of_the_screen_ends_what_it_started(program: Program, stubborn: Path) -> None:
    path = program.folder / "platform.toml"
    with Running.of(path, {}, load(path, {})):
        wait_until(stubborn.exists, PATIENCE)
        assert all(map(runs, pids(stubborn)))
    wait_until(lambda: not any(map(runs, pids(stubborn))), PATIENCE)


def test_a_reload_ends_what_is_no_longer_wanted(program: Program, stubborn: Path) -> None:
    path = program.folder / "platform.toml"
    with Running.of(path, {}, load(path, {})) as session:
        wait_until(stubborn.exists, PATIENCE)
        program.inventory(services(other="echo WELL; exit 1"))
        session.reload()

        def read() -> bool:
            latest = session.board.latest()
            states = [one for row in latest.services for one in row.instances] if latest else []
            return [one.reading and one.reading.reason for one in states] == [Reason.EXIT_CODE]

        wait_until(read, PATIENCE)
        wait_until(lambda: not any(map(runs, pids(stubborn))), PATIENCE)
        latest = session.board.latest()
        assert latest is not None
        assert latest.services[0].status is Status.DEGRADED
