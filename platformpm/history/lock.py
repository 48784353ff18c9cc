"""Only one process writes a history: who holds the lock beside it. One that watches without a screen goes first."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from platformpm.errors import HistoryError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_BUSY = {errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}
_NO_FILE = {errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO}
"""What opening a link, a folder or a socket says; BSD has a code of its own for links."""
_LOOKS, _LOOK = 10, 0.05
"""Times, and seconds between two, that a claim is tried for."""
_AT = 1 << 30
"""Byte that is locked on Windows, where a locked byte cannot be read by the others."""


class LockedError(HistoryError):
    """Another process writes this history."""


def lock_path(path: Path) -> Path:
    """Give the file whose lock says who writes the history at `path`; it stays when nobody does."""
    return path.with_name(path.name + ".lock")


def claim_path(path: Path) -> Path:
    """Give the file whose lock says that a process watches this platform without a screen, and is to write."""
    return path.with_name(path.name + ".watch")


class WriterLock:
    """A lock of one history, held until `release`, or until the process ends in whatever way."""

    def __init__(self, path: Path) -> None:
        """Take the lock in the file at `path`. Raises LockedError where another has it, and OSError."""
        self._path = path
        try:
            self._number = _open(path, os.O_RDWR | os.O_CREAT)
        except OSError:
            _refuse_where_held(path)
            raise
        try:
            _lock(self._number)
            os.ftruncate(self._number, 0)
            with contextlib.suppress(OSError):  # a full disk: who holds it is then not told
                os.lseek(self._number, 0, os.SEEK_SET)
                os.write(self._number, str(os.getpid()).encode())
        except OSError as error:
            try:
                _refuse_where_busy(self._number, error)
            finally:
                os.close(self._number)
            raise

    def stands(self) -> bool:
        """Tell whether its file is still there: where it was removed, others lock another one."""
        with contextlib.suppress(OSError):
            return os.path.samestat(os.fstat(self._number), self._path.lstat())
        return False

    def release(self) -> None:
        """Let another process have it."""
        os.close(self._number)


def claim(path: Path) -> WriterLock:
    """Claim to write the history at `path`. Raises LockedError where another process has claimed it, and OSError."""
    for _ in range(_LOOKS):
        with contextlib.suppress(LockedError):
            return WriterLock(claim_path(path))
        time.sleep(_LOOK)  # who only looks whether it is claimed holds it for a moment
    return WriterLock(claim_path(path))


def give_way(path: Path) -> None:
    """Raise LockedError where another process has claimed to write the history at `path`."""
    _refuse_where_held(claim_path(path))


@contextlib.contextmanager
def held(path: Path, wait: float) -> Iterator[None]:
    """Hold the lock in the file at `path` for a moment; another process is waited for, `wait` seconds at the most.

    Raises LockedError where it does not let go, and OSError.
    """
    ends = time.monotonic() + wait
    while True:
        try:
            lock = WriterLock(path)
            break
        except LockedError:
            if time.monotonic() >= ends:
                raise
            time.sleep(_LOOK)
    try:
        yield
    finally:
        lock.release()


def _refuse_where_held(path: Path) -> None:
    """Raise LockedError where another process has the lock in the file at `path`, which only need be readable."""
    try:
        number = _open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        _lock(number, shared=True)
    except OSError as error:
        _refuse_where_busy(number, error)
    finally:
        os.close(number)


def _refuse_where_busy(number: int, error: OSError) -> None:
    if error.errno in _BUSY:
        raise LockedError(f"another platformpm{_holder(number)} records; this one probes without recording") from error


def _open(path: Path, flags: int) -> int:
    """Open a file to lock it, and nothing but a file: what a link led to would be overwritten. Raises OSError."""
    names = ("O_CLOEXEC", "O_NONBLOCK", "O_NOFOLLOW")
    flags |= sum(getattr(os, name, 0) for name in names)
    try:
        number = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno in _NO_FILE:
            raise OSError(error.errno, f"{path.name} beside it is no plain file") from None
        raise
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, f"{path.name} beside it is no plain file")
    return number


def _lock(number: int, *, shared: bool = False) -> None:
    if fcntl is not None:
        fcntl.flock(number, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        return
    import msvcrt

    os.lseek(number, _AT, os.SEEK_SET)
    msvcrt.locking(number, msvcrt.LK_NBLCK, 1)


def _holder(number: int) -> str:
    try:
        os.lseek(number, 0, os.SEEK_SET)
        text = os.read(number, 20).decode("ascii", "replace").strip()
    except OSError:
        return ""
    return f" (process {text})" if text.isdigit() else ""
