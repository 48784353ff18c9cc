"""The program as a subprocess, and a small platform on loopback whose answers a test writes."""

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.warm import Warm

PROGRAM = (sys.executable, "-m", "platformpm")
PATIENCE = 60
"""Seconds after which a hanging program fails its test; never the time one should take."""


@dataclass(frozen=True)
class Done:
    """A run that ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Program:
    """Runs platformpm in a folder of its own, with a home of its own and no terminal."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    warm: Warm | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The surroundings: nothing of the tester's own settings, a UTF-8 locale."""
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "SYSTEMROOT", "PYTHONPATH", "TMPDIR")}
        return {**kept, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **self.extra}

    def __call__(self, *words: str, **environ: str) -> Done:
        """Run to the end: at once where an interpreter that runs already can, else from its start."""
        surroundings = {**self.environ, **environ}
        if self.warm and not any(name.startswith(("PYTHON", "LC_", "LANG")) for name in environ):
            code, out, err = self.warm.run(words, self.folder, surroundings, PATIENCE)
            return Done(code, out.decode("utf-8"), err.decode("utf-8"))
        done = subprocess.run(
            [*PROGRAM, *words],
            cwd=self.folder,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    def start(self, *words: str, **environ: str) -> "subprocess.Popen[bytes]":
        """Start and leave it running; the caller ends it."""
        return subprocess.Popen(
            [*PROGRAM, *words],
            cwd=self.folder,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def shell(self, line: str, **environ: str) -> Done:
        """Run a line of shell in which `$PM` is the program."""
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env={**self.environ, "PM": " ".join(PROGRAM), **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def inventory(self, text: str, name: str = "platform.toml") -> Path:
        """Write an inventory where the program finds it."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path


@dataclass(frozen=True)
class Answer:
    """What a path answers."""

    status: int = 200
    body: str = '{"status": "UP"}'
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


def on_a_terminal(program: Program, *words: str, **environ: str) -> tuple[int, str]:
    """Run with standard output and error on a terminal; gives the exit code and all that came."""
    control, terminal = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *words],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
        cwd=program.folder,
        env={**program.environ, **environ},
    )
    os.close(terminal)
    seen = b""
    try:
        while chunk := os.read(control, 65536):
            seen += chunk
    except OSError:
        pass  # Linux says EIO when the last writer has gone
    os.close(control)
    return process.wait(), seen.decode()


Script = Callable[[int], Answer | None]
"""Gives the answer to the n-th request of a path (from 1), None to close without one."""


def _always(answer: Answer) -> Script:
    return lambda _: answer


class Platform(ThreadingHTTPServer):
    """A scripted HTTP server; `asked` lists every request as (method and path, headers)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Speaker)
        self.scripts: dict[str, Script] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.silent = threading.Event()
        self.reached = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def on(self, path: str, answer: Answer | Script | None = None) -> str:
        """Let `path` give an answer, a script of answers, or (None) plain health; gives its URL."""
        if answer is None or isinstance(answer, Answer):
            self.scripts[path] = _always(answer or Answer())
        else:
            self.scripts[path] = answer
        return self.url + path

    def hang(self, path: str) -> str:
        """Let `path` never answer while the test runs; gives its URL."""

        def never(_: int) -> None:
            self.reached.set()
            self.silent.wait(PATIENCE)

        return self.on(path, never)

    def count(self, path: str) -> int:
        return sum(line.split()[1].partition("?")[0] == path for line, _ in list(self.asked))


class _Speaker(BaseHTTPRequestHandler):
    server: Platform
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the name is the standard library's
        path = self.path.partition("?")[0]
        self.server.asked.append((self.requestline, dict(self.headers.items())))
        script = self.server.scripts.get(path, _always(Answer(404, "no such path", {})))
        answer = script(self.server.count(path))
        self.close_connection = True
        if answer is None:
            return
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm | None]:
    if sys.platform != "linux":  # elsewhere there are no such sockets, and every run starts from nothing
        yield None
        return
    one = Warm(Program(tmp_path_factory.mktemp("warm")).environ)
    yield one
    one.close()


@pytest.fixture
def program(tmp_path: Path, warm: Warm | None) -> Program:
    return Program(tmp_path, warm=warm)


@pytest.fixture
def platform() -> Iterator[Platform]:
    server = Platform()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.silent.set()
        server.shutdown()
        server.server_close()
        thread.join()
