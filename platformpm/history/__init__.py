"""History in SQLite: one thread writes, anyone reads; and the mutes, in a file beside it.

The names are looked up when first used: who only wants to know of mutes does not pay for SQLite.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platformpm.history.bookmark import FileBookmark
    from platformpm.history.chores import Pace
    from platformpm.history.place import history_path
    from platformpm.history.store import History, read_history

__all__ = ["FileBookmark", "History", "Pace", "history_path", "read_history"]

_HOMES = {
    "FileBookmark": "bookmark",
    "History": "store",
    "Pace": "chores",
    "history_path": "place",
    "read_history": "store",
}


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562) and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
