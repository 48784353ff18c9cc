"""A job that reports to one process, as others know it: beside it, after it, and under another name."""

from pathlib import Path

import pytest

from platformpm.assembly import Running
from platformpm.model.check import InstanceKey
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import InstanceState
from platformpm.model.status import Reason, Status
from tests.unit.engine.platforms import wait_until

TEXT = """
[history]
path = "history.db"
[defaults]
interval = "300ms"
[services.backup]
health = { every = "1h", token = "t0ken-of-backup" }
instances.production = ["heartbeat://nightly"]
"""
KEY = InstanceKey("backup", "production", "nightly")


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "platform.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def latest(session: Running) -> PlatformSnapshot:
    snapshot = session.board.latest()
    assert snapshot is not None
    return snapshot


def job(session: Running) -> InstanceState:
    return latest(session).services[0].instances[0]


def is_(session: Running, status: Status) -> None:
    wait_until(lambda: job(session).status is status)


def detail(session: Running) -> str:
    reading = job(session).reading
    return reading.detail if reading else ""


def test_a_screen_beside_the_one_that_listens_knows_what_it_hears(inventory: Path) -> None:
    with Running.of(inventory, {}, leads=True) as watch:
        watch.listen()
        wait_until(lambda: watch.history().recording)
        with Running.of(inventory, {}) as screen:
            wait_until(lambda: latest(screen).health.attached)
            watch.hear(KEY, Status.UP, "812 rows")
            is_(screen, Status.UP)
            watch.hear(KEY, Status.DOWN, "disk full")
            is_(screen, Status.DOWN)
            wait_until(lambda: screen.heartbeats()[KEY] == pytest.approx(watch.heartbeats()[KEY], abs=0.001))
            read = latest(screen).health.readings
            screen.recheck()  # asked from here, by what the history says
            wait_until(lambda: latest(screen).health.readings > read + 2)
            assert job(screen).status is Status.DOWN
            watch.stop()
            wait_until(lambda: not latest(screen).health.attached)
            read = latest(screen).health.readings
            wait_until(lambda: latest(screen).health.readings > read + 3)
            assert detail(screen).startswith("disk full")


def test_what_was_heard_is_known_after_a_restart_and_what_was_due_meanwhile_is_not(inventory: Path) -> None:
    with Running.of(inventory, {}, leads=True) as watch:
        watch.hear(KEY, Status.UP, "812 rows")
        is_(watch, Status.UP)
    with Running.of(inventory, {}, leads=True) as again:
        again.listen()
        wait_until(lambda: "812 rows" in detail(again))
        assert job(again).status is Status.UP
    inventory.write_text(TEXT.replace('"1h"', '"10ms"'), encoding="utf-8")
    with Running.of(inventory, {}) as screen:
        is_(screen, Status.DOWN)
        assert (reading := job(screen).reading) is not None
        assert reading.reason is Reason.SILENT


def test_a_service_with_another_name_keeps_its_heartbeat(inventory: Path) -> None:
    with Running.of(inventory, {}, leads=True) as watch:
        watch.hear(KEY, Status.UP, "812 rows")
        is_(watch, Status.UP)
        renamed = TEXT.replace("[services.backup]", '[services.dump]\nrenamed_from = "backup"')
        inventory.write_text(renamed, encoding="utf-8")
        watch.reload()
        wait_until(lambda: latest(watch).services[0].service.name == "dump")
        read = latest(watch).health.readings
        wait_until(lambda: latest(watch).health.readings > read + 3)
        assert "812 rows" in detail(watch)
    with Running.of(inventory, {}, leads=True) as again:
        wait_until(lambda: "812 rows" in detail(again))
