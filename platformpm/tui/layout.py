"""Which arrangement fits a terminal."""

from __future__ import annotations

from enum import StrEnum

SMALLEST = (60, 15)
"""Columns and lines below which lists would be rubbish."""


class Layout(StrEnum):
    """How panes are arranged; the value is the style class of the screen."""

    WIDE = "wide"
    MEDIUM = "medium"
    NARROW = "narrow"
    CRAMPED = "cramped"


def layout_for(width: int, height: int) -> Layout:
    """Give the layout for a terminal of `width` columns and `height` lines."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Layout.CRAMPED
    if width >= 150:
        return Layout.WIDE
    return Layout.MEDIUM if width >= 100 and height >= 24 else Layout.NARROW
