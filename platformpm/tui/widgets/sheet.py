"""Paints the rows of a table and remembers what it painted. Not a widget: it needs no app."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from rich.cells import cell_len

from platformpm.report.columns import Cell, Column, Placed, RowT, Table, Tone, cell, fit, shortfall, widest
from platformpm.tui.widgets.brush import line, segments

if TYPE_CHECKING:
    from rich.segment import Segment
    from rich.style import Style
    from textual.strip import Strip

MARGIN = 1
"""Blank cells before a line, and behind it where that costs no column."""
_REMEMBERED = 2000
"""Painted rows that are kept: more than any screen shows, little memory."""


class _Part(NamedTuple):
    """One painted cell."""

    drawn: Cell
    segments: Sequence[Segment]


class _Painted(NamedTuple):
    row: Any
    ages: tuple[Cell, ...]
    parts: tuple[_Part, ...]
    strips: tuple[Strip, ...]


class Sheet(Generic[RowT]):
    """The columns of a list as they are placed now, and the strips of the rows painted with them.

    A row is painted again only when it is another object, one of its aging cells says something else at `now` (wall
    seconds), or the columns or colours changed.
    """

    def __init__(self, table: Table[RowT]) -> None:
        self.table = table
        self.now = 0.0
        self.width = 0
        self.placed: tuple[Placed, ...] = ()
        self.tones: Mapping[Tone, Style] = {}
        self._natural: dict[str, int] = {}
        self._painted: dict[Hashable, _Painted] = {}

    def use(self, table: Table[RowT]) -> None:
        """Use other columns."""
        self.table = table
        self._natural.clear()
        self.placed = ()

    def forget(self) -> None:
        """Measure anew: the rows that come are of something else."""
        self._natural.clear()

    def colour(self, tones: Mapping[Tone, Style]) -> None:
        """Use these colours from now on."""
        if tones is not self.tones:
            self.tones = tones
            self._painted.clear()

    def measure(self, rows: Sequence[RowT]) -> bool:
        """Widen columns to the longest text of `rows`; tell whether any grew. They never shrink: that would flicker."""
        grown = False
        for column in self.table.columns:
            if column.measure is not None:
                known = self._natural.get(column.id, 0)
                self._natural[column.id] = widest(column, rows, cell_len, known)
                grown = grown or self._natural[column.id] != known
        return grown

    def lay_out(self, width: int) -> bool:
        """Place the columns into lines of `width` cells; tell whether anything moved."""
        placed = fit(self.table.columns, self._natural, width - 2 * MARGIN)
        tight = fit(self.table.columns, self._natural, width - MARGIN)
        if len(placed) != len(tight) or shortfall(tight, self._natural) < shortfall(placed, self._natural):
            placed = tight
        if placed == self.placed and width == self.width:
            return False
        self.placed, self.width = placed, width
        self._painted.clear()
        return True

    @property
    def height(self) -> int:
        """Give the number of lines of a row."""
        return 1 if self.table.below is None else 2

    def strip(self, row: RowT, part: int = 0) -> Strip:
        """Give line `part` of a row, painted anew only if it has to be."""
        key, ages = self.table.key(row), self._ages(row)
        painted = self._painted.get(key)
        if painted is None or painted.row is not row or painted.ages != ages:
            if len(self._painted) > _REMEMBERED:
                self._painted.clear()
            parts = tuple(self._parts(row, painted))
            same = painted is not None and painted.parts == parts and self.table.below is None
            strips = painted.strips if painted is not None and same else self.paint(row, parts)
            painted = self._painted[key] = _Painted(row, ages, parts, strips)
        return painted.strips[part]

    def is_aged(self, row: RowT) -> bool:
        """Tell whether what was painted for a row is no longer what it says."""
        painted = self._painted.get(self.table.key(row))
        return painted is None or painted.ages != self._ages(row)

    def _parts(self, row: RowT, before: _Painted | None) -> Iterator[_Part]:
        """Paint the cells of a row; those that say what they said before are not made again."""
        for number, place in enumerate(self.placed):
            known = before.parts[number] if before is not None else None
            if known is not None and before is not None and before.row is row and not place.column.ages:
                yield known
                continue
            drawn = place.column.draw(row, self.now, place.width)
            yield known if known is not None and known.drawn == drawn else self._part(place, drawn)

    def _part(self, place: Placed, drawn: Cell) -> _Part:
        return _Part(drawn, segments(drawn, place.width, self.tones, right=place.column.right))

    def paint(self, row: RowT, parts: Sequence[_Part]) -> tuple[Strip, ...]:
        """Put the painted cells of one row into its lines."""
        first = self._line(zip(self.placed, parts, strict=True))
        if self.table.below is None:
            return (first,)
        x = self.placed[1].x if len(self.placed) > 1 else 0
        return first, self._full_line(self.table.below(row), x)

    def heading(self, sorted_by: Column[RowT] | None, *, descending: bool) -> Strip:
        """Paint the headings, with an arrow on the column that is sorted by."""
        mark = "▼" if descending else "▲"
        cells: list[tuple[Placed, _Part]] = []
        for place in self.placed:
            title = place.column.title
            if place.column is sorted_by and title:
                wider = len(title) == place.width  # the arrow stands in the gap then
                room = Placed(place.column, place.x - (wider and place.column.right), place.width + wider)
                cells.append((room, self._part(room, cell(f"{title}{mark}"[: room.width], Tone.ACCENT))))
            else:
                cells.append((place, self._part(place, cell(title, Tone.DIM))))
        return self._line(cells)

    def column_at(self, x: int) -> Column[RowT] | None:
        """Give the column whose heading covers cell `x` of a line."""
        for place in self.placed:
            if place.x <= x - MARGIN < place.x + place.width:
                return place.column
        return None

    def note(self, text: str) -> Strip:
        """Paint a quiet line of text."""
        return self._full_line(cell(text, Tone.DIM), 1)

    def _full_line(self, drawn: Cell, x: int) -> Strip:
        column: Column[RowT] = Column("line", "", lambda _row, _now, _width: (), 0)
        place = Placed(column, x, max(self.width - MARGIN - x, 0))
        return self._line([(place, self._part(place, drawn))])

    def _line(self, parts: Iterable[tuple[Placed, _Part]]) -> Strip:
        return line(((place, part.segments) for place, part in parts), self.width, MARGIN)

    def _ages(self, row: RowT) -> tuple[Cell, ...]:
        return tuple(place.column.draw(row, self.now, place.width) for place in self.placed if place.column.ages)
