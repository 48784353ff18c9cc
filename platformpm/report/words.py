"""Words, glyphs, durations and quantities as every face writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from platformpm.model.reading import FAILING_COUNTED, Reading
from platformpm.model.silence import Muted
from platformpm.model.snapshot import HistoryHealth
from platformpm.model.status import Reason, Status
from platformpm.model.zone import with_offset

GLYPHS = {Status.UP: "●", Status.DEGRADED: "◐", Status.DOWN: "✖", Status.UNKNOWN: "?"}
MUTED = "⊘"
"""Stands in place of the glyph of a status that does not count."""
NOTHING = "–"
"""Stands where there is no value."""

_STEPS = ((86400 * 365, "y"), (86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_TIMEOUTS = {
    Reason.TIMEOUT_CONNECT: "timeout",
    Reason.TIMEOUT_TLS: "timeout",
    Reason.TIMEOUT_RESPONSE: "timeout",
    Reason.TIMEOUT_BODY: "timeout",
}


def duration(seconds: float) -> str:
    """Give a span in its largest unit: `4m`, `6d`; below a second `0s`."""
    for size, unit in _STEPS:
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "0s"


_CODE = re.compile(r"HTTP \d{3}")
_SAME_DAY = 43200.0
_SAME_YEAR = 300 * 86400.0
_DATED = 12
_TICKING = 10
_STEP = 5


def since(start: float | None, now: float) -> str:
    """Give how long ago `start` was (both wall seconds), a dash when it is not known.

    From ten seconds on it goes in steps of five: a screen full of numbers that all tick is no calm one.
    """
    if start is None:
        return NOTHING
    seconds = max(now - start, 0.0)
    return duration(seconds if seconds < _TICKING else seconds - seconds % _STEP)


def latency(seconds: float | None) -> str:
    """Give a latency with three significant figures: `0.42 ms`, `23 ms`, `812 ms`, `1.52 s`."""
    if seconds is None:
        return NOTHING
    milliseconds = seconds * 1000
    if milliseconds < 9.95:
        return f"{milliseconds:.2g} ms" if milliseconds < 0.995 else f"{milliseconds:.1f} ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 999.5 else f"{seconds:.2f} s"


def outcome(reason: Reason | None, detail: str = "") -> str | None:
    """Give the short word that stands in place of a latency; `detail` begins with the status code where one counts."""
    if reason is Reason.STATUS and (code := _CODE.match(detail)):
        return code[0]
    return None if reason is None else _TIMEOUTS.get(reason, reason.value.replace("_", " "))


def failing(reading: Reading) -> str:
    """Give the components that fail, and how many more than are named: `db, cache and 17 more`; empty without any."""
    names, more = ", ".join(reading.failing_components), reading.failing_more
    if not more:
        return names
    least = "at least " if len(reading.failing_components) + more >= FAILING_COUNTED else ""
    return f"{names} and {least}{more} more"


def percent(value: float | None) -> str:
    """Give a whole percentage, a dash when there is none."""
    return NOTHING if value is None else f"{value:.0f}%"


def size(count: float | None) -> str:
    """Give a number of bytes in binary units: `512 B`, `1.4 GiB`."""
    if count is None:
        return NOTHING
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(count) < 1024 or unit == "TiB":
            return f"{count:.0f} {unit}" if unit == "B" or abs(count) >= 99.95 else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError


def clock(at: float, zone: tzinfo | None) -> str:
    """Give the time of day at wall time `at` with its zone: `14:02:11 CST`."""
    return datetime.fromtimestamp(at, zone).astimezone(zone).strftime("%H:%M:%S %Z").strip()


def moment(at: float, now: float, zone: tzinfo | None, width: int) -> str:
    """Give the time of day at wall time `at` within half a day of `now`, else the date.

    From 12 cells on the date has its time, or its year where another could be taken for it.
    """
    if abs(now - at) < _SAME_DAY:
        return clock(at, zone).partition(" ")[0]
    exact = "%d %b %H:%M" if abs(now - at) < _SAME_YEAR else "%d %b %Y"
    return datetime.fromtimestamp(at, zone).strftime(exact if width >= _DATED else "%d %b")


def when(at: float, now: float, zone: tzinfo | None) -> str:
    """Give the time of day at wall time `at` where that is today, else the date too: `18:00:00`, `2026-12-01 18:00`."""
    local, today = (datetime.fromtimestamp(moment, zone) for moment in (at, now))
    return local.strftime("%H:%M:%S" if local.date() == today.date() else "%Y-%m-%d %H:%M")


def muted(found: Muted | None, now: float, zone: tzinfo | None, *, dated: bool = False) -> str:
    """Say until when alerts are held back, and why: `muted until 14:00:00: deploy`; empty where they are not.

    One that is `dated` says it with date and offset, whenever it is: `muted until 2026-11-22 14:00+08:00: deploy`.
    """
    if found is None:
        return ""
    end = with_offset(found.until, zone) if dated else moment(found.until, now, zone, _DATED)
    text = f"muted until {end}"
    return f"{text}: {found.reason}" if found.reason else text


def zone_name(zone: tzinfo | None, now: float) -> str:
    """Name a time zone: `Asia/Shanghai`, the machine's own by what it is called at wall time `now`: `CET`."""
    return str(zone) if zone is not None else datetime.fromtimestamp(now).astimezone().tzname() or "local time"


def rfc3339(at: float | None) -> str | None:
    """Give wall time `at` in UTC as `2026-11-22T07:00:00Z` (RFC 3339), None without one or where no calendar has it."""
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return None


def unsaved(history: HistoryHealth) -> str:
    """Say at the end of a run what could not be recorded, empty where all was."""
    records = history.waiting + history.dropped
    return f"{records} record{'s' if records > 1 else ''} could not be saved" if records else ""
