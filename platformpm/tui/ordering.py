"""Which rows are shown and in which order. Pure: knows no widget and no clock."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic

from platformpm.report.columns import Column, RowT

Predicate = Callable[[RowT], bool]

CALM = 2.0
"""Seconds between two sorts, and of rest after the last touch, so that rows never move under the user's hand."""


class Ordering(Generic[RowT]):
    """Holds the rows of one list: filtered, sorted now and then, stable in between.

    `rows` are all rows as given, `shown` the indices into them in the order of display. Times are monotonic seconds.
    """

    def __init__(self, key: Callable[[RowT], Hashable]) -> None:
        self.key = key
        self.rows: Sequence[RowT] = ()
        self.shown: list[int] = []
        self.column: Column[RowT] | None = None
        self.descending = False
        self._keep: Predicate[RowT] | None = None
        self._kept: list[bool] = []
        self._ranks: list[Any] = []
        self._stale = False
        self._sorted_at = float("-inf")
        self._touched_at = float("-inf")

    def row_at(self, place: int) -> RowT:
        """Give the row at a place among the rows shown."""
        return self.rows[self.shown[place]]

    def touch(self, at: float) -> None:
        """Note that the user's hand is on the list: nothing is sorted while it is."""
        self._touched_at = at

    def sort_by(self, column: Column[RowT] | None, *, descending: bool, at: float) -> None:
        """Sort by a column from now on, at once; None keeps the order in which rows are given."""
        self.column, self.descending = column, descending
        self._rank_all()
        self._sort(at)

    def keep(self, predicate: Predicate[RowT] | None, at: float) -> None:
        """Show only rows that `predicate` holds for; None shows all."""
        self._keep = predicate
        self._kept = [predicate is None or predicate(row) for row in self.rows]
        self._sort(at)

    def update(self, rows: Sequence[RowT], at: float) -> list[RowT]:
        """Take new rows and give those that changed or are new.

        Rows keep their place until it is time to sort; only a row of another group goes to its group at once.
        """
        old, key = self.rows, self.key
        if len(rows) == len(old):
            changed = [index for index, row in enumerate(rows) if row is not old[index]]
            if all(key(rows[index]) == key(old[index]) for index in changed):
                return self._update_changed(rows, changed, at)
        places = {key(old[index]): place for place, index in enumerate(self.shown)}
        self.rows = rows
        self._kept = [self._keep is None or self._keep(row) for row in rows]
        self._rank_all()
        last = len(places)
        kept = [index for index, kept in enumerate(self._kept) if kept]
        self.shown = sorted(kept, key=lambda index: places.get(key(rows[index]), last))
        if places and self.column is not None:
            self._stale = True
            self.settle(at)
        else:
            self._sort(at)
        return list(rows)

    def settle(self, at: float) -> bool:
        """Sort when something changed, the last sort is old enough and no hand is on the list; tell whether it did."""
        if self.column is not None and (group := self.column.group) is not None:
            self.shown.sort(key=lambda index: group(self.rows[index]), reverse=self.descending)
        if not self._stale or at - self._sorted_at < CALM or at - self._touched_at < CALM:
            return False
        before = self.shown
        self._sort(at)
        return self.shown != before

    def _update_changed(self, rows: Sequence[RowT], changed: list[int], at: float) -> list[RowT]:
        self.rows = rows
        order = self.column.order if self.column else None
        for index in changed:
            row = rows[index]
            if order is not None:
                rank = order(row)
                self._stale = self._stale or rank != self._ranks[index]
                self._ranks[index] = rank
            kept = self._keep is None or self._keep(row)
            if kept != self._kept[index]:
                self._kept[index] = kept
                self._stale = True
                self._join_or_leave(index)
        self.settle(at)
        return [rows[index] for index in changed]

    def _join_or_leave(self, index: int) -> None:
        if self._kept[index]:
            self.shown.append(index)
        else:
            self.shown.remove(index)

    def _rank_all(self) -> None:
        order = self.column.order if self.column else None
        self._ranks = [order(row) for row in self.rows] if order is not None else []

    def _sort(self, at: float) -> None:
        kept = [index for index, kept in enumerate(self._kept) if kept]
        if self._ranks:
            kept.sort(key=self._ranks.__getitem__, reverse=self.descending)
        self.shown = kept
        self._sorted_at, self._stale = at, False
