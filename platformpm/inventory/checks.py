"""Builds the `Check` of a service in an environment from the joined layers, and says where they do not fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from platformpm.inventory import heartbeats
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems, listed
from platformpm.inventory.slots import encoded_basic
from platformpm.model.check import SCHEMES, Check, Expectation, Purpose, TlsSettings, VersionRule
from platformpm.model.secret import Secret

INTERVALS = {Purpose.HEALTH: 15.0, Purpose.VERSION: 60.0}
TIMEOUT = 5.0
_PLAIN = (
    "method", "body", "redirects", "family", "resolve", "proxy", "http2", "send", "record", "dialect", "max_latency",
    "critical_latency",
    "certificate_days", "down_after", "up_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """What one table says about one check, and the key path of that table."""

    path: KeyPath
    keys: Mapping[str, Any]


def interval_of(purpose: Purpose, settings: Mapping[str, Any]) -> float:
    """Give the interval in seconds; who is awaited more often is looked after more often."""
    usual = INTERVALS[purpose]
    if purpose is Purpose.HEALTH and "every" in settings:
        usual = min(usual, heartbeats.interval_of(settings["every"]))
    return float(settings.get("interval", usual))


def timeout_of(purpose: Purpose, settings: Mapping[str, Any]) -> float:
    """Give the timeout in seconds: never longer than the interval unless someone says so."""
    return float(settings.get("timeout", min(TIMEOUT, interval_of(purpose, settings))))


def check_of(purpose: Purpose, settings: Mapping[str, Any]) -> Check:
    """Build the check from joined layers; keys that are not set have the defaults of `Check`."""
    auth, headers = _signed(settings.get("auth"), settings.get("headers", {}))
    plain = {name: settings[name] for name in _PLAIN if name in settings}
    command = settings.get("command")
    return Check(
        purpose=purpose,
        interval=interval_of(purpose, settings),
        timeout=timeout_of(purpose, settings),
        headers=tuple(headers.items()),
        auth=auth,
        tls=_tls(settings.get("tls", {})),
        command=command and replace(command, env=tuple(settings.get("env", {}).items())),
        expect=_expectation(settings.get("expect", {})),
        heartbeat=heartbeats.rule_of(settings),
        version=VersionRule(
            **{n: settings[n] for n in ("json", "header", "regex", "metric", "label") if n in settings}
        ),
        **plain,
    )


def _signed(auth: Mapping[str, Any] | None, headers: Mapping[str, Secret]) -> tuple[Secret | None, dict[str, Secret]]:
    out = dict(headers)
    if not auth:
        return None, out
    if "header" in auth:
        out = {name: value for name, value in out.items() if name.lower() != auth["header"].lower()}
        return None, {**out, auth["header"]: auth["value"]}
    if "bearer" in auth:
        return Secret(f"Bearer {auth['bearer'].reveal()}"), out
    if "basic" in auth:
        user, _, password = auth["basic"].reveal().partition(":")
    else:
        user, password = auth["username"].reveal(), auth["password"].reveal()
    return Secret(f"Basic {encoded_basic(user, password)}"), out


def _tls(keys: Mapping[str, Any]) -> TlsSettings:
    return TlsSettings(**keys) if keys else TlsSettings()


def _expectation(keys: Mapping[str, Any]) -> Expectation:
    if not keys:
        return Expectation()
    return Expectation(
        status=tuple(keys.get("status", ())),
        json=tuple(keys.get("json", {}).items()),
        body=keys.get("body"),
        headers=tuple(keys.get("headers", {}).items()),
        records=tuple(keys.get("records", ())),
    )


def check_fit(purpose: Purpose, settings: Mapping[str, Any], levels: Sequence[Level], problems: Problems) -> None:
    """Note limits and times of one check that contradict each other; `levels` are outermost first."""
    slow, slowest = settings.get("max_latency"), settings.get("critical_latency")
    timeout, interval = timeout_of(purpose, settings), interval_of(purpose, settings)
    if slow is not None and slowest is not None and slow >= slowest:
        path = _innermost(levels, "critical_latency", "max_latency")
        problems.add(path, f"critical_latency ({slowest:g}s) must be longer than max_latency ({slow:g}s)")
    for name, limit in (("max_latency", slow), ("critical_latency", slowest)):
        if limit is not None and limit >= timeout:
            message = f"never reached: the timeout ends a reading after {timeout:g}s"
            problems.warn(_innermost(levels, name), message)
    if "timeout" in settings and timeout > interval:
        path = _innermost(levels, "timeout", "interval")
        problems.warn(path, f"the timeout ({timeout:g}s) is longer than the interval ({interval:g}s)")
    if "proxy" in settings and settings.get("resolve") == "all":
        path = _innermost(levels, "resolve", "proxy")
        problems.add(path, 'a proxy looks names up itself: resolve = "all" cannot hold')
    tls = settings.get("tls", {})
    if "key_file" in tls and "certificate_file" not in tls:
        problems.add((*_innermost(levels, "tls"), "key_file"), "needs certificate_file")


def _innermost(levels: Sequence[Level], *names: str) -> KeyPath:
    """Give the path of the innermost of the keys `names` that is set: what a person changed last."""
    for level in reversed(levels):
        for name in names:
            if name in level.keys:
                return (*level.path, name)
    return levels[-1].path if levels else ()


WEB = frozenset({"http", "https"})
_SOCKETS = frozenset({"ws", "wss"})
_ANSWERED = WEB | _SOCKETS
REQUESTED = _ANSWERED | {"grpc", "grpcs"}
"""Kinds that are asked over HTTP, whatever is spoken then."""
_ASKED = "only {kinds} instances are asked like this"
_ANSWER = "only {kinds} instances answer like this"
_DNS = frozenset({"dns"})
_ASKING = frozenset(SCHEMES) - heartbeats.HEARTBEAT
_USES: tuple[tuple[tuple[str, ...], frozenset[str], str], ...] = (
    (("path", "headers", "auth", "proxy"), REQUESTED, _ASKED),
    (("method", "body", "dialect"), WEB, _ASKED),
    (("redirects",), _ANSWERED, _ASKED),
    (("http2",), frozenset({"https"}), _ASKED),
    (("send",), _SOCKETS | {"tcp"}, "only {kinds} instances are sent a text; http ones have body"),
    (("command", "env"), frozenset({"exec"}), 'only exec instances run a program, such as "exec://db-1.internal"'),
    (("record",), _DNS, "only dns instances are asked for a record"),
    (
        ("tls", "verify", "certificate_days"),
        _ASKING - {"dns", "icmp", "exec"},
        "dns, icmp, exec and heartbeat instances have no certificates",
    ),
    (("port",), _ASKING - {"icmp"}, "icmp and heartbeat instances have no port"),
    (("family", "resolve", "max_latency", "critical_latency"), _ASKING, "a heartbeat is never asked"),
    (("every", "grace"), heartbeats.HEARTBEAT, "only heartbeats have it"),
    (("token",), heartbeats.HEARTBEAT, "only heartbeats have it; to sign in there is auth.bearer"),
    (("expect.status",), WEB, _ANSWER),
    (("expect.json", "expect.headers"), _ANSWERED, _ANSWER),
    (("expect.body",), _ANSWERED | {"tcp", "dns"}, _ANSWER),
    (("expect.records",), _DNS, "only dns instances answer with records"),
)
"""Keys of a health check, the URL schemes that use them, and what is said where no instance has one of these."""
_NEVER_READ = frozenset({"tls", "icmp"})


def idle_keys(schemes: frozenset[str]) -> dict[tuple[str, ...], str]:
    """Give the keys that mean nothing to instances whose URLs have these `schemes`, each with the reason."""
    idle = {
        tuple(name.split(".")): reason.format(kinds=listed(used, "and"))
        for names, used, reason in _USES
        if schemes.isdisjoint(used)
        for name in names
    }
    if schemes <= _NEVER_READ:
        idle["expect", "body"] = "a tls or icmp instance is never read from"
    return idle


def check_kinds(keys: Mapping[str, Any], path: KeyPath, schemes: frozenset[str], problems: Problems) -> None:
    """Note keys of a health check that no instance of the service can use, whose URLs have these `schemes`."""
    if not schemes:
        return
    alone = schemes == {"exec"} and "expect" in keys
    if alone:
        problems.add((*path, "expect"), "the exit code of the program decides, nothing else is expected")
    for (*tables, name), reason in idle_keys(schemes).items():
        table = keys.get(tables[0], {}) if tables else keys
        if name in table and not (alone and tables):
            problems.add((*path, *tables, name), reason)
