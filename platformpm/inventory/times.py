"""Points in time as an inventory writes them: dates and times, and times of a day of the week."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from platformpm.inventory.faults import kind_of, wrong
from platformpm.inventory.problems import near, shown

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKLY = re.compile(r"([a-z]+) ([0-9]{1,2}):([0-9]{2})")
_HELP = "write it like 2026-12-01T22:00:00, or with an offset as in 2026-12-01T22:00:00+01:00"
_LAST_YEAR = 9000
"""No sum of a date up to here and the longest duration leaves the calendar."""


def moment(value: object) -> datetime:
    """Give a date and time, written as TOML's own or as text; a date alone begins at midnight."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise wrong(f"{shown(value)} is not a date and time: {_HELP}") from None
    if not isinstance(value, date):
        raise wrong(f"must be a date and time, not {'a time of day' if isinstance(value, time) else kind_of(value)}")
    if not 1970 < value.year < _LAST_YEAR:
        raise wrong(f"must be a year from 1971 to {_LAST_YEAR - 1}")
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def weekly(value: object) -> tuple[int, int]:
    """Give (day of the week from Monday 0, minute of the day) of a text such as `sun 02:00`."""
    if not isinstance(value, str):
        raise wrong(f'must be a day and time such as "sun 02:00", not {kind_of(value)}')
    match = _WEEKLY.fullmatch(" ".join(value.lower().split()))
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        raise wrong(f'{shown(value)} is not a day and time such as "sun 02:00"')
    names = _FULL if match[1] in _FULL else DAYS
    if match[1] not in names:
        raise wrong(f"{shown(match[1])} is not one of {', '.join(DAYS)}", near(match[1], (*DAYS, *_FULL)))
    return names.index(match[1]), int(match[2]) * 60 + int(match[3])


_MOMENT: dict[str, Any] = {"type": "string", "format": "date-time", "examples": ["2026-12-01T22:00:00"]}

Moment = Annotated[datetime, PlainValidator(moment), WithJsonSchema(_MOMENT)]
WeekTime = Annotated[
    tuple[int, int], PlainValidator(weekly), WithJsonSchema({"type": "string", "examples": ["sun 02:00", "fri 22:30"]})
]
