"""Draws latencies over time as lines of text: braille columns, limits, a strip of statuses, marks, times of day."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from platformpm.model.status import RANK, Status
from platformpm.report import words
from platformpm.report.columns import Cell, Piece, Tone
from platformpm.report.spark import TONES, joined
from platformpm.report.width import display_width, fit, pad

_DOTS = 4
"""Dots of a braille cell from bottom to top; a cell has two columns of them (Unicode, U+2800)."""
_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
_BRAILLE = 0x2800
_TICKS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_DAY = 86400
_IN_VIEW = 3.0
"""A limit is drawn from a third of it on; below, it would press the readings flat."""
_MARKS = {**words.GLYPHS, Status.UP: "━"}
_STRIP = "status"
_MARKED = "version"
_LEGIBLE = 6
"""Cells in which the beginning of a version says something: `▸2.4.…`."""
_NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_LEAST_ROWS = 2
_LEAST_WIDTH = 20


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """How to draw: cells, the interval of the check, its latency limits (all seconds), the zone of the times."""

    width: int
    height: int
    interval: float
    warning: float | None = None
    critical: float | None = None
    zone: tzinfo | None = None


class Slot(NamedTuple):
    """One column of dots: the slowest latency and the worst status that fell into it, or last held."""

    latency: float | None = None
    status: Status | None = None


class Mark(NamedTuple):
    """A text that stands from wall time `at` on."""

    at: float
    text: str


class Axes(NamedTuple):
    """What the picture is drawn on: rows and columns of cells, the latency at the top, what the rows are labelled."""

    rows: int
    columns: int
    top: float
    labels: dict[int, Piece]
    margin: int


def axes(latencies: Iterable[float], frame: ChartFrame, *, marked: bool = False) -> Axes | None:
    """Give the axes for these latencies, without labels where there are none.

    None where there is no room (less than 2 rows of dots or 20 cells).
    """
    rows = frame.height - (3 if marked else 2)
    if rows < _LEAST_ROWS or frame.width < _LEAST_WIDTH:
        return None
    slowest = max(latencies, default=None)
    top = _top(slowest or 0.0, frame)
    labels = {} if slowest is None else _labels(top, rows, frame)
    words_below = (_STRIP, _MARKED) if marked else (_STRIP,)
    margin = max(map(len, (*words_below, *(piece.text for piece in labels.values())))) + 1
    return Axes(rows, frame.width - margin - 1, top, labels, margin)


def plot(
    slots: Sequence[Slot], on: Axes, frame: ChartFrame, start: float, span: float, marks: Sequence[Mark] = ()
) -> tuple[Cell, ...]:
    """Draw two slots a cell; the first begins at wall time `start`, each stands for `span` seconds.

    The last lines are the strip of statuses, each with its own sign, the marks if there are any, and the times.
    """
    picture = _picture(slots, on.top, on.rows)
    lines = [_row(row, picture[row], slots, on.labels, on.margin) for row in range(on.rows)]
    _draw_limits(lines, picture, frame, on.top)
    strip = joined(_sign(slots[2 * x : 2 * x + 2]) for x in range(on.columns))
    below: list[Cell] = [(Piece(f"{_STRIP:>{on.margin - 1}}  ", Tone.DIM), *strip)]
    if marks:
        said = _marked(marks, start, 2 * span, on.columns)
        below.append((Piece(f"{_MARKED:>{on.margin - 1}}  ", Tone.DIM), Piece(said)))
    times = _times(start, 2 * span, on.columns, frame.zone)
    return (*(joined(line) for line in lines), *below, (Piece(" " * (on.margin + 1) + times, Tone.DIM),))


def worse(one: Slot, other: Slot) -> Slot:
    """Give the slower latency and the worse status of two slots."""
    latencies = [slot.latency for slot in (one, other) if slot.latency is not None]
    return Slot(max(latencies, default=None), _worst((one, other)))


def _top(slowest: float, frame: ChartFrame) -> float:
    wanted = max([slowest, *(limit for limit in _limits(frame) if slowest * _IN_VIEW >= limit)]) or 0.001
    size = 10.0 ** math.floor(math.log10(wanted))
    return next(size * nice for nice in _NICE if size * nice >= wanted * 1.02 or nice == _NICE[-1])


def _limits(frame: ChartFrame) -> list[float]:
    return [limit for limit in (frame.warning, frame.critical) if limit is not None]


def _labels(top: float, rows: int, frame: ChartFrame) -> dict[int, Piece]:
    """Give the labels of the axis by row: nothing at the bottom, half, the top, and the limits in view."""
    labels = {0: top, rows - 1: 0.0}
    if rows >= 5:
        labels[_row_of(top / 2, top, rows)] = top / 2
    out = {row: Piece(_milliseconds(value, top), Tone.DIM) for row, value in labels.items()}
    for limit, tone in ((frame.warning, Tone.DEGRADED), (frame.critical, Tone.DOWN)):
        if limit is not None and limit <= top:
            out[_row_of(limit, top, rows)] = Piece(_milliseconds(limit, top), tone)
    return out


def _milliseconds(value: float, top: float) -> str:
    return f"{value:g} s" if top >= 10 else f"{value * 1000:g} ms"


def _dot(value: float, top: float, rows: int) -> int:
    return min(max(round(value / top * (rows * _DOTS - 1)), 0), rows * _DOTS - 1)


def _row_of(value: float, top: float, rows: int) -> int:
    return rows - 1 - _dot(value, top, rows) // _DOTS


def _picture(slots: Sequence[Slot], top: float, rows: int) -> list[list[int]]:
    """Give the braille bits of each cell, row by row: a line through the latencies, gaps where there is none."""
    picture = [[0] * (len(slots) // 2) for _ in range(rows)]
    before: int | None = None
    for index, slot in enumerate(slots):
        if slot.latency is None:
            before = None
            continue
        level = _dot(slot.latency, top, rows)
        low, high = (level, level) if before is None else (min(level, before), max(level, before))
        if before is not None and high > low:
            low, high = (low + 1, high) if level > before else (low, high - 1)
        for dot in range(low, high + 1):
            picture[rows - 1 - dot // _DOTS][index // 2] |= _BITS[index % 2][dot % _DOTS]
        before = level
    return picture


def _tone(slots: Sequence[Slot], index: int) -> Tone:
    status = _worst(slots[2 * index : 2 * index + 2])
    return Tone.ACCENT if status in (None, Status.UP) else TONES[status or Status.UP]


def _worst(slots: Sequence[Slot]) -> Status | None:
    known = [slot.status for slot in slots if slot.status is not None]
    return max(known, key=RANK.__getitem__, default=None)


def _row(row: int, bits: Sequence[int], slots: Sequence[Slot], labels: dict[int, Piece], margin: int) -> list[Piece]:
    label = labels.get(row, Piece("", Tone.DIM))
    axis = "┤" if row in labels else "│"
    line = [Piece(label.text.rjust(margin - 1) + " ", label.tone), Piece(axis, Tone.DIM)]
    return line + [
        Piece(chr(_BRAILLE + one), _tone(slots, index)) if one else Piece(" ", Tone.DIM)
        for index, one in enumerate(bits)
    ]


def _draw_limits(lines: list[list[Piece]], picture: list[list[int]], frame: ChartFrame, top: float) -> None:
    """Draw the limits in view where no latency is in the way."""
    for limit in _limits(frame):
        if limit <= top:
            row = _row_of(limit, top, len(lines))
            for index, bits in enumerate(picture[row]):
                if not bits:
                    lines[row][index + 2] = Piece("╌", Tone.DIM)


def _sign(slots: Sequence[Slot]) -> Piece:
    status = _worst(slots)
    return Piece(" ", Tone.DIM) if status is None else Piece(_MARKS[status], TONES[status])


def _marked(marks: Sequence[Mark], start: float, span: float, columns: int) -> str:
    """Give the line of marks: each begins at its time and gives way to the next; an older one stands at the left.

    Where too little of a text would be left its sign stands alone; without room behind it the newest has its text
    before its sign.
    """
    places = [max(int((mark.at - start) // span), 0) for mark in marks]
    texts = [f"▸{mark.text}" if mark.at >= start else mark.text for mark in marks]
    before = f" {marks[-1].text}"
    if display_width(texts[-1]) > columns - places[-1] and display_width(before) <= places[-1]:
        texts[-1] = f"{before}◂"
        places[-1] -= display_width(before)
    places = [min(place, places[-1], columns) for place in places]
    line = ""
    for x, end, text in zip(places, [*places[1:], columns], texts, strict=True):
        if x < end:
            room = end - x - (end < columns and end - x > 1)
            told = room >= _LEGIBLE or display_width(text) <= room
            line = pad(line, x) + (fit(text, room) if told else "▸" if text.startswith("▸") else "")
    return line


def _times(start: float, span: float, columns: int, zone: tzinfo | None) -> str:
    """Give the line of times of day, or days; `start` is the wall time of its first cell, each stands for `span`."""
    offset = _offset(start, zone)
    form = "%H:%M:%S" if 12 * span < 60 else "%H:%M"
    room = 14 if form == "%H:%M:%S" else 11
    step = next((tick for tick in _TICKS if tick >= room * span), _TICKS[-1] * math.ceil(room * span / _TICKS[-1]))
    form = form if step < 60 else "%H:%M"
    line = ""
    tick = math.ceil((start + offset) / step) * step
    while tick < start + offset + span * columns:
        x = int((tick - start - offset) // span)
        dated = tick % _DAY == 0 and span * columns >= _DAY
        text = "╵" + datetime.fromtimestamp(tick, UTC).strftime("%d %b" if dated else form)
        if x + len(text) > columns:
            break
        line = line.ljust(x) + text
        tick += step
    return line


def _offset(at: float, zone: tzinfo | None) -> float:
    shift = datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()
    return shift.total_seconds() if shift is not None else 0.0
