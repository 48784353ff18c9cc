"""Finds out what listens on this machine and how it is asked, for `init --discover`. Only loopback is spoken with."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from platformpm.assembly import SystemClock
from platformpm.cli.scouting import UNTRUSTED, Wanted
from platformpm.hosts.listening import Listener, is_loopback, listeners
from platformpm.inventory.addresses import Address
from platformpm.inventory.proposal import LOCAL, Found, named
from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.exchange import Response
from platformpm.model.secret import NO_MASK
from platformpm.model.status import Reason
from platformpm.net import Network
from platformpm.probes import SafeProbe, examiners

_KNOWN = {
    21: "ftp", 22: "ssh", 25: "smtp", 53: "dns", 110: "pop3", 111: "rpcbind", 139: "samba", 143: "imap", 389: "ldap",
    445: "samba", 465: "smtps", 587: "submission", 631: "cups", 636: "ldaps", 993: "imaps", 995: "pop3s",
    1433: "mssql", 1521: "oracle", 2181: "zookeeper", 3306: "mysql", 5432: "postgres", 5672: "rabbitmq", 6379: "redis",
    9042: "cassandra", 9092: "kafka", 11211: "memcached", 27017: "mongodb",
}  # fmt: skip
"""Ports whose owners take a request of HTTP for an attack, or count it against us: they are only connected to."""
_INTERPRETERS = ("python", "java", "node", "ruby", "php", "perl", "bash", "sh", "docker-proxy")
"""Processes whose name tells nothing of what they run."""
_AT_ONCE = 50
_TIMEOUT = 2.0


def found_here() -> tuple[list[Listener], list[Found]]:
    """Give the listeners to look at, and what is proposed without a look for those that loopback does not reach.

    Raises PlatformpmError where the system does not tell who listens.
    """
    all_of_them = listeners()
    near = [one for one in all_of_them if is_loopback(one.ip)]
    far = [one for one in all_of_them if not is_loopback(one.ip)]
    said = "not asked: it listens, but not on loopback"
    return near, [Found(_address("tcp", one), _named(one), LOCAL, said) for one in far]


def is_here(host: str) -> bool:
    """Tell whether the host of an address is this machine, as loopback calls it."""
    try:
        return is_loopback(host.strip("[]"))
    except ValueError:
        return host.lower() == "localhost"


async def identify(near: Iterable[Listener]) -> list[Wanted]:
    """Find out which protocol each listener speaks, several at once."""
    network = Network()
    probes = examiners(network, NO_MASK, SystemClock())
    places = asyncio.Semaphore(_AT_ONCE)

    async def identified(one: Listener) -> Wanted:
        async with places:
            return await _identify(one, probes)

    try:
        return list(await asyncio.gather(*map(identified, near)))
    finally:
        await network.close()


async def _identify(one: Listener, probes: dict[str, SafeProbe]) -> Wanted:
    scheme, verify = ("tcp", True) if one.port in _KNOWN else await _protocol(one, probes)
    return Wanted(_address(scheme, one), _named(one), LOCAL, verify)


async def _protocol(one: Listener, probes: dict[str, SafeProbe]) -> tuple[str, bool]:
    """Give the scheme that fits, and whether a certificate can be verified."""
    answer, _ = await _ask(one, "http", probes)
    if isinstance(answer, Response) and not (answer.status == 400 and b"HTTPS" in answer.body):
        return "http", True
    answer, reason = await _ask(one, "https", probes)
    if isinstance(answer, Response) or reason in UNTRUSTED:
        return "https", reason not in UNTRUSTED
    return "tcp", True


async def _ask(one: Listener, scheme: str, probes: dict[str, SafeProbe]) -> tuple[object, Reason | None]:
    url, check = _address(scheme, one).url, Check(timeout=_TIMEOUT)
    instance = Instance(InstanceKey("init", "here", url), scheme, url, check, url)
    seen = await probes[scheme].examine(instance, check, asyncio.get_running_loop().time() + _TIMEOUT)
    return seen.exchange, seen.reading.reason


def _address(scheme: str, one: Listener) -> Address:
    return Address(scheme, f"[{one.ip}]" if ":" in one.ip else one.ip, one.port, "")


def _named(one: Listener) -> str:
    if one.port in _KNOWN:
        return _KNOWN[one.port]
    telling = one.process and not one.process.lower().startswith(_INTERPRETERS)
    return named(one.process) if telling else f"service-{one.port}"
