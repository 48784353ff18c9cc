"""The log of events as a list."""

from __future__ import annotations

from datetime import UTC

import pytest

from platformpm.model.event import Event, EventKind
from platformpm.model.status import Status
from platformpm.report.event_rows import KEPT, EventLog, Logged, is_bad, log_table, service_of

NOW = 1_795_330_931.0


def event(
    at: float, text: str = "checkout down in production", status: Status | None = Status.DOWN, **more: str
) -> Event:
    kind = EventKind(more.get("kind", "status"))
    return Event(NOW + at, kind, more.get("subject", "checkout@production"), text, status)


def texts(rows: list[Logged]) -> list[str]:
    return [row.event.text for row in rows]


def test_an_event_of_this_run_that_history_tells_to_the_millisecond_is_one_event() -> None:
    log = EventLog()
    log.take([event(0.1234567)])
    log.take([event(0.123), event(5.0, "other")])
    assert texts(log.rows(NOW, None)) == ["other", "checkout down in production"]


def test_newest_first_within_the_stretch_and_each_thing_told_once() -> None:
    log = EventLog()
    opened = event(1.0, "checkout down: HTTP 503", kind="alert_opened")
    log.take([event(20.0, "late"), event(0.0), opened, event(-100.0, "before")])
    assert texts(log.rows(NOW - 1, None)) == ["late", "checkout down: HTTP 503"], "the alert says what the status says"


def test_what_is_newer_than_the_last_look_is_new_and_nothing_is_for_who_never_looked() -> None:
    log = EventLog()
    log.take([event(0.0, "old"), event(60.0, "new")])
    assert [(row.event.text, row.new) for row in log.rows(NOW, NOW + 30)] == [("new", True), ("old", False)]
    assert not any(row.new for row in log.rows(NOW, None))


def test_no_more_than_can_be_read_are_kept_in_sight() -> None:
    log = EventLog()
    log.take(event(float(second), f"at {second}", None, kind="version") for second in range(KEPT + 10))
    rows = log.rows(NOW, None)
    assert len(rows) == KEPT
    assert rows[0].event.text == f"at {KEPT + 9}"


@pytest.mark.parametrize(
    ("one", "bad"),
    [
        (event(0, status=Status.DOWN), True),
        (event(0, status=Status.DEGRADED, kind="alert_opened"), True),
        (event(0, status=Status.UP), False),
        (event(0, status=None, kind="version"), False),
        (event(0, status=None, kind="monitor_paused", subject=""), True),
        (event(0, status=None, kind="reload_failed", subject=""), True),
        (event(0, status=None, kind="reloaded", subject=""), False),
    ],
)
def test_what_is_bad(one: Event, bad: bool) -> None:
    assert is_bad(Logged(one, new=False)) is bad


@pytest.mark.parametrize(
    ("subject", "service"),
    [
        ("checkout@production", ("checkout", "production")),
        ("checkout@production/eu-1", ("checkout", "production")),
        ("host:db-1", None),
        ("", None),
    ],
)
def test_of_which_service_an_event_is(subject: str, service: tuple[str, str] | None) -> None:
    assert service_of(event(0, subject=subject)) == service


def test_the_columns_are_those_of_events_with_a_mark_before_them() -> None:
    table = log_table(UTC)
    drawn = {
        column.id: "".join(piece.text for piece in column.draw(Logged(event(0.0), new=True), NOW, 40))
        for column in table.columns
    }
    assert drawn == {
        "new": "•",
        "at": "07:02:11",
        "kind": "status",
        "subject": "checkout@production",
        "text": "✖ down",
    }
    assert table.column("subject").measure is not None
    assert log_table(UTC) is table, "a table made anew would be laid out anew"
