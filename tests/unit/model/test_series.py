from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.series import CAPACITY, EMPTY, Point, Series
from platformpm.model.status import Status

POINTS = st.lists(
    st.tuples(st.floats(0, 2e9), st.none() | st.floats(0, 3600, width=32), st.sampled_from(Status)), max_size=300
)


def of(points: list[tuple[float, float | None, Status]]) -> Series:
    series = EMPTY
    for at, latency, status in points:
        series = series.append(at, latency, status)
    return series


@given(POINTS)
def test_the_newest_points_come_back_as_they_went_in(points: list[tuple[float, float | None, Status]]) -> None:
    series = of(points)
    assert list(series) == [Point(*point) for point in points[-CAPACITY:]]
    assert len(series) == min(len(points), CAPACITY)


@given(POINTS, st.integers(-2, 320))
def test_the_last_few_are_the_end_of_all(points: list[tuple[float, float | None, Status]], count: int) -> None:
    series = of(points)
    assert series.last(count) == (list(series)[-count:] if count > 0 else [])


def test_a_series_never_changes() -> None:
    one = EMPTY.append(1.0, 0.5, Status.UP)
    two = one.append(2.0, None, Status.DOWN)
    assert (len(EMPTY), len(one), len(two)) == (0, 1, 2)
    assert list(two) == [Point(1.0, 0.5, Status.UP), Point(2.0, None, Status.DOWN)]


def test_a_full_series_is_small() -> None:
    assert len(of([(float(at), 0.1, Status.UP) for at in range(1000)]).packed) == CAPACITY * 13


@given(POINTS)
def test_a_series_takes_as_much_room_with_one_point_as_with_all(
    points: list[tuple[float, float | None, Status]],
) -> None:
    series = of(points)
    sizes = {len(part) for part in (series._room, Series.of(series.packed)._room)}
    assert sizes == ({CAPACITY * 13} if points else {0})
    assert Series.of(series.packed) == series
    assert Series.of(bytes(13) + series.packed).packed == (bytes(13) + series.packed)[-CAPACITY * 13 :]


def test_what_came_later_is_put_behind_and_the_oldest_falls_out() -> None:
    old, new = EMPTY, EMPTY
    for second in range(CAPACITY):
        old = old.append(float(second), 0.1, Status.UP)
    for second in range(3):
        new = new.append(1000.0 + second, 0.2, Status.DOWN)
    joined = old.extended(new)
    assert len(joined) == CAPACITY
    assert [point.at for point in joined.last(4)] == [CAPACITY - 1.0, 1000.0, 1001.0, 1002.0]
    assert EMPTY.extended(new) == new
    assert old.extended(EMPTY) == old


def test_until_gives_what_was_before() -> None:
    series = EMPTY.append(1.0, 0.1, Status.UP).append(2.0, None, Status.DOWN).append(3.0, 0.1, Status.UP)
    assert [point.at for point in series.until(3.0)] == [1.0, 2.0]
    assert series.until(0.5) == EMPTY
    assert series.until(9.0) == series
