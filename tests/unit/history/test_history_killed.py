"""Killed at random moments: what was acknowledged is there, whole, and counted once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.unit.history.records import readings_on_disk

KILLS = int(os.environ.get("PLATFORMPM_KILLS", "40"))
"""200 of them, as promised, take three minutes."""


def killed_after(path: Path, first: int, seconds: float) -> int:
    """Let a writer run, kill it, and give the number of the reading after the last one it acknowledged."""
    command = [sys.executable, "-m", "tests.unit.history.killed", str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        threading.Timer(seconds, writer.send_signal, [signal.SIGKILL]).start()
        lines += writer.stdout.readlines()
        assert writer.wait(60) == -signal.SIGKILL
    return int([line for line in lines if line.endswith("\n")][-1])


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_nothing_acknowledged_is_lost_or_counted_twice(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    moments = random.Random(7)
    acknowledged = 0
    for kill in range(KILLS):
        acknowledged = killed_after(path, acknowledged, moments.uniform(0, 0.3))
        stored = readings_on_disk(path)
        assert stored >= acknowledged, kill
        connection = sqlite3.connect(path)
        (failures,) = connection.execute("SELECT count(*) FROM failure").fetchone()
        connection.close()
        assert failures == -(-stored // 10)
        acknowledged = stored  # what was written but not acknowledged in time is there as well, and whole
    assert len(list(tmp_path.iterdir())) <= 4
