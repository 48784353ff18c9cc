from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.engine.log import EVENTS_KEPT
from platformpm.engine.remembering import remembered
from platformpm.engine.state import State
from platformpm.model.alert import Alert, AlertKey, AlertKind
from platformpm.model.check import Check, Instance, Purpose
from platformpm.model.event import Event, EventKind
from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import Host, HostLimits, Inventory, Limit
from platformpm.model.memory import HostMemory, InstanceMemory, Memory
from platformpm.model.reading import Reading
from platformpm.model.series import EMPTY
from platformpm.model.snapshot import EngineHealth, PlatformSnapshot
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift
from tests.unit.engine.platforms import bad, health, instance, inventory, service, up, version_of

A, B = instance(name="a"), instance(name="b")
VERSIONED = instance(name="a", version=Check(purpose=Purpose.VERSION, interval=60.0))
LATER = 10_000.0
"""When the second run starts."""


def picture(state: State, at: float = LATER) -> PlatformSnapshot:
    return state.snapshot(1, at, EngineHealth(), None)


def row(state: State, number: int = 0) -> ServiceState:
    return picture(state).services[number]


def first(state: State) -> InstanceState:
    return row(state).instances[0]


def told(state: State, since: float = LATER) -> list[tuple[EventKind, str]]:
    return [(event.kind, event.text) for event in picture(state).events if event.at >= since]


def memory_of(state: State, at: float = 5000.0) -> Memory:
    """Give what a history would have kept of a run."""
    shown = picture(state)
    return Memory(
        at=at,
        instances={
            each.key: InstanceMemory(
                status=each.status,
                since=each.since,
                series=each.series,
                reading=each.reading,
                last_bad=each.last_bad,
                version=seen.value if (seen := state._versions.seen(each.key)) else None,
                version_source=each.version_source,
                version_since=seen.since if seen else None,
                certificate_expires=each.certificate_expires,
            )
            for each in (one for service_row in shown.services for one in service_row.instances)
        },
        services={each.key: (each.status, each.since) for each in shown.services if each.since is not None},
        hosts={
            each.host.name: HostMemory(each.reading, each.status, each.since, each.cpu, each.memory, each.over)
            for each in shown.hosts
            if each.reading is not None
        },
        alerts=tuple(sorted(shown.alerts, key=lambda alert: alert.opened)),
        events=shown.events,
    )


def run(readings: Iterable[Reading], of: Inventory | None = None, on: Instance = A) -> State:
    state = State(of or inventory(service(on)), 0.0)
    feed(state, readings, on)
    return state


def feed(state: State, readings: Iterable[Reading], on: Instance = A) -> None:
    for reading in readings:
        state.apply(health(on), reading, reading.at)


def again(before: State, early: Sequence[Reading], late: Sequence[Reading] = (), on: Instance = A) -> State:
    """Start anew: `early` readings come before the memory, `late` ones after it."""
    state = State(before.inventory, LATER)
    feed(state, early, on)
    state.remember(memory_of(before), LATER + 0.5)
    feed(state, late, on)
    return state


WAS_UP = [up(10.0), up(25.0)]
WAS_DOWN = [up(10.0), bad(100.0), bad(102.0)]
GOOD = [up(LATER + n) for n in (0.1, 0.2, 0.3)]
FAILING = [bad(LATER + n) for n in (0.1, 0.2, 0.3)]
UP_AGAIN = [(EventKind.STATUS, "checkout up in production"), (EventKind.ALERT_CLOSED, "checkout down: over")]
WENT_DOWN = [
    (EventKind.STATUS, "checkout down in production: HTTP 503"),
    (EventKind.ALERT_OPENED, "checkout down: HTTP 503"),
]


