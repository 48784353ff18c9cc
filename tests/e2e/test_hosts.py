"""Other machines in a platform that is watched: read, reloaded, recorded, remembered, followed beside watch."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from platformpm.assembly import Running, check, past
from platformpm.inventory import load
from platformpm.model.event import EventKind
from platformpm.model.exported import What
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import HostState
from platformpm.model.status import Reason, Status
from tests.unit.engine.platforms import wait_until


class Exporter:
    """A node_exporter on loopback whose machine is busy for a quarter of the time."""

    def __init__(self) -> None:
        self.asked = 0
        exporter = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                exporter.asked += 1
                body = (
                    f'node_cpu_seconds_total{{cpu="0",mode="idle"}} {1000 + 75 * exporter.asked}\n'
                    f'node_cpu_seconds_total{{cpu="0",mode="user"}} {1000 + 25 * exporter.asked}\n'
                    "node_memory_MemTotal_bytes 100\nnode_memory_MemAvailable_bytes 60\n"
                ).encode()
                self.send_response(200 if self.headers["Authorization"] == "Bearer t0ken-word" else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the server's signature
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/metrics"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    served = Exporter()
    yield served
    served.close()


def declared(exporter: Exporter, token: str = "t0ken-word", more: str = "") -> str:
    return f"""
