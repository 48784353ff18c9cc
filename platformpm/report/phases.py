"""Where the time of one exchange went."""

from __future__ import annotations

from platformpm.model.reading import Phases, Reading
from platformpm.report import words
from platformpm.report.columns import Cell, Piece, Tone, cell
from platformpm.report.flow import Fact, flow

_LABEL = 12
_FIGURE = 9


def phase_seconds(phases: Phases) -> tuple[tuple[str, float | None], ...]:
    """Give the phases in the order they happen, with their names; None where one did not happen."""
    return (
        ("dns", phases.dns),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("first byte", phases.first_byte),
        ("transfer", phases.transfer),
    )


def waterfall(reading: Reading, width: int) -> list[Cell]:
    """Draw one line for each phase: name, milliseconds, and a bar that begins where the phase before ended."""
    named = phase_seconds(reading.phases)
    spent = sum(seconds or 0.0 for _, seconds in named)
    longest = max((seconds for _, seconds in named if seconds is not None), default=0.0)
    room = max(width - _LABEL - _FIGURE - 2, 0)
    lines: list[Cell] = []
    passed = 0.0
    for name, seconds in named:
        if seconds is None:
            lines.append((Piece(f"{name:<{_LABEL}}", Tone.DIM), Piece(words.NOTHING.rjust(_FIGURE), Tone.DIM)))
            continue
        main = seconds == longest
        figure = Piece(words.latency(seconds).rjust(_FIGURE), Tone.STRONG if main else Tone.PLAIN)
        bar = _bar(passed / spent, seconds / spent, room) if spent and room else ("", "")
        blank, line = Piece("  " + bar[0], Tone.DIM), Piece(bar[1], Tone.ACCENT if main else Tone.DIM)
        lines.append((Piece(f"{name:<{_LABEL}}", Tone.DIM), figure, blank, line))
        passed += seconds
    return lines


def phase_line(reading: Reading, width: int) -> list[Cell]:
    """Give all phases side by side, in as few lines as they need."""
    return flow(
        "",
        [
            Fact(name, cell(words.latency(seconds), Tone.DIM if seconds is None else Tone.PLAIN))
            for name, seconds in phase_seconds(reading.phases)
        ],
        width,
    )


def _bar(start: float, share: float, room: int) -> tuple[str, str]:
    begin = min(round(start * room), room - 1)
    end = max(round((start + share) * room), begin + 1)
    return " " * begin, "━" * (min(end, room) - begin)
