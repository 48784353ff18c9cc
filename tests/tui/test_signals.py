"""A real process on a real pseudo-terminal: however it ends, the terminal is left as it was."""

import errno
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="needs a POSIX pseudo-terminal")

PROGRAM = [sys.executable, str(Path(__file__).with_name("synthetic.py"))]
LIMIT = 60.0
LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l")
"""Back to the first screen, cursor shown, mouse and bracketed paste off (xterm control sequences)."""


class Terminal:
    """One program on its own pseudo-terminal."""

    def __init__(self, *words: str) -> None:
        self.output = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(PROGRAM[0], [*PROGRAM, *words])
        self.before = termios.tcgetattr(self.master)

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
                while reading and self.read(0.0) and select.select([self.master], [], [], 0)[0]:
                    pass
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, "it never ended"
            if reading:
                self.read(0.05)
            else:
                time.sleep(0.02)

    def assert_sane(self) -> None:
        for sequence in LEFT:
            assert sequence in self.output, sequence
        assert b"Traceback" not in self.output
        now = termios.tcgetattr(self.master)
        assert now[3] & (termios.ICANON | termios.ECHO | termios.ISIG) == self.before[3] & (
            termios.ICANON | termios.ECHO | termios.ISIG
        )

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.master >= 0:
            os.close(self.master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    shown = Terminal()
    try:
        shown.wait(b"live")
        yield shown
    finally:
        shown.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_and_leaves_the_terminal_sane(terminal: Terminal, number: int, code: int) -> None:
    os.kill(terminal.pid, number)
    assert terminal.ended() == code
    terminal.assert_sane()


def test_q_ends_it_with_zero_and_leaves_the_terminal_sane(terminal: Terminal) -> None:
    os.write(terminal.master, b"q")
    assert terminal.ended() == 0
    terminal.assert_sane()


def test_a_hang_up_signal_reads_the_inventory_again_and_shows_what_is_wrong_with_it(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGHUP)
    terminal.wait(b"services.checkout.timout: unknown key")
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.ended() == 143
    terminal.assert_sane()


def test_when_the_terminal_itself_goes_away_it_does_not_stay_behind(terminal: Terminal) -> None:
    os.close(terminal.master)
    terminal.master = -1
    assert terminal.ended(reading=False) != 0


def test_it_does_not_outlive_a_terminal_that_does_not_control_it() -> None:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(PROGRAM, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True)
    os.close(slave)
    try:
        seen = b""
        while b"live" not in seen:
            assert select.select([master], [], [], LIMIT)[0], seen[-2000:]
            seen += os.read(master, 65536)
        os.close(master)
        assert process.wait(LIMIT) == 129
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
