"""`watch` as a subprocess: a line for each change, SIGTERM drains, SIGHUP reloads, systemd hears how it is."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from platformpm.cli.systemd import Notifier
from platformpm.cli.watching import News, is_under_way, tally
from platformpm.engine.state import State
from platformpm.model.event import Event, EventKind
from platformpm.model.snapshot import EngineHealth
from platformpm.model.status import Reason, Status
from tests.cli.conftest import PATIENCE, Answer, Platform, Program
from tests.cli.test_check_command import shop
from tests.unit.engine.platforms import bad, health, instance, inventory, service, up, wait_until

QUICK = '[defaults]\ninterval = "1s"\n'


@pytest.fixture
def watched(program: Program, platform: Platform) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []
    platform.on("/web")
    path = shop(program, platform, web="/web")
    path.write_text(path.read_text(encoding="utf-8") + QUICK, encoding="utf-8")

    def start(*words: str, **environ: str) -> "subprocess.Popen[bytes]":
        started.append(program.start("watch", *words, **environ))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def lines(process: "subprocess.Popen[bytes]", until: Callable[[str], bool]) -> list[str]:
    """Give the lines of standard output up to the first that fits."""
    assert process.stdout is not None
    seen: list[str] = []
    for raw in process.stdout:
        seen.append(raw.decode().rstrip("\n"))
        if until(seen[-1]):
            break
    return seen


def test_a_change_is_a_line_and_sigterm_ends_it_with_zero(
    watched: Callable[..., "subprocess.Popen[bytes]"], platform: Platform
) -> None:
    process = watched("-v")
    wait_until(lambda: platform.count("/web") > 0, PATIENCE)
    platform.on("/web", Answer(503, "", {}))
    (*_, last) = lines(process, lambda line: "web down" in line)
    assert "web@production: web down: HTTP 503" in last
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert b"first pass:" in err
    assert b"stopping" in err
    assert b"Traceback" not in out + err


def test_json_is_one_document_a_line_and_quiet_says_nothing_else(
    watched: Callable[..., "subprocess.Popen[bytes]"], platform: Platform
) -> None:
    platform.on("/web", Answer(503, "", {}))
    process = watched("--format", "json", "--quiet")
    documents = [json.loads(line) for line in lines(process, lambda line: "alert_opened" in line)]
    assert {(one["kind"], one["subject"], one["status"]) for one in documents} == {
        ("status", "web@production", "down"),
        ("alert_opened", "web@production", "down"),
    }
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert err == b"platformpm: interrupted\n"


@pytest.mark.parametrize("muted", [True, False])
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_is_muted_is_no_alarm(
    watched: Callable[..., "subprocess.Popen[bytes]"],
    platform: Platform,
    program: Program,
    form: str,
    muted: bool,
) -> None:
    path, who = program.folder / "platform.toml", "web" if muted else "host:local"
    window = f'[hosts.local]\n[[maintenance]]\nselectors = ["{who}"]\nfrom = 2020-01-01\nto = 2999-01-01\n'
    path.write_text(path.read_text(encoding="utf-8") + window, encoding="utf-8")
    process = watched("--format", form)
    wait_until(lambda: platform.count("/web") > 0, PATIENCE)
    platform.on("/web", Answer(503, "", {}))
    (*_, last) = lines(process, lambda line: "web down" in line)
    if form == "json":
        assert json.loads(last)["muted"] is muted
    else:
        assert last.partition(" ")[2].startswith(
            "⊘ web@production: web down" if muted else "✖ web@production: web down"
        )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_what_the_disk_did_not_take_is_said_at_the_end(
    watched: Callable[..., "subprocess.Popen[bytes]"], platform: Platform, program: Program, number: int, code: int
) -> None:
    path = program.folder / "platform.toml"
    path.write_text(path.read_text(encoding="utf-8") + '[history]\npath = "history.db"\n', encoding="utf-8")
    (program.folder / "history.db").mkdir()
    process = watched("--quiet", "--log", "watch.log")
    wait_until(lambda: platform.count("/web") > 1, PATIENCE)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    (said,) = re.findall(r"^platformpm: (\d+ records could not be saved)$", err.decode(), re.MULTILINE)
    assert said in (program.folder / "watch.log").read_text(encoding="utf-8")


def test_a_hang_up_reads_the_inventory_again(
    watched: Callable[..., "subprocess.Popen[bytes]"], platform: Platform, program: Program
) -> None:
    process = watched()
    wait_until(lambda: platform.count("/web") > 0, PATIENCE)
    process.send_signal(signal.SIGHUP)
    assert lines(process, lambda line: "inventory read" in line)[-1].endswith("inventory read: 1 services")
    path = program.folder / "platform.toml"
    path.write_text(path.read_text(encoding="utf-8") + "[nonsense]\n", encoding="utf-8")
    assert "inventory not reloaded" in lines(process, lambda line: "not reloaded" in line)[-1]


def test_a_bad_inventory_is_an_error(program: Program) -> None:
    program.inventory("[services.web]\n")
    done = program("watch")
    assert (done.code, done.out) == (3, "")


def test_the_service_manager_hears_ready_alive_and_stopping(
    watched: Callable[..., "subprocess.Popen[bytes]"], tmp_path: Path, platform: Platform
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(PATIENCE)
        process = watched(NOTIFY_SOCKET=str(tmp_path / "n"), WATCHDOG_USEC="200000")
        heard = [manager.recv(200)]
        while b"WATCHDOG=1" not in heard or not any(one.startswith(b"STATUS=1 up") for one in heard):
            heard.append(manager.recv(200))
        platform.on("/web", Answer(503, "", {}))
        while not heard[-1].startswith(b"STATUS=0 up, 0 degraded, 1 down"):
            heard.append(manager.recv(200))
        process.send_signal(signal.SIGTERM)
        while heard[-1] != b"STOPPING=1":
            heard.append(manager.recv(200))
    assert next(one for one in heard if not one.startswith((b"EXTEND", b"STATUS"))) == b"READY=1"
    assert not any(one.startswith(b"EXTEND") for one in heard[heard.index(b"READY=1") :])
    told = [one for one in heard if one.startswith(b"STATUS")]
    assert all(one != after for one, after in pairwise(told))
    assert process.wait(PATIENCE) == 0


def test_it_is_ready_once_history_is_open_and_the_first_pass_is_under_way(
    watched: Callable[..., "subprocess.Popen[bytes]"], program: Program, platform: Platform
) -> None:
    folder = program.folder
    (folder / "sitecustomize.py").write_text(
        "import platformpm.history.recorder as r, pathlib, time\n"
        "opened = r.open_to_write\n"
        "def late(path):\n"
        f"    while not pathlib.Path({str(folder / 'go')!r}).exists(): time.sleep(0.01)\n"
        "    return opened(path)\n"
        "r.open_to_write = late\n"
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "n"))
        manager.settimeout(0)
        watched(NOTIFY_SOCKET=str(folder / "n"), PYTHONPATH=f"{folder}:{os.environ.get('PYTHONPATH', '')}")
        wait_until(lambda: platform.count("/web") > 2, PATIENCE)
        heard = []
        with suppress(BlockingIOError):
            while True:
                heard.append(manager.recv(200))
        assert b"EXTEND_TIMEOUT_USEC=15000000" in heard
        assert b"READY=1" not in heard
        (folder / "go").touch()
        manager.settimeout(PATIENCE)
        while manager.recv(200) != b"READY=1":
            pass


def test_a_history_that_cannot_be_opened_does_not_keep_it_from_being_ready(
    watched: Callable[..., "subprocess.Popen[bytes]"], program: Program, tmp_path: Path
) -> None:
    (program.folder / "occupied").mkdir()
    path = program.folder / "platform.toml"
    path.write_text(path.read_text(encoding="utf-8") + '[history]\npath = "occupied"\n', encoding="utf-8")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(PATIENCE)
        watched(NOTIFY_SOCKET=str(tmp_path / "n"))
        while manager.recv(200) != b"READY=1":
            pass


@pytest.mark.parametrize(
    ("health", "wanted"),
    [
        (EngineHealth(instances=2), False),
        (EngineHealth(instances=2, in_flight=1), True),
        (EngineHealth(instances=2, readings=1), True),
        (EngineHealth(), True),
    ],
)
def test_a_pass_is_under_way_once_something_was_asked_or_there_is_nothing_to_ask(
    health: EngineHealth,
    wanted: bool,
) -> None:
    assert is_under_way(health) is wanted


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all", "@nobody-listens"])
def test_without_a_service_manager_nothing_is_told(address: str) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "x"})
    notifier.ready()
    notifier.alive(1)
    notifier.stopping()


def test_an_engine_that_stands_still_gives_no_sign_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [0.0]
    monkeypatch.setattr("platformpm.cli.systemd.monotonic", lambda: at[0])
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(0)
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "n"), "WATCHDOG_USEC": "2000000"})
        heard: list[int] = []
        for second in range(60):
            at[0] = float(second)
            notifier.alive(min(second, 10))
            with suppress(BlockingIOError):
                heard += [second] * (manager.recv(100) == b"WATCHDOG=1")
    assert heard == list(range(1, 25))


def test_an_engine_that_stands_still_gets_no_more_time_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [0.0]
    monkeypatch.setattr("platformpm.cli.systemd.monotonic", lambda: at[0])
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(0)
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "n")})
        heard: list[int] = []
        for second in range(60):
            at[0] = float(second)
            notifier.starting(min(second, 10))
            with suppress(BlockingIOError):
                heard += [second] * manager.recv(100).startswith(b"EXTEND_TIMEOUT_USEC=")
    assert heard == list(range(25))


def event(at: float, text: str = "") -> Event:
    return Event(at, EventKind.STATUS, "a@b", text)


def test_each_event_is_told_once_though_old_ones_fall_out_and_remembered_ones_come_in() -> None:
    news = News(100.0)
    first, second, third = event(101.0), event(102.0), event(102.0)
    assert news.since_last_look([]) == []
    assert news.since_last_look([first]) == [first]
    assert news.since_last_look([event(50.0), event(60.0), first, second]) == [second]
    assert news.since_last_look([second, third]) == [third]
    assert news.since_last_look([third]) == []


def test_a_tally_tells_what_is_not_decided_yet_from_what_is_unknown() -> None:
    names = ("web", "ledger", "shop", "closed")
    state = State(inventory(*(service(instance(name)) for name in names)), 0.0)
    seen = (up(1.0), bad(1.0), bad(1.0), bad(1.0, Status.UNKNOWN, Reason.UNAUTHORIZED))
    for name, reading in zip(names, seen, strict=True):
        state.apply(health(instance(name)), reading, 1.0)
    assert tally(state.snapshot(1, 1.0, EngineHealth(), None)).endswith("0 down, 1 unknown, 2 not decided yet")
    for name in names[1:3]:
        state.apply(health(instance(name)), bad(3.0), 3.0)
    assert tally(state.snapshot(2, 3.0, EngineHealth(), None)) == "1 up, 0 degraded, 2 down, 1 unknown"
