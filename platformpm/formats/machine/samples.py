"""The samples of a text in the Prometheus format, those that are wanted: an exporter tells ten times as much.

Each wanted line is parsed by the official client library, alone: what is no sample takes no other with it.
Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Any

LONGEST_LINE = 1024
"""Bytes of a line that is parsed: mounts have long names, but the work grows with the square."""
_HIGHEST = 2.0**63
"""Values from here on, those below zero and those that are no number are no measurement of a machine."""

Labels = tuple[tuple[str, str], ...]


def parser() -> Any:
    """Give the parser of the library, which takes a while to load when it is first asked for."""
    from prometheus_client.parser import text_fd_to_metric_families

    return text_fd_to_metric_families


class Samples:
    """Values by metric and labels; of a sample that comes twice the last counts."""

    def __init__(self, wanted: Collection[str]) -> None:
        """Keep the samples of the metrics that are `wanted`."""
        self._parse = parser()
        self._wanted = frozenset(name.encode() for name in wanted)
        self._values: dict[str, dict[Labels, float]] = {}
        self.taken = 0

    def take(self, lines: Iterable[bytes]) -> None:
        """Take the lines of a text; never raises for what stands in them. `taken` counts the bytes that were wanted."""
        wanted = self._wanted
        for line in lines:
            if len(line) > LONGEST_LINE:
                continue
            head = line.partition(b"{")[0].split(None, 1)
            if head and head[0] in wanted:
                self.taken += len(line)
                self._keep(line.decode("utf-8", "replace"))

    def _keep(self, line: str) -> None:
        try:
            samples = [sample for family in self._parse([line]) for sample in family.samples]
        except Exception:  # noqa: BLE001  # the library says neither what it raises nor that it raises only that
            return
        for name, labels, value, *_ in samples:
            if 0.0 <= value < _HIGHEST:
                self._values.setdefault(name, {})[tuple(sorted(labels.items()))] = float(value)

    def first(self, *names: str) -> float | None:
        """Give the value of the first of these metrics that is there."""
        return next(chain.from_iterable(self._values[name].values() for name in names if name in self._values), None)

    def total(self, name: str) -> float | None:
        """Give the sum of all samples of a metric, None where there is none."""
        found = self._values.get(name)
        return None if found is None else math.fsum(found.values())

    def of(self, name: str) -> Mapping[Labels, float]:
        """Give the samples of a metric by their labels, which are sorted by name."""
        return self._values.get(name, {})

    def by(self, name: str, label: str) -> dict[str, float]:
        """Give the samples of a metric by one of its labels."""
        named = ((dict(labels), value) for labels, value in self.of(name).items())
        return {labels[label]: value for labels, value in named if label in labels}