@pytest.mark.parametrize(
    ("before", "readings", "wanted", "status", "since"),
    [
        (WAS_UP, GOOD, [], Status.UP, 10.0),
        (WAS_DOWN, FAILING, [], Status.DOWN, 102.0),
        (WAS_DOWN, GOOD, UP_AGAIN, Status.UP, LATER + 0.2),
        (WAS_UP, FAILING, WENT_DOWN, Status.DOWN, LATER + 0.2),
        (WAS_UP, FAILING[:1], [], Status.UP, 10.0),
        (WAS_DOWN, GOOD[:1], [], Status.DOWN, 102.0),
        (WAS_UP, [], [], Status.UP, 10.0),
        (WAS_DOWN, [], [], Status.DOWN, 102.0),
    ],
    ids=["up: up", "down: down", "down: up", "up: down", "up: one bad", "down: one good", "up: -", "down: -"],
)
@pytest.mark.parametrize("early", [0, 1])
def test_only_what_changed_while_it_was_off_is_told_and_once(
    before: list[Reading],
    readings: list[Reading],
    wanted: list[tuple[EventKind, str]],
    status: Status,
    since: float,
    early: int,
) -> None:
    state = again(run(before), readings[:early], readings[early:])
    assert told(state) == wanted
    assert (row(state).status, row(state).since) == (status, since)
    still_open = [alert for alert in picture(state).alerts if alert.closed is None]
    assert len(still_open) == (status is Status.DOWN)
    counts = picture(state).counts
    assert (getattr(counts, status.value), counts.total) == (1, 1)


@pytest.mark.parametrize(
    ("before", "readings", "wanted"), [(WAS_DOWN, GOOD, UP_AGAIN), (WAS_UP, FAILING, WENT_DOWN), (WAS_UP, GOOD, [])]
)
def test_a_memory_that_comes_after_the_decision_makes_it_told_once(
    before: list[Reading], readings: list[Reading], wanted: list[tuple[EventKind, str]]
) -> None:
    state = again(run(before), readings)
    assert told(state) == wanted
    feed(state, [replace(readings[-1], at=LATER + 20.0)])
    assert told(state) == wanted


def test_an_alert_stays_open_since_it_was_opened() -> None:
    state = again(run(WAS_DOWN), [], FAILING)
    (alert,) = picture(state).alerts
    assert (alert.opened, alert.closed) == (102.0, None)
    state = again(run(WAS_DOWN), FAILING)
    (alert,) = picture(state).alerts
    assert (alert.opened, alert.closed) == (102.0, None)


def test_closed_alerts_and_events_stay_in_view_before_those_of_this_run() -> None:
    before = run([*WAS_DOWN, up(200.0), up(215.0)])
    state = again(before, [], FAILING)
    assert [(alert.opened, alert.closed) for alert in picture(state).alerts] == [(LATER + 0.2, None), (102.0, 215.0)]
    assert picture(state).events[:4] == picture(before).events
    assert told(state) == WENT_DOWN


def test_events_of_before_make_room_for_those_of_this_run() -> None:
    old = tuple(Event(float(n), EventKind.STATUS, "", str(n)) for n in range(EVENTS_KEPT))
    state = run(WAS_UP)
    feed(state, FAILING)
    state.remember(Memory(at=9.0, events=old), LATER)
    events = picture(state).events
    assert len(events) == EVENTS_KEPT
    assert [event.kind for event in events[-2:]] == [kind for kind, _ in WENT_DOWN]


def test_all_of_an_instance_that_was_not_read_yet_comes_from_memory() -> None:
    before = run([up(10.0, "2.4.1", expires=9e9), bad(20.0), up(30.0, "2.4.1")])
    old, new = first(before), first(again(before, []))
    for name in ("settled", "reading", "last_bad", "version", "version_source", "version_since", "certificate_expires"):
        assert getattr(new, name) == getattr(old, name), name
    assert new.series == old.series
    assert picture(again(before, [])).health.read == 0


def test_readings_of_this_run_go_on_from_the_memory() -> None:
    state = again(run(WAS_UP), [up(LATER + 1.0)])
    assert [point.at for point in first(state).series] == [10.0, 25.0, LATER + 1.0]
    assert first(state).reading == up(LATER + 1.0)
    assert picture(state).health.read == 1


