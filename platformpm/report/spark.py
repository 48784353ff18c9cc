"""Small pictures in one line of text: trends and bars."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

from platformpm.model.host import level
from platformpm.model.inventory import Limit
from platformpm.model.series import Point, Series
from platformpm.model.status import RANK, Status
from platformpm.report.columns import Cell, Piece, Tone
from platformpm.report.words import GLYPHS

_BLOCKS = "▁▂▃▄▅▆▇█"
_USUAL = 1
"""Index of the block that stands for the usual latency: there is room to see it get better and much to get worse."""
_NOISE = 0.005
"""Latencies below 5 ms differ by noise; they are drawn alike."""
_REMEMBERED = 48
"""Points that say what is usual: 12 minutes at the default interval."""
_FULL = Limit(90.0, None)
"""Colours percentages that have no limit of their own."""

TONES = {
    Status.UP: Tone.UP,
    Status.DEGRADED: Tone.DEGRADED,
    Status.DOWN: Tone.DOWN,
    Status.UNKNOWN: Tone.UNKNOWN,
}


def latency_trend(series: Sequence[Series], width: int) -> Cell:
    """Draw the newest `width` points of the instances of one service as one line.

    Each place holds the slowest latency and the worst status of its points; where some served, it is degraded at
    worst, as their latency is there to see. Heights are relative to the usual (the median while it was up, so that a
    regression stands out as long as it lasts): twice as slow is two blocks higher.
    """
    slots = _merged([one.last(max(width, _REMEMBERED)) for one in series])
    timed = [(point.latency, point.status) for point in slots if point.latency is not None]
    usual = _median([latency for latency, status in timed if status is Status.UP] or [latency for latency, _ in timed])
    return joined(_mark(point, usual) for point in slots[-width:])


def level_trend(series: Series, width: int, limit: Limit | None = None) -> Cell:
    """Draw the newest `width` percentages (0-100, kept as the points' latency) of one measurement.

    Each has the colour of its own level under `limit`; where there is none, a machine near its end is still not grey.
    """
    values = [point.latency or 0.0 for point in series.last(width)]
    return joined(_block(value, 0, 1, limit, " ") for value in values)


@lru_cache(maxsize=8)
def level_chart(series: Series, width: int, rows: int, limit: Limit | None = None) -> tuple[Cell, ...]:
    """Draw the same in `rows` lines from 100 % down to 0, the newest at the right, with lines where limits are."""
    values = [point.latency or 0.0 for point in series.last(width)]
    bounds = (limit.warning, limit.critical) if limit is not None else ()
    limited = {min(int(bound / 100 * rows), rows - 1) for bound in bounds if bound is not None}
    lines = []
    for row in reversed(range(rows)):
        empty = "╌" if row in limited else " "
        before = Piece(empty * (width - len(values)), Tone.DIM)
        lines.append(joined((before, *(_block(value, row, rows, limit, empty) for value in values))))
    return tuple(lines)


def _block(value: float, row: int, rows: int, limit: Limit | None, empty: str) -> Piece:
    """Draw what of a percentage falls into one line; line 0 is the lowest, where the smallest is still seen."""
    steps = len(_BLOCKS) * rows
    height = min(int(max(value, 0.0) / 100 * steps), steps - 1) - len(_BLOCKS) * row
    if height < 0:
        return Piece(empty, Tone.DIM)
    return Piece(_BLOCKS[min(height, len(_BLOCKS) - 1)], _calm(level(value, limit or _FULL)))


def bar(share: float, width: int, tone: Tone) -> Cell:
    """Draw a share of 0-1 as a line of `width` cells; without colours its parts still differ."""
    filled = round(min(max(share, 0.0), 1.0) * width)
    if 0 < share < 1 and width > 1:
        filled = min(max(filled, 1), width - 1)
    return tuple(piece for piece in (Piece("━" * filled, tone), Piece("╌" * (width - filled), Tone.DIM)) if piece.text)


def joined(pieces: Iterable[Piece]) -> Cell:
    """Give the pieces with neighbours of one tone put together."""
    out: list[Piece] = []
    for piece in pieces:
        if out and out[-1].tone is piece.tone:
            out[-1] = Piece(out[-1].text + piece.text, piece.tone)
        else:
            out.append(piece)
    return tuple(out)


def _calm(status: Status) -> Tone:
    return Tone.DIM if status in (Status.UP, Status.UNKNOWN) else TONES[status]


def _merged(columns: Sequence[list[Point]]) -> list[Point]:
    if len(columns) == 1:
        return columns[0]
    length = max((len(points) for points in columns), default=0)
    slots: list[Point] = []
    for back in range(length, 0, -1):
        points = [points[-back] for points in columns if len(points) >= back]
        status = max((point.status for point in points), key=RANK.__getitem__)
        if any(point.status in (Status.UP, Status.DEGRADED) for point in points):
            status = min(status, Status.DEGRADED, key=RANK.__getitem__)
        slowest = max((point.latency for point in points if point.latency is not None), default=None)
        slots.append(Point(points[0].at, slowest, status))
    return slots


def _median(values: list[float]) -> float:
    return max(sorted(values)[(len(values) - 1) // 2], _NOISE) if values else _NOISE


def _mark(point: Point, usual: float) -> Piece:
    if point.status is Status.DOWN or (point.latency is None and point.status is not Status.UP):
        return Piece(GLYPHS[point.status], TONES[point.status])
    if point.latency is None:
        return Piece(_BLOCKS[_USUAL], _calm(point.status))
    height = _USUAL + round(2 * math.log2(max(point.latency, _NOISE) / usual))
    return Piece(_BLOCKS[min(max(height, 0), 7)], _calm(point.status))
