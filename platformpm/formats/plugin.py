"""What a monitoring plugin says: by its exit code, in its first line, and in its performance data.

The convention is that of https://www.monitoring-plugins.org/doc/guidelines.html; texts of several lines are read as
Nagios reads them (https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/pluginapi.html).
"""

from __future__ import annotations

import math
import re
import signal
from collections.abc import Iterator
from typing import NamedTuple

from platformpm.formats.judge import Fault
from platformpm.model.plugin import Performance
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text

_LARGEST_PERFORMANCE = 8 * 1024
"""Characters of performance data that are read; Nagios reads no longer output either."""
_MOST_MEASUREMENTS = 100
_MOST_LINES = 50
_LONGEST_LINE = 300
_LONGEST_RANGE = 60

_ITEM = re.compile(r"\s*(?:'((?:[^']|'')*)'|([^\s='][^\s=]*))=(\S*)")
_WORD = re.compile(r"\s*\S+")
_NUMBER = r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_VALUE = re.compile(rf"(U|{_NUMBER})([^0-9;.…]*)")
_RANGE = re.compile(rf"@?(?:(?:~|{_NUMBER})?:)?(?:{_NUMBER})?")

_MEANT = {0: Status.UP, 1: Status.DEGRADED, 2: Status.DOWN, 3: Status.UNKNOWN}


class PluginText(NamedTuple):
    """What a plugin wrote: its lines, cleaned, the first one not empty, and its measurements."""

    lines: tuple[str, ...] = ()
    performance: tuple[Performance, ...] = ()

    @property
    def first(self) -> str:
        """Give the first line, which is what counts; empty without any."""
        return self.lines[0] if self.lines else ""


def read_output(output: bytes) -> PluginText:
    """Read what a plugin wrote: text up to a `|`, then performance data.

    From the second line on everything after the first `|` is performance data, to the end.
    """
    text: list[str] = []
    measured: list[str] = []
    in_data = False
    for number, line in enumerate(output.decode("utf-8", "replace").strip().split("\n")):
        if in_data:
            measured.append(line)
            continue
        before, bar, after = line.partition("|")
        text.append(safe_text(before, _LONGEST_LINE) if len(text) < _MOST_LINES else "")
        measured.append(after)
        in_data = bool(bar) and number > 0
    while text and not text[-1]:
        text.pop()
    return PluginText(tuple(text[:_MOST_LINES]), tuple(read_performance(" ".join(measured))))


def read_performance(text: str) -> Iterator[Performance]:
    """Give the measurements in `'label'=value[unit];[warn];[crit];[min];[max] …`, without what cannot be read.

    A number out of reach is not known: it is never that of a text that was cut.
    """
    read = text[:_LARGEST_PERFORMANCE]
    at = found = 0
    while found < _MOST_MEASUREMENTS and (match := _ITEM.match(read, at) or _WORD.match(read, at)):
        at = match.end()
        if at == len(read) < len(text):
            return
        one = _measurement(match) if match.re is _ITEM else None
        if one is not None:
            found += 1
            yield one


def _measurement(item: re.Match[str]) -> Performance | None:
    quoted, bare, told = item.groups()
    value, *limits = told.split(";")
    match = _VALUE.fullmatch(value)
    label = safe_text(bare if quoted is None else quoted.replace("''", "'"), 100)
    if match is None or not label:
        return None
    warning, critical, least, most = (*limits, "", "", "", "")[:4]
    unit = safe_text(match[2], 20)
    return Performance(label, _number(match[1]), unit, _range(warning), _range(critical), _number(least), _number(most))


def _number(text: str) -> float | None:
    """Give a finite number, None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _range(text: str) -> str:
    return text if len(text) <= _LONGEST_RANGE and _RANGE.fullmatch(text) else ""


def plugin_fault(code: int, text: PluginText, errors: PluginText) -> Fault | None:
    """Give what an exit code says, None for 0; a signal, or any code but 0 to 3, says nothing of what was looked at."""
    said = plugin_said(text, errors)
    if code < 0:
        return _unknown(f"killed by {_signal_name(-code)}", said)
    status = _MEANT.get(code)
    if status is None:
        return _unknown(f"ended with {code}, which says nothing", said)
    return None if status is Status.UP else Fault(status, Reason.EXIT_CODE, said or f"ended with {code}")


def plugin_said(text: PluginText, errors: PluginText) -> str:
    """Give the first line; that of standard error where there is no other, named as such."""
    if text.first or not errors.first:
        return safe_text(text.first)
    return safe_text(f"nothing on standard output; on standard error: {errors.first}")


def _unknown(what: str, said: str) -> Fault:
    return Fault(Status.UNKNOWN, Reason.EXIT_CODE, safe_text(f"{what}: {said}" if said else what))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
