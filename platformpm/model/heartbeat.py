"""Heartbeats: a job tells by itself that it is well, and its silence is what tells that it is not.

Silence is counted in seconds of a clock that never jumps and stands still while the machine sleeps. Of a heartbeat from
before this run only the wall time is known; from there on it is counted the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from platformpm.model.check import HeartbeatRule, Instance, InstanceKey
from platformpm.model.reading import Reading
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text

SCHEME = "heartbeat"
AHEAD = 2.0
"""Seconds by which the time of a file may lie in the future: two clocks never agree."""
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
LONGEST_MESSAGE = 120


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a job last said: at which wall time, how it is, and a cleaned sentence of its own."""

    at: float
    status: Status = Status.UP
    message: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A heartbeat that was `age` seconds old at monotonic time `noted`; below 0 it is dated in the future."""

    beat: Heartbeat
    noted: float
    age: float = 0.0

    def silence(self, now: float) -> float:
        """Give the seconds since the heartbeat at monotonic time `now`."""
        return max(self.age, 0.0) + now - self.noted


def is_awaited(instance: Instance) -> bool:
    """Tell whether an instance reports over HTTP: one with a path touches a file instead."""
    return instance.scheme == SCHEME and not instance.url.startswith(f"{SCHEME}:///")


def address_of(key: InstanceKey) -> str:
    """Give the path to which a job reports."""
    return f"/{SCHEME}/{key}"


def judge(heard: Heard, rule: HeartbeatRule, silence: float, listened: float | None, at: float) -> Reading:
    """Give the reading at wall time `at`, after `silence` seconds.

    `listened` is for how many seconds this process has been hearing heartbeats; None where the record alone decides. A
    heartbeat that was due while nobody listened may have come and been lost: its silence counts after a whole turn.
    """
    beat = heard.beat
    if silence > rule.every + rule.grace:
        text = f"no heartbeat for {span(silence)}, expected every {span(rule.every)}"
        if listened is not None and listened < min(silence - rule.every, rule.every + rule.grace):
            return Reading(Status.UNKNOWN, at, Reason.SILENT, f"{text}, but nobody listened when it was due")
        grace = f" (grace {span(rule.grace)})" if rule.grace else ""
        return Reading(Status.DOWN, at, Reason.SILENT, text + grace)
    if beat.status is not Status.UP:
        said = safe_text(beat.message, LONGEST_MESSAGE) or f"the job says that it is {beat.status}"
        return Reading(beat.status, at, Reason.PAYLOAD, said)
    text = f"heartbeat {span(silence)} ago"
    if silence > rule.every:
        text += f", expected every {span(rule.every)}"
    if beat.at > at + AHEAD:
        text += f", though dated {span(beat.at - at)} ahead: one of the clocks is wrong"
    return Reading(Status.UP, at, detail=safe_text(f"{text}: {beat.message}" if beat.message else text))


def span(seconds: float) -> str:
    """Give a span in its two largest units, as durations are written: `1d2h`, `5m`, `40s`."""
    left = max(int(seconds), 0)
    parts: list[str] = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count}{unit}" if count else "")
        if len(parts) == 2:
            break
    return "".join(parts) or "0s"
