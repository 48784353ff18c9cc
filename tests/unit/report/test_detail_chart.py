"""The latency chart: what stands where."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.series import EMPTY, Series
from platformpm.model.status import Status
from platformpm.report.chart import latency_chart
from platformpm.report.columns import Cell, Tone
from platformpm.report.plot import ChartFrame
from platformpm.report.width import display_width

START = 1_795_330_800.0
"""2026-11-22 07:00:00 UTC."""
UP, DEGRADED, DOWN, UNKNOWN = Status.UP, Status.DEGRADED, Status.DOWN, Status.UNKNOWN


def series_of(*points: tuple[float, float | None, Status]) -> Series:
    series = EMPTY
    for after, latency, status in points:
        series = series.append(START + after, latency, status)
    return series


def steady(count: int, latency: float = 0.02, interval: float = 15.0) -> Series:
    return series_of(*((number * interval, latency, UP) for number in range(count)))


def text(line: Cell) -> str:
    return "".join(piece.text for piece in line)


def frame(width: int = 60, height: int = 10, **more: object) -> ChartFrame:
    return ChartFrame(width, height, 15.0, **more)  # type: ignore[arg-type]


def strip_of(series: Series, width: int = 60) -> str:
    return text(latency_chart(series, frame(width))[-2])


def test_no_reading_draws_nothing() -> None:
    assert latency_chart(EMPTY, frame()) == ()


@pytest.mark.parametrize(("width", "height"), [(19, 10), (60, 3), (0, 0), (-5, -5)])
def test_no_room_draws_nothing(width: int, height: int) -> None:
    assert latency_chart(steady(5), frame(width, height)) == ()


def test_each_status_has_its_own_sign_in_the_strip() -> None:
    points = [(number * 60.0, 0.02, status) for number, status in enumerate((UP, DEGRADED, DOWN, UNKNOWN) * 8)]
    strip = strip_of(series_of(*points), 100)
    assert set(strip) >= {"━", "◐", "✖", "?"}
    assert strip.lstrip().startswith("status")


def test_a_bad_reading_is_seen_however_many_good_ones_share_its_cell() -> None:
    points = [(number * 15.0, 0.02, DOWN if number == 100 else UP) for number in range(240)]
    assert strip_of(series_of(*points), 40).count("✖") >= 1


def test_the_newest_reading_stands_at_the_right_end() -> None:
    strip = strip_of(series_of((0, 0.02, UP), (15, 0.02, UP), (30, 0.02, DOWN)))
    assert strip.endswith("✖")


def test_readings_of_a_short_run_do_not_fill_the_chart() -> None:
    strip = strip_of(steady(3))
    assert 0 < strip.count("━") < 15


def test_a_pause_of_the_monitor_is_a_gap() -> None:
    points = [(0.0, 0.02, UP), (15.0, 0.02, UP), (1500.0, 0.02, UP), (1515.0, 0.02, UP)]
    strip = strip_of(series_of(*points)).partition("status")[2].strip()
    assert "  " in strip
    assert strip.strip("━ ") == ""


def test_an_answer_that_never_came_leaves_the_line_empty_but_is_marked() -> None:
    lines = latency_chart(series_of(*((n * 15.0, None, DOWN) for n in range(30))), frame())
    assert all(not any("⠀" < char <= "⣿" for char in text(line)) for line in lines)
    assert "✖" in text(lines[-2])


def test_without_any_latency_the_axis_has_no_numbers() -> None:
    *plot, strip, _ = [
        text(line) for line in latency_chart(series_of(*((n * 15.0, None, UP) for n in range(30))), frame())
    ]
    assert {line.strip() for line in plot} == {"│"}
    assert strip.startswith("status  ")
    assert {len(line) for line in plot} == {len(strip)}


def test_the_axis_is_labelled_in_milliseconds_from_nothing_to_above_the_slowest() -> None:
    lines = [text(line) for line in latency_chart(steady(50, 0.812), frame())]
    assert lines[0].lstrip().startswith("1000 ms ┤")
    assert lines[-3].lstrip().startswith("0 ms ┤")
    assert any(line.lstrip().startswith("500 ms ┤") for line in lines)


def test_a_limit_that_is_near_is_drawn_and_named_in_its_colour() -> None:
    lines = latency_chart(steady(50, 0.4), frame(warning=0.5))
    named = [line for line in lines if line[0] == ("500 ms ", Tone.DEGRADED)]
    assert len(named) == 1
    assert "╌" in text(named[0])


def test_a_limit_far_above_does_not_press_the_readings_flat() -> None:
    lines = latency_chart(steady(50, 0.02), frame(warning=0.5, critical=3.0))
    assert all("╌" not in text(line) for line in lines)
    assert text(lines[0]).lstrip().startswith("25 ms")


def test_a_critical_limit_has_the_colour_of_down() -> None:
    lines = latency_chart(steady(50, 2.9), frame(warning=0.5, critical=3.0))
    assert {line[0].tone for line in lines} >= {Tone.DOWN, Tone.DEGRADED}


def test_slow_readings_have_another_colour_than_good_ones() -> None:
    points = [(n * 15.0, 0.8 if n > 20 else 0.02, DEGRADED if n > 20 else UP) for n in range(40)]
    lines = latency_chart(series_of(*points), frame())
    drawn = {piece.tone for line in lines[:-2] for piece in line if any("⠀" < char <= "⣿" for char in piece.text)}
    assert drawn == {Tone.ACCENT, Tone.DEGRADED}


@pytest.mark.parametrize(
    ("zone", "times"),
    [("UTC", ["07:00", "07:10"]), ("Asia/Shanghai", ["15:00", "15:10"]), ("Asia/Kathmandu", ["12:50", "13:00"])],
)
def test_times_of_day_are_round_and_in_the_zone_of_the_platform(zone: str, times: list[str]) -> None:
    lines = latency_chart(steady(120), frame(90, zone=ZoneInfo(zone)))
    shown = text(lines[-1]).replace("╵", " ").split()
    assert set(times) <= set(shown)
    assert all(int(time[3:5]) % 5 == 0 for time in shown)


def test_a_tick_stands_where_its_time_is() -> None:
    points = [(n * 15.0, 0.02, DOWN if 600 <= n * 15 < 660 else UP) for n in range(120)]
    lines = latency_chart(series_of(*points), frame(90, zone=ZoneInfo("UTC")))
    tick = text(lines[-1]).index("╵07:10")
    assert abs(text(lines[-2]).index("✖") - tick) <= 1


@given(
    latencies=st.lists(st.one_of(st.none(), st.floats(0, 1e4)), min_size=1, max_size=300),
    gaps=st.floats(0.01, 1e5),
    width=st.integers(0, 250),
    height=st.integers(0, 40),
    limit=st.one_of(st.none(), st.floats(0.001, 100)),
)
def test_every_chart_has_the_height_asked_for_and_fits_its_width(
    latencies: list[float | None], gaps: float, width: int, height: int, limit: float | None
) -> None:
    series = series_of(*((n * gaps, latency, UP) for n, latency in enumerate(latencies)))
    lines = latency_chart(series, ChartFrame(width, height, 15.0, warning=limit, zone=ZoneInfo("UTC")))
    assert len(lines) in (0, height)
    assert all(display_width(text(line)) <= width for line in lines)
