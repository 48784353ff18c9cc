"""What the two writers share: a stream whose reader has gone is turned aside for good."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import TextIO

_GONE = frozenset({errno.EPIPE, errno.ESHUTDOWN, *([errno.EINVAL] if os.name == "nt" else [])})


def reader_has_gone(error: OSError, *, terminal: bool) -> bool:
    """Tell whether a failed write means that nobody reads any more: on a terminal that was hung up it is EIO.

    Windows says EINVAL for a closed pipe.
    """
    return error.errno in _GONE or (terminal and error.errno == errno.EIO)


def turn_aside(stream: TextIO) -> None:
    """Send what is still buffered, and the interpreter's last flush, to the null device."""
    try:
        target = stream.fileno()
        sink = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):
        return
    os.dup2(sink, target)
    os.close(sink)


def shows_colour(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Tell whether colours may be used: a terminal that is not dumb, and no `NO_COLOR` (no-color.org)."""
    if not is_terminal(stream) or environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return os.name != "nt" or "WT_SESSION" in environ


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person sees what is written to `stream`."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False
