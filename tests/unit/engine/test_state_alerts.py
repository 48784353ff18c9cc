from __future__ import annotations

from dataclasses import replace

import pytest

from platformpm.engine.log import EVENTS_KEPT
from platformpm.engine.state import State
from platformpm.model.alert import AlertKind
from platformpm.model.check import Check, Instance, Purpose
from platformpm.model.event import EventKind
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host, HostLimits, Limit
from platformpm.model.snapshot import EngineHealth, PlatformSnapshot
from platformpm.model.state import ServiceState
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift
from tests.unit.engine.platforms import bad, health, instance, inventory, service, up

DAY = 86400.0
A, B = instance(name="a"), instance(name="b")
WITH_VERSION = instance(version=Check(purpose=Purpose.VERSION, interval=60.0))


def picture(state: State, at: float = 1000.0) -> PlatformSnapshot:
    return state.snapshot(1, at, EngineHealth(), None)


def row(state: State, number: int = 0) -> ServiceState:
    return picture(state).services[number]


def texts(state: State, kind: EventKind) -> list[str]:
    return [event.text for event in picture(state).events if event.kind is kind]


def one(*instances: Instance, target: str | None = None, min_up: int = 1) -> State:
    wanted = {} if target is None else {"production": target}
    return State(inventory(service(*instances, target=wanted, min_up=min_up)), 0.0)


