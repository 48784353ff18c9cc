"""The whole program, when its terminal is taken away."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.tui.terminal import Terminal


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Terminal]:
    """Give the program, watching, on a terminal."""
    inventory = tmp_path / "platform.toml"
    inventory.write_text('[services.a]\ninstances.production = ["http://127.0.0.1:9"]\n')
    env = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "LC_ALL": "C.UTF-8"}
    window = Terminal("-i", str(inventory), program=(sys.executable, "-m", "platformpm"), env=env)
    try:
        window.wait(b"live")
        yield window
    finally:
        window.close()


def test_a_terminal_that_hangs_up_is_129_and_no_failure(window: Terminal) -> None:
    window.hang_up()
    assert window.ended(reading=False) == 129


def test_a_terminal_that_nobody_reads_keeps_no_one_from_ending(window: Terminal) -> None:
    for _ in range(40):
        window.send(b"t")  # each theme is a whole picture, and the terminal holds a few
    idle, process = 0, psutil.Process(window.pid)
    while idle < 3:  # until it waits for the terminal
        before = sum(process.cpu_times()[:2])
        signal.sigtimedwait([], 0.5)
        idle = idle + 1 if sum(process.cpu_times()[:2]) - before < 0.05 else 0
    window.kill(signal.SIGTERM)
    assert window.ended(reading=False) == 143
