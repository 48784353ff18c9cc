"""The history of a platform that is being watched: what it knew, what it is told, and whether another one writes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from platformpm.assembly.chronicle import LATER, Chronicle
from platformpm.engine.engine import Engine
from platformpm.errors import HistoryError
from platformpm.model.check import InstanceKey
from platformpm.model.inventory import HistorySettings, Inventory
from platformpm.model.ports import Clock, HistoryReader
from platformpm.model.series import CAPACITY
from platformpm.model.snapshot import HistoryHealth

if TYPE_CHECKING:
    from platformpm.history import History
    from platformpm.history.tail import Tail
    from platformpm.probes import Heartbeats

EVERY = 1.0
"""Seconds between two looks at what another process wrote."""
LARGE = 200
"""Instances beyond which a screen has its first picture before it knows what was, and the readings that were before
come `LATER`: those of 1,000 would take 0.1 s."""
PATIENCE = 5.0
"""Seconds in which there is a first picture, or never."""


class Bookkeeping:
    """Keeps an engine and a history together. Who `leads` writes; all others follow a process that does.

    While another process writes, the engine is given what that process reads, and asks only those that it does not.
    `looked` is set once it is known what was before this run, or that it cannot be, `painted` by a screen that has its
    first picture.
    """

    def __init__(
        self,
        history: History,
        engine: Engine,
        inventory: Inventory,
        clock: Clock,
        heard: Heartbeats,
        *,
        leads: bool,
    ) -> None:
        """Prepare; nothing is opened before `start`. What was heard of jobs before is added to `heard`."""
        self._history = history
        self._engine = engine
        self._inventory = inventory
        self._heard = heard
        self._leads = leads
        self._trouble: str | None = None
        self.looked, self.painted = threading.Event(), threading.Event()
        self._tail: Tail | None = None
        self._taking = threading.Lock()
        self._ended = threading.Event()
        self._chronicle = Chronicle(history.reader, self._rows, engine.uptimes, clock)
        self._follower = threading.Thread(target=self._follow, name="platformpm-follower", daemon=True)

    def start(self) -> None:
        """Open the history, in its own thread, and begin."""
        stand = None if self._leads else self._stand
        self._history.start(self._tell, self._remember, stand, claims=self._leads)
        self._chronicle.start()
        if not self._leads:
            self._follower.start()

    def stop(self) -> None:
        """Look no more, and write what waits; the engine has been stopped before."""
        self._ended.set()
        self.painted.set()
        self._chronicle.stop()
        self._history.close()

    def health(self) -> HistoryHealth:
        """Tell how the history is doing."""
        history = self._history
        return HistoryHealth(history.recording, history.waiting, history.dropped, self._trouble)

    def configure(self, inventory: Inventory) -> None:
        """Take over what a new inventory says of history."""
        self._inventory = inventory
        settings: HistorySettings = inventory.history
        self._history.configure(settings)

    def _rows(self) -> list[tuple[str, str]]:
        latest = self._engine.board.latest()
        return [] if latest is None else [row.key for row in latest.services]

    def _tell(self, trouble: str | None) -> None:
        self._trouble = trouble
        self._engine.trouble(trouble)
        self.looked.set()

    def _remember(self, past: HistoryReader) -> None:
        """Let the engine know what history knows; called before anything of this run is written."""
        with suppress(HistoryError):
            self._tail = self._history.tail()  # before the look at what was: what comes in between is in both
        keys = [instance.key for instance in self._inventory.instances()]
        hosts = [host.name for host in self._inventory.hosts]
        large = len(keys) > LARGE
        if large and not self._leads:
            self.painted.wait(PATIENCE)
        try:
            self._engine.remember(past.memory(keys, 0 if large else CAPACITY, hosts))
            if large:
                threading.Thread(target=self._recall, args=(keys,), name="platformpm-recall", daemon=True).start()
            self._heard.recall(past.heartbeats())
        finally:
            self.looked.set()

    def _recall(self, keys: Sequence[InstanceKey]) -> None:
        """Let the engine have the older readings of a large platform, once the first picture had its time."""
        if not self._ended.wait(LATER):
            with suppress(HistoryError):
                self._engine.recall(self._history.reader().memory(keys, CAPACITY))

    def _stand(self, writes: bool) -> None:  # noqa: FBT001  # one plain fact
        """Ask, or follow who does."""
        if writes:
            self._take()  # what the other one wrote last
            self._tail = None
            self._engine.follow(on=False)
            return
        with suppress(HistoryError):
            self._tail = self._tail or self._history.tail()
        self._engine.follow(on=self._tail is not None)

    def _follow(self) -> None:
        while not self._ended.wait(EVERY):
            self._take()

    def _take(self) -> None:
        """Let the engine have what another process wrote since the last look."""
        with self._taking, suppress(HistoryError):
            if (tail := self._tail) is not None:
                self._engine.take([*tail.news(), *tail.news_of_hosts()], tail.news_of_events())
                self._heard.recall(self._history.reader().heartbeats())
