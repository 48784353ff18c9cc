"""Following what another process writes: its readings of instances and hosts, and its events, as they come."""

from __future__ import annotations

from collections.abc import Callable

from platformpm.history import cleaning
from platformpm.history.connecting import Row, Source
from platformpm.history.host_rows import has_hosts, read
from platformpm.history.queries import readable
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event
from platformpm.model.reading import Reading
from platformpm.model.record import HostTaken, Taken
from platformpm.model.status import Status

_MOST = 20_000
"""Readings given at once; the rest comes at the next look."""
_LAST = "SELECT max(rowid) FROM {}"
_NEWS = """
SELECT fresh.rowid, subject.service, subject.environment, subject.instance, fresh.subject, fresh.at,
    fresh.latency, status.name, reason.name, version.text, fresh.trusted
FROM fresh JOIN subject ON subject.id = fresh.subject
LEFT JOIN status ON status.id = fresh.status
LEFT JOIN reason ON reason.id = fresh.reason
LEFT JOIN version ON version.id = fresh.version
WHERE fresh.rowid > ? ORDER BY fresh.rowid LIMIT ?
"""
_EVENTS = f"SELECT id, {cleaning.EVENT} FROM event WHERE id > ? ORDER BY id LIMIT ?"
_HOSTS = "SELECT name, at, reading FROM host"
_WHOLE = f"SELECT {cleaning.FAILURE} FROM failure WHERE subject = ? AND at = ?"


class Tail:
    """What was written since the last look. For one thread at a time."""

    def __init__(self, source: Callable[[], Source]) -> None:
        """Begin with what is written from now on. Raises HistoryError."""
        self._source = source
        self._last = self._end("fresh")
        self._told = self._end("event")
        self._hosts: dict[str, int] = {}
        self.news_of_hosts()

    def news(self) -> list[Taken]:
        """Give the readings of instances since the last look, oldest first. Raises HistoryError."""
        with readable():
            if self._end("fresh") < self._last:
                self._last = 0  # all were moved, and the writer began anew to count
            rows = self._source().execute(_NEWS, (self._last, _MOST)).fetchall()
            self._last = rows[-1][0] if rows else self._last
            return [taken for row in rows if (taken := self._taken(row)) is not None]

    def news_of_hosts(self) -> list[HostTaken]:
        """Give the newest reading of each host that was read since the last look. Raises HistoryError."""
        with readable():
            source = self._source()
            rows = source.execute(_HOSTS).fetchall() if has_hosts(source) else []
        found = [read(name, text) for name, at, text in rows if at != self._hosts.get(name)]
        self._hosts = {name: at for name, at, _ in rows}
        return [taken for taken in found if taken is not None]

    def news_of_events(self) -> list[Event]:
        """Give the events since the last look, oldest first. Raises HistoryError."""
        with readable():
            if self._end("event") < self._told:
                self._told = 0
            rows = self._source().execute(_EVENTS, (self._told, _MOST)).fetchall()
        self._told = rows[-1][0] if rows else self._told
        return [event for row in rows if (event := cleaning.event(row[1:])) is not None]

    def _end(self, table: str) -> int:
        with readable():
            (last,) = self._source().execute(_LAST.format(table)).fetchone() or (None,)
        return last or 0

    def _taken(self, row: Row) -> Taken | None:
        _, service, environment, instance, subject, moment, latency, name, reason, version, trusted = row
        key, at, status = InstanceKey(service, environment, instance), cleaning.moment(moment), cleaning.status(name)
        if at is None or status is None:
            return None
        reading = None
        if status is not Status.UP:
            whole = self._source().execute(_WHOLE, (subject, moment)).fetchone()
            reading = cleaning.failure(whole) if whole is not None else None
        if reading is None:
            why, took = cleaning.reason(reason), cleaning.duration(latency)
            reading = Reading(status, at, why, latency=took, trusted=bool(trusted), whole=False)
        return Taken(key, reading, cleaning.words(version) or None)
