"""One line of short parts: the header, the footer, the tabs. Parts give way when the line is short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from platformpm.report.columns import Cell
from platformpm.tui.widgets.brush import harmless, ink_of, segments

if TYPE_CHECKING:
    from textual import events

_GAP = 3
_CLEAN = Style()


class Part(NamedTuple):
    """One part of a ribbon. `rank` 0 never gives way; `run` is the action that a click on it starts.

    A part with a `short` form takes that one first, when those of a higher rank than `wordy` have given way.
    """

    id: str
    pieces: Cell
    rank: int = 0
    run: str | None = None
    right: bool = False
    short: Cell = ()
    wordy: int = 0

    @property
    def size(self) -> int:
        """Give the character cells it takes."""
        return sum(cell_len(harmless(piece.text)) for piece in self.pieces)

    @property
    def patience(self) -> int:
        """Give the rank of what it gives up next: its words, or its place."""
        return self.wordy if self.short else self.rank


class Laid(NamedTuple):
    """A part and where it stands, in character cells."""

    part: Part
    x: int
    width: int


def lay(parts: Sequence[Part], width: int, gap: int = _GAP) -> list[Laid]:
    """Lay parts from the left, those for the right against the right end; shorten and drop by rank until they fit."""
    kept = [part for part in parts if part.size]
    while kept and sum(part.size + gap for part in kept) - gap > width:
        place = max(range(len(kept)), key=lambda at: (kept[at].patience, at))
        loser = kept[place]
        if loser.patience == 0:
            break
        kept[place : place + 1] = [loser._replace(pieces=loser.short, short=())] if loser.short else []
    laid: list[Laid] = []
    x = 0
    for part in (part for part in kept if not part.right):
        room = min(part.size, width - x)
        if room > 0:
            laid.append(Laid(part, x, room))
        x += part.size + gap
    end = width
    for part in reversed([part for part in kept if part.right]):
        start = end - part.size
        if start >= x:
            laid.append(Laid(part, start, part.size))
        end = start - gap
    return sorted(laid, key=lambda one: one.x)


class Ribbon(Widget):
    """Shows parts in one line and repaints only those that changed."""

    def __init__(self, *, gap: int = _GAP, **names: Any) -> None:
        super().__init__(**names)
        self._gap = gap
        self._parts: tuple[Part, ...] = ()
        self._laid: list[Laid] = []

    def show(self, parts: Sequence[Part]) -> None:
        """Show these parts from now on."""
        if tuple(parts) != self._parts:
            self._parts = tuple(parts)
            self._lay_again()

    def on_resize(self) -> None:
        """Lay the parts anew."""
        self._laid = lay(self._parts, self.size.width - 2, self._gap)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Give the line."""
        width = self.size.width
        if y > 0:
            return Strip.blank(width, self.rich_style)
        tones = ink_of(self).tones
        out: list[Segment] = []
        x = 0
        for one in self._laid:
            out.append(Segment(" " * (one.x + 1 - x), _CLEAN))
            out.extend(segments(one.part.pieces, one.width, tones))
            x = one.x + 1 + one.width
        return Strip(out, x).adjust_cell_length(width, _CLEAN).apply_style(self.rich_style)

    async def on_click(self, event: events.Click) -> None:
        """Start the action of the part that was clicked."""
        offset = event.get_content_offset(self)
        for one in self._laid:
            if offset is not None and one.part.run and one.x <= offset.x - 1 < one.x + one.width:
                await self.run_action(one.part.run)
                return

    def _lay_again(self) -> None:
        before, self._laid = self._laid, lay(self._parts, self.size.width - 2, self._gap)
        if [one[1:] for one in before] != [one[1:] for one in self._laid]:
            self.refresh()
            return
        for old, new in zip(before, self._laid, strict=True):
            if old.part.pieces != new.part.pieces:
                self.refresh(Region(new.x + 1, 0, new.width, 1))
