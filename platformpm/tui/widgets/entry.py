"""Where a line is typed: a filter, or how long and why to mute."""

from __future__ import annotations

from textual.widgets import Input

from platformpm.tui.widgets.lasting import Lasting

_HINT = "a name, owner:payments, env:production, status:down, !word"
_LONGEST = 200
"""Characters of a filter: a file that is pasted by mistake ends here."""


class FilterEntry(Lasting, Input):
    """One line of text. What is pasted can hold no control character."""

    def __init__(self, text: str, hint: str = _HINT) -> None:
        super().__init__(text, placeholder=hint, compact=True, max_length=_LONGEST)

    @property
    def content_width(self) -> int:
        """Give the cells of the text, at least those there are: a letter that fits needs no new layout."""
        return max(super().content_width, self.size.width)

    def validate_value(self, value: str) -> str:
        """Keep what can be seen."""
        return "".join(char for char in value[: 2 * _LONGEST] if char.isprintable())[:_LONGEST]
