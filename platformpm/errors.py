"""The exception tree and the exit codes. A failed probe is never an exception: it is a `Reading`.

PlatformpmError
├── UsageError           the command line asks for something that does not exist
├── SystemLimitError     the system gives this process less than it needs
├── HistoryError         history cannot be read or written
├── MutesError           the file of mutes cannot be read or written
└── InventoryError       the inventory has problems; every one of them is listed
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command: the monitoring-plugins convention."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3
    INTERRUPTED = 130


class PlatformpmError(Exception):
    """Anything platformpm raises on purpose; its text is one or more lines for a person."""

    exit_code: ExitCode = ExitCode.UNKNOWN


class UsageError(PlatformpmError):
    """The command line asks for something that does not exist or does not fit together."""


class SystemLimitError(PlatformpmError):
    """The system gives this process less than it needs."""


class HistoryError(PlatformpmError):
    """History cannot be read or written; probing goes on without it."""


class MutesError(PlatformpmError):
    """The file of mutes cannot be read or written; nothing is muted by it then."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem and its place; prints as `file:line: key: message (did you mean …)`."""

    file: str
    line: int | None
    key: str
    message: str
    suggestion: str | None = None
    warning: bool = False

    def __str__(self) -> str:
        """Give the one line a person reads."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        key = f"{self.key}: " if self.key else ""
        hint = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        level = "warning: " if self.warning else ""
        return f"{place}: {level}{key}{self.message}{hint}"


class InventoryError(PlatformpmError):
    """The inventory cannot be used; `problems` holds all that is wrong with it, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems; the message is one line for each."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
