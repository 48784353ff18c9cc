"""Finds out about addresses for `init`: which path tells their health, in which format, and which version is there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from platformpm.assembly import SystemClock
from platformpm.formats.health import DIALECTS
from platformpm.formats.machine import Machine, read, refusal
from platformpm.inventory.addresses import Address, join
from platformpm.inventory.proposal import Found, named, place_of
from platformpm.model.check import Check, Instance, InstanceKey, Purpose, TlsSettings
from platformpm.model.exchange import Response
from platformpm.model.reading import Reading
from platformpm.model.secret import Masker, Secret
from platformpm.model.status import Reason, Status
from platformpm.net import Network
from platformpm.probes import Examination, examiners
from platformpm.report.hints import hint
from platformpm.report.version_hints import VERSION_PATHS

USUAL = (
    "/health", "/healthz", "/actuator/health", "/api/health", "/status", "/-/healthy", "/q/health", "/readyz", "/ping",
    "/v1/sys/health", "/_cluster/health", "/minio/health/live",
)  # fmt: skip
"""Paths at which health is told, the most common first."""
_METRICS = "/metrics"
_WEB = ("http", "https")
_MOST_HOPS = 4
UNTRUSTED = frozenset({Reason.TLS_UNTRUSTED, Reason.TLS_HOSTNAME, Reason.TLS_EXPIRED})
"""What is wrong with a certificate behind which someone answers all the same."""
_AT_ONCE = 20
_TIMEOUT = 5.0
_PATIENCE = 30.0
"""Seconds for all that is asked of one address."""
_APPLICATIONS = frozenset(
    {"aspnet-core", "dropwizard", "generic", "ietf-health", "kubernetes", "microprofile", "spring-boot", "terminus"}
)
"""Dialects that many programs speak; any other is the name of one."""
_LARGEST_PLAIN = 1024
"""Bytes; what is longer is a page."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An address to look at. `name` is what it is called where nothing better is found; `environment` where it is."""

    address: Address
    name: str = ""
    environment: str = ""
    verify: bool = True


async def scout(wanted: Sequence[Wanted], mask: Masker) -> list[Found]:
    """Look at each address, several at once, and give what was found in the same order."""
    network = Network()
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(target: Wanted) -> Found:
        async with places:
            scouting = _Scout(network, mask, target)
            found = await scouting.find()
            if not scouting.untrusted or target.address.user:
                return found
            behind = await _Scout(network, mask, replace(target, verify=False)).find()
            return replace(behind, said=f"{found.said}; unverified {behind.said}", verify=True, advice=found.advice)

    try:
        return list(await asyncio.gather(*map(one, wanted)))
    finally:
        await network.close()


