"""A real process on a real pseudo-terminal: however it ends, the terminal is left as it was."""

import asyncio
import fcntl
import os
import select
import signal
import struct
import subprocess
import time
from collections.abc import Iterator

import pytest

from platformpm.tui.signals import hear
from tests.tui.terminal import LIMIT, PROGRAM, Terminal, termios


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    shown = Terminal()
    try:
        shown.wait(b"live")
        yield shown
    finally:
        shown.close()


async def test_a_signal_is_heard_when_the_pipe_that_wakes_the_loop_is_full() -> None:
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    before = signal.getsignal(signal.SIGUSR1)
    hear(loop, signal.SIGUSR1, heard.set)
    try:
        for _ in range(5000):
            loop.call_soon_threadsafe(int)
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.wait_for(heard.wait(), LIMIT)
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)
        signal.signal(signal.SIGUSR1, before)


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
    terminal.hang_up()
    assert terminal.ended(reading=False) == 129


def test_it_does_not_outlive_a_terminal_that_does_not_control_it() -> None:
    master, slave = os.openpty()
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


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.02, 0.04, 0.08])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_a_signal_while_it_takes_the_terminal_leaves_it_sane(number: int, code: int, delay: float) -> None:
    starting = Terminal()
    try:
        starting.wait(b"\x1b[?1049h")
        time.sleep(delay)
        starting.kill(number)
        assert starting.ended() == code
        starting.assert_sane()
    finally:
        starting.close()


@pytest.mark.parametrize("stop", [None, signal.SIGSTOP, signal.SIGTSTP], ids=["none", "SIGSTOP", "SIGTSTP"])
def test_after_a_continue_it_is_drawn_again_and_the_terminal_is_sane_in_the_end(
    terminal: Terminal, stop: int | None
) -> None:
    for _ in range(2):
        if stop is not None:
            terminal.kill(stop)
            terminal.stopped()
        if stop == signal.SIGTSTP:
            terminal.assert_sane()
        terminal.output = b""
        terminal.kill(signal.SIGCONT)
        terminal.wait(b"\x1b[?1049h")
        terminal.wait(b"SERVICE")
        terminal.wait(b"live")
    terminal.send(b"q")
    assert terminal.ended() == 0
    terminal.assert_sane()


@pytest.mark.parametrize("stop", [signal.SIGSTOP, signal.SIGTSTP], ids=["SIGSTOP", "SIGTSTP"])
def test_stopped_it_does_not_outlive_its_terminal(terminal: Terminal, stop: int) -> None:
    terminal.kill(stop)
    terminal.stopped()
    terminal.hang_up()
    began = time.monotonic()
    terminal.kill(signal.SIGCONT)
    assert terminal.ended(reading=False) == 129
    assert time.monotonic() - began < 5


def test_told_to_end_while_it_is_stopped_it_does_not_take_the_terminal_again(terminal: Terminal) -> None:
    terminal.kill(signal.SIGTSTP)
    terminal.stopped()
    terminal.output = b""
    terminal.kill(signal.SIGTERM)
    terminal.kill(signal.SIGCONT)
    assert terminal.ended() == 143
    assert b"\x1b[?1049h" not in terminal.output
    terminal.assert_sane()
