"""The log file of a run: what happened and what went wrong, for whoever looks later."""

from __future__ import annotations

import logging
import os
import queue
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import QueueHandler, RotatingFileHandler
from pathlib import Path
from threading import Thread

from platformpm.errors import UsageError
from platformpm.model.text import safe_text

LARGEST = 10_000_000
"""Bytes from which a file is put aside and another one begun."""
KEPT = 5
"""Files that were put aside and are kept."""
_WAITING = 10_000
"""Lines that may wait for the disk; more are lost, so that nobody else waits for it."""
_CLOSE_WITHIN = 2.0
_LONGEST_LINE = 2000
_INDENT = "    "

Say = Callable[[str], str]
"""Masks secrets in a text."""


class LogFile:
    """Takes what is logged anywhere and writes it in a thread of its own. A disk that does not take it disturbs nobody.

    A line is the time in UTC (RFC 3339), the level, who says it, and what. `say` is asked anew for each: secrets may
    become known while it is open.
    """

    def __init__(self, path: Path, say: Say, *, verbose: bool) -> None:
        """Begin, or go on with the file at `path`. Raises UsageError where it cannot be written."""
        try:
            file = _File(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"--log: {path} cannot be written: {reason}") from None
        file.setFormatter(_Line(say))
        self._file = file
        self._waiting: queue.Queue[logging.LogRecord | None] = queue.Queue(_WAITING)
        self._thread = Thread(target=self._work, name="platformpm-log", daemon=True)
        self._logger = logging.getLogger("platformpm")
        self._logger.setLevel(logging.DEBUG if verbose else logging.INFO)
        logging.getLogger().addHandler(_Inbox(self._waiting))
        self._thread.start()

    def tell(self, text: str, level: int = logging.INFO) -> None:
        """Write a line of our own."""
        self._logger.log(level, "%s", text)

    def close(self) -> None:
        """Write what waits and end, or give up after 2 s."""
        with suppress(queue.Full):
            self._waiting.put(None, timeout=_CLOSE_WITHIN / 2)
            self._thread.join(_CLOSE_WITHIN / 2)

    def _work(self) -> None:
        while (record := self._waiting.get()) is not None:
            self._file.handle(record)
        with suppress(OSError):  # a full disk: what is left in memory is lost
            self._file.close()


class _Inbox(QueueHandler):
    """Lets lines wait for the file."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the name is the library's
        """Lose the line: nobody is to wait for a disk, or to be told of it on a screen."""


class _File(RotatingFileHandler):
    """A file for its owner alone, with those before it."""

    def _open(self) -> TextIOWrapper:
        file = open(self.baseFilename, "a", encoding="utf-8", errors="replace", opener=_private)  # noqa: SIM115
        assert isinstance(file, TextIOWrapper)  # noqa: S101  # a text file is one
        return file

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the name is the library's
        """Lose the line: the disk may be full."""


class _Line(logging.Formatter):
    """Lays a record out in lines, masked as a whole: a secret may have several of them."""

    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say

    def format(self, record: logging.LogRecord) -> str:
        """Give its line, and those of a trace indented under it."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        first, *more = self._say(record.getMessage()).splitlines() or [""]
        head = f"{at}Z {record.levelname.lower():<7} {record.name}: {safe_text(first, _LONGEST_LINE)}"
        return "\n".join([head, *(_INDENT + _indented(line) for line in more)])


def _indented(line: str) -> str:
    blank = len(line) - len(line.lstrip(" "))
    return " " * blank + safe_text(line, _LONGEST_LINE)


def _private(path: str, flags: int) -> int:
    """Open a file for its owner alone; what is no file is not waited for."""
    number = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)
    try:
        _refuse_what_is_no_file(number)
        os.chmod(number if os.chmod in os.supports_fd else path, 0o600)  # noqa: PTH101  # the open one, if possible
    except BaseException:
        os.close(number)
        raise
    return number


def _refuse_what_is_no_file(number: int) -> None:
    if not stat.S_ISREG(os.fstat(number).st_mode):
        raise ValueError("it is no file")
