"""Runs of the program that do not import it again: a process that has imported it forks itself for each.

Every run is still a process with its own streams, folder, surroundings, exit code and end of the interpreter; what
it shares is the start, two thirds of the CPU of a short command. The terminal toolkit is not among what was imported.
"""

import gc
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from pydantic import BaseModel

HEADLESS = ("cli", "assembly", "engine", "probes", "hosts", "history", "inventory", "report", "demo", "formats", "net")
MESSAGE = 1 << 20
"""Bytes that no command line with its surroundings exceeds."""


class Warm:
    """A process that waits, and starts runs of the program one after another."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Start it with what an interpreter reads when it starts: locale and encodings."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "tests.cli.warm", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command,
            cwd=Path(__file__).parents[2],
            env=environ,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        theirs.close()

    def run(
        self, words: Sequence[str], folder: Path, environ: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes, bytes]:
        """Run to the end; gives the exit code and what was written. Raises `TimeoutError`."""
        end = time.monotonic() + timeout
        (out, its_out), (err, its_err) = os.pipe(), os.pipe()
        request = json.dumps([list(words), str(folder), dict(environ)]).encode()
        self._control.settimeout(timeout)
        socket.send_fds(self._control, [request], [its_out, its_err])
        os.close(its_out)
        os.close(its_err)
        pid = int(self._control.recv(64))
        try:
            written = _read([out, err], end)
            self._control.settimeout(max(end - time.monotonic(), 1))
            code = int(self._control.recv(64))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._control.settimeout(None)
            self._control.recv(64)
            raise
        finally:
            os.close(out)
            os.close(err)
        return code, written[0], written[1]

    def close(self) -> None:
        self._control.close()
        self._process.wait(60)


def _read(pipes: Sequence[int], end: float) -> list[bytes]:
    """Read every pipe to its end. Raises `TimeoutError` at the monotonic time `end`."""
    seen = {pipe: bytearray() for pipe in pipes}
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(end - time.monotonic(), 0))
            if not ready:
                raise TimeoutError(bytes(seen[pipes[-1]]))
            for key, _ in ready:
                chunk = os.read(key.fd, 1 << 16)
                seen[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
    return [bytes(seen[pipe]) for pipe in pipes]


def _serve(control: socket.socket) -> None:
    """Fork for each request, tell the number of the process and then its exit code."""
    while True:
        message, streams, _, _ = socket.recv_fds(control, MESSAGE, 2)
        if not message:
            return
        pid = os.fork()
        if not pid:
            control.close()
            words, folder, environ = json.loads(message)
            _become(words, folder, environ, streams)
        for stream in streams:
            os.close(stream)
        control.send(b"%d" % pid)
        control.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _become(words: list[str], folder: str, environ: dict[str, str], streams: Sequence[int]) -> None:
    """Be the program from here to the end of the process."""
    from platformpm.__main__ import main

    for stream, name in zip(streams, ("stdout", "stderr"), strict=True):
        was = getattr(sys, name)
        os.dup2(stream, was.fileno())
        os.close(stream)
        buffering = 1 if was.line_buffering else -1
        now = open(was.fileno(), "w", buffering, was.encoding, was.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, now)  # the one from the start remembers whether it could be sought in
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    sys.argv = ["platformpm", *words]
    raise SystemExit(main())


def _import_all() -> None:
    import_module("platformpm.__main__")
    for layer in HEADLESS:
        package = import_module(f"platformpm.{layer}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    for library in ("platformdirs", "psutil"):
        import_module(library)
    for table in vars(import_module("platformpm.inventory.tables")).values():
        if isinstance(table, type) and issubclass(table, BaseModel):
            table.model_rebuild()
    gc.freeze()


if __name__ == "__main__":
    _import_all()
    _serve(socket.socket(fileno=int(sys.argv[1])))
