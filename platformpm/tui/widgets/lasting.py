"""The focus outlives a terminal that is too small for the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget


class Lasting(MessagePump):
    """A widget that keeps the focus while only the size of the terminal hides it.

    Textual takes the focus from whatever is hidden, some messages later. In a terminal that grows again at once the
    keys in between would go nowhere.
    """

    def on_hide(self, event: events.Hide) -> None:
        """Let go only of what something else than the size has hidden."""
        around = cast("Widget", self).ancestors_with_self
        if all(node.display for node in around if node.id != "body"):
            event.prevent_default()