def test_a_pending_reading_of_before_and_one_of_now_decide_together() -> None:
    assert told(again(run([*WAS_UP, bad(40.0)]), [], FAILING[:1])) == WENT_DOWN


def test_a_reading_that_is_not_trusted_is_shown_and_decides_nothing() -> None:
    spoilt = replace(bad(LATER), trusted=False)
    state = again(run(WAS_UP), [spoilt, spoilt])
    assert first(state).reading == spoilt
    assert (row(state).status, row(state).since, told(state)) == (Status.UP, 10.0, [])


def test_a_version_that_changed_while_it_was_off_is_told_once() -> None:
    before = run([up(10.0, "2.4.0"), up(25.0, "2.4.0")])
    wanted = [(EventKind.VERSION, "checkout version 2.4.0 → 2.4.1")]
    answers = [up(LATER + 0.1, "2.4.1"), up(LATER + 0.2, "2.4.1")]
    for early in (0, 1, 2):
        state = again(before, answers[:early], answers[early:])
        assert told(state) == wanted, early
        assert (first(state).version, first(state).version_since) == ("2.4.1", LATER + 0.1)


def test_a_version_that_stayed_holds_since_it_was_first_seen() -> None:
    before = run([up(10.0, "2.4.0")], inventory(service(A, target={"production": "2.5.0"})))
    answers = [up(LATER + 0.1, "v2.4.0"), up(LATER + 0.2, "v2.4.0")]
    for early in (0, 1, 2):
        state = again(before, answers[:early], answers[early:])
        assert (first(state).version_since, told(state)) == (10.0, []), early
        assert (row(state).drift, row(state).drift_since) == (Drift.BEHIND, 10.0)


def test_a_version_that_changed_in_this_run_is_not_told_again() -> None:
    state = again(run([up(10.0, "2.4.0")]), [up(LATER + 0.1, "2.4.0"), up(LATER + 0.2, "2.4.1")])
    assert told(state) == [(EventKind.VERSION, "checkout version 2.4.0 → 2.4.1")]


def test_a_drift_that_comes_back_after_a_gap_holds_since_before() -> None:
    before = run([up(10.0, "2.4.0")], inventory(service(A, target={"production": "2.5.0"})))
    state = again(before, [], [up(LATER), up(LATER + 1, "2.4.0")])
    assert (row(state).drift, row(state).drift_since) == (Drift.BEHIND, 10.0)


def test_remembering_twice_is_remembering_once() -> None:
    before, state = run(WAS_UP), again(run(WAS_UP), GOOD)
    once = picture(state)
    state.remember(memory_of(before), LATER + 1)
    twice = picture(state)
    assert [each.series for each in twice.services[0].instances] == [each.series for each in once.services[0].instances]
    assert (twice.events, twice.alerts, twice.counts) == (once.events, once.alerts, once.counts)


def test_a_first_bad_reading_is_still_repeated_after_the_memory_came() -> None:
    state = again(run(WAS_UP), FAILING[:1])
    assert (first(state).attempts, first(state).settled.pending) == (1, True)
    degraded = bad(LATER + 1.0, Status.DEGRADED, Reason.SLOW)
    state = again(run(WAS_DOWN), [degraded, up(LATER + 2.0)])
    assert first(state).status is Status.DEGRADED
    assert first(state).attempts == 2


