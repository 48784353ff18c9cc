from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformpm.engine.state import State
from platformpm.model.alert import AlertKind
from platformpm.model.check import Check, CheckKey, Instance, InstanceKey, Purpose
from platformpm.model.event import EventKind
from platformpm.model.inventory import Inventory
from platformpm.model.reading import Reading
from platformpm.model.snapshot import EngineHealth, PlatformSnapshot
from platformpm.model.state import InstanceState, ServiceState
from platformpm.model.status import RANK, Reason, Status, service_status
from platformpm.model.version import Drift
from tests.unit.engine.platforms import bad, health, instance, inventory, many, service, up, version_of

DAY = 86400.0
A, B = instance(name="a"), instance(name="b")
WITH_VERSION = instance(version=Check(purpose=Purpose.VERSION, interval=60.0))


def picture(state: State, at: float = 1000.0) -> PlatformSnapshot:
    return state.snapshot(1, at, EngineHealth(), None)


def row(state: State, number: int = 0) -> ServiceState:
    return picture(state).services[number]


def first(state: State) -> InstanceState:
    return row(state).instances[0]


def texts(state: State, kind: EventKind) -> list[str]:
    return [event.text for event in picture(state).events if event.kind is kind]


def one(*instances: Instance, target: str | None = None, min_up: int = 1) -> State:
    wanted = {} if target is None else {"production": target}
    return State(inventory(service(*instances, target=wanted, min_up=min_up)), 0.0)


def test_before_any_reading_everything_is_unknown_and_nobody_knows_since_when() -> None:
    state = State(many(3), 0.0)
    shown = picture(state)
    assert [each.status for each in shown.services] == [Status.UNKNOWN] * 3
    assert all(each.since is None for each in shown.services)
    assert shown.counts.unknown == shown.health.instances == 3
    assert shown.health.read == 0


def test_a_first_up_counts_at_once_and_is_no_news() -> None:
    state = one(A)
    assert not state.apply(health(A), up(10.0), 10.1)
    assert row(state).status is Status.UP
    assert row(state).since == 10.0
    assert picture(state).events == ()


def test_a_service_is_known_since_its_first_instance_is() -> None:
    state = one(A, B)
    state.apply(health(A), up(10.0), 10.0)
    state.apply(health(A), up(20.0), 20.0)
    assert (row(state).status, row(state).since) == (Status.UNKNOWN, 10.0)
    state.apply(health(B), up(30.0), 30.0)
    assert (row(state).status, row(state).since) == (Status.UP, 30.0)
    assert picture(state).events == ()


def test_what_was_read_is_counted_once() -> None:
    state = one(A, B)
    for each in (A, A, B, A):
        assert not state.apply(health(each), up(), 0.0)
    assert picture(state).health.read == 2
    state.reload(inventory(service(A)), 1.0)
    assert picture(state).health.read == 1


def test_a_first_bad_reading_is_repeated_and_the_second_decides() -> None:
    state = one(A)
    state.apply(health(A), up(10.0), 10.1)
    assert state.apply(health(A), bad(25.0), 25.1)
    assert row(state).status is Status.UP
    assert first(state).attempts == 1
    assert not state.apply(health(A), bad(27.0), 27.1)
    assert row(state).status is Status.DOWN
    assert row(state).since == 27.0
    assert first(state).attempts == 2
    assert texts(state, EventKind.STATUS) == ["checkout down in production: HTTP 503"]


def test_readings_that_never_agree_are_not_repeated_for_ever() -> None:
    state = one(A)
    degraded = bad(0.0, Status.DEGRADED, Reason.SLOW)
    for at in range(2):
        state.apply(health(A), replace(degraded, at=float(at)), 0.0)
    repeats = [state.apply(health(A), up() if at % 2 else bad(), 0.0) for at in range(20)]
    assert row(state).status is Status.DEGRADED
    assert repeats.count(True) == 1


def test_the_last_bad_reading_is_kept() -> None:
    state = one(A)
    for reading in (bad(1.0, detail="HTTP 500"), bad(2.0, detail="HTTP 502"), up(3.0), up(4.0)):
        state.apply(health(A), reading, reading.at)
    last = first(state)
    assert last.status is Status.UP
    assert last.last_bad is not None
    assert (last.last_bad.at, last.last_bad.detail) == (2.0, "HTTP 502")


def test_only_the_row_of_a_reading_is_a_new_object() -> None:
    state = State(many(4), 0.0)
    before = picture(state).services
    state.apply(CheckKey(before[2].instances[0].key, Purpose.HEALTH), up(1.0), 1.0)
    after = picture(state).services
    assert [old is new for old, new in zip(before, after, strict=True)] == [True, True, False, True]


