"""What `watch --listen` answers: metrics, its own health, and the heartbeats of jobs.

A page in a browser can reach loopback too, under any name that its owner lets point there: the Host header must be one
of loopback's. Elsewhere there is always a token. What is refused does not tell what there is.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import Future
from hmac import compare_digest
from urllib.parse import unquote

from platformpm.assembly import Running
from platformpm.formats.heartbeat import BadBeatError, said
from platformpm.model.check import Instance
from platformpm.model.heartbeat import LONGEST_MESSAGE, SCHEME, is_awaited
from platformpm.model.inventory import Inventory
from platformpm.model.secret import Masker, Secret
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.spellings import spellings
from platformpm.model.text import safe_text
from platformpm.net.serving import Answer, Asked
from platformpm.report.documents import masked
from platformpm.report.monitor import Monitor, health, metrics

_WORK, _PAUSE = 0.005, 0.001
"""Seconds of work on a long text, and of the pause after them: the engine's thread wants the interpreter too."""
_SHARE, _KEPT = 10, 0.5
"""Metrics are made anew after so many times the seconds that they took, and after these at least, as is the health."""
_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
_PAGES = ("/metrics", "/healthz")
_READING, _BEATING = ("GET", "HEAD"), ("POST", "GET", "PUT")
_BEATS = f"/{SCHEME}/"
_KEPT_WITHIN = 2.0
"""Seconds that a heartbeat waits for the disk."""
_NOTHING_HERE = Answer(404, b"there is /metrics, /healthz and /heartbeat/SERVICE@ENVIRONMENT\n")
_ELSEWHERE = Answer(421, b"the Host header, or the host in the target, does not name this machine's loopback\n")
_NOT_KEPT = Answer(
    503, b"heard, but not recorded: history is not written here now (/healthz says why); send it again\n"
)


class Endpoints:
    """Answers requests about one session. `token` is what must be sent; `hosts` are the names asked for, None any."""

    def __init__(self, session: Running, token: Secret | None, hosts: frozenset[str] | None) -> None:
        """Answer for `session` from now on."""
        self._session = session
        self._token = token
        self._hosts = hosts
        self._started = time.time()
        self._rendering: asyncio.Task[Answer] | None = None
        self._health: tuple[float, Answer] = (0.0, Answer(503))
        self._mask = Masker(spellings(token.reveal()) if token else ())

    async def __call__(self, asked: Asked) -> Answer:
        """Answer one request."""
        snapshot = self._session.board.latest()
        assert snapshot is not None  # noqa: S101  # there is one from the beginning
        path, _, query = asked.target.partition("?")
        if not self._is_for_us(asked):
            return _ELSEWHERE
        if path.startswith(_BEATS):
            place = unquote(path.removeprefix(_BEATS)).rstrip("/")
            return await self._heartbeat(asked, place, query, snapshot.inventory)
        token = self._own_token(snapshot.inventory)
        if token and not _knows(asked, token):
            return _refused("the token is missing or wrong")
        if path in _PAGES and asked.method not in _READING:
            return _not_like_that(_READING)
        if path == "/metrics":
            return await self._metrics(snapshot)
        return self._healthz(snapshot) if path == "/healthz" else _NOTHING_HERE

    def _is_for_us(self, asked: Asked) -> bool:
        if self._hosts is None:
            return True
        if asked.authority is not None and _name_in(asked.authority) not in self._hosts:
            return False
        host = asked.only("host")
        if host is None:  # HTTP/1.0 needs none, and no browser leaves it out
            return asked.version == "1.0" and all(name != "host" for name, _ in asked.headers)
        return _name_in(host) in self._hosts

    def _own_token(self, inventory: Inventory) -> Secret | None:
        return self._token or inventory.watch.token

    def _monitor(self, snapshot: PlatformSnapshot) -> Monitor:
        session = self._session
        return Monitor(snapshot, session.history(), time.monotonic(), self._started, session.heartbeats())

    async def _metrics(self, snapshot: PlatformSnapshot) -> Answer:
        """Give the metrics. However many ask, they are made once for all, and seldom where that is long work."""
        if self._rendering is None:
            self._rendering = asyncio.create_task(self._render(snapshot))
        return await asyncio.shield(self._rendering)

    async def _render(self, snapshot: PlatformSnapshot) -> Answer:
        began = time.monotonic()
        try:
            return Answer(200, await _joined(metrics(self._monitor(snapshot))), _EXPOSITION)
        finally:
            kept = max(_KEPT, _SHARE * (time.monotonic() - began))
            asyncio.get_running_loop().call_later(kept, self._forget)

    def _forget(self) -> None:
        self._rendering = None

    def _healthz(self, snapshot: PlatformSnapshot) -> Answer:
        now = time.monotonic()
        if now > self._health[0]:
            well, document = health(self._monitor(snapshot))
            text = json.dumps(masked(document, snapshot.inventory.mask), indent=2) + "\n"
            self._health = now + _KEPT, Answer(200 if well else 503, text.encode(), "application/health+json")
        return self._health[1]

    async def _heartbeat(self, asked: Asked, place: str, query: str, inventory: Inventory) -> Answer:
        found, own = _awaited(inventory, place), self._own_token(inventory)
        tokens = [_token_of(one) or own for one in found] or [own]
        if not any(token and _knows(asked, token) for token in tokens):
            return _refused("no such heartbeat, or not its token (health.token, else that of watch)")
        if len(found) != 1:
            names = ", ".join(one.key.instance for one in found)
            return Answer(404, f"which of them: {names}\n".encode() if found else b"no such heartbeat\n")
        if asked.method not in _BEATING:
            return _not_like_that(_BEATING)
        try:
            status, message = said(query.encode("latin-1"), asked.body)
        except BadBeatError as error:
            return Answer(400, f"{error}\n".encode())
        message = safe_text(inventory.mask(self._mask(message)), LONGEST_MESSAGE)
        kept = self._session.hear(found[0].key, status, message)
        return Answer(200, f"{status}\n".encode()) if kept is None or await _is_kept(kept) else _NOT_KEPT


