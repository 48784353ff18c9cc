"""All that is known of one host, each measurement as large as there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import Limit
from platformpm.model.state import HostState
from platformpm.report import words
from platformpm.report.columns import Cell, Piece, Tone
from platformpm.report.flow import Fact, flow, length
from platformpm.report.host_rows import HOSTS, host_lines, level_tone, worst_disks
from platformpm.report.spark import bar, level_chart
from platformpm.report.width import display_width, fit, pad

_TALLEST = 16
"""Lines that a curve takes at most: more would not say more."""
_SHARE = 4
"""The name of a file system takes one part in so many of the width at most."""
_NUMBER, _AXIS, _SIZES = 8, 6, 22
"""Cells of a percentage, of an axis, and of what is used of a file system: `  122 GiB of 200 GiB`."""
_FACTS = ("load", "network", "uptime")


def host_page(state: HostState, now: float, width: int, height: int) -> list[Cell]:
    """Say all of a host at wall time `now`: curves of CPU and memory take what the rest leaves of `height` lines.

    The top of a curve is 100 %, its newest value stands at the right.
    """
    head, reading = host_lines(state, now, width), state.reading
    if reading is None or reading.failure is not None:
        return head
    facts = flow("", (Fact(name, HOSTS.column(name).draw(state, now, 0)) for name in _FACTS), width)
    disks = worst_disks(reading, len(reading.disks))
    room = min(max(map(display_width, ("memory", *(disk.mount for disk in disks)))), width // _SHARE)
    bars = list(_bars(state, reading, disks, width, room))
    rows = min(max((height - len(head) - len(facts) - len(bars)) // 2, 1), _TALLEST)
    limits = state.host.limits
    curves = (
        ("cpu", reading.cpu_percent, state.cpu, limits.cpu),
        ("memory", reading.memory_percent, state.memory, limits.memory),
    )
    out = [*head, *facts, *bars]
    for name, value, series, limit in curves:
        if value is not None:
            cells = max(width - room - _NUMBER - _AXIS, 1)
            out += _curve(_label(name, value, limit, room), level_chart(series, cells, rows, limit))
    return out


def _curve(label: Cell, lines: Sequence[Cell]) -> Iterator[Cell]:
    blank = (Piece(" " * length(label)),)
    last = len(lines) - 1
    for number, line in enumerate(lines):
        axis = "100% ┤" if number == 0 else "  0% ┤" if number == last else "     │"
        yield (*(blank if number else label), Piece(axis, Tone.DIM), *line)


def _bars(state: HostState, reading: HostReading, disks: Sequence[Disk], width: int, room: int) -> Iterator[Cell]:
    limits = state.host.limits
    measured = [(disk.mount, disk.percent, limits.disk, disk.used, disk.total) for disk in disks]
    if reading.swap_percent is not None:
        measured.append(("swap", reading.swap_percent, limits.swap, 0, 0))
    sized = _SIZES if any(disk.total for disk in disks) else 0
    for name, value, limit, used, total in measured:
        tone = level_tone(value, limit)
        drawn = bar(value / 100, max(width - room - _NUMBER - sized, 1), Tone.ACCENT if tone is Tone.PLAIN else tone)
        size = f"  {words.size(used)} of {words.size(total)}" if total else ""
        yield (*_label(name, value, limit, room), *drawn, Piece(size, Tone.DIM))


def _label(name: str, value: float, limit: Limit | None, room: int) -> Cell:
    number = Piece(f"{words.percent(value):>6}  ", level_tone(value, limit))
    return Piece(pad(fit(name, room), room), Tone.DIM), number
