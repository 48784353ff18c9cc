"""Times of the command line, by the clock of the platform."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from platformpm.cli.moments import wall
from platformpm.cli.values import moment

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=SHANGHAI).timestamp()


def meant(text: str, zone: tzinfo | None = SHANGHAI, now: float = NOW) -> str:
    return datetime.fromtimestamp(wall(moment(text), now, zone), UTC).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20", "2026-11-19T16:00:00"),
        ("2026-11-20 07:30:15", "2026-11-19T23:30:15"),
        ("2026-11-20T07:30Z", "2026-11-20T07:30:00"),
        ("2026-11-20T07:30+01:00", "2026-11-20T06:30:00"),
        ("15:00", "2026-11-22T07:00:00"),
        ("15:01", "2026-11-21T07:01:00"),
        ("00:00", "2026-11-21T16:00:00"),
        ("06:59Z", "2026-11-22T06:59:00"),
        ("07:01Z", "2026-11-21T07:01:00"),
    ],
)  # fmt: skip
def test_without_an_offset_a_time_is_by_the_clock_and_a_time_of_day_is_the_last_one(text: str, expected: str) -> None:
    assert meant(text) == expected


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31T23:59"])
@pytest.mark.parametrize("zone", [None, UTC, SHANGHAI, ZoneInfo("America/New_York")], ids=str)
def test_the_ends_of_the_calendar_are_times_too(text: str, zone: tzinfo | None) -> None:
    day = timedelta(days=1).total_seconds()
    assert wall(moment(text), NOW, zone) == pytest.approx(
        datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp(), abs=day
    )


def test_a_time_of_day_that_the_clocks_skip_or_show_twice() -> None:
    spring = datetime(2026, 3, 29, 12, 0, tzinfo=BERLIN).timestamp()
    assert meant("02:30", BERLIN, spring) == "2026-03-29T01:30:00"
    autumn = datetime(2026, 10, 25, 12, 0, tzinfo=BERLIN).timestamp()
    assert meant("02:30", BERLIN, autumn) == "2026-10-25T00:30:00"
