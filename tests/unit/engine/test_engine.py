from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from platformpm.engine import runner
from platformpm.engine.engine import STOP_WITHIN, Engine, new_loop
from platformpm.engine.state import State
from platformpm.model.check import Check, Instance
from platformpm.model.event import EventKind
from platformpm.model.host import HostReading
from platformpm.model.inventory import EngineSettings, Host, Inventory
from platformpm.model.ports import HostReader, Probe
from platformpm.model.reading import Reading
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Reason, Status
from tests.unit.engine.platforms import (
    QUICK_CHECK,
    OffsetClock,
    always_up,
    bad,
    idle_host,
    instance,
    inventory,
    many,
    service,
    statuses,
    up,
    wait_until,
)


@contextmanager
def running(
    of: Inventory, probe: Probe = always_up, *, host: HostReader = idle_host, clock: OffsetClock | None = None
) -> Iterator[Engine]:
    engine = Engine(of, {"http": probe}, host, clock or OffsetClock())
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def latest(engine: Engine) -> PlatformSnapshot:
    snapshot = engine.board.latest()
    assert snapshot is not None
    return snapshot


def kinds(engine: Engine) -> list[EventKind]:
    return [event.kind for event in latest(engine).events]


def test_the_board_has_a_snapshot_before_anything_runs() -> None:
    engine = Engine(many(3), {"http": always_up}, idle_host, OffsetClock())
    assert statuses(latest(engine)) == [Status.UNKNOWN] * 3
    engine.stop()


def test_everything_is_read_again_and_again_and_the_board_follows() -> None:
    with running(many(5, QUICK_CHECK)) as engine:
        wait_until(lambda: statuses(latest(engine)) == [Status.UP] * 5)
        seen = latest(engine)
        wait_until(lambda: latest(engine).health.readings >= seen.health.readings + 20)
        assert latest(engine).sequence > seen.sequence
        assert latest(engine).health.read == 5
        assert latest(engine).health.trusted


def test_a_quiet_platform_still_moves_its_time() -> None:
    with running(many(0)) as engine:
        first = latest(engine)
        wait_until(lambda: latest(engine).at > first.at)


def test_a_service_that_fails_twice_is_down_after_the_repeat() -> None:
    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        return bad(time.time())

    check = Check(interval=3600.0)
    with running(many(1, check), probe) as engine:
        engine.recheck()
        wait_until(lambda: statuses(latest(engine)) == [Status.DOWN])
        assert latest(engine).health.readings == 2
        assert EventKind.ALERT_OPENED in kinds(engine)


def test_recheck_runs_what_was_asked_for_now() -> None:
    asked: Counter[str] = Counter()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        asked[of.key.service] += 1
        return up(time.time())

    of = many(3, Check(interval=36000.0))
    with running(of, probe) as engine:
        engine.recheck()
        wait_until(lambda: asked == {"s0": 1, "s1": 1, "s2": 1})
        engine.recheck([of.services[1].instances[0].key])
        wait_until(lambda: asked["s1"] == 2)
        engine.recheck()
        wait_until(lambda: asked == {"s0": 2, "s1": 3, "s2": 2})


def test_a_check_is_never_in_flight_twice() -> None:
    inside: Counter[str] = Counter()
    most: Counter[str] = Counter()
    done = threading.Event()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        name = of.key.service
        inside[name] += 1
        most[name] = max(most[name], inside[name])
        await asyncio.sleep(0.25)
        inside[name] -= 1
        done.set()
        return up(time.time())

    with running(many(2, QUICK_CHECK), probe) as engine:
        for _ in range(5):
            engine.recheck()
        wait_until(lambda: latest(engine).health.readings >= 6)
    assert set(most.values()) == {1}


def test_black_holes_do_not_starve_the_rest() -> None:
    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        if int(of.key.service[1:]) < 16:
            await asyncio.sleep(max(deadline - asyncio.get_running_loop().time(), 0))
            return bad(time.time(), reason=Reason.TIMEOUT_RESPONSE)
        healthy[of.key.service] += 1
        return up(time.time())

    healthy: Counter[str] = Counter()
    check = Check(interval=0.5, timeout=1.2)
    with running(many(26, check, EngineSettings(concurrency=8, per_host=4)), probe):
        wait_until(lambda: len(healthy) == 10 and min(healthy.values()) >= 5, 40)


def test_an_engine_that_runs_is_stopped_at_once_even_when_probes_hang() -> None:
    entered = threading.Event()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError

    engine = Engine(many(20, Check(interval=0.1, timeout=3600)), {"http": probe}, idle_host, OffsetClock())
    engine.start()
    assert entered.wait(20)
    engine.stop()
    assert not engine._thread.is_alive()
    engine.recheck()
    engine.notice("too late")
    engine.stop()


def test_a_probe_that_will_not_be_cancelled_holds_the_stop_no_longer_than_promised() -> None:
    entered, let_go = threading.Event(), threading.Event()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        entered.set()
        while not let_go.is_set():
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                let_go.wait(0.5)  # a look-up that hangs in the loop itself
                let_go.set()
        return up(time.time())

    engine = Engine(many(1, Check(interval=0.1, timeout=3600)), {"http": probe}, idle_host, OffsetClock())
    engine.start()
    assert entered.wait(20)
    started = time.monotonic()
    engine.stop()
    assert time.monotonic() - started <= STOP_WITHIN + 1
    let_go.set()


