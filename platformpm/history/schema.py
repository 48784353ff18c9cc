"""The database: its tables, its versions, and what its numbers mean.

Points in time are integer milliseconds of wall time, but for `start` of the roll-ups: integer seconds. Durations are
integer microseconds. A subject with an empty `instance` is a service as a whole in an environment. Version 0 is none.
`latency` of the roll-ups is a histogram as `model.histogram` packs it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from platformpm.history.host_schema import HOSTS
from platformpm.history.views import VIEWS
from platformpm.model.status import Reason, Status

APPLICATION_ID = 0x50504D48
"""The letters PPMH in the header of every file that is a history of platformpm."""
ROLL_UPS = {"five_minutes": 300, "hour": 3600, "day": 86400}
"""Tables of values over buckets, and the seconds of a bucket."""
NO_VERSION = 0
BUSY = 5.0
"""Seconds to wait for a lock of another process; only one writes, so there is nearly never any."""

_SUBJECTS = """
CREATE TABLE subject (
    id INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    environment TEXT NOT NULL,
    instance TEXT NOT NULL,
    UNIQUE (service, environment, instance)
);
CREATE TABLE version (id INTEGER PRIMARY KEY, text TEXT UNIQUE);
INSERT INTO version (id, text) VALUES (0, NULL);
CREATE TABLE status (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE reason (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
"""

_READINGS = """
CREATE TABLE fresh (
    subject INTEGER NOT NULL,
    at INTEGER NOT NULL,
    latency INTEGER,
    status INTEGER NOT NULL,
    reason INTEGER,
    version INTEGER NOT NULL,
    trusted INTEGER NOT NULL
);
CREATE TABLE reading (
    subject INTEGER NOT NULL,
    at INTEGER NOT NULL,
    latency INTEGER,
    status INTEGER NOT NULL,
    reason INTEGER,
    version INTEGER NOT NULL,
    trusted INTEGER NOT NULL,
    PRIMARY KEY (subject, at)
) WITHOUT ROWID;
CREATE TABLE failure (
    subject INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    detail TEXT NOT NULL,
    latency INTEGER,
    dns INTEGER,
    connect INTEGER,
    tls INTEGER,
    first_byte INTEGER,
    transfer INTEGER,
    dialect TEXT,
    failing_components TEXT,
    failing_more INTEGER NOT NULL,
    version TEXT,
    version_source TEXT,
    certificate_expires INTEGER,
    trusted INTEGER NOT NULL,
    PRIMARY KEY (subject, at)
) WITHOUT ROWID;
CREATE VIEW readings AS
SELECT
    every.at / 1000.0 AS at,
    subject.service AS service,
    subject.environment AS environment,
    subject.instance AS instance,
    status.name AS status,
    reason.name AS reason,
    every.latency / 1000.0 AS latency_ms,
    version.text AS version,
    every.trusted AS trusted
FROM (SELECT * FROM reading UNION ALL SELECT * FROM fresh) AS every
JOIN subject ON subject.id = every.subject
JOIN status ON status.id = every.status
LEFT JOIN reason ON reason.id = every.reason
LEFT JOIN version ON version.id = every.version;
"""

_ROLL_UP = """
CREATE TABLE {name} (
    subject INTEGER NOT NULL,
    start INTEGER NOT NULL,
    version INTEGER NOT NULL,
    up INTEGER NOT NULL,
    degraded INTEGER NOT NULL,
    down INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    untrusted INTEGER NOT NULL,
    latency BLOB NOT NULL,
    PRIMARY KEY (subject, start, version)
) WITHOUT ROWID;
"""

_HAPPENINGS = """
CREATE TABLE change (
    subject INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (subject, at)
) WITHOUT ROWID;
CREATE TABLE version_change (
    subject INTEGER NOT NULL,
    at INTEGER NOT NULL,
    version TEXT NOT NULL,
    source TEXT,
    PRIMARY KEY (subject, at)
) WITHOUT ROWID;
CREATE TABLE certificate (subject INTEGER PRIMARY KEY, expires INTEGER NOT NULL);
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    status TEXT
);
CREATE INDEX event_at ON event (at);
CREATE TABLE alert (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    opened INTEGER NOT NULL,
    closed INTEGER,
    severity TEXT NOT NULL,
    title TEXT NOT NULL,
    detail TEXT NOT NULL,
    tier INTEGER,
    service TEXT,
    environment TEXT,
    owner TEXT,
    affected INTEGER NOT NULL,
    worst_affected INTEGER NOT NULL,
    worst_detail TEXT NOT NULL,
    UNIQUE (kind, subject, opened)
);
CREATE TABLE run (started INTEGER PRIMARY KEY, ended INTEGER NOT NULL);
CREATE TABLE gap (started INTEGER PRIMARY KEY, ended INTEGER NOT NULL, text TEXT NOT NULL);
"""

_HEARTBEATS = """
CREATE TABLE heartbeat (subject INTEGER PRIMARY KEY, at INTEGER NOT NULL, status TEXT NOT NULL, message TEXT NOT NULL);
"""

MIGRATIONS = (
    "".join([_SUBJECTS, _READINGS, *(_ROLL_UP.format(name=name) for name in ROLL_UPS), _HAPPENINGS]),
    VIEWS,
    HOSTS,
    _HEARTBEATS,
)
"""Script number n makes version n + 1 of the database from version n; 0 is an empty file."""
VERSION = len(MIGRATIONS)
_COLUMNS = """
SELECT made.name, part.name FROM sqlite_master AS made JOIN pragma_table_info(made.name) AS part
WHERE made.type = 'table'
"""


def to_ms(seconds: float) -> int:
    """Give wall seconds as the database has them, in milliseconds."""
    return round(seconds * 1000)


def to_us(seconds: float | None) -> int | None:
    """Give a duration in seconds as the database has it, in microseconds."""
    return None if seconds is None else round(seconds * 1_000_000)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database up to date, each version in a transaction of its own. Raises sqlite3.Error."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if not version:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number};"
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {script} {marks} COMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    _extend(connection, "status", list(Status))
    _extend(connection, "reason", list(Reason))


def lacking(connection: sqlite3.Connection) -> str | None:
    """Name a table that a database of this version has, and this one has not or not whole. Raises sqlite3.Error."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript("".join(MIGRATIONS))
        wanted = set(fresh.execute(_COLUMNS))
    return min((table for table, _ in wanted.difference(connection.execute(_COLUMNS))), default=None)


def codes(connection: sqlite3.Connection, table: str) -> dict[str, int]:
    """Give the number of each name in `status` or `reason`."""
    return {name: number for number, name in connection.execute(f"SELECT id, name FROM {table}")}


def _extend(connection: sqlite3.Connection, table: str, names: list[str]) -> None:
    """Number the names that have no number yet: up, which nearly every row has, is 0 and takes no room."""
    known = codes(connection, table)
    first = max(known.values(), default=-1) + 1
    new = [(number, str(name)) for number, name in enumerate((n for n in names if n not in known), first)]
    if new:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO {table} (id, name) VALUES (?, ?)", new)
        connection.execute("COMMIT")
