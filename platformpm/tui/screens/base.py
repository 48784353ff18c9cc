"""What every screen has: header, banner, body, footer, and one way to be fed."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from platformpm.model.ports import Session
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Status
from platformpm.report.columns import Tone, cell
from platformpm.tui.actions import Where, bindings
from platformpm.tui.feed import Feed
from platformpm.tui.layout import SMALLEST, Layout, layout_for
from platformpm.tui.present import AtPresentSize
from platformpm.tui.widgets.bars import count_parts, footer_parts, header_parts
from platformpm.tui.widgets.brush import harmless
from platformpm.tui.widgets.lines import Lines
from platformpm.tui.widgets.ribbon import Part, Ribbon

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from platformpm.tui.app import PlatformApp


class PlatformScreen(AtPresentSize, Screen[None]):
    """A screen that shows the platform. A subclass gives `contents` and `fill`; `name` is its action's id.

    `show` is called by the app for every new snapshot while the screen is in front, and when it comes to the front.
    """

    BINDINGS: ClassVar[list[Any]] = bindings(Where.PANES)
    idle: Collection[str] = ()
    """Ids of actions that do nothing as things are: the footer does not offer them."""

    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)
        self.layout_now = Layout.WIDE
        self._filled: PlatformSnapshot | None = None
        self._notice: str | None = None

    @property
    def feed(self) -> Feed:
        """Give the feed of the app."""
        return cast("PlatformApp", self.app).feed

    @property
    def session(self) -> Session:
        """Give the session of the app."""
        return cast("PlatformApp", self.app).session

    @property
    def is_whole(self) -> bool:
        """Tell whether its widgets are there: they are not before it is composed, nor while it is taken down."""
        return self.is_mounted and any(child.id == "header" for child in self.children)

    def contents(self) -> ComposeResult:
        """Give the widgets between header and footer."""
        raise NotImplementedError

    def fill(self, snapshot: PlatformSnapshot, now: float) -> None:
        """Put a snapshot into the widgets; `now` is the wall time that ages are counted from."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Give the widgets."""
        yield Ribbon(id="header")
        yield Static(id="banner")
        with Container(id="body"):
            yield from self.contents()
        yield Ribbon(id="cramped", classes="cramped")
        for status in reversed(Status):
            yield Ribbon(id=f"cramped-{status}", classes="cramped")
        yield Ribbon(id="footer", gap=2)

    def on_mount(self) -> None:
        """Show what there is."""
        self._offer()
        self._arrange(self.app.size.width, self.app.size.height)
        self.catch_up()
        self.call_after_refresh(self.session.painted)

    def on_screen_resume(self) -> None:
        """Show what came while another screen was in front."""
        self.catch_up()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the new size, if it is the one the terminal still has."""
        if event.size == self.app.size:
            self._arrange(event.size.width, event.size.height)

    def catch_up(self) -> None:
        """Show the newest snapshot if it is not on the screen yet."""
        if self.is_whole and self.feed.shown is not None and self.feed.shown is not self._filled:
            self.show(self.feed.shown)
        elif self.is_whole:
            self.tick()

    def show(self, snapshot: PlatformSnapshot) -> None:
        """Draw a snapshot."""
        self._filled = snapshot
        self.fill(snapshot, self.feed.now)
        self._offer()
        for status, part in count_parts(snapshot).items():
            self.query_one(f"#cramped-{status}", Ribbon).show([part])
        self._tell(snapshot.notice)
        self._beat()

    def tick(self) -> None:
        """Let a second pass: the clock, the ages, and sorts that had to wait."""
        self._beat()
        for lines in self.query(Lines):
            if lines.display:
                lines.tick(self.feed.now)

    def selected_row(self) -> object:
        """Give what is under the cursor: a row of a list, or None."""
        return self.focused.selected if isinstance(self.focused, Lines) else None

    def action_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def arranged(self) -> None:
        """Follow a new layout; a screen that has more to do than its styles say does it here."""

    def _offer(self) -> None:
        self.query_one("#footer", Ribbon).show(footer_parts(self.name or "", self.idle))

    def _beat(self) -> None:
        self.query_one("#header", Ribbon).show(header_parts(self.feed))

    def _tell(self, notice: str | None) -> None:
        if notice != self._notice:
            self._notice = notice
            self.query_one("#banner", Static).update(Content(harmless(f"! {notice}")))
            self.set_class(bool(notice), "-noticed")

    def _arrange(self, width: int, height: int) -> None:
        self.layout_now = layout_for(width, height)
        for layout in Layout:
            self.set_class(layout is self.layout_now, f"-{layout}")
        if self.layout_now is Layout.CRAMPED:
            least = f"{SMALLEST[0]}×{SMALLEST[1]}"
            text = f"{width}×{height} is too small, {least} needed"
            self.query_one("#cramped", Ribbon).show([Part("cramped", cell(text, Tone.DIM))])
        self.arranged()
