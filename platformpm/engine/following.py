"""Which checks another process does, whose readings are followed: none of them is done twice, and none is left out."""

from __future__ import annotations

from collections.abc import Hashable

_PATIENCE = 5.0
"""Seconds, beyond one and a half intervals, after which an instance that nobody reads is asked from here."""
_SILENCE = 60.0
"""Seconds without any reading after which nobody is followed any more."""


class Following:
    """What was heard of whom, and when. Times are monotonic seconds."""

    def __init__(self) -> None:
        """Follow nobody."""
        self._since: float | None = None
        self._last = 0.0
        self._heard: dict[Hashable, float] = {}
        self._theirs: set[str] = set()

    def begin(self, now: float) -> None:
        """Follow from now on."""
        self._since = self._last = now
        self._heard.clear()
        self._theirs.clear()

    def end(self) -> None:
        """Follow no more."""
        self._since = None

    def resume(self, now: float) -> bool:
        """Give who is followed its time anew, as nobody could be heard; tell whether anybody is."""
        if self._since is None:
            return False
        self.begin(now)
        return True

    def hear(self, key: Hashable, now: float) -> None:
        """Note that another process has read this instance or host."""
        self._heard[key] = self._last = now
        self._theirs.add(_subject(key))

    def attached(self, now: float) -> bool:
        """Tell whether there is somebody to follow."""
        return self._since is not None and now - self._last < _SILENCE

    def done_elsewhere(self, key: Hashable, interval: float, now: float) -> bool:
        """Tell whether another process reads this instance or host: it may know another inventory, or be stuck."""
        theirs = self._since is not None and now - self._heard.get(key, self._since) < 1.5 * interval + _PATIENCE
        if not theirs:
            self._theirs.discard(_subject(key))
        return theirs

    def tells(self, subject: str) -> bool:
        """Tell whether another process tells what happens to a subject of events, as it is the one that reads it."""
        return self._since is not None and subject.partition("/")[0] in self._theirs


def _subject(key: Hashable) -> str:
    return str(key).partition("/")[0]
