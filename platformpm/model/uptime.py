"""Uptime and outages: how long each status held, of the time in which the monitor was watching. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from platformpm.model.past import Span
from platformpm.model.record import StatusChange
from platformpm.model.status import Status

WINDOWS = (86400.0, 7 * 86400.0, 30 * 86400.0)
"""Seconds of the windows that are quoted: a day, a week, a month."""
ENOUGH = 0.9
"""Share of a window that must be known: below it a laptop that slept each night would pass for a 24-hour record."""


@dataclass(frozen=True, slots=True)
class Uptime:
    """Seconds of a `window` by what they were; the five parts sum up to it.

    `unknown` was watched without an answer to judge by; `unwatched` is the time in which no monitor looked.
    """

    window: float
    up: float = 0.0
    degraded: float = 0.0
    down: float = 0.0
    unknown: float = 0.0
    unwatched: float = 0.0

    @property
    def share(self) -> float | None:
        """Give the share (0 to 1) of the known time in which it served, None when nothing is known."""
        known = self.up + self.degraded + self.down
        return min((self.up + self.degraded) / known, 1.0) if known > 0 else None

    @property
    def provisional(self) -> bool:
        """Tell whether too little of the window is known for its share to be quoted."""
        return self.up + self.degraded + self.down < self.window * ENOUGH or self.window <= 0


class Outage(NamedTuple):
    """A stretch of down in wall seconds. `ended` is None while it lasts, `seconds` the part that was watched.

    `started` may lie before the window it was asked for.
    """

    started: float
    ended: float | None
    seconds: float


class Band(NamedTuple):
    """A status that held, and was watched, from `started` to `ended` in wall seconds."""

    status: Status
    started: float
    ended: float


def uptime(changes: Iterable[StatusChange], spans: Iterable[Span], window: Span) -> Uptime:
    """Give how long each status held in `window`, in whatever order `changes` and the watched `spans` come.

    The status before the first change is unknown. What was seen before a gap does not hold in it, but holds again
    after it until a change says otherwise.
    """
    held = dict.fromkeys(Status, 0.0)
    for band in bands(changes, spans, window):
        held[band.status] += band.ended - band.started
    length = max(window.ended - window.started, 0.0)
    return Uptime(
        window=length,
        up=held[Status.UP],
        degraded=held[Status.DEGRADED],
        down=held[Status.DOWN],
        unknown=held[Status.UNKNOWN],
        unwatched=max(length - sum(held.values()), 0.0),
    )


def outages(changes: Iterable[StatusChange], spans: Iterable[Span], window: Span) -> list[Outage]:
    """Give the stretches of down that were seen in `window`, oldest first; a gap in the watching splits none."""
    turns = _turns(changes)
    seen: dict[int, float] = {}
    for turn, started, ended in _pieces(turns, spans, window):
        if turn >= 0 and turns[turn].status is Status.DOWN:
            seen[turn] = seen.get(turn, 0.0) + ended - started
    return [Outage(turns[turn].at, _end(turns, turn, window.ended), seconds) for turn, seconds in seen.items()]


def bands(changes: Iterable[StatusChange], spans: Iterable[Span], window: Span) -> list[Band]:
    """Give what held when in the watched part of `window`, oldest first; unknown before the first change."""
    turns = _turns(changes)
    return [
        Band(turns[turn].status if turn >= 0 else Status.UNKNOWN, started, ended)
        for turn, started, ended in _pieces(turns, spans, window)
    ]


def joined(spans: Iterable[Span], window: Span) -> list[Span]:
    """Give what `spans` cover of `window`, in order and without overlaps."""
    out: list[Span] = []
    for started, ended in sorted(spans):
        piece = Span(max(started, window.started), min(ended, window.ended))
        if out and piece.started <= out[-1].ended:
            out[-1] = Span(out[-1].started, max(out[-1].ended, piece.ended))
        elif piece.started < piece.ended:
            out.append(piece)
    return out


def without(spans: Iterable[Span], gaps: Iterable[Span], window: Span) -> list[Span]:
    """Give what `spans` cover of `window` outside of `gaps`, in order and without overlaps."""
    holes = joined(gaps, window)
    out: list[Span] = []
    for span in joined(spans, window):
        at = span.started
        for hole in holes:
            if hole.ended <= at or hole.started >= span.ended:
                continue
            if at < hole.started:
                out.append(Span(at, hole.started))
            at = hole.ended
        if at < span.ended:
            out.append(Span(at, span.ended))
    return out


def _turns(changes: Iterable[StatusChange]) -> list[StatusChange]:
    """Give the changes in order, without those that only said the same again."""
    out: list[StatusChange] = []
    for change in sorted(changes, key=lambda change: change.at):
        if not out or change.status is not out[-1].status:
            out.append(change)
    return out


def _pieces(turns: Sequence[StatusChange], spans: Iterable[Span], window: Span) -> Iterator[tuple[int, float, float]]:
    """Cut the watched time where the status changes: (index of the turn in force or -1, start, end)."""
    coming = 0
    for span in joined(spans, window):
        at = span.started
        while at < span.ended:
            while coming < len(turns) and turns[coming].at <= at:
                coming += 1
            end = min(span.ended, turns[coming].at) if coming < len(turns) else span.ended
            yield coming - 1, at, end
            at = end


def _end(turns: Sequence[StatusChange], turn: int, until: float) -> float | None:
    following = turns[turn + 1].at if turn + 1 < len(turns) else until
    return following if following < until else None
