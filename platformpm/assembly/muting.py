"""Keeps an engine told of whose alerts are held back, in a thread of its own: the file may lie on a slow disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from platformpm.assembly.silences import Silences
from platformpm.model.inventory import Inventory
from platformpm.model.ports import Clock
from platformpm.model.silence import InForce, Once

EVERY = 1.0
"""Seconds between two looks at the mutes and the clock."""

Tell = Callable[[Sequence[InForce], str | None], None]
"""Takes the silences that hold now, and why mutes could not be read."""


class Muting:
    """Tells of each change of the silences in force. Its thread is a daemon."""

    def __init__(self, silences: Silences, tell: Tell, clock: Clock) -> None:
        """Prepare; nothing is read before `start`."""
        self._silences = silences
        self._tell = tell
        self._clock = clock
        self._told: tuple[Sequence[InForce], str | None] | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="platformpm-muting", daemon=True)

    def start(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; does not wait."""
        self._ended.set()

    def adopt(self, inventory: Inventory) -> None:
        """Look at another inventory, and tell of it at once."""
        self._silences.adopt(inventory)
        self.look()

    def mute(self, selectors: Sequence[str], until: float, reason: str) -> None:
        """Hold the alerts of what is selected back, and tell of it at once. Raises `UsageError` or `MutesError`."""
        self._silences.mute(selectors, Once(int(self._clock.wall()), until), reason)
        self.look()

    def unmute(self, selectors: Sequence[str]) -> None:
        """Take back the mutes of what is selected, and tell of it at once. Raises `UsageError` or `MutesError`."""
        self._silences.unmute(selectors, self._clock.wall())
        self.look()

    def look(self) -> None:
        """Look now."""
        with self._lock:
            seen = (self._silences.in_force(self._clock.wall()), self._silences.problem)
            if seen != self._told:
                self._told = seen
                self._tell(*seen)

    def _work(self) -> None:
        self.look()
        while not self._ended.wait(EVERY):
            self.look()
