"""Where the cursor of a list is. It is the key of a row, so it stays on its row wherever that goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from platformpm.report.columns import RowT

if TYPE_CHECKING:
    from collections.abc import Hashable

    from platformpm.tui.ordering import Ordering


class Cursor(Generic[RowT]):
    """Points at a row of an `Ordering`. Until it is moved it is on the first row, whichever that is."""

    def __init__(self, ordering: Ordering[RowT]) -> None:
        self._ordering = ordering
        self._key: Hashable | None = None
        self._place: int | None = None

    @property
    def moved(self) -> bool:
        """Tell whether the user ever put it anywhere."""
        return self._key is not None

    @property
    def place(self) -> int | None:
        """Give its place among the rows shown; None when its row is not there."""
        count = len(self._ordering.shown)
        if self._key is None or not count:
            return 0 if count else None
        if self._place is None or self._place >= count or not self._is_at(self._place):
            self._place = next((place for place in range(count) if self._is_at(place)), None)
        return self._place

    def put(self, place: int) -> None:
        """Put it on the row at a place, the nearest there is."""
        count = len(self._ordering.shown)
        if count:
            self._place = min(max(place, 0), count - 1)
            self._key = self._ordering.key(self._ordering.row_at(self._place))

    def recover(self, was: int | None) -> None:
        """Go to the row that stands where the cursor was, if its own has gone."""
        if self._key is not None and self.place is None:
            self.put(was or 0)

    def sorted(self, was: int | None) -> None:
        """Stay at the top if it was there when the user sorted: what came up there is what was asked for."""
        if was == 0 and self.moved:
            self.put(0)

    def is_on(self, row: RowT, place: int) -> bool:
        """Tell whether it is on `row`, which stands at `place`."""
        return place == 0 if self._key is None else bool(self._ordering.key(row) == self._key)

    def _is_at(self, place: int) -> bool:
        return bool(self._ordering.key(self._ordering.row_at(place)) == self._key)
