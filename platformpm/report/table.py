"""Text tables with aligned columns, coloured or not, in Unicode or ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from platformpm.model.status import Status, Verdict
from platformpm.model.text import safe_text
from platformpm.report.width import display_width, pad
from platformpm.report.words import GLYPHS, MUTED

_GAP = "  "
_LONGEST_CELL = 1000
"""Characters; more than anything cleaned at ingest may have."""
_RESET = "\x1b[0m"
_ASCII = str.maketrans(
    {
        "●": "+",
        "◐": "~",
        "✖": "x",
        "–": "-",
        "…": "...",
        "·": "-",
        "•": "*",
        "×": "x",
        "→": "->",
        "█": "#",
        "▏": "#",
        "⊘": "o",
    }
)


class Tone(Enum):
    """What a piece of text means to the eye; the value is its SGR sequence (ECMA-48, 8.3.117)."""

    PLAIN = ""
    GOOD = "\x1b[32m"
    WARN = "\x1b[33m"
    BAD = "\x1b[31m"
    ODD = "\x1b[35m"
    DIM = "\x1b[2m"
    STRONG = "\x1b[1m"


TONES = {Status.UP: Tone.GOOD, Status.DEGRADED: Tone.WARN, Status.DOWN: Tone.BAD, Status.UNKNOWN: Tone.ODD}
STATUS_OF = {
    Verdict.OK: Status.UP,
    Verdict.WARNING: Status.DEGRADED,
    Verdict.CRITICAL: Status.DOWN,
    Verdict.UNKNOWN: Status.UNKNOWN,
}
"""The status whose glyph and colour stand for a verdict."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the place a text is written to can show."""

    colour: bool = False
    unicode: bool = True

    def plain(self, text: str) -> str:
        """Give `text` with our own glyphs in ASCII where Unicode cannot be shown."""
        return text if self.unicode else text.translate(_ASCII)

    def paint(self, text: str, tone: Tone) -> str:
        """Give `text` in the colour of `tone`, blanks around it left alone."""
        core = text.strip(" ")
        if not (self.colour and tone.value and core):
            return text
        return text.replace(core, tone.value + core + _RESET, 1)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table."""

    text: str = ""
    tone: Tone = Tone.PLAIN
    right: bool = False


def status_cell(status: Status, *, muted: bool = False) -> Cell:
    """Give the cell that says a status: glyph, word and colour; of what is muted without colour."""
    if muted:
        return Cell(f"{MUTED} {status}", Tone.DIM)
    return Cell(f"{GLYPHS[status]} {status}", TONES[status])


def table(rows: Sequence[Sequence[Cell]], style: Style, indent: str = "") -> list[str]:
    """Give one line for each row, columns aligned; a column without any text is left out. Rows are equally long."""
    shown = [[style.plain(safe_text(cell.text, _LONGEST_CELL)) for cell in row] for row in rows]
    widths = [max(map(display_width, column)) for column in zip(*shown, strict=True)]
    lines = []
    for row, texts in zip(rows, shown, strict=True):
        cells = [
            style.paint(pad(text, width, right=cell.right), cell.tone)
            for cell, text, width in zip(row, texts, widths, strict=True)
            if width
        ]
        lines.append((indent + _GAP.join(cells)).rstrip())
    return lines