def _name_in(authority: str) -> str:
    """Give `host[:port]` without the port, in lower case."""
    name, _, port = authority.lower().rpartition(":")
    return name if port.isdecimal() and name else authority.lower()


async def _is_kept(kept: Future[bool]) -> bool:
    try:
        return await asyncio.wait_for(asyncio.wrap_future(kept), _KEPT_WITHIN)
    except TimeoutError:
        return False


def _awaited(inventory: Inventory, place: str) -> list[Instance]:
    """Give the jobs that `SERVICE@ENVIRONMENT[/INSTANCE]` names."""
    name = place.partition("@")[0]
    service = next((one for one in inventory.services if one.name == name), None)
    jobs = [one for one in service.instances if is_awaited(one)] if service else []
    return [one for one in jobs if place in (str(one.key), f"{name}@{one.key.environment}")]


def _token_of(instance: Instance) -> Secret | None:
    return instance.health.heartbeat.token if instance.health.heartbeat else None


def _knows(asked: Asked, token: Secret) -> bool:
    """Compare in a time that does not tell how much was right."""
    scheme, _, sent = (asked.only("authorization") or "").partition(" ")
    return scheme.lower() == "bearer" and compare_digest(sent.strip().encode(), token.reveal().encode())


def _refused(why: str) -> Answer:
    return Answer(401, f"{why}\n".encode(), headers=(("WWW-Authenticate", 'Bearer realm="platformpm"'),))


def _not_like_that(methods: tuple[str, ...]) -> Answer:
    return Answer(405, f"only {', '.join(methods)}\n".encode(), headers=(("Allow", ", ".join(methods)),))


async def _joined(texts: Iterator[str]) -> bytes:
    """Join texts while they are made, with a pause every few milliseconds."""
    out, since = bytearray(), time.monotonic()
    for text in texts:
        out += text.encode("utf-8", "replace")
        if time.monotonic() - since > _WORK:
            await asyncio.sleep(_PAUSE)
            since = time.monotonic()
    return bytes(out)