def test_a_version_check_goes_on_from_memory_until_it_answers() -> None:
    answer = Reading(Status.UP, 12.0, version="1.0", version_source="body")
    before = run(WAS_UP, on=VERSIONED)
    before.apply(version_of(VERSIONED), answer, 12.0)
    quiet = again(before, [up(LATER)], on=VERSIONED)
    assert (first(quiet).version, first(quiet).version_since) == ("1.0", 12.0)
    late = State(before.inventory, LATER)
    late.apply(version_of(VERSIONED), replace(answer, at=LATER, version="2.0"), LATER)
    late.remember(memory_of(before), LATER)
    assert (first(late).version, first(late).version_since, first(late).status) == ("2.0", LATER, Status.UP)
    assert told(late) == [(EventKind.VERSION, "checkout version 1.0 → 2.0")]
    failed = State(before.inventory, LATER)
    failed.apply(version_of(VERSIONED), replace(answer, version=None, reason=Reason.STATUS), LATER)
    failed.remember(memory_of(before), LATER)
    assert (first(failed).version, first(failed).version_reason) == (None, Reason.STATUS)
    failed.apply(version_of(VERSIONED), replace(answer, at=LATER + 60), LATER + 60)
    assert first(failed).version_since == 12.0


def test_what_is_no_longer_declared_is_forgotten_and_its_alert_closed() -> None:
    gone = State(inventory(service(instance("ledger"))), LATER)
    gone.remember(memory_of(run(WAS_DOWN)), LATER)
    assert told(gone) == [(EventKind.ALERT_CLOSED, "checkout down: no longer in the inventory")]
    assert row(gone).status is Status.UNKNOWN
    assert gone._versions._seen == {}


def test_a_new_instance_beside_a_remembered_one_is_no_news() -> None:
    state = State(inventory(service(A, B)), LATER)
    state.remember(memory_of(run(WAS_UP)), LATER)
    assert row(state).status is Status.UNKNOWN
    feed(state, GOOD, B)
    feed(state, GOOD, A)
    assert (row(state).status, told(state)) == (Status.UP, [])


def test_nothing_remembered_leaves_everything_as_it_is() -> None:
    state = run(WAS_UP)
    shown = picture(state).services
    state.remember(Memory(), LATER)
    assert picture(state).services[0] is shown[0]
    assert told(state) == []


def test_the_status_alone_may_come_first_and_the_rest_later() -> None:
    before = run([up(10.0, "2.4.0"), bad(100.0), bad(102.0)])
    whole = memory_of(before)
    bones = {key: replace(one, series=EMPTY, reading=None, last_bad=None) for key, one in whole.instances.items()}
    state = State(before.inventory, LATER)
    state.remember(replace(whole, instances=bones), LATER)
    feed(state, GOOD[:2])
    state.remember(whole, LATER + 1)
    feed(state, GOOD[2:])
    assert told(state) == UP_AGAIN
    assert len(first(state).series) == 6
    assert [alert.closed for alert in picture(state).alerts] == [LATER + 0.2]


FULL = Alert(
    *(AlertKey(AlertKind.HOST_LIMIT, "host:local"), Status.DEGRADED, "local over limit"),
    *("cpu 90 %, limit 80 %; disk /var 91 %, limit 85 %", 100.0),
)


@pytest.mark.parametrize(
    ("percent", "wanted"),
    [
        (90.0, []),
        (99.0, []),
        (5.0, [(EventKind.STATUS, "local up"), (EventKind.ALERT_CLOSED, "local over limit: over")]),
    ],
)
def test_a_host_that_is_still_over_its_limit_is_no_news(percent: float, wanted: list[tuple[EventKind, str]]) -> None:
    host = Host("local", limits=HostLimits(cpu=Limit(80.0, 95.0), hold=120.0))
    state = State(inventory(service(A), hosts=(host,)), LATER)
    state.remember(Memory(at=5000.0, alerts=(FULL,)), LATER)
    state.apply_host("local", HostReading(LATER + 1, cpu_percent=percent), LATER + 1)
    assert told(state) == wanted
    assert wanted or picture(state).hosts[0].since == 100.0


BUSY = HostReading(4990.0, cpu_percent=90.0, disks=(Disk("/var", 91.0),), memory_percent=40.0)
POINTS = EMPTY.append(4980.0, 88.0, Status.UP).append(4990.0, 90.0, Status.UP)
KNOWN = HostMemory(BUSY, Status.DEGRADED, 100.0, POINTS, POINTS)
DB = Host("db-1", url="http://db-1:9100/metrics", limits=HostLimits(cpu=Limit(80.0, 95.0), hold=120.0))


