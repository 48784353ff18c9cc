"""Programs as probes: how they may end, and that nothing of them is left, whatever they do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import uvloop

from platformpm.model.check import Check, Command, Instance, InstanceKey
from platformpm.model.secret import NO_MASK, Masker, Secret
from platformpm.model.status import Reason, Status
from platformpm.probes import Examination, SafeProbe
from platformpm.probes.exec import ExecKind
from platformpm.probes.program import KEPT
from tests.unit.engine.platforms import wait_until
from tests.unit.probes.conftest import StillClock

Loop = Callable[[], asyncio.AbstractEventLoop]
LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
PATIENCE = 30.0


def check_of(*argv: str, folder: Path | str = "/", **env: str) -> Check:
    variables = tuple((name, Secret(value)) for name, value in env.items())
    return Check(command=Command(tuple(map(Secret, argv)), argv, str(folder), variables))


def shell(script: str) -> Check:
    return check_of("sh", "-c", script)


def instance_of(check: Check, url: str = "exec://db-1.internal:5432") -> Instance:
    return Instance(InstanceKey("ledger", "production", "eu-1"), "exec", url, check, url)


async def examine(check: Check, within: float = PATIENCE, *, probe: SafeProbe | None = None) -> Examination:
    probe = probe or SafeProbe(ExecKind(), NO_MASK, StillClock())
    return await probe.examine(instance_of(check), check, asyncio.get_running_loop().time() + within)


def in_a_thread(loop: Loop, work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run a coroutine as the engine does: in a loop of a thread that is not the main one."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=loop) as runner:
                runner.run(work())
        except BaseException as error:  # noqa: BLE001  # told by the main thread
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def runs(pid: int) -> bool:
    """Tell whether a process does anything; what its new parent has not taken note of yet does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    return False


async def dead(*pids: int) -> None:
    """Wait until these processes are dead: who was killed takes a moment to die."""
    async with asyncio.timeout(PATIENCE):
        while any(map(runs, pids)):  # noqa: ASYNC110  # processes tell nobody but their parent
            await asyncio.sleep(0.005)


def files() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    in_a_thread(uvloop.new_event_loop, dead)  # the first one opens files for all that come
    before = files()
    yield
    wait_until(lambda: children() == [] and files() == before, PATIENCE)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(
    ("script", "status", "reason", "detail"),
    [
        ("echo 'DISK OK - fine | /=1MB'", Status.UP, None, "DISK OK - fine"),
        ("echo 'DISK WARNING'; exit 1", Status.DEGRADED, Reason.EXIT_CODE, "DISK WARNING"),
        ("echo 'DISK CRITICAL'; exit 2", Status.DOWN, Reason.EXIT_CODE, "DISK CRITICAL"),
        ("echo 'DISK UNKNOWN'; exit 3", Status.UNKNOWN, Reason.EXIT_CODE, "DISK UNKNOWN"),
        ("echo what; exit 77", Status.UNKNOWN, Reason.EXIT_CODE, "ended with 77, which says nothing: what"),
        ("kill -SEGV $$", Status.UNKNOWN, Reason.EXIT_CODE, "killed by SIGSEGV"),
        ("echo usage >&2; exit 2", Status.DOWN, Reason.EXIT_CODE, "nothing on standard output; on standard error: usage"),
        ("exit 0", Status.UP, None, ""),
        (r"printf '\0\377\033]0;title\007\n'", Status.UP, None, "��]0;title�"),
        ("read line || echo 'nobody to ask'", Status.UP, None, "nobody to ask"),
        ("test -t 0 -o -t 1 || echo 'no terminal'; echo >/dev/tty || exit 1", Status.DEGRADED, Reason.EXIT_CODE, "no terminal"),
    ],
)  # fmt: skip
def test_how_it_ends_is_the_status(loop: Loop, script: str, status: Status, reason: Reason | None, detail: str) -> None:
    async def body() -> None:
        reading = (await examine(shell(script))).reading
        assert (reading.status, reading.reason, reading.detail) == (status, reason, detail)
        assert reading.latency is not None

    in_a_thread(loop, body)


