"""Every action of the user, once: bindings, footer, help, palette and the README's key table are made from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum

from textual.binding import Binding

_SCREENS_OF_DETAIL = 9
"""Footer rank of the ways to other screens where the detail of a service has its own keys to tell first."""
IDLE = {"alerts": ("faults",), "hosts": ("faults",), "events": ("mute",)}
"""What does nothing on a screen: its footer does not offer it."""


class Where(Enum):
    """Where an action is at hand; the value is the heading it stands under."""

    EVERYWHERE = "Everywhere"
    PANES = "Between panes"
    LIST = "In a list"
    PAST = "In events and charts"
    DETAIL = "In the detail of a service"


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `run` is the Textual action it starts, `keys` what starts it, `shown` how the key is written.

    `footer` is the order of giving way in the footer: 0 goes last, None never stands there. What stands in the
    palette has a meaning without a cursor. What is `ahead` runs before the widget in focus hears the key, so that what
    is typed right behind it goes to where it leads.
    """

    id: str
    run: str
    keys: str
    shown: str
    label: str
    tooltip: str
    where: Where = Where.EVERYWHERE
    footer: int | None = None
    palette: bool = True
    ahead: bool = False


ACTIONS: tuple[Action, ...] = (
    Action("overview", "go('overview')", "1", "1", "Overview", "Everything at a glance", footer=0, ahead=True),
    Action("services", "go('services')", "2", "2", "Services", "All services with every column that fits", footer=0, ahead=True),
    Action("versions", "go('versions')", "3", "3", "Versions", "Which version is where, against its target", footer=0, ahead=True),
    Action("alerts", "go('alerts')", "4", "4", "Alerts", "What is wrong, what was, and the latest events", footer=0, ahead=True),
    Action("hosts", "go('hosts')", "5", "5", "Hosts", "Machines: CPU, memory, disks", footer=0, ahead=True),
    Action("events", "go('events')", "6", "6", "Events", "What happened, and what is new since last time", footer=0, ahead=True),
    Action("filter", "filter", "slash", "/", "filter", "Filter: name, owner:web, env:dev, status:down", footer=1, ahead=True),
    Action("faults", "faults", "o", "o", "only faults", "Only what is not up, or off target in Versions", footer=6),
    Action("open", "open", "enter", "enter", "open", "Open what is under the cursor", Where.LIST, 1, palette=False),
    Action("further", "stretch(1)", "w", "w", "time span", "Look further back: a day, a week, a month", Where.PAST, 1, palette=False),
    Action("nearer", "stretch(-1)", "W,shift+w", "W", "shorter", "Look less far back", Where.PAST, 11, palette=False),
    Action("recheck", "recheck", "r", "r", "re-check", "Check the selected service or host again now", footer=5, palette=False),
    Action("mute", "mute", "m", "m", "mute", "Mute or unmute what is selected", footer=8, palette=False),
    Action("recheck_all", "recheck_all", "R,shift+r", "R", "re-check all", "Check everything again now"),
    Action("reload", "reload", "ctrl+r", "ctrl+r", "reload", "Read the inventory again"),
    Action("freeze", "freeze", "f", "f", "freeze", "Hold the picture still; checks go on", footer=4),
    Action("theme", "theme", "t", "t", "theme", "Next theme: dark, light, high contrast"),
    Action("help", "help", "question_mark", "?", "help", "Every key and what it does", footer=0),
    Action("palette", "command_palette", "ctrl+p", "ctrl+p", "commands", "Find an action or a service", footer=7, palette=False),
    Action("next_pane", "pane(1)", "tab", "tab", "next pane", "Go to the next pane", Where.PANES, palette=False),
    Action("previous_pane", "pane(-1)", "shift+tab", "shift+tab", "previous pane", "Go to the pane before", Where.PANES, palette=False),
    Action("back", "back", "escape", "esc", "back", "Close what is open, clear the filter", palette=False),
    Action("quit", "quit", "q,ctrl+c,ctrl+q", "q", "quit", "Leave platformpm", footer=0),
    Action("up", "move(-1)", "up,k", "↑ k", "up", "One row up", Where.LIST, palette=False),
    Action("down", "move(1)", "down,j", "↓ j", "down", "One row down", Where.LIST, palette=False),
    Action("page_up", "page(-1)", "pageup", "PgUp", "page up", "One page up", Where.LIST, palette=False),
    Action("page_down", "page(1)", "pagedown", "PgDn", "page down", "One page down", Where.LIST, palette=False),
    Action("first", "first", "home,g", "Home g", "first", "To the first row", Where.LIST, palette=False),
    Action("last", "last", "end,G,shift+g", "End G", "last", "To the last row", Where.LIST, palette=False),
    Action("sort", "sort", "s", "s", "sort", "Sort by the next column (or click a heading)", Where.LIST, palette=False),
    Action("flip", "flip", "S,shift+s", "S", "reverse", "Reverse the order", Where.LIST, palette=False),
    Action("step_back", "step_back", "escape", "esc", "back", "Back to where you came from", Where.DETAIL, 0, palette=False),
    Action("next_instance", "instance(1)", "n", "n", "next instance", "Look at the next instance", Where.DETAIL, 2, palette=False),
    Action("previous_instance", "instance(-1)", "p", "p", "previous", "Look at the instance before", Where.DETAIL, palette=False),
    Action("next_environment", "environment(1)", "e", "e", "environment", "The same service in the next environment", Where.DETAIL, 2, palette=False),
    Action("previous_environment", "environment(-1)", "E,shift+e", "E", "previous", "The same service in the environment before", Where.DETAIL, palette=False),
    Action("runbook", "runbook", "o", "o", "runbook", "Open the runbook in the browser", Where.DETAIL, 3, palette=False),
)  # fmt: skip

AHEAD = frozenset(action.run.partition("(")[0] for action in ACTIONS if action.ahead)
"""Names of the Textual actions that run ahead of the widget in focus."""


def bindings(where: Where) -> list[Binding]:
    """Give the key bindings of the actions that are at hand there."""
    return [
        Binding(
            action.keys,
            action.run,
            action.label,
            show=False,
            key_display=action.shown,
            tooltip=action.tooltip,
            priority=action.ahead,
        )
        for action in ACTIONS
        if action.where is where
    ]


def at_foot(screen: str = "", idle: Collection[str] = ()) -> list[Action]:
    """Give the actions of the footer of a screen in the order they stand there; `idle` ones do nothing there now.

    The detail of a service has its own first; there the ways to other screens give way first, and lists have no filter.
    """
    own = (Where.DETAIL, Where.PAST)
    shown = [one for one in ACTIONS if one.footer is not None and one.id not in (*idle, *IDLE.get(screen, ()))]
    if screen == "detail":
        others = [action for action in shown if action.where not in own and action.id not in ("filter", "faults")]
        ranked = [replace(one, footer=_SCREENS_OF_DETAIL) if one.run.startswith("go(") else one for one in others]
        return [*(action for where in own for action in shown if action.where is where), *ranked]
    away = own if screen != "events" else (Where.DETAIL,)
    return [one for one in shown if one.where not in away]


def key_table() -> str:
    """Give all actions as a Markdown table, for the README."""
    rows = [
        f"| {' '.join(f'`{key}`' for key in action.shown.split())} | {action.label} | {action.tooltip} | {action.where.value.lower()} |"
        for action in ACTIONS
    ]
    return "\n".join(["| key | action | what it does | where |", "| --- | --- | --- | --- |", *rows])
