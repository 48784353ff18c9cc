"""Probes that run a program, as Nagios runs its plugins: its exit code is the status, its first line what was seen."""

from __future__ import annotations

import asyncio
import errno
import os
import shlex
from subprocess import SubprocessError

from platformpm.formats.judge import Fault, limit_faults, worst_fault
from platformpm.formats.plugin import plugin_fault, plugin_said, read_output
from platformpm.model.check import Check, CheckKey, Command, Instance
from platformpm.model.filling import filled
from platformpm.model.plugin import Ran
from platformpm.model.reading import Reading
from platformpm.model.status import Reason, Status, status_for
from platformpm.model.text import safe_text
from platformpm.net import spelled
from platformpm.probes.examination import Examination
from platformpm.probes.program import SUPPORTED, Ended, Program

INHERITED = ("PATH", "HOME", "USER", "TMPDIR", "TZ")
"""Variables of ours that programs get; all others, which may hold secrets, they do not."""

_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
"""Errors that say something of this machine, and nothing of the program."""
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR})


class ExecKind:
    """Runs the command of a check. A run that could not be ended keeps the next one of the same check from starting."""

    def __init__(self) -> None:
        """Begin with nothing running."""
        self._running: dict[CheckKey, Program] = {}

    async def __call__(self, instance: Instance, check: Check, deadline: float, at: float) -> Examination:
        """Run it once and judge how it ended."""
        command = check.command
        if command is None:
            return _failed(at, Reason.CONFIG, "there is no command to run")
        argv = filled((word.reveal() for word in command.argv), instance)
        shown = filled(command.shown, instance)
        ran = Ran(shlex.join(shown))
        if not SUPPORTED:
            return _failed(at, Reason.CONFIG, "programs cannot be run safely on this system", ran)
        key = CheckKey(instance.key, check.purpose)
        if key in self._running and not self._running[key].gone:
            return _failed(at, Reason.TIMEOUT_RESPONSE, "the run before has not ended, and cannot be made to", ran)
        allowed = deadline - asyncio.get_running_loop().time()
        program = self._running[key] = Program(argv, command.folder, _environment(command))
        try:
            ended = await program.run(deadline)
        except (OSError, ValueError, RuntimeError, SubprocessError) as error:
            program.gone = True  # it never was
            return _failed(at, *_start_fault(error, shown[0], command), ran)
        finally:
            if program.gone:
                del self._running[key]
        return _judged(ended, check, at, allowed, ran)


def _environment(command: Command) -> dict[str, str]:
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C", **kept, **{name: value.reveal() for name, value in command.env}}


def _judged(ended: Ended, check: Check, at: float, allowed: float, ran: Ran) -> Examination:
    text, errors = read_output(ended.output), read_output(ended.errors)
    said = plugin_said(text, errors)
    if ended.code is None:
        late = f"did not end within {spelled(allowed)}" + (f": {said}" if said else "")
        fault: Fault | None = Fault(status_for(Reason.TIMEOUT_RESPONSE), Reason.TIMEOUT_RESPONSE, safe_text(late))
        latency = None
    else:
        fault, latency = plugin_fault(ended.code, text, errors), ended.seconds
    worst = worst_fault((*([fault] if fault else ()), *limit_faults(latency, None, check, at)))
    reading = Reading(
        status=worst.status if worst else Status.UP,
        at=at,
        reason=worst.reason if worst else None,
        detail=worst.detail if worst else said,
        latency=latency,
        performance=text.performance,
    )
    return Examination(reading, program=Ran(ran.command, ended.code, text.lines or errors.lines, text.performance))


def _failed(at: float, reason: Reason, detail: str, ran: Ran | None = None) -> Examination:
    return Examination(Reading(status_for(reason), at, reason, safe_text(detail)), program=ran)


def _start_fault(error: Exception, name: str, command: Command) -> tuple[Reason, str]:
    """Give why a program could not be started, and what was seen. `name` is fit to be shown."""
    why = getattr(error, "strerror", None) or str(error)
    if getattr(error, "filename", None) == command.folder:
        return Reason.CONFIG, f"{name} cannot be run in {command.folder}: {why}"
    number = getattr(error, "errno", None)
    if number in _NOT_THERE:
        where = "is not there, or what its first line names is not" if "/" in name else "is not on the PATH"
        return Reason.CONFIG, f"{name} {where}"
    ours = number in _OURS or isinstance(error, RuntimeError)
    reason = Reason.INTERNAL if ours else Reason.NOT_PERMITTED if isinstance(error, PermissionError) else Reason.CONFIG
    return reason, f"{name} cannot be run: {why}"