def test_an_engine_that_never_ran_can_be_stopped() -> None:
    engine = Engine(many(1), {"http": always_up}, idle_host, OffsetClock())
    engine.recheck()
    engine.stop()


def test_what_is_asked_before_the_start_is_done_after_it() -> None:
    engine = Engine(many(1), {"http": always_up}, idle_host, OffsetClock())
    engine.notice("inventory not reloaded: x")
    engine.start()
    try:
        wait_until(lambda: latest(engine).notice == "inventory not reloaded: x")
    finally:
        engine.stop()


def test_a_notice_is_a_banner_and_one_event_until_it_is_taken_away() -> None:
    with running(many(1)) as engine:
        engine.notice("bad")
        engine.notice("bad")
        wait_until(lambda: latest(engine).notice == "bad")
        engine.notice(None)
        wait_until(lambda: latest(engine).notice is None)
        assert kinds(engine).count(EventKind.RELOAD_FAILED) == 1


def test_a_reload_keeps_what_stays_adds_what_is_new_and_drops_what_went() -> None:
    asked: Counter[str] = Counter()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        asked[of.key.service] += 1
        return up(time.time())

    a, b, c = (service(instance(name, check=QUICK_CHECK)) for name in "abc")
    with running(inventory(a, b), probe) as engine:
        wait_until(lambda: statuses(latest(engine)) == [Status.UP] * 2)
        since = latest(engine).services[1].since
        engine.notice("bad")
        engine.reload(inventory(b, c))
        wait_until(lambda: [row.key[0] for row in latest(engine).services] == ["b", "c"])
        wait_until(lambda: statuses(latest(engine)) == [Status.UP] * 2)
        assert latest(engine).services[0].since == since
        assert latest(engine).notice is None
        assert EventKind.RELOADED in kinds(engine)
        gone = asked["a"]
        wait_until(lambda: asked["c"] >= 5)
        assert asked["a"] == gone


def test_a_reload_may_bring_other_probes_and_changed_checks() -> None:
    async def other(of: Instance, check: Check, deadline: float) -> Reading:
        return bad(time.time(), detail=f"timeout was {check.timeout:g}")

    with running(many(1, QUICK_CHECK)) as engine:
        wait_until(lambda: statuses(latest(engine)) == [Status.UP])
        engine.reload(many(1, Check(interval=0.2, timeout=2.0)), {"http": other})
        wait_until(lambda: statuses(latest(engine)) == [Status.DOWN])
        last = latest(engine).services[0].instances[0].last_bad
        assert last is not None
        assert last.detail == "timeout was 2"


def test_a_clock_that_jumps_is_one_event_and_no_outage() -> None:
    clock = OffsetClock()
    with running(many(3, QUICK_CHECK), clock=clock) as engine:
        wait_until(lambda: statuses(latest(engine)) == [Status.UP] * 3)
        clock.offset = 7200
        wait_until(lambda: EventKind.MONITOR_PAUSED in kinds(engine))
        before = latest(engine).health.readings
        wait_until(lambda: latest(engine).health.readings > before + 20)
        shown = latest(engine)
        assert kinds(engine).count(EventKind.MONITOR_PAUSED) == 1
        assert statuses(shown) == [Status.UP] * 3
        assert shown.notice is not None
        assert "7200 s" in shown.notice
        assert not shown.health.trusted


def test_a_reading_that_a_pause_has_spoilt_is_soon_taken_again() -> None:
    clock = OffsetClock()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        if not clock.offset:
            clock.offset = 3600
            return bad(time.time())
        return up(time.time())

    with running(many(1, Check(interval=36000.0)), probe, clock=clock) as engine:
        engine.recheck()
        wait_until(lambda: statuses(latest(engine)) == [Status.UP])
        assert latest(engine).health.readings == 2


def test_a_loop_that_stands_still_is_one_event_and_no_outage() -> None:
    stall = threading.Event()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        if stall.is_set() and of.key.service == "s0":
            stall.clear()
            time.sleep(2.0)  # noqa: ASYNC251  # a blocked loop is what is tested
        start = asyncio.get_running_loop().time()
        await asyncio.sleep(0.05)
        late = time.monotonic() - start > 1.0
        return bad(time.time(), reason=Reason.TIMEOUT_RESPONSE) if late else up(time.time())

    with running(many(4, QUICK_CHECK), probe) as engine:
        wait_until(lambda: statuses(latest(engine)) == [Status.UP] * 4)
        stall.set()
        wait_until(lambda: EventKind.MONITOR_PAUSED in kinds(engine))
        before = latest(engine).health.readings
        wait_until(lambda: latest(engine).health.readings > before + 20)
        assert kinds(engine) == [EventKind.MONITOR_PAUSED]
        assert statuses(latest(engine)) == [Status.UP] * 4


