"""The history of a platform: where it is, who writes it, and who only reads it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from platformpm.assembly.parts import build_heartbeats
from platformpm.errors import HistoryError
from platformpm.model.heartbeat import is_awaited
from platformpm.model.inventory import Inventory
from platformpm.model.ports import Bookmark, Clock, HistoryReader

if TYPE_CHECKING:
    from platformpm.history import History
    from platformpm.probes import Heartbeats


def history_of(inventory: Inventory, environ: Mapping[str, str], clock: Clock) -> History:
    """Give the history of a platform, not yet open: its own thread opens it, so that nobody waits for a disk."""
    from platformpm.history import History, history_path  # with SQLite, which a check need not pay

    path = history_path(inventory.platform.name, inventory.history, environ)
    return History(path, inventory.history, clock)


def past(inventory: Inventory, environ: Mapping[str, str]) -> HistoryReader:
    """Give the recorded history of a platform to read from. Raises `HistoryError` where none can be."""
    from platformpm.history import history_path, read_history  # the same

    path = history_path(inventory.platform.name, inventory.history, environ)
    if path is None:
        raise HistoryError("the history of this platform is kept in memory only, and ends with the screen")
    return read_history(path)


def bookmark(inventory: Inventory, environ: Mapping[str, str]) -> Bookmark:
    """Give the mark of the last look at the recorded history of a platform."""
    from platformpm.history import FileBookmark, history_path  # the same

    return FileBookmark(history_path(inventory.platform.name, inventory.history, environ))


def remembered(inventory: Inventory, environ: Mapping[str, str], clock: Clock) -> Heartbeats | None:
    """Give the heartbeats that a `watch --listen` recorded, for one look; None where nobody is awaited."""
    if not any(map(is_awaited, inventory.instances())):
        return None
    heard = build_heartbeats(clock)
    with suppress(HistoryError):
        heard.recall(past(inventory, environ).heartbeats())
    return heard
