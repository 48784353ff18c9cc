"""Hosts that another process reads: their readings are taken over, and they are not asked twice."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from platformpm.engine.board import LatestBoard
from platformpm.engine.looking import HostKey
from platformpm.engine.runner import Runner
from platformpm.engine.state import State
from platformpm.model.event import Event, EventKind
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host, HostLimits, Limit
from platformpm.model.record import Gap, HostTaken, Record
from platformpm.model.state import HostState
from platformpm.model.status import Reason, Status
from tests.unit.engine.platforms import idle_host, inventory

OF = inventory(hosts=(Host("local"), Host("db-1", url="http://db-1:9100/metrics", interval=15.0)))
DB, LOCAL = HostKey("db-1"), HostKey("local")


@dataclass
class HandClock:
    now: float = 100.0

    def wall(self) -> float:
        return 1_000_000.0 + self.now

    def monotonic(self) -> float:
        return self.now


class Kept:
    def __init__(self) -> None:
        self.records: list[Record] = []

    def put(self, record: Record, /) -> None:
        self.records.append(record)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def runner(clock: HandClock) -> Runner:
    made = Runner(State(OF, clock.wall()), LatestBoard(), {}, idle_host, clock)
    made._plan(OF)
    return made


def taken(at: float, name: str = "db-1") -> HostTaken:
    return HostTaken(name, HostReading(at, cpu_percent=at % 100), Status.UP, at)


def shown(runner: Runner, name: str = "db-1") -> HostState:
    runner.publish()
    latest = runner._board.latest()
    assert latest is not None
    return next(host for host in latest.hosts if host.host.name == name)


def events(runner: Runner) -> list[EventKind]:
    return [event.kind for event in runner._state.log.events]


def alerts(runner: Runner) -> list[tuple[str, float, float | None]]:
    runner.publish()
    latest = runner._board.latest()
    assert latest is not None
    return [(alert.title, alert.opened, alert.closed) for alert in latest.alerts]


def test_a_host_that_another_process_reads_is_not_asked_and_soon_is_when_it_falls_silent(
    runner: Runner, clock: HandClock
) -> None:
    assert runner._is_ours(DB, clock.now)
    runner.follow(on=True)
    runner.take([taken(1.0), taken(1.0, "local")])
    assert not runner._is_ours(DB, clock.now + 20)
    assert not runner._is_ours(LOCAL, clock.now + 5)
    assert runner._is_ours(LOCAL, clock.now + 20)  # this machine is read every 5 s
    assert runner._is_ours(DB, clock.now + 30)
    runner.follow(on=False)
    assert runner._is_ours(DB, clock.now)


def test_what_a_person_wants_to_know_is_asked_anyway_and_once(runner: Runner, clock: HandClock) -> None:
    runner.follow(on=True)
    runner.recheck(None)
    assert [runner._is_ours(DB, clock.now) for _ in range(2)] == [True, False]


def test_a_person_can_ask_for_one_host_alone(runner: Runner, clock: HandClock) -> None:
    runner.follow(on=True)
    runner.take([taken(1.0), taken(1.0, "local")])
    runner.recheck((), ["db-1"])
    assert [runner._is_ours(host, clock.now) for host in (DB, LOCAL)] == [True, False]


def test_readings_of_another_process_are_shown_and_old_ones_dropped(runner: Runner) -> None:
    runner.follow(on=True)
    runner.take([taken(10.0), taken(25.0), taken(12.0), taken(3.0, "gone")])
    state = shown(runner)
    assert state.reading == HostReading(25.0, cpu_percent=25.0)
    assert [point.latency for point in state.cpu] == [10.0, 25.0]
    lost = HostReading(40.0, failure=Reason.REFUSED, detail="refused")
    runner.take([HostTaken("db-1", lost, Status.UNKNOWN, 40.0)])
    assert (shown(runner).status, shown(runner).reason) == (Status.UNKNOWN, Reason.REFUSED)


def test_a_host_has_the_status_that_the_other_process_decided_and_its_events_are_that_one_s(
    runner: Runner, clock: HandClock
) -> None:
    runner.follow(on=True)
    limits = HostLimits(memory=Limit(1.0, 2.0), hold=120.0)
    runner.reload(inventory(hosts=(Host("db-1", url="http://db-1:9100/metrics", limits=limits),)), {})
    over = {"memory": 100.0, "memory critical": 100.0}
    runner.take([HostTaken("db-1", HostReading(210.0, memory_percent=8.0), Status.UP, 90.0, over)])
    assert (shown(runner).status, shown(runner).since, shown(runner).over) == (Status.UP, 90.0, over)
    runner.take([HostTaken("db-1", HostReading(230.0, memory_percent=8.0), Status.DOWN, 220.0, over)])
    state = shown(runner)
    assert (state.status, state.since, state.detail) == (Status.DOWN, 220.0, "memory 8 %, limit 2 %")
    assert alerts(runner) == [("db-1 over limit", 220.0, None)]
    assert events(runner) == [EventKind.RELOADED]
    opened = Event(220.5, EventKind.ALERT_OPENED, "host:db-1", "db-1 over limit: memory 8 %, limit 2 %", Status.DOWN)
    runner.take([], [opened])
    runner.take([], [opened])
    assert events(runner) == [EventKind.ALERT_OPENED, EventKind.RELOADED]
    runner.take([HostTaken("db-1", HostReading(245.0, memory_percent=8.0), Status.UP, 244.0)])  # its limits are higher
    state = shown(runner)
    assert (state.status, state.since, state.reason, state.detail) == (Status.UP, 244.0, None, "")
    runner.take([HostTaken("db-1", HostReading(260.0, memory_percent=0.5), Status.DOWN, 259.0)])
    assert (shown(runner).status, shown(runner).reason) == (Status.DOWN, Reason.LIMIT)


def test_a_pause_of_one_that_follows_is_no_pause_of_the_monitor(clock: HandClock) -> None:
    sink = Kept()
    runner = Runner(State(OF, clock.wall(), sink), LatestBoard(), {}, idle_host, clock)
    runner._plan(OF)
    for following, pauses in ((True, 0), (False, 1)):
        runner.follow(on=following)
        runner.take([HostTaken("db-1", HostReading(clock.now, 8.0), Status.UP, 90.0, {"cpu": 100.0})])
        clock.now += 300.0
        runner._asker.look()
        assert shown(runner).over == {}, "a limit not held long enough yet starts anew all the same"
        assert not (following and runner._is_ours(DB, clock.now)), "nobody is asked twice at once"
        assert events(runner).count(EventKind.MONITOR_PAUSED) == pauses
        assert sum(isinstance(record, Gap) for record in sink.records) == pauses
        latest = runner._board.latest()
        assert latest is not None
        assert (latest.notice is None, latest.health.trusted) == (following, following)


def test_every_reading_of_a_host_is_told_to_the_sink_with_what_it_made_of_it() -> None:
    sink = Kept()
    state = State(OF, 0.0, sink)
    reading = HostReading(5.0, cpu_percent=1.0)
    state.apply_host("db-1", reading, 5.0)
    state.apply_host("gone", reading, 5.0)
    assert sink.records == [HostTaken("db-1", reading, Status.UP, 5.0)]
