"""What the product's own scrolling widgets share."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView

from platformpm.tui.widgets.lasting import Lasting


class Scroller(Lasting, ScrollView):
    """A scroll view whose insides may grow and shrink without a layout: nothing outside it moves for that."""

    def extend(self, width: int, height: int) -> None:
        """Be so many cells wide and lines high inside."""
        if self.virtual_size == (width, height):
            return
        self.set_reactive(ScrollView.virtual_size, Size(width, height))
        if self.show_vertical_scrollbar and self.scrollbar_size_vertical:
            self.vertical_scrollbar.window_virtual_size = height
        self.scroll_y = self.scroll_y  # held in bounds