[platform]
name = "Machines"
[history]
path = "history.db"
[services.ledger]
instances.production = ["tcp://127.0.0.1:{exporter.server.server_port}"]
[hosts.db-1]
url = "{exporter.url}"
auth = {{ bearer = "{token}" }}
interval = "300ms"
timeout = "5s"
limits = {{ cpu = [20, 90] }}
services = ["ledger"]
{more}
"""


@pytest.fixture
def inventory(tmp_path: Path, exporter: Exporter) -> Path:
    path = tmp_path / "platform.toml"
    path.write_text(declared(exporter), encoding="utf-8")
    path.chmod(0o600)
    return path


def latest(session: Running) -> PlatformSnapshot:
    snapshot = session.board.latest()
    assert snapshot is not None
    return snapshot


def db(session: Running) -> HostState:
    return latest(session).hosts[0]


def test_a_check_shows_other_machines_with_their_rates(inventory: Path) -> None:
    (state,) = check(load(inventory, {}).inventory).hosts
    assert (state.status, state.reason, state.detail) == (Status.DEGRADED, Reason.LIMIT, "cpu 25 %, limit 20 %")
    assert state.reading is not None
    assert state.reading.cpu_percent == pytest.approx(25.0)
    assert state.reading.memory_percent == 40.0


def test_a_changed_file_changes_how_a_machine_is_asked_and_keeps_what_was_counted(
    inventory: Path, exporter: Exporter
) -> None:
    with Running.of(inventory, {}) as session:
        wait_until(lambda: db(session).status is Status.DEGRADED)
        inventory.write_text(declared(exporter, "wr0ng-word"), encoding="utf-8")
        wait_until(lambda: db(session).status is Status.UNKNOWN)
        assert (db(session).reason, db(session).detail) == (Reason.UNAUTHORIZED, "HTTP 401, expected 2xx")
        more = f'[hosts.web-1]\nurl = "{exporter.url}"\nauth.bearer = "t0ken-word"\ninterval = "300ms"'
        inventory.write_text(declared(exporter, more=more), encoding="utf-8")
        wait_until(lambda: [host.status for host in latest(session).hosts] == [Status.DEGRADED, Status.UP])
        assert len(db(session).cpu) >= 2


def test_a_new_run_has_the_trends_of_the_last_one_and_tells_nothing_again(inventory: Path) -> None:
    with Running.of(inventory, {}) as session:
        wait_until(lambda: len(db(session).cpu) >= 4)
    before = latest(session)
    with Running.of(inventory, {}) as session:
        wait_until(lambda: len(db(session).cpu) > len(before.hosts[0].cpu))
    known = latest(session)
    (was,), (now,) = before.hosts, known.hosts
    assert [(now.status, now.detail), now.since] == [(was.status, was.detail), pytest.approx(was.since, abs=0.001)]
    for new, old in ((now.cpu, was.cpu), (now.memory, was.memory)):
        kept = list(new)[: len(old)]
        assert [point.latency for point in kept] == pytest.approx([point.latency for point in old], abs=0.01)
        assert [point.at for point in kept] == pytest.approx([point.at for point in old], abs=0.001)
    assert [event.text for event in known.events] == [event.text for event in before.events]


def test_what_was_measured_can_be_exported(inventory: Path) -> None:
    with Running.of(inventory, {}) as session:
        wait_until(lambda: len(db(session).cpu) >= 3)
    rows = list(past(load(inventory, {}).inventory, {}).export(What.HOSTS, 0, 4e9, lambda _: True))
    assert {row[2:] for row in rows} >= {("cpu", 25.0), ("memory", 40.0)}
    assert b"t0ken-word" not in (inventory.parent / "history.db").read_bytes()


def test_a_screen_beside_watch_takes_the_readings_from_the_record(inventory: Path, exporter: Exporter) -> None:
    with Running.of(inventory, {}, leads=True) as watch:
        wait_until(lambda: len(db(watch).cpu) >= 2)
        with Running.of(inventory, {}) as screen:
            wait_until(lambda: latest(screen).health.attached and len(db(screen).cpu) >= 2)
            at = db(screen).cpu.last(1)[0].at
            wait_until(lambda: db(screen).cpu.last(1)[0].at > at)
            watch._engine.stop()  # it still holds the history, and asks no more
            wait_until(lambda: exporter.asked == watched_by(watch, exporter))
            settled = exporter.asked
            sequence = latest(screen).sequence
            wait_until(lambda: latest(screen).sequence > sequence + 2)
            assert exporter.asked == settled
            screen.recheck()
            wait_until(lambda: exporter.asked > settled)


def over(inventory: Path, hold: str) -> None:
    """Give the machine limits that its memory is over, and that count after `hold`."""
    text = inventory.read_text(encoding="utf-8")
    limits = f'limits = {{ memory = [10, 20], for = "{hold}" }}'
    inventory.write_text(text.replace("limits = { cpu = [20, 90] }", limits), encoding="utf-8")


def told(session: Running) -> list[tuple[EventKind, str, float]]:
    events = latest(session).events
    return [(one.kind, one.text, round(one.at, 3)) for one in events if one.subject == "host:db-1"]


def test_a_host_over_its_limit_is_still_so_when_the_next_run_comes_at_once(inventory: Path) -> None:
    over(inventory, "4s")  # longer than a new run takes to read it; under a load too high for that it proves nothing
    with Running.of(inventory, {}, leads=True) as session:
        wait_until(lambda: db(session).status is Status.DOWN)
    before = told(session)
    with Running.of(inventory, {}, leads=True) as session:
        wait_until(lambda: len(db(session).memory) >= 2 and db(session).since is not None)
        count = len(db(session).memory)
        wait_until(lambda: len(db(session).memory) > count + 3)
        assert db(session).status is Status.DOWN
        assert [alert.closed for alert in latest(session).alerts] == [None]
        assert told(session) == before
        assert [kind for kind, _, _ in before] == [EventKind.STATUS, EventKind.ALERT_OPENED]


def test_a_screen_beside_watch_shows_of_a_host_what_watch_decided_and_told(inventory: Path) -> None:
    over(inventory, "2s")
    with Running.of(inventory, {}, leads=True) as watch:
        wait_until(lambda: bool(db(watch).over))
        with Running.of(inventory, {}) as screen:
            wait_until(lambda: latest(screen).health.attached and db(screen).since is not None)
            wait_until(lambda: db(screen).status is Status.DOWN)
            assert db(screen).since == pytest.approx(db(watch).since, abs=0.001)
            assert db(screen).detail == db(watch).detail == "memory 40 %, limit 20 %"
            wait_until(lambda: told(screen) == told(watch) != [])
            (mine,), (other,) = latest(screen).alerts, latest(watch).alerts
            assert (mine.key, mine.closed) == (other.key, other.closed)
            assert mine.opened == pytest.approx(other.opened, abs=0.001)


def watched_by(session: Running, exporter: Exporter) -> int:
    """Give how often the exporter was asked once the engine of `session` has ended."""
    assert not session._engine._thread.is_alive()
    return exporter.asked
