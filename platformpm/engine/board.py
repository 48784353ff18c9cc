"""The slot that holds the newest snapshot, and when it is worth making another."""

from __future__ import annotations

from platformpm.model.snapshot import PlatformSnapshot

SHORTEST = 0.25
"""Seconds between two snapshots at the least: nobody reads faster."""
CALM = 0.5
"""Seconds between two snapshots in which only numbers moved and nothing happened: drawing them is most of our work."""
LONGEST = 1.0
"""Seconds after which a snapshot is made though nothing changed, so that its time moves on."""


class LatestBoard:
    """Latest wins. Written by the engine's thread, read by any; assigning a reference needs no lock."""

    def __init__(self) -> None:
        """Start without a snapshot."""
        self._latest: PlatformSnapshot | None = None

    def latest(self) -> PlatformSnapshot | None:
        """Give the newest snapshot, None before the first."""
        return self._latest

    def put(self, snapshot: PlatformSnapshot) -> None:
        """Replace the snapshot."""
        self._latest = snapshot


def worth_publishing(since_last: float, *, told: bool, changed: bool) -> bool:
    """Tell whether to make a snapshot, `since_last` seconds after the one before.

    `told` says that an event was told since then, `changed` that anything is not as it was.
    """
    return since_last >= (SHORTEST if told else CALM if changed else LONGEST)