def test_what_was_run_and_measured_is_kept_for_who_asks() -> None:
    check = check_of(
        "sh", "-c", "echo \"$0 OK | 'a b'=1ms\"; echo more", "{host}:{port} {instance} {service}@{environment} {x}"
    )
    seen = asyncio.run(examine(check))
    assert seen.program is not None
    assert seen.reading.detail == "db-1.internal:5432 eu-1 ledger@production {x} OK"
    assert seen.program.lines == (seen.reading.detail, "more")
    assert "'db-1.internal:5432 eu-1 ledger@production {x}'" in seen.program.command
    assert [(one.label, one.value, one.unit) for one in seen.program.performance] == [("a b", 1.0, "ms")]


def test_the_host_of_one_address_of_a_name_is_that_address() -> None:
    check = check_of("echo", "{host}:{port}")
    one = replace(instance_of(check), address="10.0.0.7")
    probe = SafeProbe(ExecKind(), NO_MASK, StillClock())

    async def body() -> str:
        return (await probe.examine(one, check, asyncio.get_running_loop().time() + PATIENCE)).reading.detail

    assert asyncio.run(body()) == "10.0.0.7:5432"


def test_a_place_that_is_filled_in_is_one_word_whatever_is_in_it() -> None:
    check = check_of("printf", "%s", "$(id) `id` {host}; id > x")
    assert asyncio.run(examine(check)).reading.detail == "$(id) `id` db-1.internal; id > x"


def test_it_finds_a_small_environment_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEDGER_TOKEN", "hidden-word")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("HOME", "/home/ops")
    seen = asyncio.run(examine(check_of("env", folder=tmp_path, PGPASSWORD="hunter2", PATH=os.environ["PATH"])))
    assert seen.program is not None
    known = dict(line.partition("=")[::2] for line in seen.program.lines)
    assert known.pop("PWD", None) in (None, str(tmp_path))
    assert set(known) <= {"PATH", "HOME", "USER", "TMPDIR", "TZ", "LANG", "PGPASSWORD"}
    assert (known["LANG"], known["HOME"], known["PGPASSWORD"]) == ("C", "/home/ops", "hunter2")
    assert asyncio.run(examine(check_of("pwd", folder=tmp_path))).reading.detail == str(tmp_path)


def test_secrets_are_masked_in_what_it_says() -> None:
    probe = SafeProbe(ExecKind(), Masker(["s3cr3t-word"]), StillClock())
    seen = asyncio.run(examine(check_of("echo", "signed in with s3cr3t-word"), probe=probe))
    assert seen.reading.detail == "signed in with •••"


_KEY = "Zq7vLk2mXw9pRt4sBn6yHd3fGj8cAe5uKo1i"


@pytest.mark.parametrize("ahead", [KEPT - 30, KEPT - 10, KEPT - 3, 170, 190, 280])
def test_no_part_of_a_secret_is_told_where_its_output_is_cut(ahead: int) -> None:
    mask = Masker([_KEY])
    text = f"head -c {ahead} /dev/zero | tr '\\0' x; echo {_KEY}"
    for script, within in ((text, PATIENCE), (f"{text} | head -c -10 | tr x y; sleep 1000", 0.4)):
        seen = asyncio.run(examine(shell(script), within, probe=SafeProbe(ExecKind(), mask, StillClock())))
        assert seen.program is not None
        for told in (seen.reading.detail, *map(mask, seen.program.lines)):
            assert _KEY[:4] not in told


