"""Columns of a list: what a cell says, how wide it may be, and which columns give way when room is short.

A cell is text in pieces, each with a tone; a face turns tones into colours. Nothing here knows a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeVar

RowT = TypeVar("RowT")

_GAP, _NARROW_GAP = 2, 1
"""Blank cells between two columns, and where room is narrow and fewer names are cut so."""
_NARROW = 80
SENTENCE = 100
"""A column that may grow this wide holds sentences: it takes what the others leave."""
LONGEST = 64
"""What a measured column may grow to where nothing else wants the room: a whole commit, a long name."""
EXTRA = 10
"""A column of this priority and more gives way before the end of a version or a name is cut."""
_BEGINNING = 40
"""So much of a sentence is worth more than an extra column."""
_READABLE = 50
"""So much of a sentence is worth more than a longer curve or bar."""
_SHARE = 3
"""A name that always stays is not kept whole beyond one part in so many of the room."""


class Tone(StrEnum):
    """What a piece of text means; a theme gives it a colour."""

    PLAIN = "plain"
    STRONG = "strong"
    DIM = "dim"
    ACCENT = "accent"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class Piece(NamedTuple):
    """Some text in one tone."""

    text: str
    tone: Tone = Tone.PLAIN


Cell = tuple[Piece, ...]


def cell(text: str, tone: Tone = Tone.PLAIN) -> Cell:
    """Give a cell of one piece."""
    return (Piece(text, tone),)


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """One column of a list of `RowT`.

    `draw(row, now, width)` gives the cell at wall time `now` for `width` character cells. `width` is the least it
    needs, `most` what it may grow to. `priority` 0 is never dropped; the highest number goes first. A column with
    `measure` is as wide as its longest text and not cut for a column of priority `EXTRA` and more; one that is `whole`
    is not cut as long as any other can be dropped instead, or, when itself it cannot be dropped, not below a third of
    the room; one that `ages` says something else as time goes by. `order` gives what to sort by, `group` the part of it
    that holds at every moment, also while rows keep their places; `descending` is the direction a person expects first.
    """

    id: str
    title: str
    draw: Callable[[RowT, float, int], Cell]
    width: int
    most: int = 0
    priority: int = 0
    right: bool = False
    ages: bool = False
    measure: Callable[[RowT], str] | None = None
    whole: bool = False
    order: Callable[[RowT], Any] | None = None
    group: Callable[[RowT], int] | None = None
    descending: bool = False

    @property
    def limit(self) -> int:
        """Give the width it may grow to."""
        return max(self.most, self.width)


@dataclass(frozen=True, slots=True)
class Table(Generic[RowT]):
    """A list of `RowT`: its columns, the identity of a row, and the column it is sorted by until someone asks.

    `below` draws a second line under each row, from the second column on.
    """

    columns: tuple[Column[RowT], ...]
    key: Callable[[RowT], Any]
    sort: str | None = None
    below: Callable[[RowT], Cell] | None = None

    def column(self, column_id: str) -> Column[RowT]:
        """Give the column with this id; KeyError where there is none."""
        for column in self.columns:
            if column.id == column_id:
                return column
        raise KeyError(column_id)

    def only(self, *ids: str) -> Table[RowT]:
        """Give the table with these columns, in this order."""
        return Table(tuple(self.column(column_id) for column_id in ids), self.key, self.sort)


class Placed(NamedTuple):
    """A column that is shown: where it starts and how wide it is, in character cells."""

    column: Column[Any]
    x: int
    width: int


class _Row:
    """The columns that have come in so far: the width of each by its id, in a row of `width` cells."""

    def __init__(self, natural: Mapping[str, int], width: int) -> None:
        self.natural = natural
        self.width = width
        self.gap = _GAP if width >= _NARROW else _NARROW_GAP
        self.widths: dict[str, int] = {}

    @property
    def spare(self) -> int:
        """Give the cells that are left over; below 0 where there are not enough."""
        return self.width - sum(self.widths.values()) - self.gap * (len(self.widths) - 1)

    def let_in(self, column: Column[Any], width: int) -> bool:
        """Let a column in if there is room or it is never left out; tell whether it is in."""
        if not self.widths or not column.priority or self.spare >= self.gap + width:
            self.widths[column.id] = width
        return column.id in self.widths

    def grow(self, columns: Iterable[Column[Any]], most: Callable[[Column[Any]], int]) -> None:
        """Hand out what is left over to those that are in: by priority, among equals to the narrowest."""
        inside = sorted((one for one in columns if one.id in self.widths), key=_priority)
        for _, equals in groupby(inside, key=_priority):
            wanted = {one.id: min(self.natural.get(one.id, most(one)), most(one)) for one in equals}
            spare = self.spare
            while spare > 0 and (short := [name for name in wanted if self.widths[name] < wanted[name]]):
                self.widths[min(short, key=self.widths.__getitem__)] += 1
                spare -= 1


def fit(columns: Sequence[Column[Any]], natural: Mapping[str, int], width: int) -> tuple[Placed, ...]:
    """Place columns into `width` cells.

    Columns come in at their least widths until one finds no room, most important first: whole ones at their `natural`
    width, those that always stay at a third of the room at most, for one long name must not cost every row its
    numbers. Names grow to their natural width; then the others come in where there is room, extra ones until one finds
    none. What is left over goes to sentences as far as they are readable, to figures and curves, to names beyond their
    limit, and at last to the rest of sentences. Where not even the columns that always stay fit, whole ones are cut.
    An extra column without any text, of a `natural` width of 0 beside others that have some, is left out.
    """
    row = _Row(natural, width)
    if any(natural.values()):
        columns = [one for one in columns if one.priority < EXTRA or natural.get(one.id) != 0]
    ranked = sorted(columns, key=_priority)
    least = {one.id: _least(one, natural, width // _SHARE) for one in columns}
    whole = {one.id: max(least[one.id], min(natural.get(one.id, 0), one.limit, _BEGINNING)) for one in columns}
    for one in ranked:
        if one.priority >= EXTRA or not row.let_in(one, least[one.id]):
            break
    if row.spare < 0:
        row.widths = {one.id: one.width for one in ranked if one.id in row.widths}
    row.grow([one for one in columns if one.measure], lambda one: whole[one.id])
    if row.spare >= (len(row.widths) - 1) * (_GAP - row.gap):
        row.gap = _GAP
    for one in ranked:
        if one.id not in row.widths and not row.let_in(one, whole[one.id]) and one.priority >= EXTRA:
            break
    sentences = [one for one in columns if one.limit >= SENTENCE]
    names = [one for one in columns if one.measure and one not in sentences]
    row.grow(names, lambda one: one.limit)
    row.grow(sentences, lambda _: _READABLE)
    row.grow([one for one in columns if one not in sentences], lambda one: one.limit)
    row.grow(names, lambda _: LONGEST)
    row.grow(sentences, lambda one: one.limit)
    return _place([one for one in columns if one.id in row.widths], row)


def _priority(column: Column[Any]) -> int:
    return column.priority


def shortfall(placed: Sequence[Placed], natural: Mapping[str, int]) -> int:
    """Give the cells by which measured texts are too long for their columns, sentences aside."""
    names = (each for each in placed if each.column.measure is not None and each.column.limit < SENTENCE)
    return sum(max(min(natural.get(each.column.id, 0), each.column.limit) - each.width, 0) for each in names)


def widest(column: Column[RowT], rows: Iterable[RowT], length: Callable[[str], int], known: int = 0) -> int:
    """Give the width of the longest text of a measured column over `rows`, at least `known`, at most `LONGEST`."""
    if column.measure is None:
        return known
    measure = column.measure
    return min(max(known, max((length(measure(row)) for row in rows), default=0)), LONGEST)


def _least(column: Column[Any], natural: Mapping[str, int], most: int) -> int:
    if not column.whole:
        known = natural.get(column.id) if column.measure else None
        return column.width if known is None else min(column.width, max(known, len(column.title) + 1))
    wanted = min(natural.get(column.id, 0), column.limit)
    return max(column.width, wanted if column.priority else min(wanted, most))


def _place(columns: Iterable[Column[Any]], row: _Row) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    x = 0
    for column in columns:
        room = min(row.widths[column.id], row.width - x)
        if room <= 0:
            break
        placed.append(Placed(column, x, room))
        x += room + row.gap
    return tuple(placed)
