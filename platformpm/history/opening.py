"""What is looked at before a history is written: that it is one, that it is whole, and what to say where it is not."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from platformpm.errors import HistoryError
from platformpm.history.connecting import FAULTS, ForeignError, connect_looker, connect_writer, refuse_what_is_no_file
from platformpm.history.lock import lock_path
from platformpm.history.place import FILE_NAME
from platformpm.history.rolling import prepare
from platformpm.history.salvage import is_damage
from platformpm.history.schema import lacking, migrate
from platformpm.history.wal import has_content, is_headless, wal_of
from platformpm.model.text import safe_text

_MAGIC = b"SQLite format 3\0"
CHECKED = 64 * 2**20
"""Bytes up to which every file is checked as a whole, some 0.3 s; a larger one where the last run did not end well."""
CHECKED_AT_ALL = 2**30
"""Bytes beyond which even that would take too long: what is spoilt is then found when it is met."""
_TEXTS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only",
    sqlite3.SQLITE_PERM: "the file or its folder is read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk does not take it",
    sqlite3.SQLITE_BUSY: "another program locks it",
}


class DamagedError(HistoryError):
    """The database is spoilt."""


def make_folder(path: Path) -> None:
    """Make the folder of a database, and those above it, for this user alone where they are missing. Raises OSError."""
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        if folder.is_symlink():
            raise NotADirectoryError(errno.ENOTDIR, "a folder above it is a link that leads nowhere")
        folder.mkdir(mode=0o700, exist_ok=True)


def look(path: Path) -> str | None:
    """Look at a file without touching it: give what is damaged at first sight. Raises HistoryError or OSError.

    A file that is no database may be anything; it counts as a damaged history only where one must have been.
    """
    refuse_what_is_no_file(path)
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError:
        return None
    if not head:  # SQLite would throw away what lies beside it
        return "it was emptied" if has_content(path) else None
    if head != _MAGIC:
        if path.name != FILE_NAME and not lock_path(path).exists():
            raise ForeignError("it is not a history of platformpm")
        return "its head is spoilt"
    with suppress(*FAULTS, OSError):  # opening it to write says what is wrong
        connect_looker(path).close()
    return None


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a database whose lock is held, bring it up to date and check it.

    Raises DamagedError, ForeignError, OSError or one of `FAULTS`.
    """
    unclean = _size(wal_of(path)) > 0
    if is_headless(path):
        raise DamagedError("the head of its write-ahead log is spoilt")
    thorough = _size(path) <= (CHECKED_AT_ALL if unclean else CHECKED)
    connection = connect_writer(path)
    try:
        if thorough:
            _check(connection)
        _migrate(connection)
        prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring a database up to date: what stands in the way was neither made by us nor by the disk."""
    try:
        migrate(connection)
        lost = lacking(connection)
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR:
            raise
        raise DamagedError("its tables are not those of its version") from error
    except (sqlite3.IntegrityError, OverflowError) as error:
        raise DamagedError("its names of status or reason are spoilt") from error
    if lost is not None:
        raise DamagedError(f"its table {lost} is not whole")


def finish(connection: sqlite3.Connection) -> None:
    """Bring everything into the file itself before the end: readers that are still open would keep SQLite from it."""
    connection.execute("PRAGMA busy_timeout = 0")
    with suppress(*FAULTS):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _check(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise DamagedError("it is spoilt inside")


def is_spoilt(error: Exception) -> bool:
    """Tell whether an error means that the database must be started anew."""
    return isinstance(error, DamagedError) or is_damage(error)


def reason_of(error: Exception) -> str:
    """Say in some words why history cannot be written."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _TEXTS.get(code & 0xFF, safe_text(str(error)))
    if is_damage(error):
        return "a text in it is spoilt"
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return str(error)


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0
