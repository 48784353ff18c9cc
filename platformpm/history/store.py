"""History as the others see it: it takes records at once, and gives readers of what was written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from platformpm.errors import HistoryError
from platformpm.history.bookmark import FileBookmark
from platformpm.history.chores import Pace
from platformpm.history.connecting import SharedSource, Source, connect_memory
from platformpm.history.inbox import unkept
from platformpm.history.queries import Queries
from platformpm.history.recorder import Recorder, Tell
from platformpm.history.rolling import prepare
from platformpm.history.schema import migrate
from platformpm.history.sources import FileSources
from platformpm.history.tail import Tail
from platformpm.model.inventory import HistorySettings
from platformpm.model.ports import Clock, HistoryReader
from platformpm.model.record import Record

CLOSE_WITHIN = 2.0
"""Seconds that `close` waits for the disk at the most; the thread is a daemon, so nothing that hangs holds the exit."""


class History:
    """The history of a platform, a `Sink`. Every method may be called from any thread; none waits but `flush`, `close`.

    Records may be put before it is started: they wait.
    """

    def __init__(self, path: Path | None, settings: HistorySettings, clock: Clock, pace: Pace | None = None) -> None:
        """Prepare the history in the file at `path`, or one that lives in memory only. Nothing is opened yet."""
        self._recorder = Recorder(path, settings, clock, pace or Pace())
        self._inbox = self._recorder.inbox
        self._sources = None if path is None else FileSources(path)
        self.bookmark = FileBookmark(path)
        self._thread = threading.Thread(target=self._recorder.run, name="platformpm-history", daemon=True)
        if path is None:
            self._recorder.memory = connect_memory()
            migrate(self._recorder.memory)
            prepare(self._recorder.memory)

    def start(
        self,
        tell: Tell,
        opened: Callable[[HistoryReader], None] | None = None,
        standing: Callable[[bool], None] | None = None,
        *,
        claims: bool = False,
    ) -> None:
        """Start the thread that opens the file and writes. Never raises for a bad disk.

        `tell` is called from that thread with a line for a banner when history cannot be recorded or had to start anew,
        and with None when all is well again; `opened` once, before anything is written, with a reader of what was;
        `standing` with whether this process writes, or another one does and this one may follow what it writes. Who
        `claims` is given way by all others.
        """
        self._recorder.tell = tell
        self._recorder.standing = standing
        self._recorder.claims = claims
        if opened is not None:
            self._recorder.opened = lambda: opened(self.reader())
        self._thread.start()

    def configure(self, settings: HistorySettings) -> None:
        """Keep as long as these settings say from now on; where history lies does not change while it runs."""
        self._recorder.settings = settings

    @property
    def recording(self) -> bool:
        """Tell whether this process writes what it is told."""
        return self._recorder.recording

    @property
    def waiting(self) -> int:
        """Give the number of records that are not yet written."""
        return self._inbox.waiting

    @property
    def dropped(self) -> int:
        """Give the number of records that will never be written."""
        return self._inbox.dropped

    def put(self, record: Record, /) -> None:
        """Take one record. Never waits and never raises; what there is no room for is counted in `dropped`."""
        self._inbox.put(record)

    def keep(self, record: Record) -> Future[bool]:
        """Take one record as `put` does, to be written at once. Gives whether it was, False where it cannot be now."""
        if self._recorder.stuck:
            self.put(record)
            return unkept()
        return self._inbox.keep(record)

    def flush(self, timeout: float) -> bool:
        """Wait until all that was put before is written, `timeout` seconds at the most; tell whether it is."""
        try:
            return self._inbox.mark().result(timeout)
        except TimeoutError:
            return False

    def close(self, timeout: float = CLOSE_WITHIN) -> None:
        """Write what waits and end, or give up after `timeout` seconds."""
        self._recorder.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)
        if self._sources is not None:
            self._sources.close()

    def reader(self) -> HistoryReader:
        """Give a reader of what was written so far and will be; any thread may use it, and it never waits for a batch.

        Its methods raise HistoryError while there is no database that can be read.
        """
        return Queries(self.source)

    def tail(self) -> Tail:
        """Give what follows the readings that another process writes, from now on."""
        return Tail(self.source)

    def source(self) -> Source:
        """Give what queries of this thread run on. Raises HistoryError."""
        if self._sources is not None:
            return self._sources.give()
        if self._recorder.memory is None:
            raise HistoryError("there is no history")
        return SharedSource(self._recorder.memory, self._recorder.lock)


def read_history(path: Path) -> HistoryReader:
    """Give a reader of a history that this process does not write; any thread may use it. Nothing is opened yet."""
    return Queries(FileSources(path).give)
