"""What a probe gives: a reading, and for a person who asks "why?" everything that led to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from platformpm.formats.version import VersionFinding
from platformpm.model.check import Check, Instance
from platformpm.model.exchange import Certificate, Failure, Response
from platformpm.model.plugin import Ran
from platformpm.model.reading import Reading

Facts = Mapping[str, tuple[str, ...]]
"""What else was seen: the name of a fact to its values, cleaned; one without values is left out."""


@dataclass(frozen=True, slots=True)
class Examination:
    """One probe of one instance. Only `reading` is masked: whoever shows the rest masks it.

    `exchange` is None where the probe is not HTTP and nothing failed. `because` says by what the dialect was
    recognised, or why none was. `program` is what was run, where that is how it is asked.
    """

    reading: Reading
    exchange: Response | Failure | None = None
    because: str = ""
    version: VersionFinding | None = None
    certificate: Certificate | None = None
    facts: Facts = field(default_factory=dict)
    program: Ran | None = None


Kind = Callable[[Instance, Check, float, float], Awaitable[Examination]]
"""(instance, check, deadline in loop time, wall time) to examination; raises nothing that the target could cause."""
