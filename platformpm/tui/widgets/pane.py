"""A list in a frame with a title."""

from __future__ import annotations

from textual.content import Content

from platformpm.report.columns import RowT
from platformpm.tui.widgets.lines import Lines

_ONE_ORDER = "these rows have one order: newest first"


class Pane(Lines[RowT]):
    """A list in a frame; its title says what it holds and how much of it."""

    _entitled: str = ""

    def entitle(self, title: str, note: str = "") -> None:
        """Write the title; nothing is repainted when it is the same."""
        text = f"{title} · {note}" if note else title
        if text != self._entitled:
            self._entitled = text
            self.border_title = Content(text)

    def action_sort(self) -> None:
        """Sort by the next column; say so where there is none to sort by."""
        super().action_sort()
        if self.ordering.column is None:
            self.notify(_ONE_ORDER, timeout=2, markup=False)
