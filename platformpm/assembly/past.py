"""The history of a platform: where it is, who writes it, and who only reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from platformpm.errors import HistoryError
from platformpm.model.inventory import Inventory
from platformpm.model.ports import Clock, HistoryReader

if TYPE_CHECKING:
    from platformpm.history import History


def history_of(inventory: Inventory, environ: Mapping[str, str], clock: Clock) -> History:
    """Give the history of a platform, not yet open: its own thread opens it, so that nobody waits for a disk."""
    from platformpm.history import History, history_path  # with SQLite, which a check need not pay

    path = history_path(inventory.platform.name, inventory.history, environ)
    return History(path, inventory.history, clock)


@contextmanager
def past(inventory: Inventory, environ: Mapping[str, str]) -> Iterator[HistoryReader]:
    """Give the recorded history of a platform to read from. Raises `HistoryError` where there is none."""
    from platformpm.history import history_path, open_past  # the same

    path = history_path(inventory.platform.name, inventory.history, environ)
    if path is None:
        raise HistoryError("history of this platform is kept in memory only, and ends with the screen")
    with open_past(path) as reader:
        yield reader
