"""A list whose cursor something else follows."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from textual.message import Message

from platformpm.report.columns import RowT
from platformpm.tui.widgets.pane import Pane


class Picker(Pane[RowT]):
    """Says when its cursor moved, and lets it be put on a row."""

    class Picked(Message):
        """The cursor came to another place."""

        def __init__(self, picker: Picker[Any]) -> None:
            self.picker = picker
            super().__init__()

        @property
        def control(self) -> Picker[Any]:
            """Give the list whose cursor moved."""
            return self.picker

    def select(self, key: Hashable) -> None:
        """Put the cursor on the row with this key, if it is there."""
        was = self.cursor.place
        for place in range(self.count):
            if self.ordering.key(self.ordering.row_at(place)) == key:
                self.cursor.put(place)
                self._moved(was)
                return

    def _moved(self, was: int | None) -> None:
        super()._moved(was)
        self.post_message(self.Picked(self))
