"""The annotations of `check` for a GitHub workflow: one for each service and host that is not up, worst first.

One more names what is off target: GitHub shows no more than ten notices of a step.

Source: the workflow commands of GitHub Actions; escaping as `@actions/core` does it.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.model.state import HostState, ServiceState
from platformpm.model.status import Status
from platformpm.report.checktext import tallies, why_instance
from platformpm.report.told import Told, place, why_not_up

_COMMANDS = {Status.DOWN: "error", Status.DEGRADED: "warning", Status.UNKNOWN: "warning", Status.UP: "notice"}
_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = {**_IN_MESSAGE, **str.maketrans({":": "%3A", ",": "%2C"})}
_LISTED = 10
"""Instances, or services off target, named in one annotation."""


def render(told: Told) -> str:
    """Give the commands, one a line: an error for what is down, a warning for degraded and unknown, the verdict last.

    What is muted is a notice. Every line is a command, so that no text of a service can be read as one.
    """
    shown = [state for state in told.listed() if told.detail.everything or state.status is not Status.UP]
    lines = [_command(Status.UP if state.muted else state.status, *_annotation(told, state)) for state in shown]
    if drifting := told.drifting():
        named = "\n".join(told.drift_lines(drifting, _LISTED))
        lines.append(_command(Status.UP, f"{len(drifting)} off target", named))
    summary = "; ".join((f"{told.verdict}: {told.platform}", *tallies(told.snapshot)))
    asked = told.snapshot.services or told.snapshot.hosts
    return "\n".join([*lines, _command(Status.UP if asked else Status.UNKNOWN, "platformpm", summary)]) + "\n"


def _annotation(told: Told, state: ServiceState | HostState) -> tuple[str, str]:
    """Give title and message."""
    if isinstance(state, HostState):
        seen = "up" if state.status is Status.UP else told.say(why_not_up(state))
        title = told.say(f"host {state.host.name} is {state.status}")
        return title, "\n".join(filter(None, (told.muted(state), seen)))
    title = told.say(f"{place(state)} is {state.status}")
    if state.status is Status.UP:
        return title, f"{state.serving}/{len(state.instances)} serving"
    lines = [told.muted(state), told.say(why_not_up(state)), *_instances(told, state)]
    return title, "\n".join(filter(None, lines))


def _instances(told: Told, state: ServiceState) -> Iterator[str]:
    """Give a line for each instance that is not up, where there are several."""
    if len(state.instances) == 1:
        return
    bad = [one for one in state.instances if one.status is not Status.UP]
    for one in bad[:_LISTED]:
        yield told.say(f"{one.key.instance} {one.status}: {why_instance(one)}")
    if len(bad) > _LISTED:
        yield f"and {len(bad) - _LISTED} more"


def _command(status: Status, title: str, message: str) -> str:
    return f"::{_COMMANDS[status]} title={title.translate(_IN_PROPERTY)}::{message.translate(_IN_MESSAGE)}"
