"""The silences of a platform as a list: what is muted, and the maintenance that is declared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from platformpm.model.silence import Once, Silence, Window
from platformpm.report.table import Cell, Style, Tone, table
from platformpm.report.words import MUTED, rfc3339, when

SCHEMA = "platformpm.silences/1"


def lines(silences: Iterable[Silence], now: float, zone: tzinfo | None, style: Style) -> list[str]:
    """Give one line for each that is in force or comes: sign, id, from when, until when, what, why. Times in `zone`."""
    return table([_cells(one, window, now, zone) for one, window in _ordered(silences, now)], style)


def document(silences: Iterable[Silence], platform: str, now: float) -> dict[str, object]:
    """Give the `platformpm.silences/1` document (config/silences.schema.json) of those that are in force or come."""
    return {
        "schema": SCHEMA,
        "platform": platform,
        "at": rfc3339(now),
        "silences": [
            {
                "id": one.id,
                "selectors": list(one.selectors),
                "since": rfc3339(window.since),
                "until": rfc3339(window.until),
                "in_force": window.since <= now,
                "reason": one.reason,
                "declared": one.declared,
            }
            for one, window in _ordered(silences, now)
        ],
    }


def _ordered(silences: Iterable[Silence], now: float) -> list[tuple[Silence, Window]]:
    """Give each with its present window, or else the next one, the soonest first; without those that are over."""
    found = ((one, one.schedule.at(now) or one.schedule.after(now)) for one in silences)
    return sorted(((one, window) for one, window in found if window is not None), key=lambda pair: pair[1])


def _cells(one: Silence, window: Window, now: float, zone: tzinfo | None) -> Sequence[Cell]:
    holds = window.since <= now
    kind = "once" if isinstance(one.schedule, Once) else "each week"
    return (
        Cell(MUTED if holds else " ", Tone.STRONG),
        Cell(one.id, Tone.STRONG),
        Cell(f"until {when(window.until, now, zone)}" if holds else f"from {when(window.since, now, zone)}"),
        Cell(" ".join(one.selectors)),
        Cell(f"{kind}, [[maintenance]]" if one.declared else "", Tone.DIM),
        Cell(one.reason),
    )
