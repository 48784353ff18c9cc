"""Version checks: the rule of the inventory, applied to the answer."""

from __future__ import annotations

from platformpm.formats import expect
from platformpm.formats.payload import Payload
from platformpm.formats.version.exposition import holds, samples
from platformpm.formats.version.finding import VersionFinding, VersionMiss
from platformpm.formats.version.headers import values_of
from platformpm.formats.version.registry import recognise_asked, recognise_certain
from platformpm.formats.version.tokens import clean
from platformpm.model.check import VersionRule
from platformpm.model.status import Reason
from platformpm.model.text import safe_text

_EXCERPT = 60
"""Characters of what was there instead."""
_NAMED = 8
"""Keys, headers or metrics that are named in a miss."""


def read_version(payload: Payload, rule: VersionRule) -> VersionFinding | VersionMiss:
    """Give the version that `rule` finds in the answer to a version check, or why there is none.

    An empty rule recognises the format. Several fields in one rule are tried in the order json, header, regex, metric,
    and the first counts. Any status but 2xx is a miss, unless the answer is plainly a product's own: a sealed Vault and
    a Grafana without its database still tell their version.
    """
    miss = _refused(payload)
    if miss is not None:
        own = rule == VersionRule() and miss.reason is not Reason.UNAUTHORIZED
        return (recognise_certain(payload) if own else None) or miss
    if rule.json is not None:
        return _by_json(payload, rule.json)
    if rule.header is not None:
        return _by_header(payload, rule.header)
    if rule.regex is not None:
        return _by_regex(payload, rule.regex)
    if rule.metric is not None:
        return _by_metric(payload, rule.metric, rule.label or "version")
    return recognise_asked(payload) or _miss(payload, f"no known version format in {_what_came(payload)}")


def _refused(payload: Payload) -> VersionMiss | None:
    status = payload.status
    if 200 <= status <= 299:
        return None
    reason = Reason.STATUS
    if status in {401, 403, 407}:
        reason = Reason.UNAUTHORIZED
    elif status == 429:
        reason = Reason.RATE_LIMITED
    return VersionMiss(reason, f"HTTP {status}, expected 2xx")


def _by_json(payload: Payload, expression: str) -> VersionFinding | VersionMiss:
    if payload.json_error is not None:
        return _miss(payload, f"looked for {expression} in JSON, but there was {_what_came(payload)}")
    try:
        value = expect.path(expression).search(payload.json)
    except expect.BadExpression as error:
        return VersionMiss(Reason.CONFIG, str(error))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        return VersionMiss(Reason.PAYLOAD, safe_text(f"{expression}: {error or type(error).__name__}"))
    if value is None:
        return _miss(payload, f"nothing at {expression} in {_what_came(payload)}")
    version = clean(value)
    if version is None:
        return _miss(payload, f"no version at {expression}: {_shown(value)}")
    return VersionFinding(version, safe_text(f"json {expression}", 100))


def _by_header(payload: Payload, name: str) -> VersionFinding | VersionMiss:
    values = values_of(payload, name.lower())
    if not values:
        names = ", ".join(list(dict.fromkeys(key for key, _ in payload.response.headers))[:_NAMED])
        return VersionMiss(Reason.HEADER, safe_text(f"no header {name}; there were {names or 'none'}"))
    versions = list(dict.fromkeys(version for value in values if (version := clean(value)) is not None))
    if not versions:
        return VersionMiss(Reason.HEADER, safe_text(f"no version in header {name}: {_shown(values[0])}"))
    if len(versions) > 1:
        return VersionMiss(
            Reason.HEADER, safe_text(f"header {name} has several values: {', '.join(versions[:_NAMED])}")
        )
    return VersionFinding(versions[0], safe_text(f"header {name}", 100))


def _by_regex(payload: Payload, pattern: str) -> VersionFinding | VersionMiss:
    try:
        compiled = expect.pattern(pattern)
    except expect.BadExpression as error:
        return VersionMiss(Reason.CONFIG, str(error))
    match = compiled.search(payload.text)
    if match is None:
        return _miss(payload, f"{pattern} not found in {_what_came(payload)}")
    group = "version" if "version" in compiled.groupindex else min(compiled.groups, 1)
    version = clean(match.group(group))
    if version is None:
        return _miss(payload, f"no version in what {pattern} found: {_shown(match.group(0))}")
    return VersionFinding(version, safe_text(f"regex {pattern}", 100))


def _by_metric(payload: Payload, metric: str, label: str) -> VersionFinding | VersionMiss:
    found = [sample for sample in samples(payload.text, metric) if sample.name == metric]
    if not found:
        others = dict.fromkeys(sample.name for sample in samples(payload.text, "_info"))
        known = f"; there were {', '.join(list(others)[:_NAMED])}" if others else f" in {_what_came(payload)}"
        return _miss(payload, f"no metric {metric} with labels{known}")
    live = [sample for sample in found if holds(sample)] or found
    values = {value for sample in live if (value := clean(sample.labels.get(label))) is not None}
    if not values:
        labels = ", ".join(list(live[0].labels)[:_NAMED])
        return _miss(payload, f"no version in label {label} of {metric}; its labels are {labels or 'none'}")
    if len(values) > 1:
        return _miss(payload, f"{metric} has several values of {label}: {', '.join(sorted(values)[:_NAMED])}")
    return VersionFinding(values.pop(), safe_text(f"metric {metric} {label}", 100))


def _miss(payload: Payload, detail: str) -> VersionMiss:
    """Give the miss; where reading stopped at the cap, that is the reason, because the rest was not seen."""
    return VersionMiss(Reason.PAYLOAD if payload.response.complete else Reason.TOO_LARGE, safe_text(detail))


def _what_came(payload: Payload) -> str:
    size = len(payload.response.body)
    if not size:
        return "an empty body"
    if payload.table and payload.json_error is None:
        return f"a JSON object with {', '.join(list(payload.table)[:_NAMED])}"
    kind = payload.content_type or "text"
    cut = "" if payload.response.complete else f", cut at {payload.response.cut or 'the cap'}"
    if payload.response.complete and payload.json_error and payload.text.lstrip().startswith(("{", "[")):
        cut = f" ({payload.json_error})"
    return f"{size} bytes of {kind}{cut}: {_shown(payload.text)}"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = safe_text(str(value), _EXCERPT)
    return f"'{text}'" if isinstance(value, str) else text
