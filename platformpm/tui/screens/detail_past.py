"""The stretch of the past that the chart of a detail shows."""

from __future__ import annotations

from typing import NamedTuple

from platformpm.errors import HistoryError
from platformpm.model.check import InstanceKey
from platformpm.model.course import Course
from platformpm.model.ports import HistoryReader
from platformpm.model.state import InstanceState
from platformpm.report.curves import Past
from platformpm.tui.lookup import Answer, Lookup
from platformpm.tui.stretches import CHARTS, Stretch, course_of

_READING = "Reading history …"
_NOWHERE = "History is not kept here: there is only what this run has seen. w goes on."
_AGAIN_AFTER = 120
"""So many times a stretch is as long as the time after which it is read again: 30 s for an hour, 12 min for a day."""


class _Question(NamedTuple):
    key: InstanceKey
    stretch: Stretch


class DetailPast:
    """Reads the course of the instance that is looked at, and reads it again as time goes by."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._place = 0
        self._asked: _Question | None = None
        self._asked_at = 0.0
        self._note = _READING
        self._course: Course | None = None

    @property
    def stretch(self) -> Stretch | None:
        """Give the stretch that is looked at; None for this run."""
        return CHARTS[self._place - 1] if self._place else None

    def turn(self, step: int) -> None:
        """Take the next stretch, or the one before; this run comes before the shortest."""
        self._place = (self._place + step) % (len(CHARTS) + 1)

    def take(self, message: Answer) -> None:
        """Take an answer of the lookup; one that was asked for earlier is left."""
        if message.question != self._asked:
            return
        found = message.found
        self._course = found if isinstance(found, Course) else None
        self._note = str(found) if isinstance(found, HistoryError) else _READING

    def of(self, one: InstanceState, past: HistoryReader | None, now: float) -> Past | None:
        """Give what to show of an instance at wall time `now`, and ask for what is not known yet."""
        stretch = self.stretch
        if stretch is None:
            return None
        if past is None:
            return Past(stretch.label, None, _NOWHERE)
        question = _Question(one.key, stretch)
        if question != self._asked:
            self._course, self._note = None, _READING
        if question != self._asked or not 0 <= now - self._asked_at < stretch.seconds / _AGAIN_AFTER:
            self._asked, self._asked_at = question, now
            instance = one.instance
            self._lookup.ask(question, lambda: course_of(past, instance, stretch, now))
        return Past(stretch.label, self._course, self._note)