CHILD = """
    import asyncio, sys, time
    from platformpm.engine.engine import Engine
    from platformpm.model.event import EventKind
    from platformpm.model.reading import Reading
    from platformpm.model.status import Reason, Status
    from tests.unit.engine.platforms import OffsetClock, QUICK_CHECK, idle_host, many

    async def probe(of, check, deadline):
        start = time.monotonic()
        await asyncio.sleep(0.08)
        slow = time.monotonic() - start > 1
        return Reading(Status.DOWN if slow else Status.UP, time.time(), Reason.TIMEOUT_RESPONSE if slow else None)

    engine = Engine(many(5, QUICK_CHECK), {"http": probe}, idle_host, OffsetClock())
    engine.start()
    ready = False
    while True:
        shown = engine.board.latest()
        if not ready and shown.counts.up == 5:
            ready = True
            print("ready", flush=True)
        paused = [e.text for e in shown.events if e.kind is EventKind.MONITOR_PAUSED]
        if paused and shown.health.readings > 100:
            print(len(paused), shown.counts.up, len(shown.events), paused[0], sep="|", flush=True)
            break
        time.sleep(0.02)
    engine.stop()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot stop a process")
def test_a_process_that_was_stopped_tells_one_pause_and_no_outage() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD)], stdout=subprocess.PIPE, text=True, env={**os.environ}
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        wait_until(lambda: time.monotonic() - started > 3)
        child.send_signal(signal.SIGCONT)
        pauses, up_now, events, text = child.stdout.readline().strip().split("|")
        assert child.wait(20) == 0
    assert (pauses, up_now, events) == ("1", "5", "1")
    assert "stood still" in text


def test_hosts_are_read_at_once_and_then_a_second_time_for_their_rates() -> None:
    looks: list[str] = []

    async def host(of: Host, deadline: float) -> HostReading:
        looks.append(of.name)
        return HostReading(time.time(), cpu_percent=12.0 if len(looks) > 1 else None)

    with running(inventory(hosts=(Host("local", interval=3600.0),)), host=host) as engine:
        wait_until(lambda: bool(looks))
        wait_until(lambda: len(looks) == 2)
        wait_until(lambda: getattr(latest(engine).hosts[0].reading, "cpu_percent", None) == 12.0)


@pytest.mark.parametrize("fault", [RuntimeError("broken"), None])
def test_a_host_reader_that_breaks_or_hangs_is_a_failed_reading(fault: Exception | None) -> None:
    async def host(of: Host, deadline: float) -> HostReading:
        if fault is not None:
            raise fault
        await asyncio.Event().wait()
        raise AssertionError

    with running(inventory(hosts=(Host("local", timeout=0.05),)), host=host) as engine:
        wait_until(lambda: latest(engine).hosts[0].reading is not None)
        reading = latest(engine).hosts[0].reading
        assert reading is not None
        assert reading.failure is (Reason.INTERNAL if fault else Reason.TIMEOUT_RESPONSE)


def test_a_host_that_answered_is_asked_again_before_it_counts_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CONFIRM_AFTER", 0.01)
    monkeypatch.setattr(runner, "SECOND_LOOK", 0.01)
    lost = HostReading(0.0, failure=Reason.REFUSED, detail="refused")
    good = HostReading(1.0)
    script = [lost, good, good, lost, good, lost, lost]
    looks: list[HostReading] = []
    seen: list[HostReading] = []

    async def host(of: Host, deadline: float) -> HostReading:
        looks.append(script[min(len(looks), len(script) - 1)])
        return looks[-1]

    def apply(self: State, name: str, reading: HostReading, now: float) -> None:
        seen.append(reading)

    monkeypatch.setattr(State, "apply_host", apply)
    far = Host("far", url="http://far:9100/metrics", interval=0.3)
    with running(inventory(hosts=(far,)), host=host):
        wait_until(lambda: len(looks) > len(script))
    # The very first look counts, whatever it says; a single failure later on does not.
    assert seen[:5] == [lost, good, good, good, lost]


def test_a_host_whose_address_changes_is_read_twice_again_by_the_new_reader() -> None:
    looks: list[tuple[str, str]] = []

    def reader(name: str) -> HostReader:
        async def read(of: Host, deadline: float) -> HostReading:
            looks.append((name, of.url or ""))
            return HostReading(time.time())

        return read

    first, second = (Host("far", url=f"http://{name}:9100/metrics", interval=3600.0) for name in "ab")
    with running(inventory(hosts=(first,)), host=reader("old")) as engine:
        engine.recheck()
        wait_until(lambda: len(looks) == 2)
        engine.reload(inventory(hosts=(second,)), None, reader("new"))
        engine.recheck()
        wait_until(lambda: len(looks) == 4)
    assert looks[2:] == [("new", "http://b:9100/metrics")] * 2


def test_a_loop_is_the_fast_one_where_it_is_installed() -> None:
    loop = new_loop()
    loop.close()
    module = type(loop).__module__.partition(".")[0]
    installed = "uvloop" in sys.modules
    assert module == ("uvloop" if installed else "asyncio")
