"""From what came back to a reading: the rules of status and reason that hold for every HTTP check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from platformpm.formats import expect
from platformpm.formats.health import HealthVerdict, recognise, unknown_status
from platformpm.formats.health.words import counted
from platformpm.formats.payload import Payload
from platformpm.formats.version import VersionFinding, VersionMiss, read_version, recognise_version
from platformpm.model.check import Check, Expectation
from platformpm.model.exchange import Certificate, Failure, Response
from platformpm.model.reading import Reading
from platformpm.model.status import RANK, Reason, Status, status_for
from platformpm.model.text import safe_text

_DAY = 86400.0
_UNAUTHORIZED = frozenset({401, 403, 407})
_RATE_LIMITED = 429
_NO_DIALECT = frozenset({"auto", "none"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """A reading, and what a person who asks "why?" is shown: by what the dialect was recognised, or why none was."""

    reading: Reading
    because: str = ""
    version: VersionFinding | None = None


class Fault(NamedTuple):
    """One thing that is wrong. The worst counts; of equals, the one found first."""

    status: Status
    reason: Reason
    detail: str


def judge_health(exchange: Response | Failure, check: Check, at: float) -> Judgement:
    """Judge the answer to a health check that was asked at wall time `at` (seconds)."""
    if isinstance(exchange, Failure):
        return Judgement(reading_of_failure(exchange, at), "there is no answer to recognise")
    payload = Payload(exchange)
    expected = expect.holds(expect.expected_statuses(check), exchange.status)
    verdict, version, unread = _understood(payload, check, expected=expected)
    if _replaced(check):
        unread = ""
    fault = worst_fault(_faults(payload, check, verdict, at, expected=expected))
    reading = Reading(
        status=fault.status if fault else Status.UP,
        at=at,
        reason=fault.reason if fault else None,
        detail=fault.detail if fault else _seen(exchange, verdict, unread),
        latency=exchange.latency,
        phases=exchange.phases,
        dialect=verdict.dialect if verdict else None,
        failing_components=verdict.failing if verdict else (),
        failing_more=verdict.more if verdict else 0,
        version=version.version if version else None,
        version_source=version.source if version else None,
        certificate_expires=exchange.certificate.not_after if exchange.certificate else None,
    )
    return Judgement(reading, verdict.because if verdict else _why_none(check, unread), version)


def judge_version(exchange: Response | Failure, check: Check, at: float) -> Reading:
    """Judge the answer to a version check: up with a version, or the reason why there is none."""
    if isinstance(exchange, Failure):
        return reading_of_failure(exchange, at)
    payload = Payload(exchange)
    if check.expect.status and expect.holds(check.expect.status, exchange.status):
        payload = _as_good(payload)
    found = read_version(payload, check.version)
    if isinstance(found, VersionMiss):
        if not exchange.complete and found.reason is Reason.PAYLOAD:
            found = VersionMiss(*expect.too_large(payload))
        elif exchange.unreadable and found.reason is Reason.PAYLOAD:
            found = VersionMiss(Reason.PAYLOAD, safe_text(exchange.unreadable))
        reading = Reading(status_for(found.reason), at, found.reason, found.detail)
    else:
        reading = Reading(Status.UP, at, version=found.version, version_source=found.source)
    expires = exchange.certificate.not_after if exchange.certificate else None
    return replace(reading, latency=exchange.latency, phases=exchange.phases, certificate_expires=expires)


def limit_faults(latency: float | None, certificate: Certificate | None, check: Check, at: float) -> Iterator[Fault]:
    """Give what the limits of a check find: latency in seconds, and the days a certificate still has at `at`.

    What came to no end has no latency: None. A certificate that is not verified must still have begun and not run
    out; `certificate_days` 0 asks for nothing.
    """
    if latency is None:
        pass
    elif check.critical_latency is not None and latency > check.critical_latency:
        yield Fault(Status.DOWN, Reason.SLOW, f"{_span(latency)}, limit {_span(check.critical_latency)}")
    elif check.max_latency is not None and latency > check.max_latency:
        yield Fault(Status.DEGRADED, Reason.SLOW, f"{_span(latency)}, limit {_span(check.max_latency)}")
    if certificate is None or check.certificate_days <= 0:
        return
    if not certificate.verified and certificate.not_before is not None and at < certificate.not_before:
        yield Fault(Status.DEGRADED, Reason.TLS_EXPIRED, "the certificate is not valid yet")
    if certificate.not_after is not None:
        days = (certificate.not_after - at) / _DAY
        if days < check.certificate_days:
            yield Fault(Status.DEGRADED, Reason.CERTIFICATE_EXPIRING, _time_left(days, check.certificate_days))


def _time_left(days: float, wanted: float) -> str:
    if days < 0:
        return "the certificate has expired"
    left = f"in {counted(int(days), 'day')}" if days >= 1 else "within a day"
    return f"the certificate expires {left}, wanted {wanted:g}"


def reading_of_failure(failure: Failure, at: float) -> Reading:
    """Give the reading of an exchange that came to no end: it has phases, but no latency."""
    expires = failure.certificate.not_after if failure.certificate else None
    return Reading(
        status=status_for(failure.reason),
        at=at,
        reason=failure.reason,
        detail=failure.detail,
        phases=failure.phases,
        certificate_expires=expires,
    )


class _Understanding(NamedTuple):
    """What a body says, and what stands in it that was not understood; empty where there is nothing."""

    verdict: HealthVerdict | None
    version: VersionFinding | None
    unread: str


_Key = tuple[str, str, bool]

_MOST_REMEMBERED = 10_000
_LARGEST_REMEMBERED = 4096
_last: dict[_Key, tuple[Response, tuple[tuple[str, str], ...], _Understanding]] = {}


def _understood(payload: Payload, check: Check, *, expected: bool) -> _Understanding:
    """Give verdict and version; those of the last answer when this one says the same, as most answers do.

    Only `Date` may differ. It saves a quarter of the CPU of a probe.
    """
    response = payload.response
    key = ((*response.hops, response.url)[0], check.dialect, expected)  # what was asked: a target cannot choose it
    telling = tuple(pair for pair in response.headers if pair[0] != "date")
    known = _last.get(key)
    if known is not None and telling == known[1] and _same(response, known[0]):
        return known[2]
    verdict = None if _no_access(response, expected=expected) else _recognise(payload, check, expected=expected)
    unread = _unread(payload) if verdict is None and check.dialect != "none" else ""
    understanding = _Understanding(verdict, _version(payload, verdict), unread)
    if len(response.body) + sum([len(name) + len(value) for name, value in telling]) <= _LARGEST_REMEMBERED:
        if len(_last) >= _MOST_REMEMBERED:
            _last.clear()
        _last[key] = response, telling, understanding
    return understanding


def _unread(payload: Payload) -> str:
    if payload.unread:
        return f"the body is not usable JSON: {payload.unread}"
    unknown = unknown_status(payload.table)
    return unknown and f"{unknown}: the status line decides"


def _same(one: Response, other: Response) -> bool:
    return (one.url, one.body, one.status, one.hops, one.complete, one.unreadable) == (
        other.url,
        other.body,
        other.status,
        other.hops,
        other.complete,
        other.unreadable,
    )


def _recognise(payload: Payload, check: Check, *, expected: bool) -> HealthVerdict | None:
    """Ask the dialects. An expected code outside 2xx must not count against the body."""
    if expected:
        payload = _as_good(payload)
    return recognise(payload, check.dialect)


def _as_good(payload: Payload) -> Payload:
    status = payload.status
    return payload if 200 <= status <= 299 else Payload(replace(payload.response, status=200))


def _faults(
    payload: Payload, check: Check, verdict: HealthVerdict | None, at: float, *, expected: bool
) -> Iterator[Fault]:
    """Give everything that is wrong, the more telling first."""
    response = payload.response
    if _no_access(response, expected=expected):
        yield _status_fault(response, check, Reason.UNAUTHORIZED)
        return
    if response.status == _RATE_LIMITED and not expected and verdict is None:
        yield _status_fault(response, check, Reason.RATE_LIMITED)
        return
    replaced = _replaced(check)
    if not expected and (verdict is None or replaced or check.expect.status):
        yield _status_fault(response, check, Reason.STATUS)
    for reason, detail in expect.mismatches(payload, check.expect):
        yield Fault(status_for(reason), reason, detail)
    if not replaced:
        yield from _dialect_faults(payload, check, verdict, expected=expected)
    yield from _elsewhere(response, check, verdict)
    yield from limit_faults(response.latency, response.certificate, check, at)


def _replaced(check: Check) -> bool:
    """Say whether what is expected of the body stands in place of what a dialect says."""
    return bool(check.expect.json) or check.expect.body is not None


def _dialect_faults(
    payload: Payload, check: Check, verdict: HealthVerdict | None, *, expected: bool
) -> Iterator[Fault]:
    """Give what the dialect says; a dialect that the inventory names must be there when the code is good."""
    if verdict is not None:
        if verdict.status is not Status.UP:
            yield Fault(verdict.status, verdict.reason or Reason.PAYLOAD, verdict.detail)
    elif check.dialect not in _NO_DIALECT and expected:
        response = payload.response
        if not response.complete:
            reason, detail = expect.too_large(payload)
        else:
            reason = Reason.PAYLOAD
            detail = safe_text(response.unreadable or f"HTTP {response.status}, but no {check.dialect} health answer")
        yield Fault(Status.DOWN, reason, detail)


def _elsewhere(response: Response, check: Check, verdict: HealthVerdict | None) -> Iterator[Fault]:
    """Doubt an answer of another host unless it was recognised: a sign-in page is not health."""
    if not response.hops or verdict is not None or check.expect != _NOTHING:
        return
    host = _host(response.url)
    if host != _host(response.hops[0]):
        yield Fault(
            Status.UNKNOWN, Reason.REDIRECT, safe_text(f"redirected to {host}, which is not known to be health")
        )


def _no_access(response: Response, *, expected: bool) -> bool:
    return response.status in _UNAUTHORIZED and not expected


def _status_fault(response: Response, check: Check, reason: Reason) -> Fault:
    wanted = expect.spelled(expect.expected_statuses(check))
    return Fault(status_for(reason), reason, f"HTTP {response.status}, expected {wanted}")


def worst_fault(faults: Iterable[Fault]) -> Fault | None:
    """Give the worst fault, of equals the first, None when there is none."""
    return max(faults, key=lambda fault: RANK[fault.status], default=None)


def _version(payload: Payload, verdict: HealthVerdict | None) -> VersionFinding | None:
    if payload.status in _UNAUTHORIZED:
        return None
    if verdict is not None and verdict.version:
        return VersionFinding(verdict.version, f"{verdict.dialect} health")
    return recognise_version(payload)


def _seen(response: Response, verdict: HealthVerdict | None, unread: str) -> str:
    if verdict is not None and verdict.detail:
        return verdict.detail
    return safe_text(f"HTTP {response.status}" + (f"; {unread}" if unread else ""))


def _why_none(check: Check, unread: str) -> str:
    if check.dialect == "none":
        return "dialects are switched off"
    return safe_text(unread) or "no known health format: the status line decides"


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _span(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


_NOTHING = Expectation()
