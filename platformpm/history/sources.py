"""Where queries read from: a connection for each thread, that is opened again when the file was replaced."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from platformpm.history.connecting import connect_reader


class FileSources:
    """Connections to the database at `path` that only read, one for each thread that asks."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet."""
        self._path = path
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._all: list[tuple[threading.Thread, sqlite3.Connection]] = []

    def give(self) -> sqlite3.Connection:
        """Give the connection of this thread. Raises HistoryError."""
        place = self._place()
        known: tuple[object, sqlite3.Connection] | None = getattr(self._mine, "known", None)
        if known is not None and known[0] == place:
            return known[1]
        connection = connect_reader(self._path)
        self._mine.known = (place, connection)
        with self._lock:
            self._close_of_the_dead()
            self._all.append((threading.current_thread(), connection))
        return connection

    def close(self) -> None:
        """Close every connection; one that is asked for later is opened anew."""
        with self._lock:
            for _, connection in self._all:
                connection.close()
            self._all.clear()
        self._mine = threading.local()

    def _close_of_the_dead(self) -> None:
        """Close what threads left behind that are gone, or that this one had of a file that was replaced."""
        here = threading.current_thread()
        for thread, connection in self._all:
            if thread is here or not thread.is_alive():
                connection.close()
        self._all = [
            (thread, connection) for thread, connection in self._all if thread is not here and thread.is_alive()
        ]

    def _place(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
