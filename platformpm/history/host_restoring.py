"""What was known of hosts when the last run ended: the newest reading of each, and its last percentages."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from platformpm.history import cleaning
from platformpm.history.connecting import Source
from platformpm.history.host_rows import has_hosts, read
from platformpm.history.host_schema import CPU, MEMORY
from platformpm.model.memory import HostMemory
from platformpm.model.series import EMPTY, Series
from platformpm.model.status import Status

_NEWEST = "SELECT id, name, reading FROM host"
_PERCENT = "json_extract(CASE WHEN json_valid(percents) THEN percents END, '$.\"{}\"')"
_VALUES = f"at, {_PERCENT.format(CPU)}, {_PERCENT.format(MEMORY)}"
_FRESH = f"SELECT host, {_VALUES} FROM host_fresh ORDER BY rowid DESC"
_OLDER = f"SELECT {_VALUES} FROM host_reading WHERE host = ? AND at < ? ORDER BY at DESC LIMIT ?"
_HIGHEST = 10_000
"""A hundred percent, in hundredths."""

_Point = tuple[float, object, object]


def restore_hosts(source: Source, names: Collection[str], points: int) -> Iterator[tuple[str, HostMemory]]:
    """Give what is known of the hosts with these names, with `points` percentages each. Raises sqlite3.Error."""
    if not names or not has_hosts(source):
        return
    wanted = set(names)
    newest = {number: read(name, text) for number, name, text in source.execute(_NEWEST) if name in wanted}
    recent = _recent(source, newest.keys(), points)
    for number, taken in newest.items():
        if taken is not None:
            cpu, memory = (_series(recent[number], place) for place in (1, 2))
            yield taken.name, HostMemory(taken.reading, taken.status, taken.since, cpu, memory, taken.over)


def _recent(source: Source, numbers: Collection[int], points: int) -> dict[int, list[_Point]]:
    """Give the newest points of each host, newest first."""
    found: dict[int, list[_Point]] = {number: [] for number in numbers}
    wanting = dict(found) if points else {}
    for number, *point in source.execute(_FRESH):
        if not wanting:
            break
        if number in wanting:
            found[number].append(tuple(point))
            if len(found[number]) == points:
                del wanting[number]
    for number, chunk in wanting.items():
        before = chunk[-1][0] if chunk else cleaning.LATEST
        found[number] += source.execute(_OLDER, (number, before, points - len(chunk))).fetchall()
    return found


def _series(points: list[_Point], place: int) -> Series:
    series = EMPTY
    for point in reversed(points):
        at, value = cleaning.moment(point[0]), point[place]
        if at is not None and isinstance(value, (int, float)) and 0 <= value <= _HIGHEST:
            series = series.append(at, value / 100, Status.UP)
    return series
