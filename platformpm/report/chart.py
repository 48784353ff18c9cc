"""The latency chart of one instance as lines of text: braille columns, limits, a strip of statuses, times of day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from platformpm.model.series import Point, Series
from platformpm.model.status import RANK, Status
from platformpm.report import words
from platformpm.report.columns import Cell, Piece, Tone
from platformpm.report.spark import TONES, joined

_DOTS = 4
"""Dots of a braille cell from bottom to top; a cell has two columns of them (Unicode, U+2800)."""
_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
_BRAILLE = 0x2800
_SPANS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 40, 45, 60, 75, 90, 120, 150, 180, 240, 300, 450, 600, 900)
"""Seconds that one column of dots may stand for; longer ones are multiples of the last."""
_TICKS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_LEAST_READINGS = 10
"""Intervals that a chart covers at least, so that the first readings do not fill it."""
_HOLD = 2.5
"""A reading stands for this many intervals; after that there is a gap."""
_IN_VIEW = 3.0
"""A limit is drawn from a third of it on; below, it would press the readings flat."""
_MARKS = {**words.GLYPHS, Status.UP: "━"}
_STRIP = "status"
_NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """How to draw: cells, the interval of the check, its latency limits (all seconds), the zone of the times."""

    width: int
    height: int
    interval: float
    warning: float | None = None
    critical: float | None = None
    zone: tzinfo | None = None


class _Slot(NamedTuple):
    """One column of dots: the slowest latency and the worst status that fell into it, or last held."""

    latency: float | None
    status: Status | None


@lru_cache(maxsize=16)
def latency_chart(series: Series, frame: ChartFrame) -> tuple[Cell, ...]:
    """Draw the latencies of `series` as `frame.height` lines, at most `frame.width` wide.

    The last two lines are the strip of statuses, each with its own sign, and the times of day. Nothing is drawn
    where there is no reading, or no room (less than 4 lines or 20 cells).
    """
    points = list(series)
    if not points or frame.height < 4 or frame.width < 20:
        return ()
    rows = frame.height - 2
    top = _top(points, frame)
    labels = _labels(top, rows, frame)
    margin = max(len(_STRIP), *(len(piece.text) for piece in labels.values())) + 1
    columns = frame.width - margin - 1
    span = _span(points, frame.interval, 2 * columns)
    slots = _slots(points, span, 2 * columns, frame.interval * _HOLD)
    picture = _picture(slots, top, rows)
    lines = [_row(row, picture[row], slots, labels, margin) for row in range(rows)]
    _draw_limits(lines, picture, frame, top)
    strip = joined(_mark(slots[2 * x : 2 * x + 2]) for x in range(columns))
    end = (math.floor(points[-1].at / span) + 1) * span
    times = _times(end - 2 * span * columns, 2 * span, columns, frame.zone)
    return (
        *(joined(line) for line in lines),
        (Piece(f"{_STRIP:>{margin - 1}}  ", Tone.DIM), *strip),
        (Piece(" " * (margin + 1) + times, Tone.DIM),),
    )


def _top(points: Sequence[Point], frame: ChartFrame) -> float:
    slowest = max((point.latency for point in points if point.latency is not None), default=0.0)
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


def _span(points: Sequence[Point], interval: float, columns: int) -> float:
    wanted = max(points[-1].at - points[0].at, interval * _LEAST_READINGS) / max(columns - 1, 1)
    longest = _SPANS[-1]
    return next((float(span) for span in _SPANS if span >= wanted), math.ceil(wanted / longest) * float(longest))


def _slots(points: Sequence[Point], span: float, count: int, hold: float) -> list[_Slot]:
    """Give the newest `count` columns of dots of `span` seconds each; they stand on a fixed grid of time."""
    last = math.floor(points[-1].at / span)
    slots: list[_Slot | None] = [None] * count
    held_until = [0.0] * count
    for point in points:
        index = math.floor(point.at / span) - last + count - 1
        if not 0 <= index < count:
            continue
        known = slots[index]
        if known is None:
            slots[index] = _Slot(point.latency, point.status)
        else:
            latencies = [one for one in (known.latency, point.latency) if one is not None]
            status = max(known.status or Status.UP, point.status, key=RANK.__getitem__)
            slots[index] = _Slot(max(latencies, default=None), status)
        held_until[index] = point.at + hold
    return _held(slots, held_until, (last - count + 1) * span, span)


def _held(slots: Sequence[_Slot | None], held_until: Sequence[float], start: float, span: float) -> list[_Slot]:
    out: list[_Slot] = []
    nothing = _Slot(None, None)
    present, until = nothing, 0.0
    for index, slot in enumerate(slots):
        if slot is not None:
            present, until = slot, held_until[index]
        elif start + index * span > until:
            present = nothing
        out.append(present)
    return out


def _picture(slots: Sequence[_Slot], top: float, rows: int) -> list[list[int]]:
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


def _tone(slots: Sequence[_Slot], index: int) -> Tone:
    status = _worst(slots[2 * index : 2 * index + 2])
    return Tone.ACCENT if status in (None, Status.UP) else TONES[status or Status.UP]


def _worst(slots: Sequence[_Slot]) -> Status | None:
    known = [slot.status for slot in slots if slot.status is not None]
    return max(known, key=RANK.__getitem__, default=None)


def _row(row: int, bits: Sequence[int], slots: Sequence[_Slot], labels: dict[int, Piece], margin: int) -> list[Piece]:
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


def _mark(slots: Sequence[_Slot]) -> Piece:
    status = _worst(slots)
    return Piece(" ", Tone.DIM) if status is None else Piece(_MARKS[status], TONES[status])


def _times(start: float, span: float, columns: int, zone: tzinfo | None) -> str:
    """Give the line of times of day; `start` is the wall time of its first cell, each cell stands for `span`."""
    offset = _offset(start, zone)
    form = "%H:%M:%S" if 12 * span < 60 else "%H:%M"
    room = 14 if form == "%H:%M:%S" else 11
    step = next((tick for tick in _TICKS if tick >= room * span), _TICKS[-1] * math.ceil(room * span / _TICKS[-1]))
    form = form if step < 60 else "%H:%M"
    line = ""
    tick = math.ceil((start + offset) / step) * step
    while tick < start + offset + span * columns:
        x = int((tick - start - offset) // span)
        text = "╵" + datetime.fromtimestamp(tick, UTC).strftime(form)
        if x + len(text) > columns:
            break
        line = line.ljust(x) + text
        tick += step
    return line


def _offset(at: float, zone: tzinfo | None) -> float:
    shift = datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()
    return shift.total_seconds() if shift is not None else 0.0
