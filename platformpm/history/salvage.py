"""A damaged database: it is moved aside, and what can be read of it is taken over into a new one."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from platformpm.history.connecting import FAULTS, Row
from platformpm.history.host_schema import HOST_ROLL_UPS
from platformpm.history.schema import ROLL_UPS

_PAGE = 4096
_BESIDE = ("", "-wal", "-shm")
_BASE = ("subject", "version", "status", "reason", "host", "measure")
"""Tables that say what the numbers in the others mean."""
_NAMES = ("status", "reason")
"""Of these a new database has its own: where a name is spoilt, it says what the number means."""
_BY_ROW = ("fresh", "host_fresh", "event", "alert", "certificate", "heartbeat", "run", "gap")
_BY_SUBJECT = (
    {"change": "at", "version_change": "at"} | dict.fromkeys(ROLL_UPS, "start") | {"failure": "at", "reading": "at"}
)
_BY_HOST = dict.fromkeys(HOST_ROLL_UPS, "start") | {"host_reading": "at"}
_COUNTED = {"fresh", "reading", "host_fresh", "host_reading", *ROLL_UPS, *HOST_ROLL_UPS}
"""Tables of readings and values."""
_ROWS = 1 << 22
_AGE = 400 * 86400
"""Rows, and seconds before now, in which is looked where the ends of a table cannot be read."""
_TRIES = 4_000
"""Ranges of one table and subject that may be unreadable before the smaller ones are given up: some 40 ms."""
_TRIES_IN_ALL = 500_000


def set_aside(path: Path, now: float) -> Path:
    """Rename a database and what belongs to it; give its new path. Raises OSError."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.corrupt-{stamp}-{number}")
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    return aside


def salvage(connection: sqlite3.Connection, damaged: Path, now: float) -> int:
    """Take over what can be read of a damaged database into a new one; give the number of readings and values.

    Never raises for what is wrong with the damaged one. Raises sqlite3.Error where the new one cannot be written.
    """
    if not damaged.stat().st_size:
        os.truncate(damaged, _PAGE)  # SQLite reads the log of a database that has a page
    uri = f"{damaged.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as old:
        old.text_factory = lambda text: text.decode("utf-8", "replace")
        try:
            old.execute("PRAGMA writable_schema = ON")  # without it SQLite reads nothing of a file that is cut off
            old.execute("SELECT 1 FROM sqlite_master")
        except FAULTS:
            return 0
        return _Salvage(old, connection, now).run()


class _Salvage:
    """Copies ranges of rows, and halves those that cannot be read until only what is spoilt is left out."""

    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection, now: float) -> None:
        self._old = old
        self._new = new
        self._now = int(now)
        self._tries = _TRIES_IN_ALL

    def run(self) -> int:
        count = 0
        for table in _BASE + _BY_ROW:
            copied = self._table(table, "rowid", "true", *self._ends(table, "rowid"))
            count += copied if table in _COUNTED else 0
        for owner, tables in (("subject", _BY_SUBJECT), ("host", _BY_HOST)):
            numbers = [number for (number,) in self._new.execute(f"SELECT id FROM {owner} ORDER BY id")]
            for table, column in tables.items():
                for number in numbers:
                    which = f"{owner} = {number}"
                    copied = self._table(table, column, which, *self._ends(table, column, which))
                    count += copied if table in _COUNTED else 0
        return count

    def _table(self, table: str, column: str, which: str, first: int, last: int) -> int:
        """Copy rows whose `column` lies in [first, last]; give their number."""
        names = self._columns(table)
        if not names:
            return 0
        read = f"SELECT {', '.join(names)}, {column} FROM {table} WHERE {which} AND {column} BETWEEN ? AND ?"
        conflict = "REPLACE" if table in _BASE else "IGNORE"
        write = f"INSERT OR {conflict} INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        count = 0
        self._new.execute("BEGIN IMMEDIATE")
        for rows in self._readable(f"{read} ORDER BY {column}", first, last):
            whole = [row[:-1] for row in rows if table not in _NAMES or not _is_spoilt(row)]
            count += self._insert(write, whole)
        self._new.execute("COMMIT")
        return count

    def _insert(self, write: str, rows: list[Row]) -> int:
        """Insert rows, without those that no table takes; give their number."""
        try:
            return self._new.executemany(write, rows).rowcount
        except sqlite3.IntegrityError:
            return sum(self._insert(write, [row]) for row in rows) if len(rows) > 1 else 0

    def _readable(self, read: str, first: int, last: int) -> Iterator[list[Row]]:
        """Give rows from both ends up to what is spoilt, then what lies between, the largest ranges first.

        What is still spoilt when the tries run out is then as small as can be.
        """
        rows, whole = self._until_spoilt(read, first, last)
        yield rows
        if whole:
            return
        first = rows[-1][-1] + 1 if rows else first
        rows, _ = self._until_spoilt(f"{read} DESC", first, last)
        yield rows[::-1]
        waiting = deque([(first, rows[-1][-1] - 1 if rows else last)])
        tries = min(_TRIES, self._tries)
        while waiting and tries:
            low, high = waiting.popleft()
            rows, whole = self._until_spoilt(read, low, high)
            if whole:
                yield rows
                continue
            tries -= 1
            self._tries -= 1
            if low < high:
                middle = (low + high) // 2
                waiting += [(low, middle), (middle + 1, high)]

    def _until_spoilt(self, read: str, low: int, high: int) -> tuple[list[Row], bool]:
        """Give the rows before the first that cannot be read, and whether there was none such."""
        rows: list[Row] = []
        try:
            rows.extend(self._old.execute(read, (low, high)))
        except (*FAULTS, OverflowError):  # after the highest number that there is comes none
            return rows, False
        return rows, True

    def _ends(self, table: str, column: str, which: str = "true") -> tuple[int, int]:
        """Give the lowest and the highest value of a column, or where to look when an end cannot be read."""
        unit = {"at": 1000}.get(column, 1)
        low, high = (0, _ROWS) if column == "rowid" else ((self._now - _AGE) * unit, self._now * unit)
        with suppress(*FAULTS):
            low = self._one(f"SELECT min({column}) FROM {table} WHERE {which}", low)
        with suppress(*FAULTS):
            high = self._one(f"SELECT max({column}) FROM {table} WHERE {which}", -1)
        return low, high

    def _one(self, sql: str, default: int) -> int:
        (value,) = self._old.execute(sql).fetchone()
        return value if isinstance(value, int) else default

    def _columns(self, table: str) -> list[str]:
        """Give the columns that the table has in both databases."""
        try:
            old = {row[1] for row in self._old.execute(f"PRAGMA table_info({table})")}
        except FAULTS:
            return []
        return [row[1] for row in self._new.execute(f"PRAGMA table_info({table})") if row[1] in old]


def _is_spoilt(row: Row) -> bool:
    return any(isinstance(value, str) and "\N{REPLACEMENT CHARACTER}" in value for value in row)


def is_damage(error: BaseException) -> bool:
    """Tell whether an error says that the database itself is spoilt, and not the disk or the question."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # Python could not read a text, or a message that quotes one
        return isinstance(error, (sqlite3.OperationalError, UnicodeDecodeError))
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
