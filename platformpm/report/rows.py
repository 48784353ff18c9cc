"""What the cells of a row say; a row is a service in an environment."""

from __future__ import annotations

from collections.abc import Sequence

from platformpm.model.reading import Reading
from platformpm.model.state import InstanceState, ServiceState
from platformpm.model.status import RANK, Reason, Status
from platformpm.model.version import Drift
from platformpm.report import words
from platformpm.report.columns import Cell, Piece, Tone, cell
from platformpm.report.spark import TONES, bar

_DRIFT = {
    Drift.CURRENT: ("✓ current", Tone.UP),
    Drift.BEHIND: ("↓ behind", Tone.DEGRADED),
    Drift.AHEAD: ("↑ ahead", Tone.ACCENT),
    Drift.MIXED: ("~ mixed", Tone.DEGRADED),
    Drift.DIFFERENT: ("≠ different", Tone.DEGRADED),
    Drift.UNKNOWN: ("? unknown", Tone.UNKNOWN),
}
_DRIFT_RANK = {
    Drift.MIXED: 0,
    Drift.BEHIND: 1,
    Drift.DIFFERENT: 2,
    Drift.AHEAD: 3,
    Drift.UNKNOWN: 4,
    Drift.CURRENT: 5,
}
_MUTED_RANK = 0.5
LAST = 99
"""Sorts after every tier and every drift."""


def nothing() -> Cell:
    """Give the cell of a value that is not there."""
    return cell(words.NOTHING, Tone.DIM)


def text_or_nothing(text: str | None, tone: Tone = Tone.PLAIN) -> Cell:
    """Give a cell of `text`, a dash where there is none."""
    return cell(text, tone) if text else nothing()


def status_cell(status: Status, *, muted: bool = False) -> Cell:
    """Give a status as glyph, colour and word; of what is muted without colour."""
    if muted:
        return cell(f"{words.MUTED} {status}", Tone.DIM)
    return cell(f"{words.GLYPHS[status]} {status}", TONES[status])


def is_fault(state: ServiceState) -> bool:
    """Tell whether a row is one to worry about: neither up, nor muted, nor still waiting for its first reading."""
    return state.status is not Status.UP and state.muted is None and _is_known(state)


def _is_known(state: ServiceState) -> bool:
    """Tell whether anything was read of a row, be it before this run."""
    return any(one.reading is not None or one.since is not None for one in state.instances)


def urgency(state: ServiceState) -> tuple[float, bool, int]:
    """Order rows by how soon they need a look: worst first, muted ones after all others that are not up.

    Of those that are equally bad the ones in critical environments come first, and of these tier 1.
    """
    if state.status is Status.UP:
        return 0.0, False, 0
    rank = -_MUTED_RANK if state.muted is not None else -RANK[state.status]
    return rank, not state.environment.critical, state.service.tier or LAST


def is_drifting(state: ServiceState) -> bool:
    """Tell whether a row is known not to run its target."""
    return state.drift not in (Drift.CURRENT, Drift.UNKNOWN)


def is_off_target(state: ServiceState) -> bool:
    """Tell whether a row is known not to run its target, or is at fault."""
    return is_drifting(state) or is_fault(state)


def worst_instance(state: ServiceState) -> InstanceState:
    """Give the first of the instances that are worst off."""
    return max(state.instances, key=lambda one: RANK[one.status])


def fault_of(state: ServiceState) -> Reading | None:
    """Give the reading that explains a row that is not up; None when nothing does."""
    if state.status is Status.UP:
        return None
    worst = worst_instance(state)
    return worst.last_bad or worst.reading


def seen(state: ServiceState) -> Cell:
    """Say what was seen: the reason and detail of the worst instance."""
    reading = fault_of(state)
    if reading is None:
        return () if _is_known(state) else cell("not read yet", Tone.DIM)
    quiet = state.muted
    reason = Piece(reason_word(reading.reason), TONES[state.status] if quiet is None else Tone.DIM)
    told = () if quiet is None else (Piece(f"muted: {quiet.reason}  " if quiet.reason else "muted  ", Tone.DIM),)
    return (*told, reason, Piece(f"  {reading.detail}", Tone.PLAIN)) if reading.detail else (*told, reason)


def reason_word(reason: Reason | None) -> str:
    """Give a reason as words: `timeout connect`."""
    return words.NOTHING if reason is None else reason.value.replace("_", " ")


def latency_cell(state: ServiceState) -> Cell:
    """Give the slowest latency; of what is down, or has none, the word for why: narrow lists have no other place."""
    reading = worst_instance(state).reading or fault_of(state)
    reason = reading.reason if reading else None
    if state.latency is not None and not (state.status is Status.DOWN and reason is not None):
        tone = TONES[reading.status] if reading is not None and reason is Reason.SLOW else Tone.PLAIN
        return cell(words.latency(state.latency), tone)
    outcome = words.outcome(reason, reading.detail if reading else "")
    return cell(outcome, TONES[state.status]) if outcome else nothing()


def instances_cell(state: ServiceState) -> Cell:
    """Give how many instances serve, of how many."""
    serving, total = state.serving, len(state.instances)
    return cell(f"{serving}/{total}", Tone.PLAIN if serving == total else TONES[state.status])


def version_cell(state: ServiceState) -> Cell:
    """Give the observed version; where instances differ, each with how many run it, most first."""
    if not state.versions:
        return nothing()
    if state.version is not None:
        return cell(state.version)
    ranked = sorted(state.versions.items(), key=lambda item: -item[1])
    return cell(" ".join(f"{version} ×{count}" for version, count in ranked), Tone.DEGRADED)


def drift_cell(state: ServiceState) -> Cell:
    """Give the drift in a word; without a target there is none."""
    if state.target is None and state.drift is Drift.UNKNOWN:
        return nothing()
    word, tone = _DRIFT[state.drift]
    return cell(word, tone)


def drift_rank(state: ServiceState) -> int:
    """Order rows by drift: what needs a look first, rows without a target last."""
    return LAST if state.target is None else _DRIFT_RANK[state.drift]


def drifting_in(states: Sequence[ServiceState]) -> int:
    """Count the rows that are known not to be on their target. Runs over thousands of rows at each new snapshot."""
    on_target, unknown = Drift.CURRENT, Drift.UNKNOWN
    return sum([state.drift is not on_target and state.drift is not unknown for state in states])


def not_up(states: Sequence[ServiceState]) -> str:
    """Say how many rows are at fault, of how many: `3 of 90 not up`; what was not read yet or is muted is no fault."""
    bad, quiet = sum(map(is_fault, states)), sum(state.muted is not None for state in states)
    told = f"{bad} of {len(states)} not up" if bad else f"{len(states)}"
    return f"{told}, {quiet} muted" if quiet else told


def on_target_cell(state: ServiceState, width: int) -> Cell:
    """Give the share of instances on the target as a bar and in figures."""
    total = len(state.instances)
    if state.target is None or not state.versions:
        return nothing()
    count = f" {state.on_target}/{total}"
    tone = Tone.UP if state.on_target == total else Tone.DEGRADED
    return (*bar(state.on_target / total, max(width - max(len(count), 4), 1), tone), Piece(count.rjust(4)))
