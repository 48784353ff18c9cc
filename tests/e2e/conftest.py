"""A real terminal for journeys: tmux on a socket of its own."""

import os
import shlex
import shutil
import socketserver
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "platformpm"]
LIMIT = 60.0
"""Seconds after which a screen that never came is a failure, not a slow machine."""


class Terminal:
    """One program in one tmux window: press keys, wait for text, read the screen."""

    def __init__(self, folder: Path, command: list[str], size: tuple[int, int], env: dict[str, str]) -> None:
        self._socket = f"ppm-{uuid.uuid4().hex[:8]}"
        config = folder / f"{self._socket}.conf"
        config.write_text(
            "set -g default-terminal tmux-256color\nset -g status off\nset -g remain-on-exit on\n"
            "set -s escape-time 0\nset -g history-limit 60000\nset -g set-clipboard on\n"
        )
        words = ["env", "COLORTERM=truecolor", *(f"{k}={v}" for k, v in env.items()), *command]
        columns, rows = (str(n) for n in size)
        self._run("-f", str(config), "new-session", "-d", "-s", "s", "-x", columns, "-y", rows, shlex.join(words))

    def _run(self, *words: str) -> str:
        command = ["tmux", "-L", self._socket, *words]
        # readline, once imported by a test runner, exports COLUMNS and LINES; a program would believe them.
        env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout

    def press(self, *keys: str) -> None:
        for key in keys:
            self._run("send-keys", "-t", "s", key)

    def type(self, text: str) -> None:
        self._run("send-keys", "-t", "s", "-l", text)

    def resize(self, columns: int, rows: int) -> None:
        self._run("resize-window", "-t", "s", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        return self._run("capture-pane", "-p", "-t", "s")

    def history(self) -> str:
        return self._run("capture-pane", "-p", "-S", "-", "-t", "s")

    def wait(self, *texts: str, gone: bool = False) -> str:
        """Wait until every text is on the screen (or none is, with `gone`); give the screen."""

        def seen() -> bool:
            screen = self.screen()
            return not any(text in screen for text in texts) if gone else all(text in screen for text in texts)

        self.until(seen, f"{'gone' if gone else 'seen'}: {texts}")
        return self.screen()

    def until(self, true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + LIMIT
        while not true():
            if time.monotonic() > deadline:
                pytest.fail(f"never {what}; the screen was\n{self.screen()}")
            time.sleep(0.05)

    def pane(self, name: str) -> str:
        return self._run("display-message", "-p", "-t", "s", f"#{{{name}}}").strip()

    def ended(self) -> int | None:
        """Give the exit code of the program, None while it runs."""
        return int(self.pane("pane_dead_status") or 0) if self.pane("pane_dead") == "1" else None

    def close(self) -> None:
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], check=False, capture_output=True)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Open programs in real terminals; every one is closed at the end."""
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux, a real terminal")
    opened: list[Terminal] = []

    def open_one(*command: str, size: tuple[int, int] = (120, 36), **env: str) -> Terminal:
        base = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "LC_ALL": "C.UTF-8"}
        inherited = {"PATH": os.environ["PATH"]}
        opened.append(Terminal(tmp_path, list(command), size, inherited | base | env))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def serve() -> Iterator[Callable[[type[socketserver.BaseRequestHandler]], int]]:
    """Serve handlers on loopback, each on a port of its own, until the test ends."""
    servers: list[socketserver.ThreadingTCPServer] = []

    def start(handler: type[socketserver.BaseRequestHandler]) -> int:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return int(server.server_address[1])

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
