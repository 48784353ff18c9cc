"""Readings of hosts into rows: one for the trend, and the newest of each host whole."""

from __future__ import annotations

import sqlite3

from platformpm.history.host_rows import written
from platformpm.history.host_schema import CPU, MEMORY, SWAP
from platformpm.model.host import HostReading
from platformpm.model.record import HostTaken

MOST_MEASURES = 10_000
"""A mount whose name changes with every look must fill neither the disk nor the memory."""
_NEWEST = """
INSERT INTO host (name, at, reading) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET at = excluded.at, reading = excluded.reading
"""


class HostLedger:
    """Writes with the connection of the ledger, within its transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Go on in a database that is up to date."""
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Forget the numbers of hosts and measures: a transaction that gave some was undone."""
        self._hosts: dict[str, int] = {}
        self._measures: dict[str, int] | None = None

    def write(self, record: HostTaken) -> None:
        """Write one reading. Raises sqlite3.Error."""
        name, reading = record.name, record.reading
        at = round(reading.at * 1000)
        self._connection.execute(_NEWEST, (name, at, written(record)))
        percents = ",".join(f'"{number}":{round(value * 100)}' for number, value in self._percents(reading))
        if percents:
            row = (self._host(name), at, f"{{{percents}}}")
            self._connection.execute("INSERT INTO host_fresh VALUES (?, ?, ?)", row)

    def _percents(self, reading: HostReading) -> list[tuple[int, float]]:
        single = ((CPU, reading.cpu_percent), (MEMORY, reading.memory_percent), (SWAP, reading.swap_percent))
        disks = {f"disk {disk.mount}": disk.percent for disk in reading.disks}
        found = [(number, value) for number, value in single if value is not None]
        return found + [(number, value) for name, value in disks.items() if (number := self._measure(name))]

    def _host(self, name: str) -> int:
        if name not in self._hosts:
            (self._hosts[name],) = self._connection.execute("SELECT id FROM host WHERE name = ?", (name,)).fetchone()
        return self._hosts[name]

    def _measure(self, name: str) -> int | None:
        """Give the number of a measure, None where there are too many already."""
        if self._measures is None:
            self._measures = dict(self._connection.execute("SELECT name, id FROM measure").fetchall())
        number = self._measures.get(name)
        if number is None and len(self._measures) < MOST_MEASURES:
            number = self._connection.execute("INSERT INTO measure (name) VALUES (?)", (name,)).lastrowid or 0
            self._measures[name] = number
        return number
