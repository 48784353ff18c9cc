"""A program that was run, as `probe` tells of it: command line, how it ended, what it wrote, what it measured."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.model.plugin import Performance, Ran
from platformpm.model.text import safe_text
from platformpm.report import words
from platformpm.report.documents import Document
from platformpm.report.table import Cell

_LONGEST_COMMAND = 2000
_CODES = {0: "ok", 1: "warning", 2: "critical", 3: "unknown"}
"""As the guidelines for monitoring plugins call them."""


def document(ran: Ran) -> Document:
    """Give the `program` of a `platformpm.probe/1` document."""
    return {
        "command": safe_text(ran.command, _LONGEST_COMMAND),
        "exit_code": None if ran.code is None or ran.code < 0 else ran.code,
        "signal": -ran.code if ran.code is not None and ran.code < 0 else None,
        "output": list(ran.lines),
        "performance": [
            {
                "label": one.label,
                "value": one.value,
                "unit": one.unit or None,
                "warning": one.warning or None,
                "critical": one.critical or None,
                "minimum": one.minimum,
                "maximum": one.maximum,
            }
            for one in ran.performance
        ],
    }


def facts(ran: Ran, told: str) -> Iterator[tuple[str, Cell]]:
    """Give names and values, as `probe` lists them, without a first line that was `told` already."""
    yield "command", Cell(safe_text(ran.command, _LONGEST_COMMAND))
    if ran.code is not None:
        meaning = f" ({_CODES[ran.code]})" if ran.code in _CODES else ""
        yield "exit code", Cell(f"{ran.code}{meaning}" if ran.code >= 0 else f"none: killed by signal {-ran.code}")
    said = ran.lines[1:] if told in ran.lines[:1] else ran.lines
    for name, lines in (("output", said), ("measured", map(measurement, ran.performance))):
        for number, line in enumerate(lines):
            # No line begins with what a program says: a CI server takes `::warning::` for an order, blanks or not.
            yield (name, Cell(line)) if number == 0 else ("", Cell(f"| {line}"))


def measurement(one: Performance) -> str:
    """Give one measurement in a line: `/: 29500 MiB, warning 40000, critical 45000, from 0 to 50000`."""
    parts = [f"{one.label}: {amount(one)}"]
    parts += [f"warning {one.warning}"] if one.warning else []
    parts += [f"critical {one.critical}"] if one.critical else []
    if one.minimum is not None and one.maximum is not None:
        parts.append(f"from {one.minimum:.15g} to {one.maximum:.15g}")
    elif one.minimum is not None:
        parts.append(f"at least {one.minimum:.15g}")
    elif one.maximum is not None:
        parts.append(f"at most {one.maximum:.15g}")
    return ", ".join(parts)


def amount(one: Performance) -> str:
    """Give the value of a measurement with its unit: `29500 MiB`, `62%`."""
    value = words.NOTHING if one.value is None else f"{one.value:.15g}"
    return f"{value}{one.unit if one.unit == '%' else f' {one.unit}'}".rstrip()
