"""How long history is kept: by age, and by the room it takes. Every step is a small transaction of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from platformpm.history.cleaning import MOST
from platformpm.history.schema import to_ms
from platformpm.model.inventory import HistorySettings

SUBJECTS = 50
"""Subjects looked at in one transaction."""
ROWS = 5_000
"""Rows of other tables deleted in one transaction."""
PAGES = 500
"""Free pages given back to the file system in one transaction."""
_SPARE = 0.1
"""Share of the file that may be free before it is given back, and that is made free when it is too large."""
_SHARES = 10
"""Parts into which a table's time is cut when its oldest part must go to make room."""
_BY_ROOM = (
    *(("subject", "reading", "at"), ("subject", "failure", "at"), ("host", "host_reading", "at")),
    *(("subject", "five_minutes", "start"), ("host", "host_five_minutes", "start")),
    *(("subject", "hour", "start"), ("host", "host_hour", "start")),
    *(("subject", "day", "start"), ("host", "host_day", "start")),
)
"""What goes first when there is too much: of whom, which table, and its time."""

_FAILURES = """
DELETE FROM failure WHERE subject = ?1 AND at < {raw} AND (at < {days} OR NOT EXISTS (
    SELECT 1 FROM change WHERE change.subject = failure.subject AND change.at = failure.at))
"""
"""The answer that decided a change is kept, whole, as long as the change: what was seen when it began."""
_CHANGES = """
DELETE FROM {table} WHERE subject = :subject AND at < (
    SELECT max(at) FROM {table} WHERE subject = :subject AND at <= :before)
"""
"""The change that is in force at the edge stays."""
_REST = {
    "event": "at < :before",
    "alert": "closed IS NOT NULL AND closed < :before",
    "run": "ended < :before",
    "gap": "ended < :before",
}


def keep(connection: sqlite3.Connection, settings: HistorySettings, now: float) -> Iterator[None]:
    """Delete what is too old at wall time `now`, then what is too much, and shrink the file. Raises sqlite3.Error."""
    yield from _by_age(connection, settings, now)
    yield from make_room(connection, settings)


def make_room(connection: sqlite3.Connection, settings: HistorySettings) -> Iterator[None]:
    """Delete the oldest readings, then the oldest values, until the file may be as large as it is."""
    if is_too_large(connection, settings) and settings.max_size is not None:
        for owner, table, column in _BY_ROOM:
            while _used(connection) > settings.max_size * (1 - _SPARE):
                before = _next_edge(connection, owner, table, column)
                if before is None:
                    break
                delete = f"DELETE FROM {table} WHERE {owner} = ? AND {column} < {before}"
                yield from _delete(connection, [delete], owner)
    yield from _shrink(connection, settings)


def is_too_large(connection: sqlite3.Connection, settings: HistorySettings) -> bool:
    """Tell whether the file takes more than it may."""
    return settings.max_size is not None and _pages(connection, "page_count") > settings.max_size


def _by_age(connection: sqlite3.Connection, settings: HistorySettings, now: float) -> Iterator[None]:
    raw, days = to_ms(now - settings.raw), to_ms(now - settings.days)
    edges = {"five_minutes": settings.five_minutes, "hour": settings.hours, "day": settings.days}
    deletes = [f"DELETE FROM reading WHERE subject = ? AND at < {raw}", _FAILURES.format(raw=raw, days=days)]
    deletes += [f"DELETE FROM {table} WHERE subject = ? AND start < {int(now - age)}" for table, age in edges.items()]
    for table in ("change", "version_change"):
        deletes.append(_CHANGES.format(table=table).replace(":subject", "?1").replace(":before", str(days)))
    yield from _delete(connection, deletes)
    edges = {"host_five_minutes": settings.five_minutes, "host_hour": settings.hours, "host_day": settings.days}
    deletes = [f"DELETE FROM host_reading WHERE host = ? AND at < {raw}"]
    deletes += [f"DELETE FROM {table} WHERE host = ? AND start < {int(now - age)}" for table, age in edges.items()]
    yield from _delete(connection, deletes, "host")
    for table, old in _REST.items():
        delete = f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE {old} LIMIT {ROWS})"
        while connection.execute(delete, {"before": days}).rowcount == ROWS:
            yield
        yield


def _delete(connection: sqlite3.Connection, statements: list[str], owner: str = "subject") -> Iterator[None]:
    """Run each statement for every subject, or every host."""
    subjects = connection.execute(f"SELECT id FROM {owner} ORDER BY id").fetchall()
    for first in range(0, len(subjects), SUBJECTS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.executemany(statement, subjects[first : first + SUBJECTS])
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        yield


def _next_edge(connection: sqlite3.Connection, owner: str, table: str, column: str) -> int | None:
    """Give the time before which the oldest tenth of a table lies; None where the table is empty."""
    sane = f"FROM {table} WHERE {owner} = {owner}.id AND {column} BETWEEN 0 AND {MOST}"
    first, last = (f"(SELECT {column} {sane} ORDER BY {column} {way} LIMIT 1)" for way in ("ASC", "DESC"))
    oldest, newest = connection.execute(f"SELECT min({first}), max({last}) FROM {owner}").fetchone()
    return None if oldest is None else oldest + (newest - oldest) // _SHARES + 1


def _shrink(connection: sqlite3.Connection, settings: HistorySettings) -> Iterator[None]:
    """Give free pages back where they are many, or the file takes more than it may."""
    free = _pages(connection, "freelist_count")
    if free <= _pages(connection, "page_count") * _SPARE and not is_too_large(connection, settings):
        return
    while _pages(connection, "freelist_count"):
        # `execute` would stop after one page: it takes one step of a statement that has no columns.
        connection.executescript(f"PRAGMA incremental_vacuum({PAGES})")
        yield
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _used(connection: sqlite3.Connection) -> int:
    return _pages(connection, "page_count") - _pages(connection, "freelist_count")


def _pages(connection: sqlite3.Connection, pragma: str) -> int:
    """Give a number of pages, in bytes."""
    (count,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(count * size)
