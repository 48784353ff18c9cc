"""A run that follows another on the same history: it knows all at once, and tells only what changed in between."""

import http.server
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from platformpm.assembly import Running, bookkeeping
from platformpm.model.event import EventKind
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Status
from platformpm.report.event_rows import EventLog
from tests.unit.engine.platforms import wait_until


class Shop:
    """A real server on loopback with two services, whose health and version a test decides."""

    def __init__(self) -> None:
        self.code = {"/web": 200, "/ledger": 503}
        self.version = "1.0.0"
        self.asked = 0
        shop = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop.asked += 1
                body = f'{{"version": "{shop.version}"}}'.encode()
                self.send_response(shop.code[self.path])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the server's signature
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def shop() -> Iterator[Shop]:
    served = Shop()
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def inventory(tmp_path: Path, shop: Shop) -> Path:
    url = f"http://127.0.0.1:{shop.server.server_port}"
    text = '[platform]\nname = "Shop"\n[history]\npath = "history.db"\n[defaults]\ninterval = "300ms"\n'
    for name in ("web", "ledger"):
        text += f'[services.{name}]\nhealth = "/{name}"\ninstances = {{ production = ["{url}"] }}\n'
    path = tmp_path / "platform.toml"
    path.write_text(text, encoding="utf-8")
    return path


def latest(session: Running) -> PlatformSnapshot:
    snapshot = session.board.latest()
    assert snapshot is not None
    return snapshot


def states(session: Running) -> list[Status]:
    return [row.status for row in latest(session).services]


def told(session: Running) -> Counter[tuple[EventKind, str]]:
    return Counter((event.kind, event.text.partition(":")[0]) for event in latest(session).events)


def watched(inventory: Path, *wanted: Status) -> PlatformSnapshot:
    """Watch until the services have these states, in inventory order, and give the last picture of the run."""
    with Running.of(inventory, {}) as session:
        wait_until(lambda: states(session) == list(wanted))
        wait_until(lambda: all(len(row.instances[0].series) >= 3 for row in latest(session).services))
    return latest(session)


def test_a_new_run_knows_at_once_what_the_last_one_knew_and_tells_none_of_it_again(inventory: Path, shop: Shop) -> None:
    before = watched(inventory, Status.UP, Status.DOWN)
    shop.server.shutdown()  # nothing that this run knows can come from an answer, nor from the want of one
    patient = inventory.read_text(encoding="utf-8").replace("300ms", '60s"\ntimeout = "50s')
    inventory.write_text(patient, encoding="utf-8")
    with Running.of(inventory, {}) as session:
        wait_until(lambda: latest(session).health.read == 0 and states(session) == [Status.UP, Status.DOWN])
        known = latest(session)
    for was, row in zip(before.services, known.services, strict=True):
        assert row.since == pytest.approx(was.since, abs=0.001)
        assert row.version == was.version
        assert len(row.instances[0].series) >= 3
    assert known.services[0].version == "1.0.0"
    assert [(alert.key, alert.closed) for alert in known.alerts] == [(alert.key, None) for alert in before.alerts]
    assert [(event.kind, event.text) for event in known.events] == [(event.kind, event.text) for event in before.events]


