"""Other machines: CPU of reading a page of the real node_exporter, of the worst a page can do, and of recording it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from platformpm.formats.machine import LARGEST_PAGE, parser, read
from platformpm.history.connecting import connect_writer
from platformpm.history.ledger import Ledger
from platformpm.history.rolling import move, prepare
from platformpm.history.schema import migrate
from platformpm.model.exchange import Response
from platformpm.model.host import Disk, HostReading
from platformpm.model.record import HostTaken
from platformpm.model.status import Status
from tests.bench.rows import Row, below

LOOKS = 100
HOSTS = 200
PASSES = 240
BATCH = 7
"""Readings that 200 hosts at 15 s give in half a second, which is one transaction."""
START = 1_799_971_200.0
_LINES = (
    b"\n",
    b'node_cpu_seconds_total{cpu="0",mode="idle"} 1.5\n',
    b'node_filesystem_size_bytes{a="' + b'\\"' * 480 + b'"} 1\n',
    b"node_filesystem_size_bytes{" + b",".join(b'a%d="1"' % number for number in range(120)) + b"} 1\n",
)


def run() -> Iterator[Row]:
    """Measure reading, the longest step over hostile pages, and the history."""
    body = _page()
    if body is not None:
        yield from _reading(body)
    yield _hostile()
    with tempfile.TemporaryDirectory() as name:
        yield from _recording(Path(name) / "history.db")


def _page() -> bytes | None:
    """Give what the real node_exporter says of this machine, None where it is not installed."""
    program = shutil.which("prometheus-node-exporter") or shutil.which("node_exporter")
    if program is None:
        return None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    exporter = subprocess.Popen([program, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                    page: bytes = answer.read()
                    return page
            except OSError:
                time.sleep(0.05)
    finally:
        exporter.terminate()
        exporter.wait(10)
    return None


def _reading(body: bytes) -> Iterator[Row]:
    page = Response("http://127.0.0.1:9100/metrics", 200, body=body)
    list(read(page))
    start = time.process_time()
    for _ in range(LOOKS):
        list(read(page))
    cost = (time.process_time() - start) / LOOKS * 1000
    lines = body.decode().splitlines(keepends=True)
    start = time.process_time()
    for _ in range(LOOKS // 10):
        list(parser()(lines))
    whole = (time.process_time() - start) / (LOOKS // 10) * 1000
    note = f"{len(lines)} lines; {whole:.1f} ms where the library reads all of it"
    yield below("page of node_exporter read, CPU", cost, 3, "ms", note)


def _hostile() -> Row:
    longest = 0.0
    for line in _LINES:
        page = Response(
            "http://127.0.0.1:9100/metrics", 200, body=(line * (LARGEST_PAGE // len(line) + 1))[:LARGEST_PAGE]
        )
        before = time.process_time()
        for _ in read(page):
            now = time.process_time()
            longest, before = max(longest, now - before), now
    return below("longest step over 8 MiB of hostile metrics, CPU", longest * 1000, 50, "ms")


def _recording(path: Path) -> Iterator[Row]:
    with closing(connect_writer(path)) as connection:
        migrate(connection)
        prepare(connection)
        ledger = Ledger(connection, START)
        passes = [[_taken(START + 15 * number, host) for host in range(HOSTS)] for number in range(PASSES)]
        start = time.process_time()
        for number, records in enumerate(passes, 1):
            for first in range(0, HOSTS, BATCH):
                ledger.write(records[first : first + BATCH], START)
            if number % 60 == 0:
                list(move(connection, START + 15 * number))
        cost = (time.process_time() - start) / (HOSTS * PASSES) * 1_000_000
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    yield below(
        "history per reading of a host: written, moved, rolled up", cost, 150, "us", f"{HOSTS * PASSES} readings"
    )
    yield Row("the same: bytes on disk, roll-ups included", "", f"{path.stat().st_size / (HOSTS * PASSES):.0f}")


def _taken(at: float, host: int) -> HostTaken:
    disks = tuple(Disk(mount, 30.0 + at % 7, 100 << 30, 400 << 30) for mount in ("/", "/var", "/home"))
    reading = HostReading(at, at % 100, 8, 50.0 + host % 40, 32 << 30, 1.0, (1.0, 2.0, 3.0), disks, 1e6, 1e5, 1e6)
    return HostTaken(f"h{host}", reading, Status.UP, START)
