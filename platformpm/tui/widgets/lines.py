"""A list of thousands of rows that paints only the lines that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from textual.geometry import Region
from textual.message import Message

from platformpm.report.columns import RowT, Table
from platformpm.tui.actions import Where, bindings
from platformpm.tui.cursor import Cursor
from platformpm.tui.ordering import Ordering, Predicate
from platformpm.tui.widgets.brush import ink_of
from platformpm.tui.widgets.scroller import Scroller
from platformpm.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events
    from textual.strip import Strip

    from platformpm.tui.widgets.brush import Ink

_HEADING = 1
"""Lines above the rows."""


class Lines(Scroller, Generic[RowT], can_focus=True):
    """Shows rows of a `Table`. The cursor is the key of a row: it stays on its row wherever that goes.

    `Ordering` decides which rows there are and in which order, `Sheet` paints them; this widget knows what is in
    sight, and asks for a line to be painted again only when another row, or another age, stands there.
    """

    BINDINGS: ClassVar[list[Any]] = bindings(Where.LIST)

    class Opened(Message):
        """The user opened a row."""

        def __init__(self, lines: Lines[Any], row: Any) -> None:
            self.lines = lines
            self.row = row
            super().__init__()

        @property
        def control(self) -> Lines[Any]:
            """Give the list that was opened from."""
            return self.lines

    def __init__(
        self, table: Table[RowT], *, empty: str = "", clock: Callable[[], float] = monotonic, **names: Any
    ) -> None:
        super().__init__(**names)
        self.sheet = Sheet(table)
        self.ordering = Ordering(table.key)
        self.cursor = Cursor(self.ordering)
        self._clock = clock
        self._empty = empty
        self._in_sight: dict[int, RowT | None] = {}
        self._hovered: int | None = None
        self._told_empty = True
        self._sort_as_designed()

    @property
    def count(self) -> int:
        """Give the number of rows shown."""
        return len(self.ordering.shown)

    @property
    def selected(self) -> RowT | None:
        """Give the row under the cursor; the first one until the cursor was moved."""
        place = self.cursor.place
        return self.ordering.row_at(place) if place is not None else None

    def show(self, rows: Sequence[RowT], now: float) -> None:
        """Take new rows at wall time `now`."""
        self.sheet.now = now
        was = self.cursor.place
        if self.sheet.measure(self.ordering.update(rows, self._clock())) and self.sheet.placed:
            self._lay_out()
        self._after_change(was)

    def tick(self, now: float) -> None:
        """Let time pass: ages move on, and a sort that had to wait may happen."""
        self.sheet.now = now
        was = self.cursor.place
        self.ordering.settle(self._clock())
        self._after_change(was)

    def keep(self, predicate: Predicate[RowT] | None) -> None:
        """Show only the rows that `predicate` holds for: the first of them, unless they are the same as before.

        Without a predicate the cursor stays on its row, in sight.
        """
        was, before = self.cursor.place, set(self.ordering.shown)
        self.ordering.keep(predicate, self._clock())
        changed = before != set(self.ordering.shown)
        if changed and predicate is not None:
            self.cursor.put(0)
        self._after_change(was)
        if changed:
            self._moved(was)

    def say_when_empty(self, text: str) -> None:
        """Say this in place of rows when there are none."""
        if text != self._empty:
            self._empty = text
            if not self.count:
                self.refresh()

    def use(self, table: Table[RowT]) -> None:
        """Draw the rows with other columns, if they are others."""
        if table is self.sheet.table:
            return
        self.sheet.use(table)
        self.sheet.measure(self.ordering.rows)
        self._sort_as_designed()
        self._lay_out()

    def sort_by(self, column_id: str, *, descending: bool) -> None:
        """Sort by a column now: who looks at the top sees the new top, elsewhere the cursor stays on its row."""
        was = self.cursor.place
        self.ordering.sort_by(self.sheet.table.column(column_id), descending=descending, at=self._clock())
        self.cursor.sorted(was)
        self._after_change(was)
        self._refresh_line(0)

    def render_line(self, y: int) -> Strip:
        """Give line `y` of what is in sight."""
        ink = ink_of(self)
        self.sheet.colour(ink.tones)
        if y < _HEADING:
            heading = self.sheet.heading(self.ordering.column, descending=self.ordering.descending)
            return heading.apply_style(ink.plain)
        place, part = self._place_at(y)
        if place >= self.count:
            self._in_sight[y] = None
            return self._message(y - _HEADING).apply_style(ink.plain)
        row = self._in_sight[y] = self.ordering.row_at(place)
        return self.sheet.strip(row, part).apply_style(self._style_of(row, place, ink))

    def action_move(self, step: int) -> None:
        """Move the cursor by some rows."""
        self._go((self.cursor.place or 0) + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by some pages."""
        self._go((self.cursor.place or 0) + step * max(self._page, 1))

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._go(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._go(self.count - 1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        row = self.selected
        if row is not None:
            self.post_message(self.Opened(self, row))

    def action_sort(self) -> None:
        """Sort by the next column that is shown and has an order."""
        able = [place.column for place in self.sheet.placed if place.column.order is not None]
        if able:
            present = next((at for at, column in enumerate(able) if column is self.ordering.column), -1)
            column = able[(present + 1) % len(able)]
            self.sort_by(column.id, descending=column.descending)

    def action_flip(self) -> None:
        """Reverse the order."""
        if self.ordering.column is not None:
            self.sort_by(self.ordering.column.id, descending=not self.ordering.descending)

    def on_click(self, event: events.Click) -> None:
        """Sort by the heading that was clicked, go to the row, open it on a double click."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < _HEADING:
            column = self.sheet.column_at(offset.x)
            if column is not None and column.order is not None:
                again = column is self.ordering.column
                self.sort_by(column.id, descending=not self.ordering.descending if again else column.descending)
            return
        if (place := self._place_at(offset.y)[0]) < self.count:
            self._go(place)
            if event.chain == 2:  # a third quick click must not open it twice
                self.action_open()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show which row is under the pointer."""
        offset = event.get_content_offset(self)
        self._hover(self._place_at(offset.y)[0] if offset is not None and offset.y >= _HEADING else None)

    def on_leave(self, _event: events.Leave) -> None:
        """Forget the pointer."""
        self._hover(None)

    def on_resize(self) -> None:
        """Place the columns anew."""
        self._lay_out()
        self._moved(None)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Note the hand on the wheel or the bar."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.ordering.touch(self._clock())

    @property
    def _page(self) -> int:
        return (self.size.height - _HEADING) // self.sheet.height

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _extend(self) -> None:
        self.extend(self._width, self.count * self.sheet.height + _HEADING)

    def _place_at(self, y: int) -> tuple[int, int]:
        """Give the place of the row at line `y` of what is in sight, and which of its lines that is."""
        return divmod(y - _HEADING + self.scroll_offset.y, self.sheet.height)

    def _sort_as_designed(self) -> None:
        column = self.sheet.table.column(self.sheet.table.sort) if self.sheet.table.sort else None
        self.ordering.sort_by(column, descending=column.descending if column else False, at=float("-inf"))

    def _go(self, place: int) -> None:
        if self.count:
            was = self.cursor.place
            self.ordering.touch(self._clock())
            self.cursor.put(place)
            self._moved(was)

    def _moved(self, was: int | None) -> None:
        """Show the cursor at its new place and bring it into sight."""
        place = self.cursor.place
        self._refresh_place(was)
        self._refresh_place(place)
        if place is None or not self.cursor.moved or self._page <= 0:
            return
        height = self.sheet.height
        first, room, top = place * height, self.size.height - _HEADING, round(self.scroll_target_y)
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif first + height > top + room:
            self.scroll_to(y=first + height - room, animate=False)

    def _after_change(self, was: int | None) -> None:
        """Paint what differs after rows came, went or moved; keep the cursor near if its row has gone."""
        self._extend()
        self.cursor.recover(was)
        if self.cursor.place != was:
            self._moved(was)
        if self._told_empty is bool(self.count):
            self._told_empty = not self.count
            self.refresh()  # where there are no rows stands a text instead, of any number of lines
            return
        for y in range(_HEADING, self.size.height):
            place, _ = self._place_at(y)
            row = self.ordering.row_at(place) if place < self.count else None
            if row is not self._in_sight.get(y) or (row is not None and self.sheet.is_aged(row)):
                self._refresh_line(y)

    def _style_of(self, row: RowT, place: int, ink: Ink) -> Style:
        if self.cursor.is_on(row, place):
            return ink.cursor if self.has_focus else ink.resting
        return ink.hover if place == self._hovered else ink.plain

    def _lay_out(self) -> None:
        if self.sheet.lay_out(self._width):
            self._extend()
            self.refresh()

    def _message(self, y: int) -> Strip:
        text = self._empty.splitlines() if not self.count else []
        top = 1 if self.size.height - _HEADING > len(text) else 0
        return self.sheet.note(text[y - top] if 0 <= y - top < len(text) else "")

    def _hover(self, place: int | None) -> None:
        before, self._hovered = self._hovered, place
        if place != before:
            self._refresh_place(before)
            self._refresh_place(place)

    def _refresh_place(self, place: int | None) -> None:
        if place is not None:
            first = place * self.sheet.height - self.scroll_offset.y + _HEADING
            for y in range(max(first, _HEADING), min(first + self.sheet.height, self.size.height)):
                self._refresh_line(y)

    def _refresh_line(self, y: int) -> None:
        self.refresh(Region(0, y, self.size.width, 1))
