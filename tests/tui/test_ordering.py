"""Rows keep their place until it is time to sort, and the cursor keeps its row."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from platformpm.report.columns import Column, cell
from platformpm.tui.cursor import Cursor
from platformpm.tui.ordering import CALM, Ordering


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    name: str
    value: int


BY_VALUE: Column[Row] = Column(
    "value", "VALUE", lambda row, _now, _width: cell(str(row.value)), 4, order=lambda r: r.value
)


def build(*rows: Row, at: float = 0.0) -> Ordering[Row]:
    ordering: Ordering[Row] = Ordering(lambda row: row.name)
    ordering.sort_by(BY_VALUE, descending=False, at=float("-inf"))
    ordering.update(rows, at)
    return ordering


def names(ordering: Ordering[Row]) -> str:
    return "".join(ordering.row_at(place).name for place in range(len(ordering.shown)))


A, B, C = Row("a", 1), Row("b", 2), Row("c", 3)


def test_the_first_rows_are_sorted_at_once() -> None:
    assert names(build(C, A, B)) == "abc"


def test_a_changed_row_keeps_its_place_until_the_list_was_calm_for_two_seconds() -> None:
    ordering = build(A, B, C)
    worse = Row("a", 9)
    assert ordering.update((worse, B, C), 1.0) == [worse]
    assert names(ordering) == "abc"
    assert ordering.row_at(0) is worse
    assert not ordering.settle(CALM - 0.01)
    assert ordering.settle(CALM)
    assert names(ordering) == "bca"


def test_rows_do_not_move_while_the_hand_is_on_the_list() -> None:
    ordering = build(A, B, C)
    ordering.touch(9.0)
    ordering.update((Row("a", 9), B, C), 10.0)
    assert names(ordering) == "abc"
    assert ordering.settle(9.0 + CALM)
    assert names(ordering) == "bca"


def test_a_change_that_does_not_touch_the_sorted_column_never_sorts() -> None:
    ordering = build(A, B, C)
    ordering.update((Row("a", 1), B, C), 50.0)
    assert not ordering.settle(100.0)


def test_equal_rows_stay_in_the_order_in_which_they_are_given_in_both_directions() -> None:
    rows = (Row("x", 1), Row("y", 1), Row("z", 0))
    ordering = build(*rows)
    assert names(ordering) == "zxy"
    ordering.sort_by(BY_VALUE, descending=True, at=1.0)
    assert names(ordering) == "xyz"


def test_new_rows_come_last_until_the_next_sort_and_lost_rows_go_at_once() -> None:
    ordering = build(A, B, C)
    ordering.touch(1.0)
    ordering.update((Row("n", 0), A, C), 1.0)
    assert names(ordering) == "acn"
    ordering.settle(10.0)
    assert names(ordering) == "nac"


def test_a_row_of_another_group_goes_there_at_once_and_the_cursor_stays_on_its_row() -> None:
    ordering: Ordering[Row] = Ordering(lambda row: row.name)
    ordering.sort_by(replace(BY_VALUE, group=lambda row: row.value // 10), descending=False, at=float("-inf"))
    ordering.update((A, Row("x", 11), Row("y", 12)), 0.0)
    cursor = Cursor(ordering)
    cursor.put(2)
    ordering.touch(0.1)
    ordering.update((A, Row("x", 11), Row("y", 12), Row("n", 0)), 0.2)
    assert names(ordering) == "anxy", "below its equals until the list is sorted"
    ordering.update((A, Row("x", 13), Row("y", 2), Row("n", 0)), 0.3)
    assert names(ordering) == "anyx"
    assert ordering.row_at(cursor.place or 0).name == "y"
    ordering.settle(0.1 + CALM)
    assert names(ordering) == "nayx"


def test_without_a_column_rows_stay_as_given_also_when_new_ones_come() -> None:
    ordering: Ordering[Row] = Ordering(lambda row: row.name)
    ordering.update((C, A), 0.0)
    ordering.update((B, C, A), 0.1)
    assert names(ordering) == "bca"


def test_a_filter_takes_rows_out_as_they_change() -> None:
    ordering = build(A, B, C)
    ordering.keep(lambda row: row.value < 3, 0.0)
    assert names(ordering) == "ab"
    ordering.update((A, Row("b", 7), C), 0.1)
    assert names(ordering) == "a"
    ordering.update((A, Row("b", 7), Row("c", 2)), 0.2)
    assert names(ordering) == "ac"
    ordering.keep(None, 0.3)
    assert names(ordering) == "acb"


def test_the_cursor_is_on_the_first_row_until_it_is_moved() -> None:
    ordering = build(B, C)
    cursor = Cursor(ordering)
    assert cursor.place == 0
    ordering.update((B, C, A), 0.0)
    ordering.sort_by(BY_VALUE, descending=False, at=1.0)
    assert cursor.place == 0
    assert ordering.row_at(0).name == "a"


def test_a_moved_cursor_stays_on_its_row_through_a_sort() -> None:
    ordering = build(A, B, C)
    cursor = Cursor(ordering)
    cursor.put(1)
    ordering.sort_by(BY_VALUE, descending=True, at=1.0)
    ordering.update((Row("a", 9), B, C), 10.0)
    ordering.settle(20.0)
    assert names(ordering) == "acb"
    assert cursor.place == 2


def test_when_its_row_has_gone_the_cursor_goes_to_the_one_that_stands_there() -> None:
    ordering = build(A, B, C)
    cursor = Cursor(ordering)
    cursor.put(2)
    was = cursor.place
    ordering.update((A, B), 1.0)
    assert cursor.place is None
    cursor.recover(was)
    assert cursor.place == 1


@pytest.mark.parametrize(("asked", "got"), [(-5, 0), (0, 0), (2, 2), (99, 2)])
def test_the_cursor_never_leaves_the_list(asked: int, got: int) -> None:
    cursor = Cursor(build(A, B, C))
    cursor.put(asked)
    assert cursor.place == got


def test_an_empty_list_has_no_cursor() -> None:
    cursor = Cursor(build())
    cursor.put(0)
    assert cursor.place is None


class OrderingMachine(RuleBasedStateMachine):
    """Whatever comes: every kept row is shown exactly once, and the cursor's row is the one it was put on."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.limit: int | None = None
        self.at = 0.0
        self.ordering: Ordering[Row] = Ordering(lambda row: row.name)
        self.ordering.sort_by(BY_VALUE, descending=False, at=0.0)
        self.cursor = Cursor(self.ordering)
        self.pointed: str | None = None

    def step(self, seconds: float) -> None:
        self.at += seconds

    @rule(seconds=st.floats(0, 3), values=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 9)))
    def new_rows(self, seconds: float, values: dict[str, int]) -> None:
        self.step(seconds)
        known = {row.name: row for row in self.rows}
        self.rows = [
            known[name] if name in known and known[name].value == value else Row(name, value)
            for name, value in values.items()
        ]
        was = self.cursor.place
        self.ordering.update(tuple(self.rows), self.at)
        self.cursor.recover(was)
        self.note()

    @rule(limit=st.one_of(st.none(), st.integers(0, 9)))
    def new_filter(self, limit: int | None) -> None:
        self.limit = limit
        was = self.cursor.place
        self.ordering.keep(None if limit is None else lambda row: row.value <= limit, self.at)
        self.cursor.recover(was)
        self.note()

    @rule(place=st.integers(0, 9))
    def move(self, place: int) -> None:
        self.cursor.put(place)
        self.note()

    @rule(descending=st.booleans())
    def sort(self, descending: bool) -> None:
        self.ordering.sort_by(BY_VALUE, descending=descending, at=self.at)
        assert [r.value for r in self.shown()] == sorted((r.value for r in self.shown()), reverse=descending)

    @rule(seconds=st.floats(0, 5))
    def wait(self, seconds: float) -> None:
        self.step(seconds)
        self.ordering.settle(self.at)

    def shown(self) -> list[Row]:
        return [self.ordering.row_at(place) for place in range(len(self.ordering.shown))]

    def note(self) -> None:
        place = self.cursor.place
        self.pointed = self.ordering.row_at(place).name if place is not None and self.cursor.moved else None

    @invariant()
    def every_kept_row_is_shown_once(self) -> None:
        kept = [row for row in self.rows if self.limit is None or row.value <= self.limit]
        assert sorted(map(id, kept)) == sorted(map(id, self.shown()))

    @invariant()
    def the_cursor_is_on_its_row(self) -> None:
        if self.pointed is not None:
            place = self.cursor.place
            assert place is not None
            assert self.ordering.row_at(place).name == self.pointed


TestOrderingMachine = OrderingMachine.TestCase
