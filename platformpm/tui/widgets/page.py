"""Lines of text made for the width they stand in. Scrolls, and paints only the lines that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip

from platformpm.report.columns import Cell
from platformpm.tui.actions import Where, bindings
from platformpm.tui.widgets.brush import Ink, harmless, ink_of, segments
from platformpm.tui.widgets.scroller import Scroller

Draw = Callable[[int, int], Sequence[Cell]]
"""Gives the lines for so many cells and lines in sight."""

_MARGIN = 1
_REMEMBERED = 500
"""Painted lines that are kept."""
_MOVES = ("move", "page", "first", "last")


class Page(Scroller, can_focus=True):
    """Shows what a function draws. It is asked again at each `redraw` and for each new size."""

    BINDINGS: ClassVar[list[Any]] = [
        binding for binding in bindings(Where.LIST) if binding.action.partition("(")[0] in _MOVES
    ]

    def __init__(self, **names: Any) -> None:
        super().__init__(**names)
        self._draw: Draw = lambda _width, _height: ()
        self._shown: tuple[Cell, ...] = ()
        self._ink: Ink | None = None
        self._painted: dict[Cell, Strip] = {}
        self._entitled = ""

    @property
    def lines(self) -> tuple[Cell, ...]:
        """Give the lines as they stand now."""
        return self._shown

    def show(self, draw: Draw) -> None:
        """Show what `draw` gives from now on."""
        self._draw = draw
        self.redraw()

    def redraw(self) -> None:
        """Ask for the lines again and paint those that differ."""
        if not self._width or not self.size.height:
            return
        before, self._shown = self._shown, tuple(self._draw(self._width, self.size.height))
        self.extend(self.size.width, len(self._shown))
        top = self.scroll_offset.y
        for y in range(self.size.height):
            if before[top + y : top + y + 1] != self._shown[top + y : top + y + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    def entitle(self, title: str, note: str = "") -> None:
        """Write the title; nothing is repainted when it is the same."""
        text = harmless(f"{title} · {note}" if note else title)
        if text != self._entitled:
            self._entitled = text
            self.border_title = Content(text)

    def render_line(self, y: int) -> Strip:
        """Give line `y` of what is in sight."""
        ink = ink_of(self)
        if ink is not self._ink:
            self._ink = ink
            self._painted.clear()
        place = y + self.scroll_offset.y
        line = self._shown[place] if 0 <= place < len(self._shown) else ()
        strip = self._painted.get(line)
        if strip is None:
            strip = self._painted[line] = self._paint(line, ink)
        return strip.apply_style(ink.plain)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._painted.clear()
        self.redraw()
        self.refresh()

    def action_move(self, step: int) -> None:
        """Scroll by some lines."""
        self.scroll_to(y=self.scroll_target_y + step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by some pages."""
        self.scroll_to(y=self.scroll_target_y + step * max(self.size.height - 1, 1), animate=False)

    def action_first(self) -> None:
        """Scroll to the first line."""
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        """Scroll to the last line."""
        self.scroll_to(y=len(self._shown), animate=False)

    def _paint(self, line: Cell, ink: Ink) -> Strip:
        if len(self._painted) > _REMEMBERED:
            self._painted.clear()
        drawn = segments((), _MARGIN, ink.tones) + segments(line, self._width, ink.tones)
        return Strip(drawn, _MARGIN + self._width).adjust_cell_length(self.size.width)

    @property
    def _width(self) -> int:
        return max(self.size.width - 2 * _MARGIN, 0)
