"""What waits to be written: taken at once from any thread, given out in batches to the one that writes."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future

from platformpm.model.record import Gap, HostTaken, Record, Taken

READINGS = 200_000
"""Records that may wait before readings are dropped: 50 minutes of 1,000 instances, some 60 MB."""
RECORDS = 1_000_000
"""Records that may wait before any more are dropped."""
BATCH = 5_000
"""Records in one transaction at the most."""

_READINGS = (Taken, HostTaken)

Mark = Future[bool]
"""Stands among the records: once the writer came to it, whether all that it wrote with it was kept."""


class Inbox:
    """Records that wait. `dropped` counts those there was no room for, or that were not to be kept."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.wake = threading.Event()
        self.dropped = 0
        self._lost: tuple[float, float] | None = None
        self._shut = self._muted = False
        self._queue: deque[Record | Mark] = deque()
        self._batch: list[Record] = []
        self._marks: list[Mark] = []

    @property
    def waiting(self) -> int:
        """Give the number of records that are not yet written."""
        return len(self._queue) + len(self._batch)

    def put(self, record: Record) -> None:
        """Take a record. Never waits."""
        if self._muted:
            return
        if self._shut or len(self._queue) >= (READINGS if type(record) in _READINGS else RECORDS):
            self.dropped += 1
            if type(record) is Taken:
                at = record.reading.at
                self._lost = (self._lost[0] if self._lost else at, at)
            return
        self._queue.append(record)

    def keep(self, record: Record) -> Mark:
        """Take a record to be written at once; its mark says at once where it is not taken."""
        if self._muted or self._shut or len(self._queue) >= RECORDS:
            self.put(record)
            return unkept()
        mark = Mark()
        self._queue.extend((record, mark))  # in one step: whatever comes to the one comes to the other
        self.wake.set()
        return mark

    def mark(self) -> Mark:
        """Ask to be told when all that was put before is written."""
        if self._shut:
            return unkept()
        mark = Mark()
        self._queue.append(mark)
        self.wake.set()
        return mark

    def batch(self) -> list[Record]:
        """Give what is to be written next; the same again until it is `done`."""
        while self._queue and len(self._batch) < BATCH:
            item = self._queue.popleft()
            if isinstance(item, Future):
                self._marks.append(item)
            else:
                self._batch.append(item)
        return self._batch

    def done(self, *, kept: bool = True, unfit: int = 0) -> None:
        """Forget the batch: it was written but for what was `unfit`, or will never be."""
        self.dropped += unfit if kept else len(self._batch)
        self._batch = []
        marks, self._marks = self._marks, []
        for mark in marks:
            if mark.set_running_or_notify_cancel():  # else nobody waits any more
                mark.set_result(kept)

    def lost(self) -> Gap | None:
        """Give, once, the time of the readings there was no room for: nobody can say any more what was then."""
        lost, self._lost = self._lost, None
        return None if lost is None else Gap(min(lost), max(lost), "readings were lost: the disk did not take them")

    def mute(self, *, on: bool) -> None:
        """Forget what comes, and what waits, as long as another process writes: none of it is lost."""
        self._muted = on
        if on:
            dropped = self.dropped
            self.drop()
            self.dropped = dropped

    def shut(self) -> None:
        """Take nothing any more: there is nobody left who writes."""
        self._shut = True
        self.drop()

    def drop(self) -> None:
        """Forget everything that waits."""
        while self.batch() or self._marks:
            self.done(kept=False)


def unkept() -> Mark:
    """Give the mark of what is not written."""
    mark = Mark()
    mark.set_result(False)
    return mark
