"""A program that is run once: a thread starts it and waits for it, the loop reads what it writes, and all of it ends.

The event loops' own ways to wait for children differ, and some want the main thread. A thread works the same in all of
them, and a program on a file system that hangs holds up nobody else.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from time import monotonic

KEPT = 64 * 1024
"""Bytes that are kept of what a program writes; the rest is read and dropped, or the program would never end."""
GRACE = 0.2
"""Seconds in which a program may end by itself once it is asked to; twice that is less than the engine's guard."""
_MORE = "…".encode()
"""By it whoever masks secrets knows that one may have been cut."""
_SLOWLY = 0.01
"""Seconds between two reads of what is dropped: a program that writes without end must not keep the loop busy."""

SUPPORTED = hasattr(os, "waitid") and hasattr(os, "killpg")
"""Whether a program can be ended here with all that it started: not on Windows, on macOS from Python 3.13 on."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run went. `code` is the exit code, negative a signal; None: the deadline came first. `seconds` it took."""

    code: int | None
    output: bytes
    errors: bytes
    seconds: float


class Program:
    """One run of a program, in a session and process group of its own.

    `gone` tells whether it is: what the kernel holds, or is not ours to kill, outlives its run.
    """

    def __init__(self, argv: Sequence[str], folder: str, env: Mapping[str, str]) -> None:
        """Prepare to run `argv` in `folder` with exactly `env`, in which PATH is, as its environment."""
        self.gone = False
        self._argv = argv
        self._folder = folder
        self._env = env
        self._loop = asyncio.get_running_loop()
        self._outcome: asyncio.Future[int | Exception] = self._loop.create_future()
        self._lock = threading.Lock()
        self._group: int | None = None
        self._unwanted = False

    async def run(self, deadline: float) -> Ended:
        """Run until it ends or until `deadline` (loop time). Whatever comes, it is ended, and what it started too.

        Raises OSError, ValueError, RuntimeError or SubprocessError where it cannot be started.
        """
        with ExitStack() as stack:
            pipes = [stack.enter_context(closing(_Pipe(self._loop))) for _ in range(2)]
            start = monotonic()
            threading.Thread(target=self._work, args=pipes, name="platformpm-program", daemon=True).start()
            for pipe in pipes:
                pipe.taken = True
            outcome: int | Exception | None = None
            try:
                async with asyncio.timeout_at(deadline):
                    outcome = await asyncio.shield(self._outcome)
            except TimeoutError:
                pass
            finally:
                seconds = monotonic() - start
                await self._end()
            if isinstance(outcome, Exception):
                raise outcome
            output, errors = (pipe.all(ended=outcome is not None) for pipe in pipes)
            return Ended(outcome, output, errors, seconds)

    async def _end(self) -> None:
        """Ask all of it to end, then insist; what was left of a program that ended by itself is dead already."""
        self._unwanted = True
        try:
            if not self._outcome.done():
                self._signal(signal.SIGTERM)
                await asyncio.wait([self._outcome], timeout=GRACE)
        finally:
            self._signal(signal.SIGKILL)
        if not self._outcome.done():
            await asyncio.wait([self._outcome], timeout=GRACE)

    def _signal(self, number: int) -> None:
        with self._lock:
            if self._group is not None:
                _kill(self._group, number)

    def _work(self, *pipes: _Pipe) -> None:
        """Run it, and tell the loop; all that the thread does."""
        outcome: int | Exception
        try:
            outcome = self._start_to_end(*pipes)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            outcome = error
        self.gone = True
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._settle, outcome)

    def _settle(self, outcome: int | Exception) -> None:
        if not self._outcome.done():
            self._outcome.set_result(outcome)

    def _start_to_end(self, output: _Pipe, errors: _Pipe) -> int:
        try:
            _look_at(self._argv[0], self._env["PATH"], self._folder)
            if self._unwanted:
                raise InterruptedError
            process = subprocess.Popen(  # noqa: S603  # what the inventory declares, and never through a shell
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=output.sink,
                stderr=errors.sink,
                cwd=self._folder,
                env=self._env,
                start_new_session=True,
            )
        finally:
            os.close(output.sink)
            os.close(errors.sink)
        with self._lock:
            self._group = process.pid
        if self._unwanted:
            self._signal(signal.SIGKILL)
        try:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        finally:
            with self._lock:  # its remains still hold the number of the group, which is nobody else's until then
                self._group = None
                _kill(process.pid, signal.SIGKILL)
        return _reaped(process)


def _look_at(program: str, path: str, folder: str) -> None:
    """Touch what is about to be run: starting it holds the whole interpreter (vfork), looking holds this thread alone.

    A file system that hangs is so met here.
    """
    with suppress(OSError):
        Path(folder).stat()
        number = os.open(which(program, path=path) or program, os.O_RDONLY | os.O_NONBLOCK)
        try:
            os.read(number, 1)
        finally:
            os.close(number)


def _reaped(process: subprocess.Popen[bytes]) -> int:
    """Give the exit code, leaving no zombie: as process 1 of a container we are the parent of orphans too."""
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-process.pid, 0)
            if pid == process.pid:
                process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode is None:
        raise ChildProcessError("its exit code was lost")
    return process.returncode


def _kill(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class _Pipe:
    """Where a program writes to. Whoever starts the program takes over `sink`, and closes it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.taken = False
        self._loop = loop
        self._source, self.sink = os.pipe()
        self._kept = bytearray()
        self._resume: asyncio.TimerHandle | None = None
        os.set_blocking(self._source, False)
        loop.add_reader(self._source, self._read)

    def all(self, *, ended: bool) -> bytes:
        """Give what has been written, as far as it is kept, with an ellipsis where it was cut."""
        while len(self._kept) < KEPT and self._read():
            pass
        cut = self._kept and (len(self._kept) == KEPT or not ended)
        return bytes(self._kept) + (_MORE if cut else b"")

    def close(self) -> None:
        """Read no more."""
        if self._resume is not None:
            self._resume.cancel()
        self._loop.remove_reader(self._source)
        os.close(self._source)
        if not self.taken:
            os.close(self.sink)

    def _read(self) -> bool:
        """Read once, and tell whether there may be more."""
        try:
            piece = os.read(self._source, KEPT)
        except BlockingIOError:
            return False
        self._kept += piece[: KEPT - len(self._kept)]
        if not piece or len(self._kept) == KEPT:
            self._loop.remove_reader(self._source)
        if piece and len(self._kept) == KEPT:
            self._resume = self._loop.call_later(_SLOWLY, self._loop.add_reader, self._source, self._read)
        return bool(piece)
