"""How the panes of the detail share the room."""

from __future__ import annotations

from typing import NamedTuple

from platformpm.report.columns import Piece, Tone
from platformpm.tui.layout import Layout
from platformpm.tui.widgets.ribbon import Part

TABS = {
    "instances": ("instances", "reading"),
    "neighbours": ("neighbours",),
    "environments": ("environments",),
    "events": ("events",),
}
"""In a narrow terminal one of these is in front; each with the panes it shows."""
TITLES = {
    "instances": "Instances",
    "neighbours": "Dependencies",
    "environments": "Environments",
    "events": "Events",
}
PANES = ("instances", "reading", "environments", "neighbours", "events")
_FRAME = 3
"""Lines of a list that are not rows: two of the frame, one of headings."""
_LEAST = 4


class Rows(NamedTuple):
    """How many rows the lists have."""

    instances: int
    environments: int
    neighbours: int


def tab_of(pane: str) -> str:
    """Give the tab that shows a pane."""
    return next(tab for tab, panes in TABS.items() if pane in panes)


def tab_parts(front: str) -> list[Part]:
    """Give the tabs, the one in front marked; a click on one brings it there."""
    return [
        Part(
            tab,
            (Piece(f"{'▸' if tab == front else ' '} {title}", Tone.STRONG if tab == front else Tone.DIM),),
            run=f"screen.front('{tab}')",
        )
        for tab, title in TITLES.items()
    ]


def head_height(layout: Layout, height: int) -> int:
    """Give the most lines the head may take of a terminal `height` lines high."""
    if height < 20:
        return 2
    if height < 30:
        return 4 if layout is Layout.NARROW else 5
    return 7


def pane_heights(layout: Layout, rows: Rows, room: int) -> dict[str, int]:
    """Give the lines of the lists that are not as high as what is left; `room` is what they share with the rest."""
    wanted = rows.instances + _FRAME
    if layout is Layout.NARROW:
        return {
            "instances": _within(wanted, room * 2 // 5),
            **dict.fromkeys(("environments", "neighbours"), max(room, _LEAST)),
        }
    environments = _within(rows.environments + _FRAME, room // 4)
    return {
        "instances": _within(wanted, room * 2 // 5),
        "environments": environments,
        "neighbours": _within(max(rows.neighbours, 1) + _FRAME, (room - environments) * 3 // 5),
    }


def _within(wanted: int, most: int) -> int:
    return max(min(wanted, most), _LEAST)
