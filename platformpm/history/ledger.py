"""Records into rows: a batch is one transaction, after which it is on the disk or nothing of it is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import singledispatchmethod

from platformpm.history.host_ledger import HostLedger
from platformpm.history.schema import NO_VERSION, codes, to_ms, to_us
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event
from platformpm.model.reading import NO_PHASES, Reading
from platformpm.model.record import (
    AlertChange,
    Beaten,
    CertificateSeen,
    Gap,
    HostTaken,
    Record,
    Renamed,
    StatusChange,
    Taken,
    VersionChange,
)
from platformpm.model.status import Status

VERSIONS_REMEMBERED = 10_000
"""A build number that changes with every answer must not fill the memory."""
UNFIT = (
    ValueError,
    TypeError,
    OverflowError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
)
"""What a value raises that no database takes."""

_FRESH = "INSERT INTO fresh VALUES (?, ?, ?, ?, ?, ?, ?)"
_FAILURE = f"INSERT OR REPLACE INTO failure VALUES ({', '.join('?' * 18)})"
_ALERT = """
INSERT INTO alert (kind, subject, opened, closed, severity, title, detail, tier, service, environment, owner,
                   affected, worst_affected, worst_detail)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (kind, subject, opened) DO UPDATE SET
    closed = excluded.closed, severity = excluded.severity, title = excluded.title, detail = excluded.detail,
    tier = excluded.tier, service = excluded.service, environment = excluded.environment, owner = excluded.owner,
    affected = excluded.affected, worst_affected = excluded.worst_affected, worst_detail = excluded.worst_detail
"""
_RENAME_SUBJECTS = """
UPDATE subject SET service = :new WHERE service = :old AND NOT EXISTS (
    SELECT 1 FROM subject AS other WHERE other.service = :new
    AND other.environment = subject.environment AND other.instance = subject.instance)
