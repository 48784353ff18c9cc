"""How the database is opened: one connection writes, the others only read and never checkpoint."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from platformpm.errors import HistoryError
from platformpm.history.schema import APPLICATION_ID, BUSY, VERSION
from platformpm.model.text import safe_text

Row = tuple[Any, ...]
_PAGES_PER_CHECKPOINT = 1000
_CACHE = -4 * 1024
"""KiB of pages the writer keeps, as SQLite wants them written. Four times as many save nothing and fill for an hour."""
FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What any use of a connection may raise: a message of SQLite may quote spoilt bytes, which Python cannot read then."""


class Rows(Protocol):
    """The rows of one statement."""

    def __iter__(self) -> Iterator[Row]:
        """Give row by row."""

    def fetchone(self) -> Row | None:
        """Give the next row."""

    def fetchall(self) -> list[Row]:
        """Give the rest."""


class Source(Protocol):
    """What queries run on: a connection of SQLite that only reads, or something like it. Takes single SELECTs."""

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> Rows:
        """Run one statement. Raises sqlite3.Error."""


class ForeignError(HistoryError):
    """The file is not a history of this version of platformpm, and must stay as it is."""


class NotAFileError(HistoryError):
    """Something that is no file stands where history should be."""


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open the database to write, and create it where there is none. Raises sqlite3.Error, OSError or HistoryError."""
    refuse_what_is_no_file(path)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(_uri(path, "rw"), uri=True, isolation_level=None, timeout=BUSY)
    try:
        if path.stat().st_size:
            check_identity(connection)
        else:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_PER_CHECKPOINT}")
        connection.execute(f"PRAGMA cache_size = {_CACHE}")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_memory() -> sqlite3.Connection:
    """Open a database that lives in memory; it may be used by any thread, one at a time."""
    return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open the database to read; it may be used by any thread, one at a time. Raises HistoryError."""
    shown = safe_text(str(path))
    try:
        if not path.exists():
            raise HistoryError(f"there is no history yet: {shown} (platformpm watch records it, or the open screen)")
        return connect_looker(path)
    except OSError as error:
        raise HistoryError(f"history cannot be read: {(error.strerror or str(error)).lower()}: {shown}") from error
    except (*FAULTS, ForeignError, NotAFileError) as error:
        raise HistoryError(f"history cannot be read: {safe_text(str(error))}: {shown}") from error


def connect_looker(path: Path) -> sqlite3.Connection:
    """Open the database to read, and nothing but that. Raises sqlite3.Error, OSError, ForeignError, NotAFileError."""
    refuse_what_is_no_file(path)
    if not path.stat().st_size:  # SQLite would throw away the log of one that was emptied
        raise NotAFileError("it is empty")
    return _reader(path, "ro")


def refuse_what_is_no_file(path: Path) -> None:
    """Look before opening: a pipe would be waited for, a device may do anything. Raises HistoryError or OSError."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISREG(mode):
        return
    what = "folder" if stat.S_ISDIR(mode) else "pipe" if stat.S_ISFIFO(mode) else "device"
    raise NotAFileError(f"a {what}, not a file")


def check_identity(connection: sqlite3.Connection) -> None:
    """Make sure that the database is ours and not from a newer version. Raises HistoryError or sqlite3.Error."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application not in (0, APPLICATION_ID) or (not application and _has_tables(connection)):
        raise ForeignError("it is not a history of platformpm")
    if version > VERSION:
        raise ForeignError(f"it was written by a newer platformpm (version {version}, this one knows {VERSION})")


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone())


def _reader(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        _uri(path, mode), uri=True, isolation_level=None, timeout=BUSY, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA query_only = ON")
        check_identity(connection)
    except sqlite3.OperationalError:
        connection.close()
        if mode == "ro" and not _has_wal(path):
            # In a folder that cannot be written there can be no shared memory: nobody writes, so none is needed.
            return _reader(path, "ro&immutable=1")
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _has_wal(path: Path) -> bool:
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


class SharedSource:
    """Lets any thread read from a connection that another writes with, between its transactions."""

    def __init__(self, connection: sqlite3.Connection, lock: threading.RLock) -> None:
        """Read from `connection` while holding `lock`."""
        self._connection = connection
        self._lock = lock

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> Rows:
        """Run one statement and keep its rows. Raises sqlite3.Error."""
        with self._lock:
            return _Kept(self._connection.execute(sql, parameters).fetchall())


class _Kept:
    """Rows that were all read at once."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = iter(rows)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def fetchone(self) -> Row | None:
        return next(self._rows, None)

    def fetchall(self) -> list[Row]:
        return list(self._rows)
