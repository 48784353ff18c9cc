"""History in SQLite: one thread writes, anyone reads."""

from __future__ import annotations

from platformpm.history.bookmark import FileBookmark
from platformpm.history.chores import Pace
from platformpm.history.place import history_path
from platformpm.history.store import History, read_history

__all__ = ["FileBookmark", "History", "Pace", "history_path", "read_history"]
