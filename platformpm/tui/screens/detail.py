"""Everything about one service in one environment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on

from platformpm.model.check import InstanceKey
from platformpm.model.event import Event
from platformpm.model.inventory import Inventory
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import InstanceState, ServiceState
from platformpm.report.columns import Cell, Piece, Tone
from platformpm.report.detail import View, gone_lines, head_lines, instance_lines
from platformpm.report.instances import instance_table
from platformpm.report.neighbours import Neighbour, neighbour_table, neighbours_of, summary, with_states
from platformpm.report.rows import worst_instance
from platformpm.report.service_events import environment_table, events_of, service_event_table
from platformpm.tui.actions import Where, bindings
from platformpm.tui.layout import Layout
from platformpm.tui.lookup import Answer, Lookup
from platformpm.tui.screens import detail_layout as layout
from platformpm.tui.screens.base import PlatformScreen
from platformpm.tui.screens.detail_past import DetailPast
from platformpm.tui.web import NO_RUNBOOK, open_page
from platformpm.tui.widgets.brush import harmless
from platformpm.tui.widgets.lines import Lines
from platformpm.tui.widgets.page import Page
from platformpm.tui.widgets.pane import Pane
from platformpm.tui.widgets.picker import Picker
from platformpm.tui.widgets.ribbon import Ribbon

if TYPE_CHECKING:
    from textual.app import ComposeResult


class DetailScreen(PlatformScreen):
    """A service in an environment, named by `key`: its instances, neighbours, other environments and events."""

    CSS_PATH = "../styles/detail.tcss"
    BINDINGS: ClassVar[list[Any]] = [*bindings(Where.DETAIL), *bindings(Where.PAST)]

    def __init__(self, key: tuple[str, str]) -> None:
        super().__init__(name="detail")
        self.key = key
        self._trail: list[tuple[str, str]] = []
        self._front = "instances"
        self._state: ServiceState | None = None
        self._places: tuple[ServiceState, ...] = ()
        self._known: tuple[Inventory, tuple[Neighbour, ...]] | None = None
        self._view: View | None = None
        self._head_height = 0
        self._lost: tuple[str, InstanceKey] | None = None
        self._past = DetailPast(Lookup(self))

    def contents(self) -> ComposeResult:
        """Give the head, the panes in two columns, and what is said when the service has gone."""
        return layout.panes(self.key[1])

    @property
    def instances(self) -> Picker[InstanceState]:
        """Give the list of instances."""
        return self.query_one("#instances", Picker)

    @property
    def environments(self) -> Picker[ServiceState]:
        """Give the list of environments."""
        return self.query_one("#environments", Picker)

    @property
    def neighbours(self) -> Pane[Neighbour]:
        """Give the list of what it needs and who needs it."""
        return self.query_one("#neighbours", Pane)

    def fill(self, snapshot: PlatformSnapshot, now: float) -> None:
        """Put a snapshot into the panes."""
        name, environment = self.key
        self._view = View(now, self.feed.zone, snapshot.inventory, snapshot.hosts)
        self._places = tuple(state for state in snapshot.services if state.service.name == name)
        first, self._state = self._state is None, next((one for one in self._places if one.key == self.key), None)
        self.set_class(self._state is None, "-gone")
        if self._state is None:
            elsewhere = [one.environment.name for one in self._places]
            self.query_one("#gone", Page).show(lambda width, _: gone_lines(name, environment, elsewhere, width))
            return
        self.idle = layout.idle(self._state, len(self._places))
        self._fill_instances(self._state, now, first=first)
        self.environments.show(self._places, now)
        if first:
            self.environments.select(self.key)
        self.environments.entitle("Environments", f"{len(self._places)}")
        self._fill_neighbours(snapshot, now)
        self._fill_events(snapshot, now)
        self._draw_pages()
        self._share_room()

    def tick(self) -> None:
        """Let a second pass, in the pages too."""
        super().tick()
        if self._view is not None:
            self._view = replace(self._view, now=self.feed.now, zone=self.feed.zone)
            self._draw_pages()

    def arranged(self) -> None:
        """Show one tab alone where there is no room for all panes."""
        narrow = self.layout_now is Layout.NARROW
        for pane in layout.PANES:
            self.query_one(f"#{pane}").set_class(narrow and pane not in layout.TABS[self._front], "-behind")
        for side in ("left", "right"):
            behind = narrow and (side == "left") != (self._front == "instances")
            self.query_one(f"#{side}").set_class(behind, "-behind")
        self.query_one("#tabs", Ribbon).show(layout.tab_parts(self._front))
        self._draw_pages()
        self._share_room()

    def selected_row(self) -> object:
        """Give the service that is looked at."""
        return self._state

    def begin(self, key: tuple[str, str]) -> None:
        """Look at a service as if this screen were new."""
        self._trail.clear()
        if self.is_mounted:
            self._front = "instances"
            self.arranged()
            self.set_focus(self.instances)
            self._look_at(key)

    def visit(self, key: tuple[str, str], *, remember: bool = True) -> None:
        """Look at another service, or at the same one in another environment."""
        if key == self.key:
            return
        if remember:
            self._trail.append(self.key)
        self._look_at(key)

    def _look_at(self, key: tuple[str, str]) -> None:
        self.key, self._state, self._known, self._lost = key, None, None, None
        self.environments.use(environment_table(key[1]))
        for page in self.query(Page):
            page.scroll_home(animate=False)
        for rows in self.query(Lines):
            rows.sheet.forget()
        if self.feed.shown is not None:
            self.show(self.feed.shown)

    def action_step_back(self) -> None:
        """Go back to the service looked at before, or close."""
        if self._trail:
            self.visit(self._trail.pop(), remember=False)
        else:
            self.app.pop_screen()

    def action_instance(self, step: int) -> None:
        """Look at the next instance, or the one before."""
        if self._front != "instances":
            self.bring("instances")
        self.instances.action_move(step)

    def action_environment(self, step: int) -> None:
        """Look at the service in the next environment, or the one before."""
        keys = [one.key for one in self._places]
        if keys:
            place = keys.index(self.key) if self.key in keys else -1
            self.visit(keys[(place + step) % len(keys)], remember=self.key in keys)

    def action_stretch(self, step: int) -> None:
        """Let the chart look further back, or less far."""
        self._past.turn(step)
        self._draw_pages()

    @on(Answer)
    def take(self, message: Answer) -> None:
        """Draw what history says."""
        self._past.take(message)
        if self.is_whole:
            self._draw_pages()

    def action_runbook(self) -> None:
        """Open the runbook in the browser."""
        runbook = self._state.service.runbook if self._state else None
        self._say(open_page(self.app, runbook) if runbook else NO_RUNBOOK)

    def action_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        if self.layout_now is not Layout.NARROW:
            super().action_pane(step)
            return
        shown = [pane for tab in layout.TABS.values() for pane in tab]
        present = shown.index(self.focused.id) if self.focused and self.focused.id in shown else 0
        self.bring(shown[(present + step) % len(shown)])

    def action_front(self, tab: str) -> None:
        """Bring a tab to the front."""
        self.bring(tab)

    def bring(self, pane: str) -> None:
        """Bring a pane to the front and the focus to it."""
        self._front = layout.tab_of(pane)
        self.arranged()
        self.query_one(f"#{pane}").focus()

    def on_descendant_focus(self) -> None:
        """Remember the pane in use: it is the one that stays when the terminal gets narrow."""
        if self.focused is not None and self.focused.id in layout.PANES:
            front = layout.tab_of(self.focused.id)
            if front != self._front:
                self._front = front
                self.arranged()

    @on(Lines.Opened)
    def follow(self, message: Lines.Opened) -> None:
        """Go where a row leads: into another environment, or to a neighbour."""
        message.stop()
        row = message.row
        if isinstance(row, ServiceState):
            self.visit(row.key)
        elif isinstance(row, Neighbour) and row.state is not None:
            self.visit(row.state.key)
        elif isinstance(row, Neighbour):
            self._say(f"{row.key.service} has no instances in {self.key[1]}")
        elif isinstance(row, InstanceState):
            self.bring("reading")

    @on(Picker.Picked, "#instances")
    def look(self, message: Picker.Picked) -> None:
        """Show the instance under the cursor."""
        message.stop()
        selected = self.instances.selected
        if self._lost and (selected is None or selected.key != self._lost[1]):
            self._lost = None
        self._draw_pages()

    def _fill_instances(self, state: ServiceState, now: float, *, first: bool) -> None:
        pane = self.instances
        before = None if first else pane.selected
        pane.use(instance_table(state.instances))
        pane.show(state.instances, now)
        if first:
            pane.select(worst_instance(state).key)
        elif before is not None and all(one.key != before.key for one in state.instances) and pane.selected:
            self._lost = (before.key.instance, pane.selected.key)
        pane.entitle("Instances", f"{state.serving} of {len(state.instances)} serving")

    def _fill_neighbours(self, snapshot: PlatformSnapshot, now: float) -> None:
        if self._known is None or self._known[0] is not snapshot.inventory:
            self._known = (snapshot.inventory, neighbours_of(snapshot.inventory, self.key[0]))
        rows = with_states(self._known[1], snapshot, self.key[1])
        self._known = (snapshot.inventory, rows)
        self.neighbours.use(neighbour_table(rows))
        self.neighbours.show(rows, now)
        self.neighbours.entitle("Dependencies", summary(rows))

    def _fill_events(self, snapshot: PlatformSnapshot, now: float) -> None:
        events: Pane[Event] = self.query_one("#events", Pane)
        events.use(service_event_table(self.feed.zone))
        rows = events_of(snapshot.events, self.key[0])
        events.show(rows, now)
        events.entitle("Events", f"{len(rows)}, newest first" if rows else "")

    def _share_room(self) -> None:
        bars = 2 + self.has_class("-noticed") + (self.layout_now is Layout.NARROW)
        room = max(self.app.size.height - bars - self._head_height, 0)
        lists = (self.instances, self.environments, self.neighbours, self.query_one("#events", Pane))
        rows = layout.Rows(*(one.count for one in lists))
        for pane, height in layout.pane_heights(self.layout_now, rows, room).items():
            widget = self.query_one(f"#{pane}")
            if widget.styles.height is None or widget.styles.height.value != height:
                widget.styles.height = height

    def _draw_pages(self) -> None:
        state, view, selected = self._state, self._view, self.instances.selected
        if state is None or view is None:
            return
        most = layout.head_height(self.layout_now, self.app.size.height)
        head, reading = self.query_one("#head", Page), self.query_one("#reading", Page)
        lines = head_lines(state, view, max(self.app.size.width - 4, 1), most)
        if len(lines) != self._head_height:
            self._head_height = len(lines)
            head.styles.height = len(lines)
            self._share_room()
        head.show(lambda width, _: head_lines(state, view, width, most))
        if selected is not None:
            lost = self._lost_lines(selected)
            past = self._past.of(selected, self.session.past, view.now)
            reading.show(
                lambda width, height: [*lost, *instance_lines(selected, view, width, height - len(lost), past)]
            )
            reading.entitle(harmless(selected.key.instance), self.key[1])

    def _lost_lines(self, selected: InstanceState) -> list[Cell]:
        if self._lost is None:
            return []
        text = f"{self._lost[0]} is no longer in the inventory; this is {selected.key.instance}."
        return [(Piece(text, Tone.DEGRADED),), ()]

    def _say(self, text: str) -> None:
        self.notify(harmless(text), timeout=3, markup=False)
