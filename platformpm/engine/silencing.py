"""Whose alerts are held back now, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import TypeVar

from platformpm.model.event import Event, EventKind
from platformpm.model.silence import InForce, Muted, muted
from platformpm.model.snapshot import Counts
from platformpm.model.state import HostState, ServiceState
from platformpm.model.status import Status
from platformpm.model.zone import with_offset, zone_of

_FEW = 5
"""Subjects of a silence up to which each has an event of its own, by which it is found."""

State = TypeVar("State", ServiceState, HostState)


class Silenced:
    """The silences in force. Nothing here knows the time: it comes with each change."""

    def __init__(self, started: float) -> None:
        """Start with nobody muted; what is in force since before wall time `started` is no news at the first change."""
        self.muted: Mapping[str, Muted] = {}
        self._holding: dict[str, InForce] = {}
        self._problem: str | None = None
        self._started: float | None = started

    def adopt(
        self, holding: Sequence[InForce], problem: str | None, now: float, timezone: str | None
    ) -> Iterator[Event]:
        """Let these silences be in force; give what is to be told of it, by the clock of `timezone`.

        `problem` is why mutes cannot be read.
        """
        before, self._holding = self._holding, {one.silence.id: one for one in holding}
        self.muted = muted(holding)
        for one in before.values():
            if one.silence.id not in self._holding:
                yield from _events(one, EventKind.UNMUTED, _over(one), now)
        for one in holding:
            if one.silence.id not in before and (self._started is None or one.window.since >= self._started):
                yield from _events(one, EventKind.MUTED, _until(one, zone_of(timezone), now), now)
        if problem is not None and problem != self._problem:
            yield Event(now, EventKind.UNMUTED, "", problem)
        self._problem, self._started = problem, None


def marked(state: State, found: Muted | None) -> State:
    """Give a service or host with whether its alerts are held back; the same object where nothing changed."""
    return state if state.muted == found else replace(state, muted=found)


def counts_of(rows: Iterable[ServiceState]) -> Counts:
    """Count rows by their status, muted ones apart."""
    counted = dict.fromkeys((*Status, None), 0)
    for row in rows:
        counted[None if row.muted is not None else row.status] += 1
    return Counts(
        counted[Status.UP], counted[Status.DEGRADED], counted[Status.DOWN], counted[Status.UNKNOWN], counted[None]
    )


def _events(one: InForce, kind: EventKind, text: str, now: float) -> Iterator[Event]:
    if len(one.subjects) <= _FEW:
        yield from (Event(now, kind, subject, text) for subject in sorted(one.subjects))
    else:
        yield Event(now, kind, "", f"{' '.join(one.silence.selectors)} ({len(one.subjects)} in all): {text}")


def _until(one: InForce, zone: tzinfo | None, now: float) -> str:
    end = with_offset(one.window.until, zone, now)
    text = f"maintenance until {end}" if one.silence.declared else f"muted until {end}"
    return f"{text}: {one.silence.reason}" if one.silence.reason else text


def _over(one: InForce) -> str:
    return "maintenance is over" if one.silence.declared else "no longer muted"
