"""Alerts that are held back: readings go on, nothing is told, and what still stands at the end is told then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from platformpm.engine.log import subject_of
from platformpm.engine.once import with_silences
from platformpm.engine.state import State
from platformpm.model.event import EventKind
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host, HostLimits, Inventory, Limit, Platform, Service
from platformpm.model.record import AlertChange, Record, StatusChange, Taken
from platformpm.model.silence import InForce, Muted, Once, Silence, Window
from platformpm.model.snapshot import Counts, EngineHealth, PlatformSnapshot
from platformpm.model.status import Status
from tests.unit.engine.platforms import bad, health, instance, inventory, service, up
from tests.unit.engine.test_remembering import memory_of

A, LEDGER = instance(name="a"), instance("ledger", name="l")
CHECKOUT = "checkout@production"
UNTIL = Muted(1000.0, "deploy", "a1")


def held(*subjects: str, number: str = "a1", since: float = 10.0, until: float = 1000.0) -> InForce:
    silence = Silence(number, ("tier:1",), Once(since, until), "deploy")
    return InForce(silence, Window(since, until), frozenset(subjects))


class Kept:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def put(self, record: Record, /) -> None:
        self.records.append(record)


def in_berlin(*services: Service) -> Inventory:
    return replace(inventory(*services), platform=Platform(timezone="Europe/Berlin"))


def state_of(sink: Kept | None = None) -> State:
    return State(in_berlin(service(A), service(LEDGER)), 0.0, sink or Kept())


def picture(state: State, at: float = 100.0) -> PlatformSnapshot:
    return state.snapshot(1, at, EngineHealth(), None)


def told(state: State) -> list[tuple[EventKind, str]]:
    return [(event.kind, event.text) for event in picture(state).events]


def fall(state: State, at: float) -> None:
    for reading in (bad(at), bad(at + 2)):
        state.apply(health(A), reading, reading.at)


def rise(state: State, at: float) -> None:
    for reading in (up(at), up(at + 2)):
        state.apply(health(A), reading, reading.at)


def test_an_alert_of_who_is_muted_is_not_told_but_kept_and_shown() -> None:
    kept = Kept()
    state = state_of(kept)
    rise(state, 1.0)
    state.silence([held(CHECKOUT)], None, 10.0)
    fall(state, 20.0)
    (alert,) = picture(state).alerts
    assert (alert.muted, alert.closed, alert.counts) == (UNTIL, None, False)
    kinds = [kind for kind, _ in told(state)]
    assert kinds == [EventKind.MUTED, EventKind.STATUS]
    assert [record.alert.severity for record in kept.records if isinstance(record, AlertChange)] == [Status.DOWN]
    assert sum(isinstance(record, Taken) for record in kept.records) == 4
    assert any(isinstance(record, StatusChange) and record.status is Status.DOWN for record in kept.records)


def test_what_still_stands_at_the_end_is_told_then_with_since_when_it_is_so() -> None:
    state = state_of()
    rise(state, 1.0)
    state.silence([held(CHECKOUT)], None, 10.0)
    fall(state, 20.0)
    state.silence([], None, 30.0)
    assert told(state)[2:] == [
        (EventKind.UNMUTED, "no longer muted"),
        (EventKind.ALERT_OPENED, "checkout down: HTTP 503"),
    ]
    (alert,) = picture(state).alerts
    assert (alert.muted, alert.opened, alert.counts) == (None, 22.0, True)


def test_what_was_over_by_then_never_was_an_alert_to_anybody() -> None:
    state = state_of()
    rise(state, 1.0)
    state.silence([held(CHECKOUT)], None, 10.0)
    fall(state, 20.0)
    rise(state, 30.0)
    state.silence([], None, 40.0)
    assert EventKind.ALERT_OPENED not in {kind for kind, _ in told(state)}
    assert [alert.closed for alert in picture(state).alerts] == [32.0]


def test_an_alert_that_was_told_before_is_told_to_be_over_though_it_is_muted() -> None:
    state = state_of()
    rise(state, 1.0)
    fall(state, 5.0)
    state.silence([held(CHECKOUT)], None, 10.0)
    rise(state, 20.0)
    assert (EventKind.ALERT_CLOSED, "checkout down: over") in told(state)


def test_rows_are_marked_and_counted_apart_whatever_their_status() -> None:
    state = state_of()
    fall(state, 1.0)
    state.apply(health(LEDGER), up(1.0), 1.0)
    assert picture(state).counts == Counts(up=1, down=1)
    state.silence([held(CHECKOUT)], None, 10.0)
    shown = picture(state)
    assert shown.counts == Counts(up=1, muted=1)
    assert [row.muted for row in shown.services] == [UNTIL, None]
    rise(state, 20.0)
    assert picture(state).services[0].muted == UNTIL
    assert picture(state).counts == Counts(up=1, muted=1)
    state.silence([], None, 30.0)
    assert picture(state).counts == Counts(up=2)


def test_rows_that_do_not_change_stay_the_same_objects() -> None:
    state = state_of()
    before = picture(state).services
    state.silence([held(CHECKOUT)], None, 10.0)
    after = picture(state).services
    assert after[0] is not before[0]
    assert after[1] is before[1]


def test_muted_alerts_stand_behind_open_ones_and_before_closed_ones() -> None:
    state = state_of()
    rise(state, 1.0)
    fall(state, 5.0)
    state.apply(health(LEDGER), up(1.0), 1.0)
    for reading in (bad(5.0), bad(7.0), up(9.0), up(11.0), bad(13.0, Status.DEGRADED), bad(15.0, Status.DEGRADED)):
        state.apply(health(LEDGER), reading, reading.at)
    state.silence([held(CHECKOUT)], None, 20.0)
    shown = [(alert.title, alert.counts, alert.closed is not None) for alert in picture(state).alerts]
    assert shown == [
        ("ledger degraded", True, False),
        ("checkout down", False, False),
        ("ledger down", False, True),
    ]


def test_a_host_is_muted_like_a_service() -> None:
    limited = Host("local", limits=HostLimits(cpu=Limit(50.0, 90.0)))
    state = State(inventory(service(A), hosts=(limited,)), 0.0)
    state.silence([held("host:local")], None, 10.0)
    state.apply_host("local", HostReading(20.0, cpu_percent=99.0), 20.0)
    shown = picture(state)
    assert (shown.hosts[0].status, shown.hosts[0].muted) == (Status.DOWN, UNTIL)
    assert [alert.muted for alert in shown.alerts] == [UNTIL]
    assert EventKind.ALERT_OPENED not in {kind for kind, _ in told(state)}
    state.silence([], None, 30.0)
    assert told(state)[-1][0] is EventKind.ALERT_OPENED


def test_a_reload_and_a_memory_leave_it_as_it_is() -> None:
    state = state_of()
    state.silence([held(CHECKOUT, "pay@production")], None, 10.0)
    renamed = replace(service(A), name="checkout", tier=2)
    state.reload(inventory(renamed, service(instance("pay"))), 20.0)
    assert [row.muted for row in picture(state).services] == [UNTIL, UNTIL]
    was = state_of()
    fall(was, 1.0)
    state.remember(memory_of(was), 30.0)
    (checkout, _) = picture(state).services
    assert (checkout.status, checkout.muted) == (Status.DOWN, UNTIL)
    assert [alert.muted for alert in picture(state).alerts if alert.key.subject == CHECKOUT] == [UNTIL]


class TestWhatIsTold:
    def test_what_was_muted_before_this_run_is_no_news(self) -> None:
        state = State(in_berlin(service(A)), 50.0)
        state.silence([held(CHECKOUT, since=10.0), held(CHECKOUT, since=60.0, number="b2")], None, 61.0)
        (event,) = picture(state).events
        assert (event.kind, event.subject, event.at) == (EventKind.MUTED, CHECKOUT, 61.0)
        assert event.text == "muted until 01:16+01:00: deploy"

    @pytest.mark.parametrize(
        ("until", "told"),
        [(82799.0, "23:59+01:00"), (82800.0, "1970-01-02 00:00+01:00"), (200000.0, "1970-01-03 08:33+01:00")],
    )
    def test_the_end_has_a_date_unless_it_is_today_by_the_clock_of_the_platform(self, until: float, told: str) -> None:
        state = State(in_berlin(service(A)), 5.0)
        state.silence([held(CHECKOUT, until=until)], None, 61.0)
        (event,) = picture(state).events
        assert event.text == f"muted until {told}: deploy"

    def test_what_is_found_later_is_news_whenever_it_began(self) -> None:
        state = State(inventory(service(A)), 50.0)
        state.silence([], None, 51.0)
        state.silence([held(CHECKOUT, since=10.0)], None, 60.0)
        assert [event.kind for event in picture(state).events] == [EventKind.MUTED]

    def test_a_silence_of_many_is_told_once(self) -> None:
        many = [f"s{number}@production" for number in range(500)]
        state = state_of()
        state.silence([held(*many)], None, 10.0)
        state.silence([], None, 20.0)
        first, last = picture(state).events
        assert (first.subject, first.text) == ("", "tier:1 (500 in all): muted until 01:16+01:00: deploy")
        assert (last.subject, last.text) == ("", "tier:1 (500 in all): no longer muted")

    def test_maintenance_is_called_by_its_name(self) -> None:
        planned = held(CHECKOUT)
        planned = planned._replace(silence=replace(planned.silence, declared=True, reason=""))
        state = state_of()
        state.silence([planned], None, 10.0)
        state.silence([], None, 20.0)
        texts = [text for _, text in told(state)]
        assert texts == ["maintenance until 01:16+01:00", "maintenance is over"]

    def test_one_silence_that_goes_on_leaves_a_subject_muted(self) -> None:
        state = state_of()
        fall(state, 1.0)
        state.silence([held(CHECKOUT), held(CHECKOUT, number="b2", until=2000.0)], None, 10.0)
        state.silence([held(CHECKOUT)], None, 20.0)
        assert EventKind.ALERT_OPENED not in [kind for kind, _ in told(state)][2:]
        assert picture(state).services[0].muted == UNTIL

    def test_a_file_that_cannot_be_read_is_told_once(self) -> None:
        state = state_of()
        for _ in range(3):
            state.silence([], "nothing is muted by hand: mutes.json is spoilt", 10.0)
        assert told(state) == [(EventKind.UNMUTED, "nothing is muted by hand: mutes.json is spoilt")]


def test_a_picture_that_is_taken_once_is_marked_too() -> None:
    state = state_of()
    fall(state, 1.0)
    shown = with_silences(picture(state), {CHECKOUT: UNTIL})
    assert [subject_of(row.key) for row in shown.services if row.muted] == [CHECKOUT]
    assert (shown.counts.muted, shown.counts.down) == (1, 0)
    assert [alert.muted for alert in shown.alerts] == [UNTIL]
