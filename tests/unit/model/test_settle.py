from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from platformpm.model.settle import UNDECIDED, settle
from platformpm.model.status import RANK, Status

SHORT = {"u": Status.UP, "?": Status.UNKNOWN, "g": Status.DEGRADED, "d": Status.DOWN}
LETTER = {status: letter for letter, status in SHORT.items()}


@pytest.mark.parametrize(
    ("readings", "down_after", "up_after", "statuses"),
    [
        ("u", 2, 2, "u"),
        ("uuu", 2, 2, "uuu"),
        ("dd", 2, 2, "?d"),
        ("ud", 2, 2, "uu"),
        ("udd", 2, 2, "uud"),
        ("udu", 2, 2, "uuu"),
        ("ududud", 2, 2, "uuuuuu"),
        ("uddu", 2, 2, "uudd"),
        ("udduu", 2, 2, "uuddu"),
        ("ugd", 2, 2, "uug"),  # the least bad of them
        ("ugdd", 2, 2, "uugd"),
        ("uddgu", 2, 2, "uuddg"),  # the worst of them
        ("uddguu", 2, 2, "uuddgu"),
        ("u?d", 2, 2, "uu?"),
        ("ud", 1, 2, "ud"),
        ("udu", 1, 1, "udu"),
        ("udddu", 4, 1, "uuuuu"),
        ("uddddu", 4, 1, "uuuudu"),
        ("udduuu", 2, 3, "uudddu"),
        ("??u", 2, 2, "??u"),
        ("?dd", 2, 2, "??d"),
        ("du", 2, 2, "?u"),  # a first up counts at once
        ("dduu", 2, 2, "?ddu"),
    ],
)
def test_a_run_of_readings_becomes_a_status(readings: str, down_after: int, up_after: int, statuses: str) -> None:
    state, seen = UNDECIDED, ""
    for at, letter in enumerate(readings):
        state = settle(state, SHORT[letter], float(at), down_after=down_after, up_after=up_after)
        seen += LETTER[state.status]
    assert seen == statuses


def test_since_is_the_reading_that_decided() -> None:
    state = UNDECIDED
    seen = []
    for at, letter in enumerate("uuddduu"):
        state = settle(state, SHORT[letter], float(at))
        seen.append(state.since)
    assert seen == [0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 6.0]


def test_a_reading_that_says_nothing_new_gives_the_same_object() -> None:
    state = settle(settle(UNDECIDED, Status.UP, 1.0), Status.UP, 2.0)
    assert settle(state, Status.UP, 3.0) is state


def test_a_reading_that_disagrees_is_pending() -> None:
    assert not UNDECIDED.pending
    state = settle(UNDECIDED, Status.UP, 1.0)
    assert not state.pending
    assert settle(state, Status.DOWN, 2.0).pending


class Settling(RuleBasedStateMachine):
    """Against the rule as the design words it, over every reading there ever was."""

    @initialize(down_after=st.integers(1, 4), up_after=st.integers(1, 4))
    def begin(self, down_after: int, up_after: int) -> None:
        self.down_after, self.up_after = down_after, up_after
        self.readings: list[Status] = []
        self.state = UNDECIDED
        self.status = Status.UNKNOWN
        self.since: float | None = None

    @rule(reading=st.sampled_from(Status))
    def read(self, reading: Status) -> None:
        at = float(len(self.readings))
        self.readings.append(reading)
        self.state = settle(self.state, reading, at, down_after=self.down_after, up_after=self.up_after)
        decided = self.decide(reading)
        if decided is not None:
            self.status, self.since = decided, at

    def decide(self, reading: Status) -> Status | None:
        if self.since is None and reading is Status.UP:
            return Status.UP
        worse, better = self.readings[-self.down_after :], self.readings[-self.up_after :]
        if len(worse) == self.down_after and all(RANK[each] > RANK[self.status] for each in worse):
            return min(worse, key=RANK.__getitem__)
        if len(better) == self.up_after and all(RANK[each] < RANK[self.status] for each in better):
            return max(better, key=RANK.__getitem__)
        return None

    @invariant()
    def agrees(self) -> None:
        if hasattr(self, "state"):
            assert (self.state.status, self.state.since) == (self.status, self.since)
            assert len(self.state.recent) <= max(self.down_after, self.up_after)


TestSettling = Settling.TestCase
TestSettling.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
