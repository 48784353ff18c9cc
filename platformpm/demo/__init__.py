"""A whole fake platform on loopback with a script of incidents."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

import tomli

from platformpm.demo.certificate import write_certificates
from platformpm.demo.room import make_room
from platformpm.demo.script import Actor, Condition, Script
from platformpm.demo.server import Servers, Stage

_ADDRESS = re.compile(r"127\.0\.0\.1:0\b")


class DemoPlatform:
    """The demo platform: `with DemoPlatform() as demo:` serves it; `demo.inventory` is the path of its inventory.

    `seed` chooses the platform's small restlessness, `start` the second of the script at which it begins. `clock`
    gives monotonic seconds; a test passes its own and moves the story by hand.
    """

    def __init__(self, seed: int = 7, start: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare the platform; nothing listens yet."""
        self._script = Script(seed)
        self._start = start
        self._clock = clock
        self._began = clock()
        self._folder = Path()
        self._servers: Servers | None = None

    @property
    def inventory(self) -> Path:
        """Give the path of the inventory; it exists while the platform is served."""
        return self._folder / "acme.toml"

    @property
    def seconds(self) -> float:
        """Give the second of the script that is being played."""
        return self._start + self._clock() - self._began

    def condition(self, actor: Actor) -> Condition:
        """Give how `actor` is now."""
        return self._script.at(actor, self.seconds)

    def __enter__(self) -> Self:
        text = files(__package__).joinpath("acme.toml").read_text(encoding="utf-8")
        make_room(len(_ADDRESS.findall(text)))
        self._folder = Path(tempfile.mkdtemp(prefix="platformpm-demo-"))
        try:
            self._serve(text)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def _serve(self, text: str) -> None:
        """Serve the inventory that `text` holds, with ports of the system's choice."""
        _, edge = write_certificates(self._folder, dt.datetime.now(dt.UTC))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(edge)
        listeners: dict[int, socket.socket] = {}
        text = _ADDRESS.sub(lambda _: f"127.0.0.1:{_listen(listeners)}", text)
        self.inventory.write_text(text, encoding="utf-8")
        stages = {stage.actor: stage for stage in _stages(tomli.loads(text), listeners)}
        self._began = self._clock()
        self._servers = Servers(stages, self.condition, context)
        self._servers.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._servers is not None:
            self._servers.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _listen(listeners: dict[int, socket.socket]) -> int:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    port: int = listener.getsockname()[1]
    listeners[port] = listener
    return port


def _stages(inventory: dict[str, object], listeners: dict[int, socket.socket]) -> Iterator[Stage]:
    """Give a stage for every instance of our own, well-formed inventory."""
    services: dict[str, dict[str, object]] = inventory["services"]  # type: ignore[assignment]  # our own file
    for name, service in services.items():
        version = service.get("version")
        path = version["path"] if isinstance(version, dict) else version
        instances: dict[str, dict[str, str]] = service["instances"]  # type: ignore[assignment]  # our own file
        for environment, named in instances.items():
            for instance, url in named.items():
                scheme, _, address = url.partition("://")
                listener = listeners[int(address.rpartition(":")[2])]
                yield Stage(
                    Actor(name, environment, instance), listener, scheme, path if isinstance(path, str) else None
                )