class TestAlerts:
    def test_a_service_that_goes_down_opens_an_alert_that_closes_when_it_is_over(self) -> None:
        state = one(A)
        for reading in (up(1.0), bad(2.0), bad(4.0)):
            state.apply(health(A), reading, reading.at)
        (alert,) = picture(state).alerts
        assert (alert.key.kind, alert.opened, alert.closed) == (AlertKind.SERVICE_DOWN, 4.0, None)
        for reading in (up(5.0), up(7.0)):
            state.apply(health(A), reading, reading.at)
        (alert,) = picture(state).alerts
        assert alert.closed == 7.0
        kinds = [event.kind for event in picture(state).events]
        assert kinds == [EventKind.STATUS, EventKind.ALERT_OPENED, EventKind.STATUS, EventKind.ALERT_CLOSED]

    def test_events_are_told_when_they_are_known_and_an_alert_says_since_when(self) -> None:
        state = one(A)
        for reading in (up(1.0), bad(2.0), bad(4.0)):
            state.apply(health(A), reading, reading.at + 10.0)  # each took ten seconds to fail
        (alert,) = picture(state).alerts
        assert alert.opened == 4.0
        assert [event.at for event in picture(state).events] == [14.0, 14.0]

    def test_what_got_worse_or_left_the_inventory_is_not_told_as_over(self) -> None:
        state = one(A, B)
        for at in (1.0, 2.0):
            state.apply(health(A), bad(at), at)
            state.apply(health(B), up(at), at)
        for at in (3.0, 4.0):
            state.apply(health(B), bad(at), at)
        assert texts(state, EventKind.ALERT_CLOSED) == ["checkout degraded: now down"]
        for at in (5.0, 6.0):
            state.apply(health(A), up(at), at)
        for at in (7.0, 8.0):
            state.apply(health(B), up(at), at)
        assert texts(state, EventKind.ALERT_CLOSED)[1:] == ["checkout down: now degraded", "checkout degraded: over"]
        for at in (9.0, 10.0):
            state.apply(health(A), bad(at), at)
        state.reload(inventory(service(instance("cart"))), 11.0)
        assert texts(state, EventKind.ALERT_CLOSED)[3:] == ["checkout degraded: no longer in the inventory"]

    def test_the_way_into_an_outage_and_the_short_way_out_of_it_are_no_alerts_of_their_own(self) -> None:
        state = one(A, B)
        for at in (1.0, 2.0):
            state.apply(health(A), bad(at), at)
            state.apply(health(B), up(at), at)
        for at in (3.0, 4.0):
            state.apply(health(B), bad(at), at)
        for at in (50.0, 51.0):
            state.apply(health(A), up(at), at)
        for at in (52.0, 53.0):
            state.apply(health(B), up(at), at)
        (alert,) = picture(state).alerts
        assert (alert.key.kind, alert.opened, alert.closed) == (AlertKind.SERVICE_DOWN, 4.0, 51.0)

    def test_a_service_that_stays_degraded_after_an_outage_has_an_alert_for_it(self) -> None:
        state = one(A, B)
        for at in (1.0, 2.0):
            state.apply(health(A), bad(at), at)
            state.apply(health(B), bad(at), at)
        for at in (3.0, 4.0):
            state.apply(health(A), up(at), at)
        for at in (100.0, 101.0):
            state.apply(health(B), up(at), at)
        kinds = {(alert.key.kind, alert.opened, alert.closed) for alert in picture(state).alerts}
        assert kinds == {(AlertKind.SERVICE_DOWN, 2.0, 4.0), (AlertKind.SERVICE_DEGRADED, 4.0, 101.0)}

    def test_a_closed_alert_keeps_what_was_seen_at_its_worst(self) -> None:
        third = instance(name="c")
        state = one(A, B, third)
        for at in (1.0, 2.0):
            state.apply(health(third), up(at), at)
            state.apply(health(A), bad(at), at)
            state.apply(health(B), bad(at), at)
        (alert,) = picture(state).alerts
        assert "(2 of 3 instances)" in alert.detail
        for at in (3.0, 4.0):
            state.apply(health(A), up(at), at)
        (alert,) = picture(state).alerts
        assert "(1 of 3 instances)" in alert.detail
        for at in (50.0, 51.0):
            state.apply(health(B), up(at), at)
        (alert,) = picture(state).alerts
        assert "(2 of 3 instances)" in alert.detail
        assert alert.closed == 51.0

    def test_an_alert_never_closes_before_it_opened_even_when_the_clock_is_set_back(self) -> None:
        state = one(A)
        for at in (1000.0, 1002.0):
            state.apply(health(A), bad(at), at)
        for at in (10.0, 12.0):
            state.apply(health(A), up(at), at)
        (alert,) = picture(state).alerts
        assert (alert.opened, alert.closed) == (1002.0, 1002.0)

    def test_what_is_sorted_once_is_not_sorted_again(self) -> None:
        state = one(A)
        for at in (1.0, 2.0):
            state.apply(health(A), bad(at), at)
        alerts = picture(state).alerts
        state.apply(health(A), bad(3.0), 3.0)
        assert picture(state).alerts is alerts

    def test_closed_alerts_are_kept_to_fifty(self) -> None:
        state = one(A)
        for round_ in range(60):
            for reading in (bad(), bad(), up(), up()):
                state.apply(health(A), replace(reading, at=float(round_)), float(round_))
        assert len(picture(state).alerts) == 50

    def test_an_outage_does_not_renew_a_certificate(self) -> None:
        state = one(A)
        slow = replace(up(1.0, expires=10 * DAY), status=Status.DEGRADED, reason=Reason.CERTIFICATE_EXPIRING)
        state.apply(health(A), slow, 1.0)
        state.apply(health(A), slow, 2.0)
        state.apply(health(A), bad(3.0, reason=Reason.TIMEOUT_CONNECT), 3.0)
        state.apply(health(A), bad(4.0, reason=Reason.TIMEOUT_CONNECT), 4.0)
        still = {alert.key.kind for alert in picture(state).alerts if alert.closed is None}
        assert still == {AlertKind.SERVICE_DOWN, AlertKind.CERTIFICATE_EXPIRING}

    def test_a_certificate_that_alone_is_bad_is_not_also_a_degraded_service(self) -> None:
        state = one(A)
        expiring = replace(up(expires=10 * DAY), status=Status.DEGRADED, reason=Reason.CERTIFICATE_EXPIRING)
        for at in (1.0, 2.0):
            state.apply(health(A), replace(expiring, at=at), at)
        state.apply(health(A), up(3.0, expires=90 * DAY), 3.0)
        state.apply(health(A), up(4.0, expires=90 * DAY), 4.0)
        (alert,) = picture(state).alerts
        assert (alert.key.kind, alert.closed) == (AlertKind.CERTIFICATE_EXPIRING, 4.0)

    def test_a_certificate_runs_out_without_any_reading(self) -> None:
        state = one(A)
        state.apply(health(A), up(0.0, expires=15 * DAY), 0.0)
        state.review_certificates(0.5 * DAY, 0, 10)
        assert picture(state).alerts == ()
        state.review_certificates(2 * DAY, 0, 10)
        (alert,) = picture(state).alerts
        assert (alert.detail, alert.severity) == ("expires in 13 days", Status.DEGRADED)
        state.review_certificates(16 * DAY, 0, 10)
        (alert,) = picture(state).alerts
        assert (alert.detail, alert.severity, alert.opened) == ("has expired", Status.DOWN, 2 * DAY)

    def test_events_are_kept_to_five_hundred(self) -> None:
        state = one(A)
        for _ in range(300):
            for reading in (bad(), bad(), up(), up()):
                state.apply(health(A), reading, 0.0)
        assert len(picture(state).events) == EVENTS_KEPT


