"""`watch --listen` while clients do their worst: how late the engine's checks start, and what memory it takes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.bench.rows import Row, below
from tests.bench.targets import inventory, nginx

SERVICES, SECONDS, SETTLED = 1000, 15.0, 12.0
_CLIENT = """
import os, socket
def talk(first, *more, read=True):
    try:
        with socket.create_connection(("127.0.0.1", {port}), 5) as line:
            for piece in (first, *more):
                line.sendall(piece)
            while read and line.recv(65536):
                pass
    except OSError:
        pass
def ask(path):
    return b"GET " + path + b" HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n"
held = []
while True:
    {does}
"""
ATTACKS = {
    "a flood of connections": "talk(ask(b'/'), read=False)",
    "metrics without end": "talk(ask(b'/metrics'))",
    "garbage and bodies too large": "talk(os.urandom(30000)); talk(b'POST /heartbeat/a@b HTTP/1.1\\r\\n', b'x: y' * 30000)",
    "requests that never end": (
        "held = held[-500:] + [socket.create_connection(('127.0.0.1', {port}), 5)]; held[-1].send(ask(b'/')[:-2])"
    ),
}


def run() -> Iterator[Row]:
    """Measure at rest, then under each attack."""
    with tempfile.TemporaryDirectory() as name, nginx() as target:
        folder = Path(name)
        path = inventory(folder, target, SERVICES, "5s")
        path.write_text(path.read_text() + '[history]\npath = "history.db"\n')
        command = [sys.executable, "-m", "platformpm", "watch", "--listen", "0", "-i", str(path)]
        watch = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            port = _port(watch)
            time.sleep(SETTLED)
            rest, cpu = _seen(watch, port)
            yield Row(
                f"watch --listen at rest, {SERVICES} services: checks start late by", "", f"{rest * 1e3:.3g} ms", None
            )
            before = psutil.Process(watch.pid).memory_info().rss
            for what, does in ATTACKS.items():
                late, used = _attacked(watch, port, does)
                note = f"watch took {used:.0f} % of a core, {cpu:.0f} % at rest"
                yield below(f"the same under {what}", late * 1e3, 100, "ms", note)
            grown = (psutil.Process(watch.pid).memory_info().rss - before) / 2**20
            yield below("memory of watch after all of them", grown, 64, "MiB more")
        finally:
            watch.terminate()
            watch.communicate()


def _port(watch: subprocess.Popen[bytes]) -> int:
    assert watch.stderr is not None
    for line in watch.stderr:
        if found := re.search(rb"listening on http://\S+:(\d+)", line):
            return int(found[1])
    raise SystemExit("watch never listened")


def _attacked(watch: subprocess.Popen[bytes], port: int, does: str) -> tuple[float, float]:
    client = _CLIENT.replace("{does}", does).replace("{port}", str(port))
    attackers = [subprocess.Popen([sys.executable, "-c", client], stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        return _seen(watch, port)
    finally:
        for attacker in attackers:
            attacker.kill()
            attacker.wait()


def _seen(watch: subprocess.Popen[bytes], port: int) -> tuple[float, float]:
    """Give the median of the lag in seconds, and the share of a core in percent."""
    process, lags, began = psutil.Process(watch.pid), [], time.monotonic()
    before = sum(process.cpu_times()[:2])
    while time.monotonic() - began < SECONDS:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            lags.append(json.load(answer)["checks"]["engine:lag"][0]["observedValue"])
        time.sleep(0.5)
    used = sum(process.cpu_times()[:2]) - before
    return sorted(lags)[len(lags) // 2], 100 * used / (time.monotonic() - began)