"""
_RENAME_EVENTS = """
UPDATE event SET subject = :new || substr(subject, length(:old) + 1)
WHERE substr(subject, 1, length(:old) + 1) = :old || '@'
"""
_RENAME_ALERTS = """
UPDATE OR IGNORE alert SET service = :new, subject = :new || substr(subject, length(:old) + 1) WHERE service = :old
"""


class Ledger:
    """Writes records with a connection of its own. `started` is when this run began, in wall seconds; it may be set."""

    def __init__(self, connection: sqlite3.Connection, started: float) -> None:
        """Go on in a database that is up to date. Raises sqlite3.Error."""
        self.connection = connection
        self.started = started
        self._status = {status: codes(connection, "status")[status.value] for status in Status}
        self._reason = codes(connection, "reason")
        self._hosts = HostLedger(connection)
        self._forget()

    def write(self, records: Sequence[Record], now: float) -> int:
        """Write records in one transaction; `now` in wall seconds is until when this run certainly ran.

        Gives the number of records that no database takes: they are left out alone. Raises one of `FAULTS`.
        """
        try:
            self._commit(records, now)
        except UnicodeDecodeError:
            raise  # the database is spoilt, not a record
        except UNFIT:
            return sum(not self._fits(record, now) for record in records)
        return 0

    def _fits(self, record: Record, now: float) -> bool:
        try:
            self._commit([record], now)
        except UNFIT:
            return False
        return True

    def _commit(self, records: Iterable[Record], now: float) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            self._write(records, now)
            self.connection.execute("COMMIT")
        except BaseException:
            self._forget()
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def _forget(self) -> None:
        self._hosts.forget()
        self._subjects: dict[InstanceKey, int] = {}
        self._versions: dict[str | None, int] = {None: NO_VERSION}

    def _write(self, records: Iterable[Record], now: float) -> None:
        fresh: list[tuple[int | None, ...]] = []
        for record in records:
            if type(record) is Taken:
                fresh.append(self._fresh(record))
            else:
                self._record(record)
        self.connection.executemany(_FRESH, fresh)
        self.connection.execute(
            "INSERT INTO run VALUES (?, ?) ON CONFLICT (started) DO UPDATE SET ended = max(ended, excluded.ended)",
            (to_ms(self.started), to_ms(max(self.started, now))),
        )

    def _fresh(self, record: Taken) -> tuple[int | None, ...]:
        key, reading, version = record
        subject = self._subjects.get(key) or self._subject(key)
        if reading.status is not Status.UP:
            self.connection.execute(_FAILURE, _failure(subject, reading))
        number = self._versions.get(version)
        latency = reading.latency
        return (
            subject,
            round(reading.at * 1000),
            None if latency is None else round(latency * 1_000_000),
            self._status[reading.status],
            None if reading.reason is None else self._reason[reading.reason],
            self._version(version) if number is None else number,
            1 if reading.trusted else 0,
        )

    @singledispatchmethod
    def _record(self, record: object) -> None:
        raise TypeError(f"history does not know a {type(record).__name__}")

    @_record.register
    def _(self, record: HostTaken) -> None:
        self._hosts.write(record)

    @_record.register
    def _(self, record: StatusChange) -> None:
        key, at, status, reason, detail = record
        row = (self._subject(key), to_ms(at), status, reason, detail)
        self.connection.execute("INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?, ?)", row)

    @_record.register
    def _(self, record: VersionChange) -> None:
        key, at, version, source = record
        row = (self._subject(key), to_ms(at), version, source)
        self.connection.execute("INSERT OR REPLACE INTO version_change VALUES (?, ?, ?, ?)", row)

    @_record.register
    def _(self, record: CertificateSeen) -> None:
        row = (self._subject(record.key), to_ms(record.expires))
        self.connection.execute("INSERT OR REPLACE INTO certificate VALUES (?, ?)", row)

    @_record.register
    def _(self, record: Beaten) -> None:
        beat = record.beat
        row = (self._subject(record.key), to_ms(beat.at), beat.status, beat.message)
        self.connection.execute("INSERT OR REPLACE INTO heartbeat VALUES (?, ?, ?, ?)", row)

    @_record.register
    def _(self, record: Event) -> None:
        row = (to_ms(record.at), record.kind, record.subject, record.text, record.status)
        self.connection.execute("INSERT INTO event (at, kind, subject, text, status) VALUES (?, ?, ?, ?, ?)", row)

    @_record.register
    def _(self, record: AlertChange) -> None:
        alert = record.alert
        closed = None if alert.closed is None else to_ms(alert.closed)
        row = (*alert.key, to_ms(alert.opened), closed, alert.severity, alert.title, alert.detail, alert.tier)
        service = alert.service or (None, None)
        self.connection.execute(_ALERT, (*row, *service, alert.owner, alert.affected, *alert.worst))

    @_record.register
    def _(self, record: Gap) -> None:
        row = (to_ms(record.started), to_ms(record.ended), record.text)
        self.connection.execute("INSERT OR REPLACE INTO gap VALUES (?, ?, ?)", row)

    @_record.register
    def _(self, record: Renamed) -> None:
        names = {"old": record.old, "new": record.new}
        if self.connection.execute(_RENAME_SUBJECTS, names).rowcount:
            self.connection.execute(_RENAME_EVENTS, names)
            self.connection.execute(_RENAME_ALERTS, names)
        self._subjects.clear()

    def _subject(self, key: InstanceKey) -> int:
        known = self._subjects.get(key)
        if known is not None:
            return known
        self.connection.execute("INSERT OR IGNORE INTO subject (service, environment, instance) VALUES (?, ?, ?)", key)
        find = "SELECT id FROM subject WHERE service = ? AND environment = ? AND instance = ?"
        number: int = self.connection.execute(find, key).fetchone()[0]
        self._subjects[key] = number
        return number

    def _version(self, text: str | None) -> int:
        if len(self._versions) > VERSIONS_REMEMBERED:
            self._versions = {None: NO_VERSION}
        self.connection.execute("INSERT OR IGNORE INTO version (text) VALUES (?)", (text,))
        number: int = self.connection.execute("SELECT id FROM version WHERE text = ?", (text,)).fetchone()[0]
        self._versions[text] = number
        return number


def _failure(subject: int, reading: Reading) -> tuple[object, ...]:
    phases = NO_PHASES if reading.phases is None else reading.phases
    components = reading.failing_components
    expires = reading.certificate_expires
    return (
        *(subject, to_ms(reading.at), reading.status, reading.reason, reading.detail, to_us(reading.latency)),
        *(to_us(phases.dns), to_us(phases.connect), to_us(phases.tls), to_us(phases.first_byte)),
        *(to_us(phases.transfer), reading.dialect),
        json.dumps(components, ensure_ascii=False) if components else None,
        *(reading.failing_more, reading.version, reading.version_source),
        None if expires is None else to_ms(expires),
        int(reading.trusted),
    )
