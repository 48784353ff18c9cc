"""The size that counts is the one the terminal has now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual import events


class AtPresentSize(MessagePump):
    """A screen that passes over news of a size the terminal has no longer.

    A Textual screen lays itself out for the size an event tells, and whenever that changed its own size it sends
    itself an event with that size. Two sizes in its queue with anything between them then follow each other for ever,
    and nothing else is heard: no key, no signal, no further size. For each size of the terminal comes an event, so
    one that tells another size than it has now has a follower.
    """

    def on_resize(self, event: events.Resize) -> None:
        """Leave a size that is past to its follower."""
        if event.size != self.app.size:
            event.stop()
            event.prevent_default()
