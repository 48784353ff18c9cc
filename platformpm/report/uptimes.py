"""How much of the time a service served, as lists and details say it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from platformpm.model.state import ServiceState
from platformpm.model.uptime import Uptime
from platformpm.report import words
from platformpm.report.columns import Cell, Column, Tone, cell
from platformpm.report.flow import Fact

TITLES = ("24H", "7D", "30D")
"""What the windows are called, in their order."""
_PROVISIONAL = "~"
"""Stands before a share of too short a time."""
_GOOD = 0.999
_FAIR = 0.99
"""Shares below which a number is worth a look, and worth a worry: the usual three and two nines."""
_WORTH_SAYING = 60.0


def share(known: Uptime | None) -> str:
    """Give a percentage with two decimals, never rounded up: 100% is said only of no outage at all."""
    if known is None or known.share is None:
        return words.NOTHING
    hundredths = math.floor(known.share * 10_000 + 1e-9)
    said = "100%" if hundredths == 10_000 else f"{hundredths / 100:.2f}%"
    return _PROVISIONAL + said if known.provisional else said


def tone(known: Uptime | None) -> Tone:
    """Give the tone of a share: what is provisional is never coloured."""
    if known is None or known.share is None or known.provisional:
        return Tone.DIM
    return Tone.PLAIN if known.share >= _GOOD else Tone.DEGRADED if known.share >= _FAIR else Tone.DOWN


def columns(*priorities: int) -> tuple[Column[ServiceState], ...]:
    """Give a column for each window, of these priorities."""
    return tuple(_column(number, priority) for number, priority in enumerate(priorities))


def facts(state: ServiceState) -> Iterator[Fact]:
    """Give the share of each window, with what it is made of where that is not the whole of it."""
    said = [_known_time(known) for known in state.uptimes]
    for title, known, this, following in zip(TITLES, state.uptimes, said, [*said[1:], ""], strict=False):
        yield Fact(title.lower(), cell(share(known), tone(known)))
        if this and this != following:
            yield Fact("", cell(f"({this})", Tone.DIM))


def _known_time(known: Uptime) -> str:
    """Say how long was watched where that is too little, and how long there was no answer to judge by."""
    watched = known.window - known.unwatched
    parts = [f"provisional: {words.duration(watched)} watched"] if known.provisional else []
    parts += [f"{words.duration(known.unknown)} unknown"] if known.unknown >= _WORTH_SAYING else []
    return ", ".join(parts)


def _column(number: int, priority: int) -> Column[ServiceState]:
    draw = _drawn(number)
    return Column(
        f"uptime_{TITLES[number].lower()}", TITLES[number], lambda state, _now, _width: draw(state), 7,
        priority=priority, right=True, order=_order(number),
    )  # fmt: skip


def _of(state: ServiceState, number: int) -> Uptime | None:
    return state.uptimes[number] if number < len(state.uptimes) else None


def _drawn(number: int) -> Callable[[ServiceState], Cell]:
    def draw(state: ServiceState) -> Cell:
        known = _of(state, number)
        return cell(share(known), tone(known))

    return draw


def _order(number: int) -> Callable[[ServiceState], float]:
    """Order by share, the worst first and what is not known last."""

    def order(state: ServiceState) -> float:
        known = _of(state, number)
        return math.inf if known is None or known.share is None else known.share

    return order
