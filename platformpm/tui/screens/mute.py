"""Asks how long and why to mute something, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.screen import ModalScreen

from platformpm.inventory.durations import parse_duration
from platformpm.tui.present import AtPresentSize
from platformpm.tui.widgets.brush import harmless
from platformpm.tui.widgets.entry import FilterEntry

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets import Input

_USUAL = "1h "
_HINT = "how long, then why: 2h deploy of 2.5"
_HOUR = 3600.0


class Answer(NamedTuple):
    """For how many seconds to mute, and why."""

    seconds: float
    reason: str


class MuteScreen(AtPresentSize, ModalScreen[Answer | None]):
    """A line over the present screen; enter mutes, esc leaves it."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "dismiss", show=False)]

    def __init__(self, subject: str) -> None:
        super().__init__()
        self._subject = subject

    def compose(self) -> ComposeResult:
        """Give the line, begun with the usual time."""
        with Container(id="ask") as ask:
            ask.border_title = Content(harmless(f"Mute {self._subject}"))
            ask.border_subtitle = Content("how long, then why · enter mutes · esc leaves it")
            yield FilterEntry(_USUAL, _HINT)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the answer, or say what cannot be understood of it."""
        answer = answer_of(event.value)
        if answer is None:
            title = f"{event.value.split()[0]!r} is not a time such as 30m, 2h or 1d"
            self.query_one("#ask").border_title = Content(harmless(title))
        else:
            self.dismiss(answer)


def answer_of(text: str) -> Answer | None:
    """Read `2h deploy of 2.5`; without a time at the beginning an hour is meant. None for a time that is none."""
    first, _, rest = text.strip().partition(" ")
    if not first[:1].isdigit():
        return Answer(_HOUR, text.strip())
    try:
        seconds = parse_duration(first)
    except ValueError:
        return None
    return Answer(seconds, rest.strip()) if seconds > 0 else None
