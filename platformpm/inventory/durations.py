"""Durations and sizes as people write them."""

from __future__ import annotations

import math
import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|[smhdw])", re.ASCII)
_WHOLE = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,9})?) ?([kMGT]i?)?B?", re.ASCII)
_SIZES = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
_SIZES |= {"ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4}

_LONGEST_TEXT = 60
LONGEST = 10 * 365 * 86400.0
"""Ten years: nothing here waits or is kept longer, and no sum of these overflows."""

DURATION_PATTERN = r"^(\d+(\.\d+)?(ms|[smhdw]))+$|\$\{"
"""For editors, which cannot know what a placeholder stands for."""
DURATION_HELP = 'write it like "15s", "2m", "800ms" or "1h30m" (a bare number is seconds)'
SIZE_HELP = 'write it like "500MB" or "2GiB" (a bare number is bytes)'


def parse_duration(value: object) -> float:
    """Give seconds for "15s", "1h30m", "800ms", "2d", "1w" or a number of seconds. Raises ValueError."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) > _LONGEST_TEXT or not _WHOLE.fullmatch(text):
            raise ValueError(f"is not a duration: {DURATION_HELP}")
        seconds = sum(float(count) * _UNITS[unit] for count, unit in _PART.findall(text))
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a duration: {DURATION_HELP}")  # noqa: TRY004  # one exception for every bad value
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number of seconds")
    elif value < 0:
        raise ValueError("must not be negative")
    else:
        seconds = float(min(value, LONGEST + 1))
    if seconds > LONGEST:
        raise ValueError("must be at most 10 years")
    return seconds


def parse_size(value: object) -> int:
    """Give bytes for "500MB", "2GiB" or a number of bytes. Raises ValueError."""
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip().replace("K", "k"))
        if match is None:
            raise ValueError(f"is not a size: {SIZE_HELP}")
        return int(float(match[1]) * _SIZES[match[2] or ""])
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"must be a size: {SIZE_HELP}")  # noqa: TRY004  # one exception for every bad value
    if value < 0:
        raise ValueError("must not be negative")
    return value


def format_duration(seconds: float) -> str:
    """Give the shortest text that `parse_duration` reads as `seconds` (to a millisecond)."""
    milliseconds = round(seconds * 1000)
    if milliseconds == 0:
        return "0s"
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        size = round(_UNITS[unit] * 1000)
        count, milliseconds = divmod(milliseconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
