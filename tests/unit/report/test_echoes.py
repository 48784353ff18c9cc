"""What two events tell of is said once."""

import pytest

from platformpm.model.event import Event, EventKind
from platformpm.model.status import Status
from platformpm.report.echoes import without_echoes

LEDGER = "ledger@production"
CHANGED, OPENED, CLOSED = EventKind.STATUS, EventKind.ALERT_OPENED, EventKind.ALERT_CLOSED


def event(at: float, kind: EventKind, status: Status | None, subject: str = LEDGER) -> Event:
    return Event(at, kind, subject, f"{kind} {status}", status)


DOWN, WORSE, UP = Status.DOWN, Status.DEGRADED, Status.UP


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        pytest.param(
            [event(10, CHANGED, DOWN), event(10, OPENED, DOWN)], [1], id="the alert says more than the change"
        ),
        pytest.param(
            [event(10, OPENED, DOWN), event(13, CHANGED, DOWN)], [0], id="in any order, up to three seconds apart"
        ),
        pytest.param(
            [event(10, CHANGED, DOWN), event(13.1, OPENED, DOWN)], [0, 1], id="longer apart they are two things"
        ),
        pytest.param([event(10, CHANGED, DOWN), event(10, OPENED, DOWN, "search@dev")], [0, 1], id="of two subjects"),
        pytest.param([event(10, CHANGED, UP), event(11, OPENED, DOWN)], [0, 1], id="another status is no echo"),
        pytest.param([event(10, CHANGED, UP), event(10, CLOSED, None)], [0], id="the change says how the alert ended"),
        pytest.param([event(10, CLOSED, None), event(12, CHANGED, UP)], [1], id="also when the end is told first"),
        pytest.param([event(10, CLOSED, None)], [0], id="an alert that ends alone is told"),
        pytest.param([event(10, CHANGED, UP), event(14, CLOSED, None)], [0, 1], id="an end long after is told"),
        pytest.param(
            [event(10, CHANGED, WORSE), event(10, OPENED, WORSE), event(10, CLOSED, None)],
            [1],
            id="down becomes degraded: one line",
        ),
        pytest.param(
            [event(10, EventKind.VERSION, None), event(10, OPENED, DOWN)], [0, 1], id="a version is no status"
        ),
        pytest.param(
            [event(10, CHANGED, DOWN), event(10, OPENED, DOWN, "host:db-1")], [0, 1], id="a host is another subject"
        ),
        pytest.param(
            [event(at, EventKind.RELOADED, None, "") for at in (10, 11.5, 20)], [0, 2], id="two processes reload as one"
        ),
        pytest.param(
            [event(10, CHANGED, DOWN), event(11, CHANGED, UP), event(12, CHANGED, DOWN)], [0, 1, 2], id="to and fro"
        ),
        pytest.param([], [], id="nothing"),
    ],
)
def test_an_event_that_only_repeats_another_is_left_out(events: list[Event], kept: list[int]) -> None:
    assert without_echoes(events) == [events[place] for place in kept]
