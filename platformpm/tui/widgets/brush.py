"""Turns cells into styled segments of an exact width. The last place where a foreign text could do harm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from platformpm.model.text import safe_text
from platformpm.report.columns import Cell, Piece, Placed, Tone

if TYPE_CHECKING:
    from textual.widget import Widget

PREFIX = "tone--"
TONE_CLASSES = {f"{PREFIX}{tone}" for tone in Tone}
"""Component classes that a widget which paints tones declares."""

_LONGEST = 1000
_CLEAN = Style()


def harmless(text: str) -> str:
    """Give `text` fit for a terminal. All texts are cleaned where they come in; this one holds if one was not."""
    return text if len(text) <= _LONGEST and text.isprintable() else safe_text(f"|{text}|", _LONGEST)[1:-1]


def tones_of(widget: Widget) -> dict[Tone, Style]:
    """Give the style of each tone in the present theme, without a background."""
    return {tone: widget.get_component_rich_style(f"{PREFIX}{tone}", partial=True) for tone in Tone}


def cut(pieces: Iterable[Piece], width: int) -> tuple[list[Piece], int]:
    """Give pieces that take at most `width` character cells, ended by an ellipsis if cut, and what they take."""
    out: list[Piece] = []
    used = 0
    for raw in pieces:
        text = harmless(raw.text)
        length = cell_len(text)
        if used + length > width:
            if width > used:
                out.append(Piece(set_cell_size(text, width - used - 1) + "…", raw.tone))
            elif out:
                out.append(_ended(out.pop()))
            return out, max(width, 0)
        if length:
            out.append(Piece(text, raw.tone))
            used += length
    return out, used


def _ended(piece: Piece) -> Piece:
    return Piece(set_cell_size(piece.text, cell_len(piece.text) - 1) + "…", piece.tone)


def segments(drawn: Cell, width: int, tones: Mapping[Tone, Style], *, right: bool = False) -> list[Segment]:
    """Give the segments of a cell, filled with blanks to exactly `width`."""
    pieces, used = cut(drawn, width)
    out = [Segment(piece.text, tones[piece.tone]) for piece in pieces]
    if used < width:
        blank = Segment(" " * (width - used), _CLEAN)
        out = [blank, *out] if right else [*out, blank]
    return out


def line(cells: Sequence[tuple[Placed, Cell]], width: int, tones: Mapping[Tone, Style], margin: int = 1) -> Strip:
    """Give one line of a list: each cell at its place, `margin` blanks at both ends, exactly `width` wide."""
    out: list[Segment] = []
    x = 0
    for placed, drawn in cells:
        start = margin + placed.x
        if start > x:
            out.append(Segment(" " * (start - x), _CLEAN))
        out.extend(segments(drawn, placed.width, tones, right=placed.column.right))
        x = start + placed.width
    return Strip(out, x).adjust_cell_length(width, _CLEAN)
