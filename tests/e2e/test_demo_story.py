"""The demo's story, driven by hand and seen by the real engine: what the screen and the README say happens, happens."""

import os
from collections.abc import Iterator

import pytest

from platformpm import assembly
from platformpm.demo import DemoPlatform
from platformpm.inventory import load
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import ServiceState
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift


class Story:
    """The demo platform at a moment that the test chooses."""

    def __init__(self, demo: DemoPlatform, seconds: list[float]) -> None:
        self.inventory = load(demo.inventory, os.environ).inventory
        self._seconds = seconds

    def at(self, second: float) -> PlatformSnapshot:
        self._seconds[0] = second
        return assembly.check(self.inventory, attempts=3)  # a busy machine makes the first answer late


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    seconds = [0.0]
    with DemoPlatform(clock=lambda: seconds[0]) as demo:
        yield Story(demo, seconds)


def row(snapshot: PlatformSnapshot, service: str, environment: str = "production") -> ServiceState:
    return next(state for state in snapshot.services if state.key == (service, environment))


def bad(snapshot: PlatformSnapshot) -> set[str]:
    return {state.service.name for state in snapshot.services if state.status is not Status.UP}


def test_at_first_all_is_well_but_a_certificate(story: Story) -> None:
    snapshot = story.at(0)
    assert bad(snapshot) == {"edge"}
    assert [alert.key.kind for alert in snapshot.alerts] == ["certificate_expiring"]
    assert row(snapshot, "checkout").drift is Drift.BEHIND
    known = [state for state in snapshot.services if state.version is not None]
    assert len(known) >= 60
    dialects = {one.reading.dialect for state in snapshot.services for one in state.instances if one.reading}
    assert len(dialects - {None}) >= 15


def test_the_canary_is_slow_and_the_drift_is_mixed(story: Story) -> None:
    checkout = row(story.at(40), "checkout")
    assert (checkout.status, checkout.drift, checkout.on_target) == (Status.DEGRADED, Drift.MIXED, 2)
    assert dict(checkout.versions) == {"2.5.0": 2, "2.4.1": 3}
    reasons = {one.key.instance: one.reading.reason for one in checkout.instances if one.reading}
    assert reasons == {"eu-1": Reason.SLOW, "eu-2": Reason.SLOW, "eu-3": None, "us-1": None, "us-2": None}


def test_a_dependency_takes_others_with_it(story: Story) -> None:
    snapshot = story.at(85)
    assert {"postgres", "ledger", "payouts", "payments-gateway", "checkout", "orders", "invoices"} <= bad(snapshot)
    ledger = row(snapshot, "ledger")
    assert ledger.status is Status.DOWN
    assert all(one.reading and one.reading.failing_components == ("db",) for one in ledger.instances)
    assert row(snapshot, "ledger", "staging").status is Status.UP


def test_in_the_end_all_have_recovered_and_the_rollout_is_finished(story: Story) -> None:
    snapshot = story.at(140)
    assert bad(snapshot) == {"edge"}
    checkout = row(snapshot, "checkout")
    assert (checkout.drift, checkout.on_target, checkout.version) == (Drift.CURRENT, 5, "2.5.0")
