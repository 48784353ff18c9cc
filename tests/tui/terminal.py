"""A real program on a real pseudo-terminal, for tests of what it leaves behind."""

import errno
import fcntl
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

pty = pytest.importorskip("pty", reason="needs a POSIX pseudo-terminal")
termios = pytest.importorskip("termios", reason="needs a POSIX pseudo-terminal")

PROGRAM = (sys.executable, str(Path(__file__).with_name("synthetic.py")))
LIMIT = 60.0
LEFT = (
    (b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[?1000h", b"\x1b[?1000l"),
    (b"\x1b[?1003h", b"\x1b[?1003l"), (b"\x1b[?2004h", b"\x1b[?2004l"), (b"\x1b[?1004h", b"\x1b[?1004l"),
)  # fmt: skip
"""What sets and what ends: other screen, hidden cursor, mouse, bracketed paste, focus (xterm control sequences)."""


class Terminal:
    """One program on its own pseudo-terminal."""

    def __init__(
        self,
        *words: str,
        program: Sequence[str] = PROGRAM,
        size: tuple[int, int] = (120, 36),
        env: dict[str, str] | None = None,
    ) -> None:
        self.output = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            columns, rows = size
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)
            os.environ.update({"TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})})
            os.execv(program[0], [*program, *words])
        self.before = termios.tcgetattr(self.master)

    def send(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def kill(self, number: int) -> None:
        os.kill(self.pid, number)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def rest(self) -> None:
        """Wait until it hardly works any more."""
        process, end = psutil.Process(self.pid), time.monotonic() + LIMIT
        share = 1.0
        while share > 0.25:
            assert time.monotonic() < end, "it never came to rest"
            begun, used = time.monotonic(), sum(process.cpu_times()[:2])
            while time.monotonic() < begun + 1:
                assert self.read(0.05), self.output[-2000:]
            share = (sum(process.cpu_times()[:2]) - used) / (time.monotonic() - begun)

    def read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return True
        try:
            chunk = os.read(self.master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False
        self.output += chunk
        return bool(chunk)

    def wait(self, text: bytes) -> None:
        end = time.monotonic() + LIMIT
        while text not in self.output:
            assert time.monotonic() < end, (text, self.output[-2000:])
            assert self.read(0.1), self.output[-2000:]

    def ended(self, *, reading: bool = True) -> int:
        """Wait for the end and give the exit code."""
        end = time.monotonic() + LIMIT
        while True:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                if reading:
                    self._read_what_is_left()
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, "it never ended"
            if reading:
                self.read(0.05)
            else:
                time.sleep(0.02)

    def stopped(self) -> None:
        """Wait until it is stopped, and read what it wrote before."""
        end = time.monotonic() + LIMIT
        while os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG) is None:
            assert time.monotonic() < end, "it never stopped"
            self.read(0.02)
        self._read_what_is_left()

    def _read_what_is_left(self) -> None:
        while self.read(0.0) and select.select([self.master], [], [], 0)[0]:
            pass

    def hang_up(self) -> None:
        """Take the terminal away."""
        os.close(self.master)
        self.master = -1

    def assert_sane(self) -> None:
        for begun, over in LEFT:
            assert self.output.rfind(over) >= self.output.rfind(begun), over
        assert b"Traceback" not in self.output
        asked = termios.ICANON | termios.ECHO | termios.ISIG
        assert termios.tcgetattr(self.master)[3] & asked == self.before[3] & asked

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.master >= 0:
            os.close(self.master)
