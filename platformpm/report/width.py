"""How many terminal columns a text takes, and texts made to fit."""

from __future__ import annotations

from unicodedata import category, east_asian_width

from platformpm.model.text import takes_no_room

_NEWLY_WIDE = ((0x2630, 0x2637), (0x268A, 0x268F), (0x4DC0, 0x4DFF), (0x1D300, 0x1D356), (0x1D360, 0x1D376))
"""Symbols that are wide since Unicode 16, whichever version this Python knows."""


def display_width(text: str) -> int:
    """Give the columns `text` takes: East Asian wide and full-width characters 2, combining marks 0 (UAX #11).

    For texts from `safe_text` it is what `rich` measures, which no headless command may import.
    """
    if text.isascii():
        return len(text)
    return sum(_width(char) for char in text)


def fit(text: str, columns: int, ellipsis: str = "…") -> str:
    """Give `text` cut to at most `columns`, ending in `ellipsis` when something was cut."""
    if display_width(text) <= columns:
        return text
    room = columns - len(ellipsis)
    used = 0
    for index, char in enumerate(text):
        used += _width(char)
        if used > room:
            return (text[:index] + ellipsis)[: max(columns, 0)]
    return text


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Give `text` filled with blanks to `columns`; `right` puts the blanks before it."""
    blanks = " " * (columns - display_width(text))
    return blanks + text if right else text + blanks


def _width(char: str) -> int:
    kind = category(char)
    if kind == "Cf" or takes_no_room(char, kind):
        return 0
    code = ord(char)
    return 2 if east_asian_width(char) in "WF" or any(low <= code <= high for low, high in _NEWLY_WIDE) else 1