@pytest.mark.parametrize(
    ("argv", "folder", "reason", "detail"),
    [
        (("no-such-program-here",), "/", Reason.CONFIG, "no-such-program-here is not on the PATH"),
        (("/no/such/program",), "/", Reason.CONFIG, "/no/such/program is not there, or what its first line names is not"),
        (("{folder}/plain",), "/", Reason.NOT_PERMITTED, "{folder}/plain cannot be run: Permission denied"),
        (("{folder}",), "/", Reason.NOT_PERMITTED, "{folder} cannot be run: Permission denied"),
        (("{folder}/odd",), "/", Reason.CONFIG, "{folder}/odd cannot be run: Exec format error"),
        (("{folder}/lost",), "/", Reason.CONFIG, "{folder}/lost is not there, or what its first line names is not"),
        (("true",), "/no/such/folder", Reason.CONFIG, "true cannot be run in /no/such/folder: No such file or directory"),
        (("true", "x" * 3_000_000), "/", Reason.CONFIG, "true cannot be run: Argument list too long"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_unknown(
    argv: tuple[str, ...], folder: str, reason: Reason, detail: str, tmp_path: Path
) -> None:
    (tmp_path / "plain").write_text("echo\n")
    for name, text in (("odd", "\x7fELF rubbish"), ("lost", "#!/no/such/interpreter\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    words = (word.replace("{folder}", str(tmp_path)) for word in argv)
    reading = asyncio.run(examine(check_of(*words, folder=folder))).reading
    assert (reading.status, reading.reason) == (Status.UNKNOWN, reason)
    assert reading.detail == detail.replace("{folder}", str(tmp_path))
    assert reading.latency is None


HOSTILE = {
    "sleeps": "echo begun; exec sleep 1000",
    "asks a child": "echo begun; sleep 1000",
    "leaves grandchildren": "sleep 1000 & (sleep 1000 & sleep 1000) & echo begun; wait",
    "ignores the request to end": "trap '' TERM; echo begun; while :; do sleep 1000; done",
    "closes its output": "echo begun; exec >&- 2>&-; sleep 1000",
    "stops itself": "echo begun; kill -STOP $$",
    "writes without end": "echo begun; yes",
    "complains without end": "echo begun; yes >&2",
}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_the_deadline_ends_all_of_it(loop: Loop, script: str) -> None:
    async def body() -> None:
        asked = asyncio.create_task(examine(shell(script), within=0.5))
        known: set[int] = set()
        while not asked.done():
            known.update(child.pid for child in children())
            await asyncio.sleep(0.01)
        reading = asked.result().reading
        assert (reading.status, reading.reason) == (Status.DOWN, Reason.TIMEOUT_RESPONSE)
        assert reading.detail in ("did not end within 0.5 s: begun", "did not end within 0.5 s")
        assert reading.latency is None
        await dead(*known)

    in_a_thread(loop, body)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_cancelled_probe_leaves_nothing(loop: Loop, tmp_path: Path) -> None:
    async def body() -> None:
        os.mkfifo(tmp_path / "begun")
        script = f"trap '' TERM; sleep 1000 & echo $! > {tmp_path}/begun; wait"
        asked = asyncio.create_task(examine(shell(script)))
        begun = asyncio.to_thread((tmp_path / "begun").read_text)
        grandchild = int(await begun)
        assert runs(grandchild)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await dead(grandchild)

    in_a_thread(loop, body)


def test_one_that_is_cancelled_before_it_begins_leaves_nothing() -> None:
    async def body() -> None:
        for turns in range(6):
            asked = asyncio.create_task(examine(shell("sleep 1000")))
            for _ in range(turns):
                await asyncio.sleep(0)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked

    asyncio.run(body())


def test_a_file_system_that_hangs_holds_up_nobody_and_starts_nothing_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hangs = threading.Event()
    monkeypatch.setattr("platformpm.probes.program._look_at", lambda *_: hangs.wait(PATIENCE))

    async def body() -> None:
        probe = SafeProbe(ExecKind(), NO_MASK, StillClock())
        first = await examine(shell(f"touch {tmp_path}/run"), within=0.05, probe=probe)
        again = await examine(shell(f"touch {tmp_path}/run"), probe=probe)
        assert first.reading.detail == "did not end within 0.05 s"
        assert again.reading.detail == "the run before has not ended, and cannot be made to"
        hangs.set()
        async with asyncio.timeout(PATIENCE):
            while (await examine(shell("echo fine"), probe=probe)).reading.status is not Status.UP:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    asyncio.run(body())
    assert list(tmp_path.iterdir()) == []


def test_who_stays_behind_an_end_does_not_hold_it_up() -> None:
    async def body() -> None:
        seen = await examine(shell("sleep 1000 & echo $!; exit 1"))
        assert seen.reading.status is Status.DEGRADED
        await dead(int(seen.reading.detail))

    asyncio.run(body())


@pytest.mark.parametrize("loop", LOOPS)
def test_a_long_text_is_cut_and_its_end_waited_for(loop: Loop) -> None:
    async def body() -> None:
        seen = await examine(shell(f"echo first; head -c {10 * KEPT} /dev/zero; echo last >&2; exit 2"))
        assert (seen.reading.status, seen.reading.detail) == (Status.DOWN, "first")

    in_a_thread(loop, body)


def test_one_that_cannot_be_ended_keeps_the_next_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of another user, or one that the kernel holds, is not ours to kill: here nothing is."""

    def forbidden(group: int, number: int) -> None:
        raise PermissionError

    async def body() -> None:
        probe = SafeProbe(ExecKind(), NO_MASK, StillClock())
        with monkeypatch.context() as patch:
            patch.setattr(os, "killpg", forbidden)
            first = await examine(shell("exec sleep 1000"), within=1.0, probe=probe)
            again = await examine(shell("echo fine"), probe=probe)
        (child,) = children()
        os.kill(child.pid, signal.SIGKILL)
        assert first.reading.detail == "did not end within 1 s"
        assert again.reading.detail == "the run before has not ended, and cannot be made to"
        assert again.reading.status is Status.DOWN
        async with asyncio.timeout(PATIENCE):
            while (await examine(shell("echo fine"), probe=probe)).reading.status is not Status.UP:  # noqa: ASYNC110
                await asyncio.sleep(0.005)  # the thread that waits for it has the last word

    asyncio.run(body())


def test_many_at_once() -> None:
    async def body() -> None:
        kind = ExecKind()
        check = shell("echo $0; exit 0")

        async def one(number: int) -> str:
            instance = Instance(InstanceKey("s", "e", str(number)), "exec", "exec://h", check, "exec://h")
            deadline = asyncio.get_running_loop().time() + PATIENCE
            return (await SafeProbe(kind, NO_MASK, StillClock()).examine(instance, check, deadline)).reading.status

        assert await asyncio.gather(*map(one, range(100))) == [Status.UP] * 100
        assert kind._running == {}

    asyncio.run(body())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process that is not number 1 adopt orphans")
def test_as_the_first_process_of_a_container_it_reaps_orphans_too() -> None:
    import ctypes

    adopt, libc = 36, ctypes.CDLL(None)  # PR_SET_CHILD_SUBREAPER
    assert libc.prctl(adopt, 1, 0, 0, 0) == 0
    try:
        for script in ("sleep 1000 & sleep 1000 & exit 0", "sleep 1000 & sleep 1000"):
            asyncio.run(examine(shell(script), within=0.3 if script.endswith("00") else PATIENCE))
            assert children() == []
    finally:
        assert libc.prctl(adopt, 0, 0, 0, 0) == 0


def test_a_check_without_a_command_is_a_fault_of_the_inventory() -> None:
    reading = asyncio.run(examine(Check())).reading
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.CONFIG)


def test_a_system_that_cannot_end_programs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformpm.probes.exec.SUPPORTED", False)
    reading = asyncio.run(examine(shell("exit 0"))).reading
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.CONFIG)


def test_limits_of_latency_hold_for_its_run() -> None:
    check = Check(command=shell("exit 0").command, max_latency=1e-9)
    reading = asyncio.run(examine(check)).reading
    assert (reading.status, reading.reason) == (Status.DEGRADED, Reason.SLOW)
