"""A month of history in a real terminal: what changed is one key away."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from platformpm.inventory import load
from tests.e2e import month

PROGRAM = (sys.executable, "-m", "platformpm")
INVENTORY = """
[platform]
name = "Shop"
timezone = "UTC"
[history]
path = "history.db"
[defaults]
interval = "60s"
timeout = "1s"
[services.checkout.instances]
production = { a = "http://127.0.0.1:1", b = "http://127.0.0.2:1" }
[services.ledger]
instances.production = { a = "http://127.0.0.3:1" }
"""


def test_the_month_is_there_in_events_and_charts_and_a_look_is_remembered(
    terminal: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "platform.toml"
    path.write_text(INVENTORY, encoding="utf-8")
    month.write(tmp_path / "history.db", load(path, os.environ).inventory, time.time() - 60)
    window = terminal(*PROGRAM, "-i", str(path), size=(150, 45))
    window.wait("checkout", "ledger", "✖")
    window.press("6")
    window.wait("last 24 h", "connection refused")
    window.press("w")
    window.wait("last 7 d", "HTTP 503")
    window.press("w")
    window.wait("last 30 d", "(b)")
    window.press("/")
    window.type("ledger version")
    window.press("Enter")
    shown = window.wait("4 of")
    assert "checkout@" not in shown
    window.press("Enter")
    window.wait("ledger@production", "Latency")
    window.press("w", "w")
    window.wait("24 h   p95 of each 5 min", "╵")
    window.press("w", "w")
    shown = window.wait("30 d   p95 of each hour", "▸2.5.2")
    assert "▸2.8.2" in shown
    window.press("q")
    window.until(lambda: window.ended() == 0, "the end")
    window = terminal(*PROGRAM, "-i", str(path), size=(150, 45))
    window.wait("checkout")
    window.press("6")
    window.wait("new since you last looked")