def host_after(known: HostMemory, *readings: HostReading, late: bool = False, host: Host = DB) -> HostState:
    """Give a host of which `known` is remembered before this run's readings, or after the first of them."""
    state = State(inventory(hosts=(host,)), LATER)
    memory = Memory(at=5000.0, hosts={"db-1": known}, alerts=(OVER,) if known.status is Status.DEGRADED else ())
    for number, reading in enumerate(readings):
        if number == late:
            state.remember(memory, LATER)
        state.apply_host("db-1", reading, LATER)
    if len(readings) <= late:
        state.remember(memory, LATER)
    assert told(state) == []
    return picture(state).hosts[0]


OVER = Alert(
    AlertKey(AlertKind.HOST_LIMIT, "host:db-1"), Status.DEGRADED, "db-1 over limit", "cpu 90 %, limit 80 %", 100.0
)
WITHOUT_RATES = HostReading(LATER + 0.1, disks=(Disk("/var", 91.0),))
STILL_BUSY = HostReading(LATER + 1.1, cpu_percent=91.0)


def test_a_host_is_shown_as_it_was_last_known_with_its_trends() -> None:
    found = host_after(KNOWN)
    assert (found.status, found.since, found.reading) == (Status.DEGRADED, 100.0, BUSY)
    assert [point.latency for point in found.cpu] == [88.0, 90.0]
    assert found.memory == POINTS


@pytest.mark.parametrize("late", [False, True])
def test_a_first_look_without_rates_neither_ends_nor_begins_an_alert_about_the_cpu(*, late: bool) -> None:
    first = host_after(KNOWN, WITHOUT_RATES, late=late)
    assert (first.status, first.since, first.reading) == (Status.DEGRADED, 100.0, WITHOUT_RATES)
    second = host_after(KNOWN, WITHOUT_RATES, STILL_BUSY, late=late)
    assert (second.status, second.since) == (Status.DEGRADED, 100.0)
    assert [point.latency for point in second.cpu] == [88.0, 90.0, 91.0]


def test_a_host_that_was_well_is_so_since_it_was() -> None:
    calm = replace(BUSY, cpu_percent=5.0)
    found = host_after(HostMemory(calm, Status.UP, 50.0, POINTS), replace(WITHOUT_RATES, disks=()))
    assert (found.status, found.since) == (Status.UP, 50.0)
    lost = HostReading(4990.0, failure=Reason.REFUSED, detail="refused")
    gone = host_after(HostMemory(lost, Status.UNKNOWN, 60.0))
    assert (gone.status, gone.since, gone.reason, gone.detail) == (Status.UNKNOWN, 60.0, Reason.REFUSED, "refused")


def test_a_status_that_other_limits_gave_does_not_hold() -> None:
    now = replace(DB, limits=HostLimits())
    found = host_after(HostMemory(BUSY, Status.DOWN, 60.0, POINTS), host=now)
    assert (found.status, found.since) == (Status.UP, 4990.0)


TWO_MINUTES = Host("db-1", url=DB.url, limits=HostLimits(Limit(60.0, 80.0), Limit(50.0, 70.0), hold=120.0))


def filled(state: State, *looks: tuple[float, float | None, float]) -> State:
    """Let it have readings of a host: when, CPU and memory."""
    for at, cpu, memory in looks:
        state.apply_host("db-1", HostReading(at, cpu_percent=cpu, memory_percent=memory), at)
    return state


