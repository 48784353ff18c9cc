"""The clock of a platform: its time zone by name, and moments written so that they can be read anywhere."""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import lru_cache


@lru_cache(maxsize=8)
def zone_of(name: str | None) -> tzinfo | None:
    """Give the time zone with this IANA name, None (the machine's own) when it has none or is not known here."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo  # few outputs tell a time of day

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def with_offset(at: float, zone: tzinfo | None, told: float | None = None) -> str:
    """Give wall time `at` with date and offset (RFC 3339, to the minute): `2026-11-22 14:00+08:00`.

    Where it is told on the same day, at wall time `told`, it is `14:00+08:00`.
    """
    text = datetime.fromtimestamp(at, zone).astimezone(zone).isoformat(" ", "minutes")
    same_day = told is not None and datetime.fromtimestamp(told, zone).date().isoformat() == text[:10]
    return text[11:] if same_day else text