def test_a_snapshot_clears_what_changed() -> None:
    state = one(A)
    picture(state)
    assert not state.changed
    state.apply(health(A), up(), 0.0)
    assert state.changed


@pytest.mark.parametrize("reading", [bad(20.0), up(20.0, "9.9.9", expires=1.0)])
def test_a_reading_that_is_not_trusted_is_shown_and_changes_nothing_else(reading: Reading) -> None:
    state = one(A)
    state.apply(health(A), up(10.0, "1.0.0", expires=500 * DAY), 10.0)
    before, events = first(state), picture(state).events
    assert state.apply(health(A), replace(reading, trusted=False), 20.0), "a spoilt reading is taken again"
    after = first(state)
    assert after.reading is not None
    assert not after.reading.trusted
    assert replace(after, reading=before.reading).settled is before.settled
    assert (after.series, after.version, after.last_bad, after.certificate_expires, after.attempts) == (
        before.series,
        before.version,
        before.last_bad,
        before.certificate_expires,
        before.attempts,
    )
    assert picture(state).events == events
    assert picture(state).alerts == ()


def test_a_reading_of_an_unknown_instance_is_dropped() -> None:
    state = one(A)
    picture(state)
    assert not state.apply(health(B), bad(), 0.0)
    assert not state.apply(version_of(A), up(1.0, "9"), 0.0)
    assert not state.changed


class TestVersions:
    def test_the_health_reading_is_the_source_without_a_version_check(self) -> None:
        state = one(A)
        state.apply(health(A), up(1.0, "1.2.3"), 1.0)
        assert (row(state).version, first(state).version_since) == ("1.2.3", 1.0)
        state.apply(health(A), up(2.0), 2.0)
        assert row(state).version is None
        assert first(state).version_reason is None

    def test_a_version_check_is_the_only_source(self) -> None:
        state = one(WITH_VERSION)
        state.apply(health(WITH_VERSION), up(1.0, "0.0.1"), 1.0)
        assert row(state).version is None
        state.apply(version_of(WITH_VERSION), up(2.0, "2.0.0"), 2.0)
        state.apply(health(WITH_VERSION), up(3.0), 3.0)
        assert row(state).version == "2.0.0"
        assert row(state).versions == {"2.0.0": 1}

    def test_a_failed_version_check_makes_the_version_unknown_and_nothing_worse(self) -> None:
        state = one(WITH_VERSION)
        state.apply(health(WITH_VERSION), up(1.0), 1.0)
        state.apply(version_of(WITH_VERSION), up(2.0, "2.0.0"), 2.0)
        assert state.apply(version_of(WITH_VERSION), bad(62.0, detail="HTTP 404"), 62.0)
        after = first(state)
        assert (after.version, after.version_reason, after.version_detail) == (None, Reason.STATUS, "HTTP 404")
        assert row(state).status is Status.UP
        assert not state.apply(version_of(WITH_VERSION), bad(64.0), 64.0)

    def test_a_version_reading_that_is_not_trusted_changes_nothing(self) -> None:
        state = one(WITH_VERSION)
        state.apply(version_of(WITH_VERSION), up(2.0, "2.0.0"), 2.0)
        for spoilt in (bad(62.0), up(62.0, "3.0.0")):
            assert state.apply(version_of(WITH_VERSION), replace(spoilt, trusted=False), 62.0)
            assert (row(state).version, first(state).version_reason) == ("2.0.0", None)
        assert picture(state).events == ()

    def test_a_version_that_comes_back_holds_since_it_first_did_and_is_no_news(self) -> None:
        state = one(A, target="3.0.0")
        for at, version in ((1.0, "2.0.0"), (2.0, None), (3.0, "v2.0.0")):
            state.apply(health(A), up(at, version), at)
        assert first(state).version_since == 1.0
        assert row(state).drift_since == 1.0
        assert texts(state, EventKind.VERSION) == []

    def test_a_new_version_is_told_once(self) -> None:
        state = one(A)
        for at, version in ((1.0, "2.0.0"), (2.0, None), (3.0, "2.1.0"), (4.0, "2.1.0")):
            state.apply(health(A), up(at, version), at)
        assert texts(state, EventKind.VERSION) == ["checkout version 2.0.0 → 2.1.0"]
        assert first(state).version_since == 3.0

    @pytest.mark.parametrize(
        ("versions", "target", "drift", "version", "on_target"),
        [
            (("2.0.0", "2.0.0"), "2.0.0", Drift.CURRENT, "2.0.0", 2),
            (("v2.0.0", "2.0.0"), "2.0.0", Drift.CURRENT, "v2.0.0", 2),
            (("1.9.0", "1.9.0"), "2.0.0", Drift.BEHIND, "1.9.0", 0),
            (("2.1.0", "2.1.0"), "2.0.0", Drift.AHEAD, "2.1.0", 0),
            (("1.9.0", "2.0.0"), "2.0.0", Drift.MIXED, None, 1),
            (("abc", "abc"), "2.0.0", Drift.DIFFERENT, "abc", 0),
            (("2.0.0+c279299", "2.0.0+c279299"), "2.0.0", Drift.CURRENT, "2.0.0+c279299", 2),
            (("2.0", "2.0"), "2.0.0", Drift.CURRENT, "2.0", 2),
            (("2.0.0+c279299", "2.0.1"), "2.0.0", Drift.MIXED, None, 1),
            (("1a2b3c4", "1a2b3c4"), "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b", Drift.CURRENT, "1a2b3c4", 2),
            (("2.0.0", None), "2.0.0", Drift.CURRENT, "2.0.0", 1),
            ((None, None), "2.0.0", Drift.UNKNOWN, None, 0),
            (("2.0.0", "2.0.0"), None, Drift.UNKNOWN, "2.0.0", 0),
        ],
    )
    def test_a_row_tells_how_its_versions_stand(
        self, versions: tuple[str, str], target: str | None, drift: Drift, version: str | None, on_target: int
    ) -> None:
        state = one(A, B, target=target)
        for each, seen in zip((A, B), versions, strict=True):
            state.apply(health(each), up(5.0, seen), 5.0)
        got = row(state)
        assert (got.drift, got.version, got.on_target, got.target) == (drift, version, on_target, target)

    def test_drift_holds_since_it_changed(self) -> None:
        state = one(A, target="2.0.0")
        for at, version in ((1.0, "1.0.0"), (2.0, "1.0.0"), (3.0, "2.0.0"), (4.0, "2.0.0")):
            state.apply(health(A), up(at, version), at)
            assert row(state).drift_since == (1.0 if at < 3 else 3.0)


