"""Secrets that do not show themselves, and a masker for every text that leaves the program."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "•••"
SHORTEST_MASKED = 6
"""A shorter secret would mask ordinary words all over the output."""
SHORTEST_BEGINNING = 3
"""A shorter beginning of a secret, where a text was cut, tells nothing."""
_ELLIPSIS = re.compile(r"(…|\.\.\.)")
"""What stands where a text was cut, and what stands for it where only ASCII can be shown."""


def is_token(text: str) -> bool:
    """Tell whether `text` can be sent as `Authorization: Bearer …`: visible ASCII, and any at all."""
    return bool(text) and all("!" <= char <= "~" for char in text)


class Secret:
    """A text that is only given by `reveal()`: its `repr`, `str` and format show a mask."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep `text` out of sight."""
        self._text = text

    def reveal(self) -> str:
        """Give the text itself, for a request and nothing else."""
        return self._text

    def __repr__(self) -> str:
        """Show the mask."""
        return MASK

    def __eq__(self, other: object) -> bool:
        """Compare by the hidden text."""
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        """Hash by the hidden text."""
        return hash((Secret, self._text))

    def __bool__(self) -> bool:
        """Tell whether there is any text."""
        return bool(self._text)


class Masker:
    """Replaces every known secret of at least six characters in a text; longer ones first.

    A text that was cut (it holds an ellipsis) may end in the beginning of a secret: that is replaced too.
    """

    __slots__ = ("_ordered", "_pattern")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Learn the secrets; each line of a multi-line one is a secret of its own too."""
        texts = {text for text in secrets if len(text) >= SHORTEST_MASKED}
        texts |= {line for text in texts for line in text.splitlines() if len(line) >= SHORTEST_MASKED}
        self._ordered = sorted(texts, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(text) for text in self._ordered)) if self._ordered else None

    def __call__(self, text: str) -> str:
        """Give `text` with every secret replaced by the mask."""
        if self._pattern is None:
            return text
        text = self._pattern.sub(MASK, text)
        *cut, last = _ELLIPSIS.split(text)
        return "".join(map(self._end, cut)) + last

    def _end(self, part: str) -> str:
        """Give `part` without the beginning of a secret at its end."""
        longest = 0
        for secret in self._ordered:
            for length in range(min(len(secret) - 1, len(part)), max(longest, SHORTEST_BEGINNING - 1), -1):
                if part.endswith(secret[:length]):
                    longest = length
                    break
        return part[: len(part) - longest] + MASK if longest else part


NO_MASK = Masker()