@pytest.mark.parametrize("bare", [False, True], ids=["whole", "from its alert alone"])
@pytest.mark.parametrize("off", [1.0, 60.0, 3600.0])
def test_a_host_stays_over_its_limit_however_soon_the_next_run_comes(*, off: float, bare: bool) -> None:
    declared = inventory(hosts=(TWO_MINUTES,))
    before = filled(State(declared, 0.0), (10.0, 5.0, 75.0), (70.0, 5.0, 74.0), (130.0, 5.0, 75.0))
    memory = memory_of(before, at=130.0)
    memory = replace(memory, hosts={}) if bare else memory
    after = State(declared, 130.0 + off)
    after.remember(memory, 130.0 + off)
    for step in range(5):
        filled(after, (131.0 + off + 15 * step, 5.0, 75.0))
        shown = picture(after).hosts[0]
        assert (shown.status, shown.since, shown.detail) == (Status.DOWN, 130.0, "memory 75 %, limit 70 %")
    assert told(after, 130.5) == []
    assert [(alert.opened, alert.closed) for alert in picture(after).alerts] == [(130.0, None)]
    filled(after, (300.0 + off, 5.0, 20.0))
    assert [text for _, text in told(after, 130.5)] == ["db-1 up", "db-1 over limit: over"]


def test_what_got_worse_after_its_alert_had_opened_stays_as_bad() -> None:
    declared = inventory(hosts=(TWO_MINUTES,))
    before = filled(State(declared, 0.0), *((60.0 * n, 5.0, 55.0 if n < 4 else 75.0) for n in range(8)))
    after = State(declared, 430.0)
    after.remember(memory_of(before, at=420.0), 430.0)
    filled(after, (435.0, 5.0, 75.0), (450.0, 5.0, 75.0))
    assert (picture(after).hosts[0].status, picture(after).hosts[0].since) == (Status.DOWN, 360.0)
    assert told(after, 425.0) == []


def test_a_look_without_rates_before_the_end_of_a_run_does_not_end_what_the_cpu_holds() -> None:
    declared = inventory(hosts=(TWO_MINUTES,))
    before = filled(State(declared, 0.0), (0.0, 70.0, 5.0), (120.0, 70.0, 5.0), (130.0, None, 5.0))
    after = State(declared, 140.0)
    after.remember(memory_of(before, at=130.0), 140.0)
    filled(after, (141.0, None, 5.0), (142.0, 71.0, 5.0))
    assert (picture(after).hosts[0].status, picture(after).hosts[0].since) == (Status.DEGRADED, 120.0)
    assert told(after, 135.0) == []


def test_what_was_not_over_for_long_enough_begins_anew() -> None:
    declared = inventory(hosts=(TWO_MINUTES,))
    before = filled(State(declared, 0.0), (0.0, 5.0, 5.0), (60.0, 5.0, 55.0))
    after = State(declared, 3600.0)
    after.remember(memory_of(before, at=60.0), 3600.0)
    filled(after, (3600.0, 5.0, 55.0))
    assert picture(after).hosts[0].status is Status.UP
    filled(after, (3720.0, 5.0, 55.0))
    assert picture(after).hosts[0].status is Status.DEGRADED


def test_attempts_go_on_where_they_were() -> None:
    for readings in ([], WAS_UP, WAS_DOWN, [*WAS_UP, bad(40.0)], [bad(1.0)]):
        before = first(run(readings))
        memory = InstanceMemory(before.status, before.since, before.series)
        after = remembered(A, memory)
        assert after.settled == before.settled
        assert after.settled.pending is before.settled.pending
        assert min(after.attempts, 1) == min(before.attempts, 1)


steps = st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from(Status), st.sampled_from(["1", "2"])), max_size=14)