READINGS = st.builds(
    lambda status, version, trusted, reason: Reading(
        status,
        0.0,
        None if status is Status.UP else reason,
        "seen",
        0.1,
        version=version,
        trusted=trusted,
    ),
    st.sampled_from(Status),
    st.sampled_from([None, "1.0.0", "v1.0.0", "2.0.0", "x"]),
    st.booleans(),
    st.sampled_from([Reason.STATUS, Reason.SLOW, Reason.CERTIFICATE_EXPIRING]),
)
NAMES = [("s1", "a"), ("s1", "b"), ("s2", "a"), ("s3", "a"), ("s3", "b"), ("s3", "c")]
STEPS = st.lists(st.tuples(st.sampled_from(NAMES), READINGS), max_size=60)


def fleet(names: list[tuple[str, str]]) -> Inventory:
    by_service: dict[str, list[Instance]] = {}
    for name, each in names:
        by_service.setdefault(name, []).append(instance(name, name=each))
    return inventory(*(service(*group, target={"production": "1.0.0"}) for group in by_service.values()))


@settings(deadline=None)
@given(STEPS, st.integers(0, 60))
def test_the_whole_always_agrees_with_its_parts(steps: list[tuple[tuple[str, str], Reading]], reload_at: int) -> None:
    state = State(fleet(NAMES), 0.0)
    for number, ((name, each), reading) in enumerate(steps, 1):
        key = CheckKey(InstanceKey(name, "production", each), Purpose.HEALTH)
        state.apply(key, replace(reading, at=float(number)), float(number))
        if number == reload_at:
            state.reload(fleet(NAMES[2:]), float(number))
    shown = picture(state, 100.0)
    for each_row in shown.services:
        parts = [part.status for part in each_row.instances]
        assert each_row.status is service_status(parts, each_row.service.min_up)
        assert sum(each_row.versions.values()) == sum(part.version is not None for part in each_row.instances)
        assert each_row.on_target <= len(each_row.instances)
    counted = [each_row.status for each_row in shown.services]
    for status in Status:
        assert getattr(shown.counts, status.value) == counted.count(status)
    down = {
        alert.service for alert in shown.alerts if alert.closed is None and alert.key.kind is AlertKind.SERVICE_DOWN
    }
    assert down == {each_row.key for each_row in shown.services if each_row.status is Status.DOWN}
    assert shown.alerts == tuple(
        sorted(shown.alerts, key=lambda a: (a.closed is not None, -RANK[a.severity], a.tier or 99, -a.opened, a.key))
    )
