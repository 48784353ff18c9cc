"""Builds the `Check` of a service in an environment from the joined layers, and says where they do not fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformpm.inventory import heartbeats
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems
from platformpm.inventory.slots import encoded_basic
from platformpm.model.check import Check, Expectation, Purpose, TlsSettings, VersionRule
from platformpm.model.secret import Secret

INTERVALS = {Purpose.HEALTH: 15.0, Purpose.VERSION: 60.0}
TIMEOUT = 5.0
_PLAIN = (
    "method", "body", "redirects", "family", "send", "dialect", "max_latency", "critical_latency",
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
    return Check(
        purpose=purpose,
        interval=interval_of(purpose, settings),
        timeout=timeout_of(purpose, settings),
        headers=tuple(headers.items()),
        auth=auth,
        tls=_tls(settings.get("tls", {})),
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
    if "proxy" in settings:
        problems.warn(_innermost(levels, "proxy"), "proxies are accepted but not used yet: the check connects directly")
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
WEB_ONLY = ("path", "method", "headers", "body", "auth", "redirects", "proxy", "dialect")
_WEB_EXPECT = ("status", "json", "headers")


def check_kinds(keys: Mapping[str, Any], path: KeyPath, schemes: frozenset[str], problems: Problems) -> None:
    """Note keys of a health check that no instance of the service can use, whose URLs have these `schemes`."""
    if not schemes or not keys:
        return
    web = not schemes.isdisjoint(WEB)
    expect = keys.get("expect", {})
    if not web:
        for name in WEB_ONLY:
            if name in keys:
                problems.add((*path, name), "only http and https instances are asked like this")
        for name in _WEB_EXPECT:
            if name in expect:
                problems.add((*path, "expect", name), "only http and https instances answer like this")
    if "tcp" not in schemes:
        if "send" in keys:
            problems.add((*path, "send"), "only tcp instances are sent a text; http ones have body")
        if not web and "body" in expect:
            problems.add((*path, "expect", "body"), "a tls instance is never read from, only its handshake counts")
