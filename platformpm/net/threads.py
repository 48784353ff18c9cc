"""Daemon threads for calls that may hang: they grow on demand to a bound and never delay the end of the process."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

_IDLE_SECONDS = 20.0


class DaemonThreads:
    """Runs jobs, each at once while fewer than `bound` run, the rest in order."""

    def __init__(self, bound: int) -> None:
        """Start nothing yet."""
        self._bound = bound
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._count = 0
        self._free = 0
        self._backlog = 0

    @property
    def count(self) -> int:
        """Give the number of threads that exist."""
        return self._count

    @property
    def backlog(self) -> int:
        """Give the number of jobs that no thread was free for."""
        return self._backlog

    def submit(self, job: Callable[[], None]) -> None:
        """Run `job` soon; it must not raise. Raises RuntimeError when the machine gives no first thread."""
        self._jobs.put(job)
        with self._lock:
            if self._free:
                self._free -= 1
                return
            if self._count >= self._bound:
                self._backlog += 1
                return
            self._count += 1
        self._start()

    def allow(self, bound: int) -> None:
        """Change the bound, and start threads for what waits."""
        self._bound = bound
        while True:
            with self._lock:
                if not self._backlog or self._count >= bound:
                    return
                self._backlog -= 1
                self._count += 1
            if not self._start():
                return

    def _start(self) -> bool:
        try:
            threading.Thread(target=self._work, name="platformpm-lookup", daemon=True).start()
        except RuntimeError:
            self._do_with_fewer()
            return False
        return True

    def _do_with_fewer(self) -> None:
        """Leave the job to the threads there are."""
        with self._lock:
            self._count -= 1
            if not self._count:
                self._jobs.get_nowait()
                raise RuntimeError("no thread can be started")
            self._backlog += 1

    def _work(self) -> None:
        while True:
            try:
                self._jobs.get(timeout=_IDLE_SECONDS)()
            except queue.Empty:
                if self._retire():
                    return
                continue
            with self._lock:
                if self._backlog:
                    self._backlog -= 1
                else:
                    self._free += 1

    def _retire(self) -> bool:
        """Leave, unless a job was promised to this thread in the meantime."""
        with self._lock:
            if not self._free:
                return False
            self._free -= 1
            self._count -= 1
            return True
