"""What came of running a program that looks at something, as monitoring plugins do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Performance:
    """One measurement of a plugin, its texts cleaned. `value` None is "not known".

    `warning` and `critical` are ranges as the plugin wrote them (`10`, `~:5`, `@3:4`), empty where it told none.
    """

    label: str
    value: float | None
    unit: str = ""
    warning: str = ""
    critical: str = ""
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that was run. `command` is its command line, secrets masked; `lines` what it wrote, cleaned.

    `code` is its exit code, negative the signal that killed it, None where it did not end by itself.
    """

    command: str
    code: int | None = None
    lines: tuple[str, ...] = ()
    performance: tuple[Performance, ...] = ()
