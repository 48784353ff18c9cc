"""The Prometheus text format, as far as the labels of single metrics go.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (also the text form of OpenMetrics 1.0).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

_LABEL = re.compile(r'\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*,?', re.ASCII)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}
_MOST = 200
"""Samples of one metric that are looked at."""
_LONGEST_LINE = 8192


class Sample(NamedTuple):
    """One line: name of the metric, its labels, and its value as written."""

    name: str
    labels: dict[str, str]
    value: str


def samples(text: str, ending: str) -> Iterator[Sample]:
    """Give the samples with labels of the metrics whose name ends in `ending`, at most 200 of them."""
    marker = ending + "{"
    position = text.find(marker)
    for _ in range(_MOST):
        if position < 0:
            return
        start = text.rfind("\n", 0, position) + 1
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        sample = _parse(text[start : min(end, start + _LONGEST_LINE)])
        if sample is not None and sample.name.endswith(ending):
            yield sample
        position = text.find(marker, end)


def _parse(line: str) -> Sample | None:
    name, _, _ = line.partition("{")
    if not name.replace(":", "_").isidentifier():
        return None
    labels: dict[str, str] = {}
    position = len(name) + 1
    while (match := _LABEL.match(line, position)) is not None:
        labels[match[1]] = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), match[2])
        position = match.end()
    rest = line[position:].lstrip()
    return Sample(name, labels, (rest[1:].split() or [""])[0]) if rest.startswith("}") else None


def holds(sample: Sample) -> bool:
    """Say whether an info metric applies: its value is 1, or at least not 0."""
    try:
        value = float(sample.value)
    except ValueError:
        return False
    return value != 0 and not math.isnan(value)