def test_who_has_no_picture_to_paint_does_not_wait_with_what_was(
    inventory: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched(inventory, Status.UP, Status.DOWN)
    monkeypatch.setattr(bookkeeping, "LARGE", 1)
    monkeypatch.setattr(bookkeeping, "PATIENCE", 600.0)
    shop.server.shutdown()
    patient = inventory.read_text(encoding="utf-8").replace("300ms", '60s"\ntimeout = "50s')
    inventory.write_text(patient, encoding="utf-8")
    with Running.of(inventory, {}, leads=True) as session:
        wait_until(lambda: states(session) == [Status.UP, Status.DOWN])
        assert latest(session).health.read == 0, "not one reading is of this run"


def test_a_large_platform_knows_what_holds_at_once_and_has_its_curves_soon(
    inventory: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = watched(inventory, Status.UP, Status.DOWN)
    monkeypatch.setattr(bookkeeping, "LARGE", 1)
    shop.server.shutdown()
    patient = inventory.read_text(encoding="utf-8").replace("300ms", '60s"\ntimeout = "50s')
    inventory.write_text(patient, encoding="utf-8")
    with Running.of(inventory, {}) as session:
        session.painted()
        wait_until(lambda: states(session) == [Status.UP, Status.DOWN])
        assert [row.since for row in latest(session).services] == pytest.approx(
            [row.since for row in before.services], abs=0.001
        )
        wait_until(lambda: all(len(row.instances[0].series) >= 3 for row in latest(session).services))
        known = latest(session)
    assert known.health.read == 0, "not one reading is of this run"
    for was, row in zip(before.services, known.services, strict=True):
        old, new = list(was.instances[0].series), list(row.instances[0].series)
        assert [point.status for point in new[: len(old)]] == [point.status for point in old]
        assert len(new) >= len(old), "the last readings of a run may be written and not shown any more"
        assert row.instances[0].reading is not None
    assert [(event.kind, event.text) for event in known.events] == [(event.kind, event.text) for event in before.events]


def test_a_screen_of_a_large_platform_has_its_first_picture_before_it_asks_what_was(
    inventory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = watched(inventory, Status.UP, Status.DOWN)
    monkeypatch.setattr(bookkeeping, "LARGE", 1)
    monkeypatch.setattr(bookkeeping, "PATIENCE", 600.0)
    with Running.of(inventory, {}) as session:
        wait_until(lambda: latest(session).health.readings > 4)
        assert not session.looked
        session.painted()
        wait_until(lambda: session.looked)
        wait_until(lambda: latest(session).services[1].since == pytest.approx(before.services[1].since, abs=0.001))


def test_what_changed_while_no_run_watched_is_told_once(inventory: Path, shop: Shop) -> None:
    watched(inventory, Status.UP, Status.DOWN)
    shop.code = {"/web": 503, "/ledger": 200}
    shop.version = "2.0.0"
    with Running.of(inventory, {}) as session:
        wait_until(lambda: states(session) == [Status.DOWN, Status.UP])
        wait_until(lambda: told(session)[EventKind.ALERT_CLOSED, "ledger down"] == 1)
        assert told(session) == {
            (EventKind.STATUS, "ledger down in production"): 1,
            (EventKind.ALERT_OPENED, "ledger down"): 1,
            (EventKind.STATUS, "web down in production"): 1,
            (EventKind.ALERT_OPENED, "web down"): 1,
            (EventKind.STATUS, "ledger up in production"): 1,
            (EventKind.ALERT_CLOSED, "ledger down"): 1,
            (EventKind.VERSION, "web version 1.0.0 → 2.0.0"): 1,
            (EventKind.VERSION, "ledger version 1.0.0 → 2.0.0"): 1,
        }


def test_what_is_as_it_was_is_not_told_again(inventory: Path) -> None:
    first = watched(inventory, Status.UP, Status.DOWN)
    with Running.of(inventory, {}) as session:
        wait_until(lambda: latest(session).health.readings > 8)
        assert len(latest(session).events) == len(first.events)
        assert latest(session).services[1].since == pytest.approx(first.services[1].since, abs=0.001)


def test_a_screen_beside_watch_follows_it_takes_over_when_it_goes_and_gives_way_when_it_comes(
    inventory: Path, shop: Shop
) -> None:
    def attached(session: Running) -> bool:
        return latest(session).health.attached

    with Running.of(inventory, {}, leads=True) as watch:
        wait_until(lambda: states(watch) == [Status.UP, Status.DOWN])
        with Running.of(inventory, {}) as screen:
            wait_until(lambda: attached(screen) and states(screen) == [Status.UP, Status.DOWN])
            begun = latest(screen).health.readings  # past what it asked itself before it knew of the other
            wait_until(lambda: latest(screen).health.readings > begun + 12)
            shop.code = {"/web": 503, "/ledger": 200}
            wait_until(lambda: states(screen) == [Status.DOWN, Status.UP])
            for mine, other in zip(latest(screen).services, latest(watch).services, strict=True):
                assert mine.instances[0].last_bad is not None
                assert mine.instances[0].last_bad.detail == "HTTP 503, expected 2xx"
                assert mine.since == pytest.approx(other.since, abs=0.001)
            shop.version = "3.0.0"
            shop.code = {"/web": 200, "/ledger": 200}
            wait_until(lambda: [row.version for row in latest(screen).services] == ["3.0.0"] * 2)
            assert not attached(watch)

            watch.stop()
            asked = shop.asked
            wait_until(lambda: not attached(screen) and shop.asked > asked + 4)
            shop.code = {"/web": 503, "/ledger": 200}
            wait_until(lambda: states(screen) == [Status.DOWN, Status.UP])

            with Running.of(inventory, {}, leads=True) as again:
                wait_until(lambda: attached(screen))
                known = latest(screen).health.readings
                wait_until(lambda: latest(screen).health.readings > known + 4)
                assert states(screen) == states(again) == [Status.DOWN, Status.UP]


def test_what_happens_while_a_screen_is_beside_watch_is_told_once_on_every_page_of_it(
    inventory: Path, shop: Shop
) -> None:
    with Running.of(inventory, {}, leads=True) as watch:
        wait_until(lambda: states(watch) == [Status.UP, Status.DOWN])
        with Running.of(inventory, {}) as screen:
            wait_until(lambda: latest(screen).health.attached)
            begun = latest(screen).health.readings
            wait_until(lambda: latest(screen).health.readings > begun + 4)
            shop.code, shop.version = {"/web": 503, "/ledger": 200}, "2.0.0"
            wait_until(lambda: states(screen) == states(watch) == [Status.DOWN, Status.UP])
            wait_until(lambda: EventKind.ALERT_CLOSED in {event.kind for event in latest(watch).events})
            wait_until(lambda: told(screen) == told(watch))
            log, past = EventLog(), screen.past
            assert past is not None
            shown = latest(screen).events
            log.take(past.events(0.0, 4e9))
            recorded = log.rows(0.0, None)
            log.take(shown)
            assert log.rows(0.0, None) == recorded
            assert max(told(screen).values()) == 1

            shop.code = {"/web": 200, "/ledger": 503}
            wait_until(lambda: states(watch) == [Status.UP, Status.DOWN])
            watch.stop()
            wait_until(lambda: told(screen) == told(watch))  # the last of it too


def readings(session: Running) -> int:
    return len(latest(session).services[0].instances[0].series)


def test_a_screen_beside_watch_has_read_what_it_remembers(inventory: Path) -> None:
    watched(inventory, Status.UP, Status.DOWN)
    patient = (
        inventory.read_text(encoding="utf-8")
        .replace("300ms", '300ms"\ntimeout = "200ms')
        .replace('health = "/web"', 'health = { path = "/web", interval = "1h" }')
    )
    inventory.write_text(patient, encoding="utf-8")
    with Running.of(inventory, {}, leads=True) as watch:
        wait_until(lambda: latest(watch).health.read == 2)
        with Running.of(inventory, {}) as screen:
            wait_until(lambda: latest(screen).health.attached and latest(screen).health.read == 2)
            wait_until(lambda: readings(screen) == readings(watch))  # one of its own would be one more for good


def test_a_screen_that_follows_asks_nobody_but_for_what_a_person_wants_to_know(inventory: Path, shop: Shop) -> None:
    watch = Running.of(inventory, {}, leads=True)
    watch.start()
    wait_until(lambda: states(watch) == [Status.UP, Status.DOWN])
    with Running.of(inventory, {}) as screen:
        wait_until(lambda: latest(screen).health.attached)
        watch._engine.stop()  # it still holds the history, and asks no more
        settled = shop.asked
        wait_until(lambda: latest(screen).sequence > 8)
        asked = shop.asked
        screen.recheck()
        wait_until(lambda: shop.asked >= asked + 2)
        assert asked - settled <= 4, "what was under way"
    watch.stop()


def test_what_the_other_process_does_not_read_is_asked_from_here(inventory: Path, shop: Shop) -> None:
    with Running.of(inventory, {}, leads=True) as watch:
        wait_until(lambda: states(watch) == [Status.UP, Status.DOWN])
        text = inventory.read_text(encoding="utf-8")
        other = inventory.with_name("other.toml")
        other.write_text(text.replace("[services.web]", "[services.shop]"), encoding="utf-8")
        with Running.of(other, {}) as screen:
            wait_until(lambda: latest(screen).health.attached)
            wait_until(lambda: states(screen) == [Status.UP, Status.DOWN])
            assert latest(screen).health.attached