@given(steps, st.integers(0, 14), st.integers(0, 4))
def test_a_restart_decides_and_tells_what_one_run_would_have(
    script: list[tuple[Instance, Status, str]], cut: int, early: int
) -> None:
    declared = inventory(service(A, B))
    begin = [(A, up(1.0, "1")), (B, up(1.0, "1"))]
    later = [(on, Reading(status, 2.0 + n, version=version)) for n, (on, status, version) in enumerate(script)]
    everything = [*begin, *later]
    cut = min(cut + len(begin), len(everything))
    one, before, after = (State(declared, 0.0) for _ in range(3))
    for on, reading in everything:
        one.apply(health(on), reading, reading.at)
    for on, reading in everything[:cut]:
        before.apply(health(on), reading, reading.at)
    for on, reading in everything[cut : cut + early]:
        after.apply(health(on), reading, reading.at)
    after.remember(memory_of(before, at=everything[cut - 1][1].at), 2.0 + cut + early)
    for on, reading in everything[cut + early :]:
        after.apply(health(on), reading, reading.at)
    wanted, found = row(one), row(after)
    assert found.status is wanted.status
    assert [each.settled for each in found.instances] == [each.settled for each in wanted.instances]
    assert [each.version for each in found.instances] == [each.version for each in wanted.instances]
    assert [each.series for each in found.instances] == [each.series for each in wanted.instances]
    assert found.versions == wanted.versions
    assert picture(after).counts == picture(one).counts
    if early == 0:
        assert found.since == wanted.since
        assert picture(after).events == picture(one).events
        assert picture(after).alerts == picture(one).alerts


def without_readings(memory: Memory) -> Memory:
    """Give what is asked of history first for a large platform."""
    bare = {key: replace(one, series=EMPTY, reading=None, last_bad=None) for key, one in memory.instances.items()}
    return replace(memory, instances=bare)


@pytest.mark.parametrize("early", [GOOD, []], ids=["read", "unread"])
def test_older_readings_that_come_later_stand_before_those_of_this_run_and_decide_nothing(
    early: Sequence[Reading],
) -> None:
    memory = memory_of(run([*WAS_DOWN, up(200.0), up(215.0)]))
    state = State(Inventory(services=(service(A),)), LATER)
    state.remember(without_readings(memory), LATER)
    feed(state, early)
    before = row(state)
    state.recall(memory)
    after = row(state)
    assert [point.at for point in first(state).series] == [10.0, 100.0, 102.0, 200.0, 215.0, *(one.at for one in early)]
    assert (after.status, after.since, after.versions) == (before.status, before.since, before.versions)
    assert told(state) == []
    assert first(state).last_bad == WAS_DOWN[-1]
    assert first(state).reading == (early[-1] if early else up(215.0))


def test_what_history_has_of_this_run_already_is_not_there_twice() -> None:
    memory = memory_of(run(WAS_UP))
    state = State(Inventory(services=(service(A),)), LATER)
    state.remember(without_readings(memory), LATER)
    fine = [up(LATER + 0.12345), up(LATER + 15.5)]
    feed(state, fine)
    written = (
        memory.instances[A.key].series.append(LATER + 0.123, 0.01, Status.UP).append(LATER + 15.5, 0.01, Status.UP)
    )
    state.recall(replace(memory, instances={A.key: replace(memory.instances[A.key], series=written)}))
    assert [point.at for point in first(state).series] == [10.0, 25.0, *(one.at for one in fine)]


@pytest.mark.parametrize("early", [[], GOOD], ids=["unread", "read"])
def test_why_it_is_not_up_is_known_at_once_and_whole_with_the_readings(early: Sequence[Reading]) -> None:
    memory = memory_of(run(WAS_DOWN))
    why = Reading(Status.DOWN, WAS_DOWN[-1].at, Reason.STATUS, "HTTP 503", whole=False)
    at_first = without_readings(memory)
    known = {A.key: replace(at_first.instances[A.key], last_bad=why)}
    state = State(Inventory(services=(service(A),)), LATER)
    state.remember(replace(at_first, instances=known), LATER)
    feed(state, early)
    assert first(state).last_bad == why
    state.recall(memory)
    assert first(state).last_bad is memory.instances[A.key].last_bad


def test_who_is_not_remembered_stays_the_same_object() -> None:
    state = State(Inventory(services=(service(A),)), LATER)
    before = row(state)
    state.recall(Memory())
    assert row(state) is before
