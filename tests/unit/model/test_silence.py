"""Windows of silences, above all where the clocks are put forward or back."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.silence import InForce, Muted, Once, Silence, Weekly, Window, in_force, instant, muted

BERLIN, NEW_YORK, SHANGHAI = map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Asia/Shanghai"))
HOUR, DAY = 3600.0, 86400.0
MON, SAT, SUN = 0, 5, 6


def at(text: str) -> float:
    """Give the wall time of a text in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def weekly(day: int, clock: str, hours: float, zone: ZoneInfo | None) -> Weekly:
    hour, _, minute = clock.partition(":")
    return Weekly(day, int(hour) * 60 + int(minute), hours * HOUR, zone)


# (schedule, a moment, the window it is in) in UTC
WINDOWS = [
    # An ordinary Sunday in three zones: 02:00 is 01:00 UTC, 07:00 UTC and 18:00 UTC of Saturday.
    (weekly(SUN, "02:00", 2, BERLIN), "2026-11-22T01:00", ("2026-11-22T01:00", "2026-11-22T03:00")),
    (weekly(SUN, "02:00", 2, NEW_YORK), "2026-11-22T08:59", ("2026-11-22T07:00", "2026-11-22T09:00")),
    (weekly(SUN, "02:00", 2, SHANGHAI), "2026-11-21T18:30", ("2026-11-21T18:00", "2026-11-21T20:00")),
    # Clocks put forward: 02:30 does not come, 03:30 is meant. Berlin 2026-03-29, New York 2026-03-08.
    (weekly(SUN, "02:30", 2, BERLIN), "2026-03-29T01:30", ("2026-03-29T01:30", "2026-03-29T03:30")),
    (weekly(SUN, "02:30", 2, NEW_YORK), "2026-03-08T07:30", ("2026-03-08T07:30", "2026-03-08T09:30")),
    (weekly(SUN, "02:30", 2, SHANGHAI), "2026-03-28T18:30", ("2026-03-28T18:30", "2026-03-28T20:30")),
    # A window over the change lasts as long as any other, whatever the clocks show.
    (weekly(SUN, "01:00", 2, BERLIN), "2026-03-29T01:59", ("2026-03-29T00:00", "2026-03-29T02:00")),
    (weekly(SUN, "01:00", 2, NEW_YORK), "2026-11-01T06:30", ("2026-11-01T05:00", "2026-11-01T07:00")),
    # Clocks put back: 02:30 (Berlin) and 01:30 (New York) come twice, the first is meant.
    (weekly(SUN, "02:30", 2, BERLIN), "2026-10-25T01:30", ("2026-10-25T00:30", "2026-10-25T02:30")),
    (weekly(SUN, "01:30", 2, NEW_YORK), "2026-11-01T06:30", ("2026-11-01T05:30", "2026-11-01T07:30")),
    # Over midnight, and over the end of the week.
    (weekly(SAT, "23:00", 3, BERLIN), "2026-11-22T00:30", ("2026-11-21T22:00", "2026-11-22T01:00")),
    (weekly(SUN, "23:30", 1, SHANGHAI), "2026-11-22T16:10", ("2026-11-22T15:30", "2026-11-22T16:30")),
    # As long as may be: a whole week.
    (weekly(MON, "00:00", 168, SHANGHAI), "2026-11-22T15:59", ("2026-11-15T16:00", "2026-11-22T16:00")),
]


@pytest.mark.parametrize(("schedule", "moment", "window"), WINDOWS)
def test_a_weekly_window_is_where_its_clocks_say(schedule: Weekly, moment: str, window: tuple[str, str]) -> None:
    since, until = map(at, window)
    assert schedule.at(at(moment)) == Window(since, until)
    assert schedule.at(since) == Window(since, until)
    assert schedule.at(until) != Window(since, until)
    assert schedule.after(since - 1) == Window(since, until)
    assert schedule.after(since).since > since


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, SHANGHAI])
@given(start=st.floats(0, 8 * DAY), day=st.integers(0, 6), minute=st.integers(0, 1439), hours=st.integers(1, 168))
def test_every_week_of_a_year_has_its_window(zone: ZoneInfo, start: float, day: int, minute: int, hours: int) -> None:
    schedule = Weekly(day, minute, hours * HOUR, zone)
    seen, now = [], at("2026-01-01T00:00") + start
    for _ in range(53):
        window = schedule.after(now)
        assert window.until - window.since == schedule.length
        assert schedule.at(window.since) == window
        seen.append(window.since)
        now = window.since
    steps = {round((late - early) / HOUR, 2) for early, late in pairwise(seen)}
    assert steps <= {167.0, 168.0, 169.0}


def test_what_comes_once_comes_once() -> None:
    schedule = Once(10.0, 20.0)
    assert [schedule.at(now) for now in (9.9, 10.0, 19.9, 20.0)] == [None, Window(10, 20), Window(10, 20), None]
    assert (schedule.after(9.9), schedule.after(10.0)) == (Window(10, 20), None)


@pytest.mark.parametrize(
    ("zone", "local", "meant"),
    [
        (BERLIN, "2026-07-01T12:00", "2026-07-01T10:00"),
        (BERLIN, "2026-03-29T02:30", "2026-03-29T01:30"),  # skipped
        (BERLIN, "2026-10-25T02:30", "2026-10-25T00:30"),  # comes twice
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:30"),
        (NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30"),
        (SHANGHAI, "2026-03-29T02:30", "2026-03-28T18:30"),
    ],
)
def test_a_local_time_is_one_moment(zone: ZoneInfo, local: str, meant: str) -> None:
    assert instant(datetime.fromisoformat(local), zone) == at(meant)


@pytest.fixture
def in_berlin() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("moment", "window"), [(moment, window) for schedule, moment, window in WINDOWS if schedule.zone is BERLIN]
)
def test_the_clock_of_the_machine_is_a_zone_like_any_other(moment: str, window: tuple[str, str]) -> None:
    schedule = next(one for one, when, _ in WINDOWS if one.zone is BERLIN and when == moment)
    assert Weekly(schedule.day, schedule.minute, schedule.length).at(at(moment)) == Window(*map(at, window))


class TestWhoIsMuted:
    NIGHT = Silence("a1", ("ledger",), Once(0.0, 100.0), "night")
    DEPLOY = Silence("b2", ("tier:1",), Once(50.0, 150.0), "deploy")

    def held(self, now: float) -> list[InForce]:
        chosen = [(self.NIGHT, {"ledger@production"}), (self.DEPLOY, {"ledger@production", "checkout@production"})]
        return in_force(chosen, now)

    def test_the_longest_of_several_counts(self) -> None:
        assert muted(self.held(20.0)) == {"ledger@production": Muted(100.0, "night", "a1")}
        both = muted(self.held(60.0))
        assert both == dict.fromkeys(both, Muted(150.0, "deploy", "b2"))
        assert both.keys() == {"ledger@production", "checkout@production"}
        assert muted(self.held(150.0)) == {}

    def test_the_order_they_come_in_does_not_matter(self) -> None:
        assert muted(self.held(60.0)) == muted(self.held(60.0)[::-1])


def test_a_week_has_seven_days() -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    for day in range(7):
        start = (monday + timedelta(days=day)).timestamp()
        assert Weekly(day, 0, HOUR, ZoneInfo("UTC")).at(start) is not None
