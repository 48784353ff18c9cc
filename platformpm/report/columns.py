"""Columns of a list: what a cell says, how wide it may be, and which columns give way when room is short.

A cell is text in pieces, each with a tone; a face turns tones into colours. Nothing here knows a terminal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    the room; one that `ages` says something else as time goes by. `order` gives what to sort by; `descending` is the
    direction a person expects first.
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


def fit(columns: Sequence[Column[Any]], natural: Mapping[str, int], width: int) -> tuple[Placed, ...]:
    """Place columns into `width` cells.

    Columns are dropped, least important first, until the rest fit at their least widths, whole ones at their
    `natural` width, those that always stay at a third of the room at most: one long name must not cost every row its
    numbers. Where dropping extra columns is enough, all that are measured have their natural width. What is left over
    goes to the most important first, to those that are as important together, up to their natural width or their
    limit, to a sentence as far as it is readable, to names beyond their limit, and at last to the rest of sentences.
    What there is still room for then comes back. Where not even the columns that are never dropped fit, whole ones are
    cut.
    """
    placed = _placed(columns, natural, width, _GAP)
    if width >= _NARROW:
        return placed
    return min(placed, _placed(columns, natural, width, _NARROW_GAP), key=lambda some: _lost(columns, some, natural))


def _placed(columns: Sequence[Column[Any]], natural: Mapping[str, int], width: int, gap: int) -> tuple[Placed, ...]:
    least = {column.id: _least(column, natural, width // _SHARE) for column in columns}
    widths = {
        column.id: max(least[column.id], min(natural.get(column.id, 0), column.limit, _BEGINNING)) for column in columns
    }
    kept = _kept(columns, widths, width, gap, EXTRA)
    if _needed(kept, widths, gap) > width:
        kept, widths = _kept(kept, least, width, gap, 1), dict(least)
    if _needed(kept, widths, gap) > width:
        widths = {column.id: column.width for column in kept}
    _grow(kept, natural, widths, width - _needed(kept, widths, gap))
    back = sorted((column for column in columns if column not in kept), key=lambda column: column.priority)
    for column in back:
        if _needed(kept, widths, gap) + gap + least[column.id] <= width:
            widths[column.id] = least[column.id]
            kept = [one for one in columns if one in kept or one is column]
    _grow(kept, natural, widths, width - _needed(kept, widths, gap))
    return _place(kept, widths, width, gap)


def _grow(columns: Sequence[Column[Any]], natural: Mapping[str, int], widths: dict[str, int], spare: int) -> None:
    """Hand out what is left over."""
    for turn, most in _turns(columns):
        wanted = {column.id: min(natural.get(column.id, most(column)), most(column)) for column in turn}
        while spare > 0 and (short := [column.id for column in turn if widths[column.id] < wanted[column.id]]):
            widths[min(short, key=widths.__getitem__)] += 1
            spare -= 1


def _lost(columns: Sequence[Column[Any]], placed: Sequence[Placed], natural: Mapping[str, int]) -> tuple[int, int]:
    """Give how many columns that are no extra are left out, and by how much names are cut."""
    shown = {each.column.id for each in placed}
    return sum(one.priority < EXTRA and one.id not in shown for one in columns), shortfall(placed, natural)


def _turns(columns: Sequence[Column[Any]]) -> Iterator[tuple[list[Column[Any]], Callable[[Column[Any]], float]]]:
    """Give who grows together and how far: names, sentences to be readable, curves, names beyond limits, the rest."""
    spoken = min((column.priority for column in columns if column.limit >= SENTENCE), default=math.inf)

    def turn(column: Column[Any]) -> tuple[bool, int]:
        sentence = column.limit >= SENTENCE
        return sentence or (column.measure is None and column.priority > spoken), column.priority

    turns = [list(some) for _, some in groupby(sorted(columns, key=turn), key=turn)]
    yield from ((some, lambda one: _READABLE if one.limit >= SENTENCE else one.limit) for some in turns)
    named = [column for column in columns if column.measure is not None and column.limit < SENTENCE]
    yield named, lambda _: LONGEST
    yield list(columns), lambda one: one.limit


def _kept(
    columns: Sequence[Column[Any]], widths: Mapping[str, int], width: int, gap: int, spared: int
) -> list[Column[Any]]:
    """Drop columns until the rest fit, least important first and none of a priority below `spared`."""
    kept = list(columns)
    while len(kept) > 1 and _needed(kept, widths, gap) > width:
        loser = max(kept, key=lambda column: (column.priority, kept.index(column)))
        if loser.priority < spared:
            break
        kept.remove(loser)
    return kept


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


def _needed(columns: Sequence[Column[Any]], widths: Mapping[str, int], gap: int) -> int:
    return sum(widths[column.id] for column in columns) + gap * (len(columns) - 1)


def _place(columns: Sequence[Column[Any]], widths: Mapping[str, int], width: int, gap: int) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    x = 0
    for column in columns:
        room = min(widths[column.id], width - x)
        if room <= 0:
            break
        placed.append(Placed(column, x, room))
        x += room + gap
    return tuple(placed)
