"""Texts that come from outside as fields of tables for other programs."""

from __future__ import annotations

from collections.abc import Callable

from platformpm.model.text import safe_text

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""
_LONGEST = 1000
"""Characters of a field; more than anything cleaned at ingest may have."""

Say = Callable[[str], str]
"""Masks secrets in a text."""


def one_line(text: str, say: Say) -> str:
    """Give a text as one line, masked and cleaned."""
    return safe_text(say(text), _LONGEST)


def harmless(field: str) -> str:
    """Give a field that no spreadsheet takes for a formula."""
    return f"'{field}" if field.startswith(_FORMULA) else field
