"""How many terminal columns a text takes, and texts made to fit."""

from __future__ import annotations

from unicodedata import category, east_asian_width

_NO_WIDTH = frozenset({"Mn", "Me", "Cf"})


def display_width(text: str) -> int:
    """Give the columns `text` takes: East Asian wide and full-width characters 2, combining marks 0 (UAX #11)."""
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
    if category(char) in _NO_WIDTH:
        return 0
    return 2 if east_asian_width(char) in "WF" else 1
