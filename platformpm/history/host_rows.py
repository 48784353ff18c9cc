"""Readings of hosts as the database has them, whole. What is read back may be damaged: nothing in it is believed."""

from __future__ import annotations

import json
import math
from itertools import islice
from typing import Any

from platformpm.history import cleaning
from platformpm.history.connecting import Source
from platformpm.model.host import Disk, HostReading
from platformpm.model.record import HostTaken
from platformpm.model.status import Status

_NUMBERS = ("cpu_percent", "memory_percent", "swap_percent", "received_rate", "sent_rate", "uptime")
_COUNTS = ("cpu_count", "memory_total")
_MOST_DISKS = 64
_MOST_OVER = 2 * (_MOST_DISKS + 3)
"""Two limits for each disk, and for CPU, memory and swap."""
_THERE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"


def has_table(source: Source, name: str) -> bool:
    """Tell whether a database has a table; that of an older version may not. Raises sqlite3.Error."""
    return source.execute(_THERE, (name,)).fetchone() is not None


def has_hosts(source: Source) -> bool:
    """Tell whether a database knows of hosts. Raises sqlite3.Error."""
    return has_table(source, "host")


def written(taken: HostTaken) -> str:
    """Give a reading, and what it made of its host, as JSON without what is not known."""
    reading = taken.reading
    known: dict[str, object] = {name: getattr(reading, name) for name in (*_NUMBERS, *_COUNTS, "load", "failure")}
    known |= {"at": reading.at, "detail": reading.detail or None}
    known |= {"status": taken.status, "since": taken.since, "over": dict(taken.over) or None}
    known["disks"] = [[disk.mount, disk.percent, disk.used, disk.total] for disk in reading.disks] or None
    return json.dumps({name: value for name, value in known.items() if value is not None}, ensure_ascii=False)


def read(name: str, text: object) -> HostTaken | None:
    """Give the reading of a host that was written as `text`, None where it makes no sense."""
    try:
        known = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    at = _number(known.get("at")) if isinstance(known, dict) else None
    if not isinstance(known, dict) or at is None or cleaning.moment(at * 1000) is None:
        return None
    values: dict[str, Any] = {name: _number(known.get(name)) for name in _NUMBERS}
    values |= {name: cleaning.count(known.get(name)) or None for name in _COUNTS}
    values |= {"load": _load(known.get("load")), "disks": _disks(known.get("disks"))}
    reading = HostReading(
        at, failure=cleaning.reason(known.get("failure")), detail=cleaning.words(known.get("detail")), **values
    )
    status, since = cleaning.status(known.get("status")) or Status.UNKNOWN, _number(known.get("since"))
    return HostTaken(name, reading, status, since, _over(known.get("over")))


def _number(value: object) -> float | None:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= cleaning.MOST
    return float(value) if plain and math.isfinite(value) else None  # type: ignore[arg-type]  # it is one


def _load(value: object) -> tuple[float, float, float] | None:
    numbers = [_number(item) for item in value] if isinstance(value, list) else []
    if len(numbers) != 3 or None in numbers:
        return None
    return tuple(numbers)  # type: ignore[return-value]  # three numbers


def _over(value: object) -> dict[str, float]:
    pairs = islice(value.items(), _MOST_OVER) if isinstance(value, dict) else ()
    found = {cleaning.words(name): _number(since) for name, since in pairs}
    return {name: since for name, since in found.items() if name and since is not None}


def _disks(value: object) -> tuple[Disk, ...]:
    rows = value[:_MOST_DISKS] if isinstance(value, list) else []
    return tuple(disk for row in rows if (disk := _disk(row)) is not None)


def _disk(row: Any) -> Disk | None:
    if not isinstance(row, list) or len(row) != 4:
        return None
    mount, percent = cleaning.words(row[0]), _number(row[1])
    return Disk(mount, percent, *map(cleaning.count, row[2:])) if mount and percent is not None else None
