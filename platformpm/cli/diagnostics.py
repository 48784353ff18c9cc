"""The only writer of standard error: problems, progress and crashes, masked; and what they mean as an exit code."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from platformpm.cli.streams import is_terminal, turn_aside
from platformpm.errors import ExitCode, InventoryError, PlatformpmError, Problem
from platformpm.model.secret import NO_MASK, Masker
from platformpm.model.text import safe_text

if TYPE_CHECKING:
    from platformpm.cli.logfile import LogFile

_PROGRESS_EVERY = 0.1
"""Seconds between two progress lines: faster than that no eye follows."""
_WIPE = "\r\x1b[K"
_INFO, _WARNING, _ERROR = 20, 30, 40
"""Levels as `logging` numbers them; importing it costs 8 ms that `--help` need not pay."""


class Diagnostics:
    """Standard error. `quiet` leaves only errors; `verbose` adds notes and the trace of a crash."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Find out who reads standard error."""
        self.mask: Masker = NO_MASK
        self.quiet = False
        self.verbose = False
        self.log: LogFile | None = None
        self._stream: TextIO | None = sys.stderr  # None where there is no standard error
        self._live = is_terminal(self._stream) and environ.get("TERM") != "dumb"
        self._shown_at: float | None = None
        self._line_open = False

    def masked(self, text: str) -> str:
        """Give a text without the secrets that are known by now."""
        return self.mask(text)

    def error(self, text: str) -> None:
        """Say what went wrong, each line cleaned."""
        self._keep(text, _ERROR)
        for line in self.mask(text).splitlines():
            self._line(f"platformpm: {safe_text(line, 1000)}")

    def problems(self, problems: Iterable[Problem]) -> None:
        """List problems of the inventory, one line each, in the form editors can jump to."""
        for problem in problems:
            self._keep(str(problem), _WARNING if problem.warning else _ERROR)
            self._line(safe_text(self.mask(str(problem)), 1000))

    def warnings(self, problems: Iterable[Problem]) -> None:
        """List warnings, unless quiet."""
        if not self.quiet:
            self.problems(problems)

    def note(self, text: str) -> None:
        """Say something worth knowing, unless quiet."""
        self._keep(text, _INFO)
        if not self.quiet:
            self._line(_printable(self.mask(text)))

    def detail(self, text: str) -> None:
        """Say something only the curious want to know."""
        if self.verbose:
            self._line(_printable(self.mask(text)))

    def progress(self, text: str, *, at_once: bool = False) -> None:
        """Show how far the work is, on a terminal only, in one line that is wiped by whatever comes next."""
        now = monotonic()
        soon = self._shown_at is not None and now - self._shown_at < _PROGRESS_EVERY
        if self.quiet or not self._live or (soon and not at_once):
            return
        self._shown_at = now
        self._write(f"{_WIPE}{_printable(self.mask(text))}")
        self._line_open = True

    def done(self) -> None:
        """Wipe the progress line."""
        if self._line_open:
            self._line_open = False
            self._write(_WIPE)

    def guard(self, work: Callable[[], int]) -> int:
        """Run `work` and give its exit code, or that of whatever ended it, told in one line for each problem."""
        try:
            return int(work())
        except InventoryError as error:
            self.problems(error.problems)
            return error.exit_code
        except PlatformpmError as error:
            self.error(str(error))
            return error.exit_code
        except KeyboardInterrupt:
            self.error("interrupted")
            return ExitCode.INTERRUPTED
        except Exception as error:  # noqa: BLE001  # the last resort: nobody above can tell it to the user
            if _out_of_files(error) and not self.verbose:
                self.error("too many open files: raise the limit (ulimit -n)")
            else:
                self._crash(error)
            return ExitCode.UNKNOWN
        finally:
            self.done()

    def _keep(self, text: str, level: int) -> None:
        """Let the log file have a text, where there is one."""
        if self.log is not None:
            self.log.tell(text, level)

    def _crash(self, error: Exception) -> None:
        """Tell of a defect of ours: one line, or with -v the trace without locals; both masked."""
        from traceback import format_exception  # only a crash needs it

        trace = "".join(format_exception(error))
        self._keep(trace, _ERROR)
        if self.verbose:
            for line in self.mask(trace).splitlines():
                self._line(_printable(line))
        cause: BaseException = error
        while isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        what = safe_text(self.mask(f"{type(cause).__name__}: {cause}"))
        self._line(f"platformpm: a defect of platformpm itself: {what}")
        if not self.verbose:
            self._line("platformpm: run it again with -v to see the trace, and please report it")

    def _line(self, text: str) -> None:
        self.done()
        self._write(self.mask(text) + "\n")

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            turn_aside(self._stream)
            self._stream = None


def _out_of_files(error: BaseException | None) -> bool:
    """Tell whether an error is, or came of, files that the system did not give."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            return True
        error = error.__cause__ or error.__context__
    return False


def _printable(line: str) -> str:
    """Give a line with its indentation kept and everything else cleaned."""
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + safe_text(line, 1000)
