"""Turns cells into styled segments of an exact width. The last place where a foreign text could do harm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from platformpm.model.text import safe_text
from platformpm.report.columns import Cell, Piece, Placed, Tone
from platformpm.tui.themes import DEFAULTS

if TYPE_CHECKING:
    from rich.color import Color as RichColor
    from textual.widget import Widget

_VARIABLES = {
    Tone.PLAIN: "foreground",
    Tone.STRONG: "tone-strong",
    Tone.DIM: "tone-dim",
    Tone.ACCENT: "accent",
    Tone.UP: "success",
    Tone.DEGRADED: "warning",
    Tone.DOWN: "error",
    Tone.UNKNOWN: "tone-unknown",
}
"""The variable of a theme that gives each tone its colour."""
_BOLD = (Tone.STRONG, Tone.DOWN)
_LONGEST = 1000
_CLEAN = Style()


def harmless(text: str) -> str:
    """Give `text` fit for a terminal. All texts are cleaned where they come in; this one holds if one was not."""
    if len(text) <= _LONGEST and text.isprintable():
        return text
    # Between bars the blanks at both ends stay; where the second bar was cut off, an ellipsis stands.
    return safe_text(f"|{text}|", _LONGEST + 1)[1:].removesuffix("|")


class Ink(NamedTuple):
    """The styles of one theme: of each tone, without a background; of a plain row, and of one marked in some way."""

    tones: Mapping[Tone, Style]
    plain: Style
    cursor: Style
    resting: Style
    hover: Style


_mixed: dict[tuple[str, bool], Ink] = {}
"""By name of the theme, and whether it is shown without colours."""


def ink_of(widget: Widget) -> Ink:
    """Give the styles of the present theme: the same object for as long as they are the same.

    They are no component classes of the widgets: Textual would match eleven of them anew for each widget whenever a
    focus, a class or a screen changes, which was half the cost of opening a screen.
    """
    app = widget.app
    ink = _mixed.get((app.theme, app.no_color))
    if ink is None:
        ink = _mixed[app.theme, app.no_color] = _mix(DEFAULTS | app.get_css_variables(), colours=not app.no_color)
    return ink


def _mix(variables: Mapping[str, str], *, colours: bool) -> Ink:
    def colour(name: str) -> RichColor:
        return Color.parse(variables[name]).rich_color

    names = _VARIABLES if colours else _VARIABLES | {Tone.DOWN: "tone-strong"}  # else the worst is the darkest grey
    tones = {tone: Style(color=colour(name), bold=tone in _BOLD or None) for tone, name in names.items()}
    rows = (
        Style(color=colour("foreground"), bgcolor=colour(name), bold=name == "cursor" or None)
        for name in ("background", "cursor", "resting", "hover")
    )
    return Ink(tones, *rows)


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


def line(parts: Iterable[tuple[Placed, Sequence[Segment]]], width: int, margin: int = 1) -> Strip:
    """Give one line of a list, exactly `width` wide: each cell at its place, `margin` blanks at both ends."""
    out: list[Segment] = []
    x = 0
    for placed, drawn in parts:
        start = margin + placed.x
        if start > x:
            out.append(Segment(" " * (start - x), _CLEAN))
        out.extend(drawn)
        x = start + placed.width
    return Strip(out, x).adjust_cell_length(width, _CLEAN)
