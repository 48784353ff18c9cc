from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.past import Span
from platformpm.model.record import StatusChange, whole
from platformpm.model.status import Status
from platformpm.model.uptime import ENOUGH, Outage, Uptime, joined, outages, uptime, without

UP, DEGRADED, DOWN, UNKNOWN = Status.UP, Status.DEGRADED, Status.DOWN, Status.UNKNOWN
DAY = Span(0.0, 100.0)
Turn = tuple[float, Status]


def said(*turns: Turn) -> list[StatusChange]:
    return [StatusChange(whole("shop", "production"), at, status) for at, status in turns]


TABLE: list[tuple[str, list[Turn], list[Span], Uptime]] = [
    ("no changes, watched", [], [DAY], Uptime(100.0, unknown=100.0)),
    ("no changes, never watched", [], [], Uptime(100.0, unwatched=100.0)),
    ("a change before the window", [(-50.0, UP)], [DAY], Uptime(100.0, up=100.0)),
    ("all four", [(0, UP), (40, DEGRADED), (60, DOWN), (70, UNKNOWN)], [DAY], Uptime(100.0, 40, 20, 10, 30)),
    ("unordered changes", [(60, DOWN), (0, UP)], [DAY], Uptime(100.0, up=60, down=40)),
    ("unordered overlapping spans", [(0, UP)], [Span(30, 60), Span(0, 40)], Uptime(100.0, up=60, unwatched=40)),
    ("spans beyond the window", [(0, UP)], [Span(-9, 20), Span(90, 900)], Uptime(100.0, up=30, unwatched=70)),
    ("an empty and a backward span", [(0, UP)], [Span(5, 5), Span(9, 3)], Uptime(100.0, unwatched=100)),
    (
        "what held before a gap holds again after it",
        [(0, DOWN), (90, UP)],
        [Span(0, 20), Span(80, 100)],
        Uptime(100.0, up=10, down=30, unwatched=60),
    ),
    (
        "a change within the gap holds from its end",
        [(0, DOWN), (50, UP)],
        [Span(0, 20), Span(80, 100)],
        Uptime(100.0, up=20, down=20, unwatched=60),
    ),
    ("a change after the window", [(0, UP), (150, DOWN)], [DAY], Uptime(100.0, up=100)),
    ("two at once: the later said", [(0, UP), (50, DOWN), (50, UP)], [DAY], Uptime(100.0, up=100)),
]


@pytest.mark.parametrize(("turns", "spans", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_each_second_of_the_window_is_counted_once(turns: list[Turn], spans: list[Span], wanted: Uptime) -> None:
    assert uptime(said(*turns), spans, DAY) == wanted


@pytest.mark.parametrize("window", [Span(5.0, 5.0), Span(9.0, 5.0)])
def test_an_empty_window_holds_nothing(window: Span) -> None:
    nothing = uptime(said((0, UP)), [DAY], window)
    assert nothing == Uptime(0.0)
    assert nothing.share is None
    assert nothing.provisional
    assert outages(said((0, DOWN)), [DAY], window) == []


def test_degraded_serves_and_the_unknown_does_not_count() -> None:
    assert Uptime(100.0, up=40, degraded=40, down=20).share == pytest.approx(0.8)
    assert Uptime(100.0, up=10, unknown=90).share == 1.0
    assert Uptime(100.0, unknown=100).share is None


def test_a_share_of_too_little_is_provisional() -> None:
    enough = 100.0 * ENOUGH
    assert not Uptime(100.0, up=enough, unwatched=100 - enough).provisional
    assert Uptime(100.0, up=enough - 1, unwatched=101 - enough).provisional
    assert Uptime(100.0, up=enough - 1, unknown=101 - enough).provisional


def test_outages_have_a_start_and_an_end_unless_they_last() -> None:
    turns = said((10, DOWN), (15, DOWN), (20, UP), (60, DOWN), (70, UNKNOWN), (90, DOWN))
    assert outages(turns, [DAY], DAY) == [Outage(10, 20, 10), Outage(60, 70, 10), Outage(90, None, 10)]


def test_an_outage_may_begin_before_the_window_and_end_after_it() -> None:
    turns = said((-30, DOWN), (5, UP), (95, DOWN), (120, UP))
    assert outages(turns, [Span(-100, 200)], DAY) == [Outage(-30, 5, 5), Outage(95, None, 5)]


def test_a_gap_does_not_make_two_outages_of_one_and_is_not_counted() -> None:
    assert outages(said((10, DOWN), (90, UP)), [Span(0, 20), Span(80, 100)], DAY) == [Outage(10, 90, 20)]


def test_an_outage_that_nobody_watched_is_none() -> None:
    assert outages(said((30, DOWN), (60, UP)), [Span(0, 20), Span(80, 100)], DAY) == []


def test_gaps_are_cut_out_of_spans() -> None:
    gaps = [Span(10, 20), Span(15, 30), Span(90, 300), Span(-5, 1)]
    assert without([Span(0, 40), Span(60, 100)], gaps, DAY) == [Span(1, 10), Span(30, 40), Span(60, 90)]
    assert without([DAY], [Span(0, 100)], DAY) == []
    assert without([DAY], [], DAY) == [DAY]


times = st.integers(-50, 150).map(float)
turns_of_time = st.lists(st.tuples(times, st.sampled_from(Status)), max_size=12)
spans_of_time = st.lists(st.builds(Span, times, times), max_size=8)


@given(turns_of_time, spans_of_time, times, times)
def test_the_parts_are_the_window(turns: list[Turn], spans: list[Span], since: float, until: float) -> None:
    total = uptime(said(*turns), spans, Span(since, until))
    parts = (total.up, total.degraded, total.down, total.unknown, total.unwatched)
    assert min(parts) >= 0
    assert sum(parts) == total.window == max(until - since, 0.0)
    assert total.share is None or 0 <= total.share <= 1


@given(turns_of_time, spans_of_time, st.lists(times, min_size=3, max_size=3).map(sorted))
def test_a_window_split_in_two_adds_up(turns: list[Turn], spans: list[Span], cuts: list[float]) -> None:
    since, middle, until = cuts
    changes = said(*turns)
    one = uptime(changes, spans, Span(since, middle))
    two = uptime(changes, spans, Span(middle, until))
    added = Uptime(*(getattr(one, name) + getattr(two, name) for name in Uptime.__slots__))
    assert added == uptime(changes, spans, Span(since, until))


@given(turns_of_time, spans_of_time)
def test_outages_are_the_time_down(turns: list[Turn], spans: list[Span]) -> None:
    found = outages(said(*turns), spans, DAY)
    assert sum(one.seconds for one in found) == uptime(said(*turns), spans, DAY).down
    assert all(one.seconds > 0 for one in found)
    assert found == sorted(found)
    assert all(one.ended is not None for one in found[:-1])


@given(spans_of_time, spans_of_time)
def test_spans_without_gaps_and_those_within_them_are_all(spans: list[Span], gaps: list[Span]) -> None:
    left = sum(span.ended - span.started for span in without(spans, gaps, DAY))
    holes = without([DAY], gaps, DAY)
    cut = sum(span.ended - span.started for span in without(spans, holes, DAY))
    assert left + cut == sum(span.ended - span.started for span in joined(spans, DAY))
