"""Configured probes: what to ask an instance, and what to expect of the answer. All durations are seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from platformpm.model.secret import Secret

SCHEMES = ("http", "https", "tcp", "tls", "dns", "icmp", "exec", "ws", "wss", "grpc", "grpcs", "heartbeat")
"""URL schemes of instances; each names a kind of probe."""

RECORD_TYPES = (
    "A", "AAAA", "CAA", "CNAME", "DNSKEY", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SRV", "SVCB", "TLSA", "TXT",
)  # fmt: skip
"""Types of DNS records that can be asked for."""


class Purpose(StrEnum):
    """What a check is for."""

    HEALTH = "health"
    VERSION = "version"


class StatusRange(NamedTuple):
    """Expected HTTP status codes, both ends included: 200 is (200, 200), `2xx` is (200, 299)."""

    low: int
    high: int


SUCCESS = (StatusRange(200, 299),)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the answer must hold. An empty field expects nothing.

    `status` replaces the rule "2xx of the final response"; `json` and `body` replace a dialect's verdict. `json` pairs
    a JMESPath with the expected value (a tuple means any of); `body` and the values of `headers` are RE2 patterns that
    must be found somewhere in the text. `records` must all be among those that a name server gives.
    """

    status: tuple[StatusRange, ...] = ()
    json: tuple[tuple[str, object], ...] = ()
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionRule:
    """Where a version check finds the version. All None means: recognise the format."""

    json: str | None = None
    header: str | None = None
    regex: str | None = None
    metric: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class HeartbeatRule:
    """How often a job reports by itself, in seconds, how much later is no fault, and what it must know to report."""

    every: float
    grace: float = 0.0
    token: Secret | None = None


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """How to speak TLS to a target. Files are absolute paths; `minimum` is "TLSv1.2" or "TLSv1.3".

    `alpn` are the protocols offered (RFC 7301), best first; they follow from the request.
    """

    verify: bool = True
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    key_password: Secret | None = None
    server_name: str | None = None
    minimum: str | None = None
    alpn: tuple[str, ...] = ()


PLACES = ("service", "environment", "instance", "host", "port")
"""What `{…}` in the words of a command stands for."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run, word by word; no shell ever sees it. The `PLACES` in it are filled in when it runs.

    `shown` is `argv` cleaned, with its secrets masked. `folder` is where it runs, an absolute path. `env` stands in its
    environment beside the few variables that every program gets.
    """

    argv: tuple[Secret, ...]
    shown: tuple[str, ...]
    folder: str
    env: tuple[tuple[str, Secret], ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A configured probe of one service in one environment; its address is the instance's.

    `send` is for `tcp` and `ws`, `record` for `dns`, `command` for `exec`. `redirects` = 0 follows none and then
    expects 2xx or 3xx. `family` is 4, 6 or None for both; `resolve` is "any", or "all" where every address of a name is
    an instance of its own. `proxy` is a URL, user and password included. `http2` offers HTTP/2 to https targets.
    `latency` limits are seconds; `certificate_days` days of validity below which a certificate expires. `heartbeat` is
    for `heartbeat` alone, and always there.
    """

    purpose: Purpose = Purpose.HEALTH
    interval: float = 15.0
    timeout: float = 5.0
    method: str = "GET"
    headers: tuple[tuple[str, Secret], ...] = ()
    body: Secret | None = None
    auth: Secret | None = None
    redirects: int = 5
    family: int | None = None
    resolve: str = "any"
    proxy: Secret | None = None
    http2: bool = False
    tls: TlsSettings = TlsSettings()
    send: Secret | None = None
    command: Command | None = None
    record: str = "A"
    expect: Expectation = Expectation()
    dialect: str = "auto"
    max_latency: float | None = None
    critical_latency: float | None = None
    certificate_days: float = 14.0
    down_after: int = 2
    up_after: int = 2
    version: VersionRule = field(default=VersionRule())
    heartbeat: HeartbeatRule | None = None


class InstanceKey(NamedTuple):
    """Identity of an instance, stable across restarts and re-ordering."""

    service: str
    environment: str
    instance: str

    def __str__(self) -> str:
        """Give `service@environment/instance`."""
        return f"{self.service}@{self.environment}/{self.instance}"


class CheckKey(NamedTuple):
    """Identity of a check of an instance."""

    instance: InstanceKey
    purpose: Purpose

    def __str__(self) -> str:
        """Give the stable text from which the phase offset of the check is derived."""
        return f"{self.instance}#{self.purpose}"


@dataclass(frozen=True, slots=True)
class Instance:
    """One running copy of a service in an environment.

    `url` is the address as declared, without userinfo; `health_url` and `version_url` are what the two checks really
    request (path joined, port replaced; may hold secrets in the query: show them through `display_url`). `credentials`
    is `user:password` from the address. `scheme` chooses the kind of probe. `address` is the one IP address of its name
    that this instance is, None where any of them will do.
    """

    key: InstanceKey
    scheme: str
    url: str
    health: Check
    health_url: str
    version: Check | None = None
    version_url: str | None = None
    credentials: Secret | None = None
    address: str | None = None

    def url_of(self, check: Check) -> str:
        """Give the full URL that `check` of this instance requests."""
        return self.version_url or self.url if check.purpose is Purpose.VERSION else self.health_url