class _Scout:
    """Looks at one address, and at nothing but its host."""

    def __init__(self, network: Network, mask: Masker, target: Wanted) -> None:
        self._probes = examiners(network, mask, SystemClock())
        self._target = target
        self._base, self._own = _split(target.address)
        self._ends = asyncio.get_running_loop().time() + _PATIENCE
        self.untrusted = False

    async def find(self) -> Found:
        path, seen = await self._health()
        reading = seen.reading
        self.untrusted = reading.reason in UNTRUSTED and self._target.verify
        if reading.dialect is None and self._is_web and (metrics := await self._metrics()):
            return self._host(metrics)
        version = None
        if reading.version is None and isinstance(seen.exchange, Response) and self._is_web:
            asked = VERSION_PATHS.get(reading.dialect or "", "/version")
            told = (await self._ask(asked, Purpose.VERSION)).reading
            if told.version is not None:
                version, reading = asked, replace(reading, version=told.version)
        name, environment = self._place()
        product = reading.dialect if reading.dialect not in _APPLICATIONS else None
        return Found(
            replace(self._base, user=None),
            name or named(product or self._target.name or f"service-{self._base.port or ''}"),
            self._target.environment or environment,
            _said(path, replace(seen, reading=reading)),
            path,
            version,
            reading.version,
            self._target.verify,
            hint(reading) or "",
        )

    def _host(self, metrics: str) -> Found:
        host, (_, environment) = self._base.host, self._place()
        name = host.partition(".")[0] if _has_name(host) else host
        return Found(
            replace(self._base, user=None),
            named(name),
            self._target.environment or environment,
            f"a machine, by its exporter at {metrics}",
            verify=self._target.verify,
            metrics=metrics,
        )

    def _place(self) -> tuple[str, str]:
        """Give the service and the environment that the name of the host suggests."""
        host = self._base.path.strip("/") if self._base.scheme == "dns" else self._base.host
        return place_of(host) if _has_name(host) else ("", "production")

    async def _metrics(self) -> str | None:
        """Give the address at which an exporter tells of its machine, None where there is none."""
        url = self._base.url if self._base.path.endswith(_METRICS) else join(self._base, _METRICS, None)
        answer = (await self._ask_once(url, Purpose.HEALTH)).exchange
        if not isinstance(answer, Response) or refusal(replace(answer, complete=True)) is not None:
            return None
        return url if any(isinstance(said, Machine) for said in read(answer)) else None

    @property
    def _is_web(self) -> bool:
        return self._base.scheme in _WEB

    async def _health(self) -> tuple[str | None, Examination]:
        """Give the path that tells the health, and its answer; None and that of the address itself where none does."""
        answers: dict[str | None, Examination] = {}
        for path in self._paths():
            seen = answers[path] = await self._ask(path)
            if seen.reading.dialect is not None:
                return path, seen
            if not _goes_on(path, seen):
                break
        plain = [path for path, seen in answers.items() if path is not None and _is_plain(seen.exchange)]
        chosen = plain[0] if plain else next(iter(answers))
        return chosen, answers[chosen]

    def _paths(self) -> Iterator[str | None]:
        yield self._own
        if self._is_web:
            yield from (path for path in USUAL if path != self._own)

    async def _ask(self, path: str | None, purpose: Purpose = Purpose.HEALTH) -> Examination:
        """Ask a path, and where that redirects to on the same host."""
        url = join(self._base, path, None)
        for _ in range(_MOST_HOPS):
            seen = await self._ask_once(url, purpose)
            onward = _onward(url, seen.exchange)
            if onward is None:
                return seen
            if urlsplit(onward).hostname != urlsplit(url).hostname:
                break
            url = onward
        elsewhere = "it redirects, and not to an end on the same host"
        return replace(seen, reading=Reading(Status.UNKNOWN, seen.reading.at, Reason.REDIRECT, elsewhere))

    async def _ask_once(self, url: str, purpose: Purpose) -> Examination:
        base = self._base
        check = Check(purpose, timeout=_TIMEOUT, redirects=0, tls=TlsSettings(verify=self._target.verify))
        credentials = Secret(base.user) if base.user else None
        key = InstanceKey("init", "here", base.name)
        instance = Instance(key, base.scheme, base.url, check, url, check, url, credentials)
        deadline = min(asyncio.get_running_loop().time() + _TIMEOUT, self._ends)
        return await self._probes[url.partition(":")[0]].examine(instance, check, deadline)


def _goes_on(path: str | None, seen: Examination) -> bool:
    """Tell whether to ask more of a host. Its start page alone may take too long: that is no health path."""
    if isinstance(seen.exchange, Response):
        return seen.exchange.status != 429
    return path is None and seen.reading.reason in (Reason.TIMEOUT_RESPONSE, Reason.TIMEOUT_BODY)


def _split(address: Address) -> tuple[Address, str | None]:
    """Give an address without the path of its health, and that path, where it ends in a usual one."""
    for path in sorted(USUAL, key=len, reverse=True):
        if address.scheme in _WEB and address.path.endswith(path):
            return replace(address, path=address.path.removesuffix(path)), path
    return address, None


def _onward(url: str, answer: object) -> str | None:
    """Give where an answer redirects to, None where it does not; empty for what is nowhere."""
    if not isinstance(answer, Response) or not 300 <= answer.status <= 399:
        return None
    try:
        onward = urlsplit(urljoin(url, answer.header("location") or ""))
    except ValueError:
        return ""
    return onward.geturl() if onward.scheme in _WEB else ""


def _has_name(host: str) -> bool:
    """Tell whether a host has a name that may say something of what runs there."""
    try:
        ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return host.lower() != "localhost"
    return False


def _is_plain(exchange: object) -> bool:
    """Tell whether an answer may be health in no known format: a good code and a short text that is no page."""
    if not isinstance(exchange, Response) or not 200 <= exchange.status <= 299:
        return False
    page = "html" in (exchange.header("content-type") or "") or exchange.body.lstrip()[:1] == b"<"
    return exchange.complete and len(exchange.body) <= _LARGEST_PLAIN and not page


def _said(path: str | None, seen: Examination) -> str:
    reading, answer = seen.reading, seen.exchange
    parts = [str(reading.status)]
    if reading.dialect is not None:
        parts.append(f"{DIALECTS[reading.dialect].title} at {path or 'this address'}")
    elif path is not None and _is_plain(answer):
        parts.append(f"health in no known format at {path}")
    elif isinstance(answer, Response):
        parts.append("no health answer at the usual paths")
    if reading.reason is not None:
        parts.append(f"{reading.reason}: {reading.detail}")
    elif reading.dialect is None:
        parts.append(reading.detail)
    if reading.version is not None:
        parts.append(f"version {reading.version}")
    return ", ".join(part for part in parts if part)
