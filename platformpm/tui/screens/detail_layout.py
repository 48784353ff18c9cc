"""The panes of the detail, and how they share the room."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.containers import Container

from platformpm.model.state import ServiceState
from platformpm.report.columns import Piece, Tone
from platformpm.report.instances import instance_table
from platformpm.report.neighbours import neighbour_table
from platformpm.report.service_events import environment_table, service_event_table
from platformpm.tui import empty
from platformpm.tui.layout import Layout
from platformpm.tui.widgets.page import Page
from platformpm.tui.widgets.pane import Pane
from platformpm.tui.widgets.picker import Picker
from platformpm.tui.widgets.ribbon import Part, Ribbon

if TYPE_CHECKING:
    from textual.app import ComposeResult

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
_ALONE = "It needs nothing, and nothing needs it.\nSay so with depends_on = ['ledger']"
_FRAME = 3
"""Lines of a list that are not rows: two of the frame, one of headings."""
_LEAST = 4


class Rows(NamedTuple):
    """How many rows the lists have."""

    instances: int
    environments: int
    neighbours: int
    events: int = 0


def panes(environment: str) -> ComposeResult:
    """Give the head, the panes in two columns, and what is said when the service has gone."""
    head = Page(id="head")
    head.can_focus = False
    yield head
    yield Ribbon(id="tabs")
    with Container(id="columns"):
        with Container(id="left"):
            yield Picker(instance_table(()), empty=empty.WAITING, id="instances", classes="pane")
            yield Page(id="reading", classes="pane")
        with Container(id="right"):
            yield Picker(environment_table(environment), id="environments", classes="pane")
            yield Pane(neighbour_table(()), empty=_ALONE, id="neighbours", classes="pane")
            yield Pane(service_event_table(None), empty=empty.EVENTS, id="events", classes="pane")
    yield Page(id="gone")


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


def idle(state: ServiceState, places: int) -> frozenset[str]:
    """Give the ids of the actions that do nothing for a service that runs in so many environments."""
    able = {
        "runbook": bool(state.service.runbook),
        "next_instance": len(state.instances) > 1,
        "next_environment": places > 1,
    }
    return frozenset(action for action, does in able.items() if not does)


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
    events, neighbours = max(rows.events, 1) + _FRAME, max(rows.neighbours, 1) + _FRAME
    environments = _within(rows.environments + _FRAME, max(room // 4, room - neighbours - events))
    left = room - environments
    return {
        "instances": _within(wanted, room * 2 // 5),
        "environments": environments,
        "neighbours": _within(neighbours, max(left * 3 // 5, left - events)),
    }


def _within(wanted: int, most: int) -> int:
    return max(min(wanted, most), _LEAST)
