"""Soft to hard: when a run of readings becomes a change of status."""

from __future__ import annotations

from dataclasses import dataclass

from platformpm.model.status import RANK, Status


@dataclass(frozen=True, slots=True)
class Settled:
    """The decided status of one instance and the trusted readings that the next decision looks at.

    `since` is wall time in seconds, None before the first decision; `recent` is oldest first.
    """

    status: Status = Status.UNKNOWN
    since: float | None = None
    recent: tuple[Status, ...] = ()

    @property
    def pending(self) -> bool:
        """Tell whether the last reading disagrees with the status: the check is then soon repeated."""
        return bool(self.recent) and self.recent[-1] is not self.status


UNDECIDED = Settled()


def settle(state: Settled, reading: Status, at: float, *, down_after: int = 2, up_after: int = 2) -> Settled:
    """Give the state after one trusted `reading` taken at wall time `at`.

    When the last `down_after` readings are all worse than the status it becomes the least bad of them; when the last
    `up_after` are all better, the worst of them. Before the first decision the status is unknown, and a first up
    counts at once.
    """
    recent = (*state.recent, reading)[-max(down_after, up_after) :]
    if state.since is None and reading is Status.UP:
        return Settled(Status.UP, at, recent)
    now = RANK[state.status]
    worse = recent[-down_after:]
    if len(worse) == down_after and all(RANK[status] > now for status in worse):
        return Settled(min(worse, key=RANK.__getitem__), at, recent)
    better = recent[-up_after:]
    if len(better) == up_after and all(RANK[status] < now for status in better):
        return Settled(max(better, key=RANK.__getitem__), at, recent)
    if recent == state.recent:
        return state
    return Settled(state.status, state.since, recent)
