"""Every key and what it does, made from the registry of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from platformpm.report.words import GLYPHS, MUTED
from platformpm.tui.actions import ACTIONS, Where
from platformpm.tui.present import AtPresentSize

if TYPE_CHECKING:
    from textual.app import ComposeResult

_KEY_WIDTH = max(len(action.shown) for action in ACTIONS) + 2
_LABEL_WIDTH = max(len(action.label) for action in ACTIONS) + 2


class HelpScreen(AtPresentSize, ModalScreen[None]):
    """A sheet over the present screen; any of its keys closes it."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape,question_mark,q,enter", "dismiss", show=False)]

    def compose(self) -> ComposeResult:
        """Give the sheet."""
        with VerticalScroll(id="sheet") as sheet:
            sheet.border_title = Content("Keys")
            sheet.border_subtitle = Content("esc closes")
            for where in Where:
                text = _section(where)
                if text is not None:
                    yield Static(text, classes="section")
            yield Static(_legend(), classes="section")

    def on_screen_resume(self) -> None:
        """Begin at the beginning each time."""
        self.query_one("#sheet").scroll_home(animate=False)

    def on_click(self) -> None:
        """Close on a click anywhere."""
        self.dismiss()


def _section(where: Where) -> Content | None:
    actions = [action for action in ACTIONS if action.where is where]
    if not actions:
        return None
    lines = [Content.styled(where.value, "bold $accent")]
    lines += [
        Content.assemble(
            (f" {action.shown:<{_KEY_WIDTH}}", "$primary"),
            f"{action.label:<{_LABEL_WIDTH}}",
            (action.tooltip, "$text-muted"),
        )
        for action in actions
    ]
    return Content("\n").join(lines)


def _legend() -> Content:
    status = "   ".join(f"{glyph} {status}" for status, glyph in (*GLYPHS.items(), ("muted", MUTED)))
    return Content.assemble(
        ("Signs", "bold $accent"),
        f"\n {status}",
        ("\n Trend: ", "$text-muted"),
        "▂ is usual, each block higher is 1.4 times as slow",
    )