class TestHosts:
    HOST = Host("local", limits=HostLimits(cpu=Limit(80, 95), hold=10.0))

    def state(self) -> State:
        return State(inventory(hosts=(self.HOST,)), 0.0)

    def test_a_limit_counts_once_it_was_held_and_opens_an_alert(self) -> None:
        state = self.state()
        seen = []
        for at in (0.0, 5.0, 10.0, 15.0):
            state.apply_host("local", HostReading(at, cpu_percent=97.0), at)
            (host,) = picture(state).hosts
            seen.append(host.status)
        assert seen == [Status.UP, Status.UP, Status.DOWN, Status.DOWN]
        assert host.since == 10.0
        assert [alert.detail for alert in picture(state).alerts] == ["cpu 97 %, limit 95 %"]
        assert texts(state, EventKind.STATUS) == ["local over critical limit: cpu 97 %, limit 95 %"]
        assert len(host.cpu) == 4

    @pytest.mark.parametrize(
        ("reading", "why"),
        [
            (HostReading(30.0, cpu_percent=5.0), "over"),
            (HostReading(30.0, failure=Reason.REFUSED, detail="refused"), "not known any more"),
        ],
    )
    def test_an_alert_of_a_host_says_why_it_closed(self, reading: HostReading, why: str) -> None:
        state = self.state()
        for at in (0.0, 10.0):
            state.apply_host("local", HostReading(at, cpu_percent=97.0), at)
        state.apply_host("local", reading, 30.0)
        assert texts(state, EventKind.ALERT_CLOSED) == [f"local over limit: {why}"]

    def test_a_pause_of_ours_is_no_time_over_the_limit(self) -> None:
        state = self.state()
        state.apply_host("local", HostReading(0.0, cpu_percent=97.0), 0.0)
        state.paused(4.0, "monitor paused", 5000.0)
        state.apply_host("local", HostReading(5000.0, cpu_percent=97.0), 5000.0)
        assert picture(state).hosts[0].status is Status.UP
        assert texts(state, EventKind.MONITOR_PAUSED) == ["monitor paused"]

    def test_a_host_that_cannot_be_read_is_unknown(self) -> None:
        state = self.state()
        state.apply_host("local", HostReading(0.0, failure=Reason.INTERNAL, detail="no"), 0.0)
        assert picture(state).hosts[0].status is Status.UNKNOWN
        state.apply_host("gone", HostReading(0.0), 0.0)


class TestReload:
    def test_what_stays_keeps_its_state(self) -> None:
        other = instance("ledger")
        state = State(inventory(service(A, B), service(other)), 0.0)
        for each in (A, B, other):
            state.apply(health(each), up(1.0, "1.0.0"), 1.0)
        before = row(state)
        state.reload(inventory(service(other), service(B, A, target={"production": "1.0.0"})), 50.0)
        shown = picture(state).services
        assert [each.key[0] for each in shown] == ["ledger", "checkout"]
        assert (shown[1].status, shown[1].since, shown[1].drift) == (Status.UP, before.since, Drift.CURRENT)
        assert [each.key.instance for each in shown[1].instances] == ["b", "a"]
        assert all(len(each.series) == 1 for each in shown[1].instances)
        assert texts(state, EventKind.RELOADED) == ["inventory read: 2 services (1 changed)"]

    def test_what_came_went_and_changed_is_told(self) -> None:
        state = State(inventory(service(A), service(instance("ledger"))), 0.0)
        state.reload(inventory(service(A), service(instance("ledger"))), 1.0)
        state.reload(inventory(service(A, B), service(instance("web")), service(instance("shop"))), 2.0)
        state.reload(inventory(service(A, B)), 3.0)
        assert texts(state, EventKind.RELOADED) == [
            "inventory read: 2 services",
            "inventory read: 3 services (2 new, 1 gone, 1 changed)",
            "inventory read: 1 services (2 gone)",
        ]

    def test_what_went_vanishes_and_its_alerts_close(self) -> None:
        other = instance("ledger")
        state = State(inventory(service(A), service(other)), 0.0)
        for at in (1.0, 2.0):
            state.apply(health(A), bad(at), at)
        state.reload(inventory(service(other)), 9.0)
        shown = picture(state)
        assert [each.key[0] for each in shown.services] == ["ledger"]
        assert [alert.closed for alert in shown.alerts] == [9.0]
        assert shown.counts.total == shown.health.instances == 1
        assert not state.apply(health(A), up(), 10.0)

    def test_a_renamed_service_keeps_its_state(self) -> None:
        state = one(A)
        state.apply(health(A), up(1.0, "1.0.0"), 1.0)
        renamed = instance("basket")
        state.reload(inventory(service(renamed, renamed_from="checkout")), 9.0)
        got = row(state)
        assert (got.key[0], got.status, got.since, got.version) == ("basket", Status.UP, 1.0, "1.0.0")
        state.apply(health(renamed), up(10.0, "2.0.0"), 10.0)
        assert texts(state, EventKind.VERSION) == ["basket version 1.0.0 → 2.0.0"]

    def test_another_source_of_the_version_makes_the_old_one_void(self) -> None:
        state = one(A)
        state.apply(health(A), up(1.0, "1.0.0"), 1.0)
        state.reload(inventory(service(WITH_VERSION)), 9.0)
        assert row(state).version is None
        assert row(state).status is Status.UP

    def test_a_changed_rule_for_a_service_holds_at_once(self) -> None:
        state = one(A, B)
        for each, reading in ((A, up()), (B, bad()), (B, bad())):
            state.apply(health(each), reading, 1.0)
        assert row(state).status is Status.DEGRADED
        state.reload(inventory(service(A, B, min_up=2)), 9.0)
        assert row(state).status is Status.DOWN
        assert picture(state).counts.down == 1
        assert AlertKind.SERVICE_DOWN in {alert.key.kind for alert in picture(state).alerts if alert.closed is None}
