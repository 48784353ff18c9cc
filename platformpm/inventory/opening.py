"""How files are opened: what is not a file at all must not be waited for by who only wanted to look again."""

from __future__ import annotations

import errno
import glob
import os
import stat
from pathlib import Path
from typing import BinaryIO

_AT_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Opening a pipe would else wait for somebody who writes into it."""


class NotAFileError(OSError):
    """A pipe, a device or a socket where a file was wanted."""


def opened(path: Path, *, pipes: bool) -> BinaryIO:
    """Open a file to read. With `pipes` a pipe will do as well, and is waited for. Raises OSError."""
    if pipes:
        return path.open("rb")
    number = os.open(path, _AT_ONCE)
    try:
        _refuse(os.fstat(number).st_mode)
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def _refuse(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise NotAFileError(errno.EINVAL, f"a {'pipe' if stat.S_ISFIFO(mode) else 'device'}, not a file")


def look(path: Path) -> None:
    """Raise what keeps a file, or the folder that a pattern looks into, from being found."""
    while glob.has_magic(path.name):
        path = path.parent
    if path.is_dir():
        next(path.iterdir(), None)
    else:
        path.lstat()
