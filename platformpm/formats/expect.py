"""What an answer must hold: status codes, headers, JSON values, text. Expressions are compiled once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from platformpm.formats.payload import Payload
from platformpm.model.check import SUCCESS, Check, Expectation, StatusRange
from platformpm.model.status import Reason
from platformpm.model.text import safe_text

_COMPILED = 4096
_SHOWN = 60
_REDIRECTS = StatusRange(300, 399)


class BadExpression(ValueError):  # noqa: N818  # reads as what it is where it is caught
    """A pattern or a path that cannot be compiled; the text says why."""


class Mismatch(NamedTuple):
    """An expectation that was not met: why, and what was seen, cleaned."""

    reason: Reason
    detail: str


@lru_cache(maxsize=_COMPILED)
def pattern(text: str) -> Any:
    """Give the compiled RE2 pattern: linear time, whatever body it meets. Raises `BadExpression`."""
    import re2  # 10 ms that only inventories with patterns need

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        said = error.args[0] if error.args else "bad pattern"
        said = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        raise BadExpression(safe_text(f"{text}: {said}")) from None


@lru_cache(maxsize=_COMPILED)
def path(text: str) -> Any:
    """Give the compiled JMESPath expression. Raises `BadExpression`."""
    import jmespath  # as above
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.compile(text)
    except JMESPathError as error:
        raise BadExpression(safe_text(f"{text}: {error}")) from None


def found(text: str, pattern_text: str) -> bool:
    """Tell whether the pattern is found somewhere in `text`. Raises `BadExpression`."""
    return pattern(pattern_text).search(text) is not None


def expected_statuses(check: Check) -> tuple[StatusRange, ...]:
    """Give the status codes a check expects: its own, else 2xx, with 3xx where no redirect is followed."""
    return check.expect.status or (SUCCESS if check.redirects else (*SUCCESS, _REDIRECTS))


def holds(ranges: Sequence[StatusRange], status: int) -> bool:
    """Tell whether `status` is one of the expected codes."""
    return any(low <= status <= high for low, high in ranges)


def spelled(ranges: Sequence[StatusRange]) -> str:
    """Give the expected codes as a person writes them: `2xx, 404 or 500-503`."""
    words = [_spell(span) for span in ranges]
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)


def mismatches(payload: Payload, expect: Expectation) -> Iterator[Mismatch]:
    """Give every expectation on headers, JSON and text that the answer does not meet."""
    for name, wanted in expect.headers:
        yield from _guarded(_header(payload, name.lower(), wanted))
    if not (expect.json or expect.body is not None):
        return
    if payload.response.unreadable is not None:
        yield Mismatch(Reason.PAYLOAD, safe_text(payload.response.unreadable))
        return
    if expect.json:
        yield from _guarded(_json(payload, expect.json))
    if expect.body is not None:
        yield from _guarded(_body(payload, expect.body))


def too_large(payload: Payload) -> Mismatch:
    """Give what is said of a body of which something was needed that did not come before the cap."""
    return Mismatch(Reason.TOO_LARGE, payload.response.too_large())


def _guarded(found_mismatches: Iterator[Mismatch]) -> Iterator[Mismatch]:
    try:
        yield from found_mismatches
    except BadExpression as error:
        yield Mismatch(Reason.CONFIG, str(error))


def _header(payload: Payload, name: str, wanted: str) -> Iterator[Mismatch]:
    values = [value for key, value in payload.response.headers if key == name]
    if not values:
        yield Mismatch(Reason.HEADER, safe_text(f"no header {name}, expected {_short(wanted)}"))
    elif not any(found(value, wanted) for value in values):
        yield Mismatch(Reason.HEADER, safe_text(f"header {name} is {_short(values[0])}, expected {_short(wanted)}"))


def _body(payload: Payload, wanted: str) -> Iterator[Mismatch]:
    if found(payload.text, wanted):
        return
    if not payload.response.complete:
        yield too_large(payload)
    elif not payload.text.strip():
        yield Mismatch(Reason.BODY, safe_text(f"the body is empty, expected {_short(wanted)}"))
    else:
        yield Mismatch(Reason.BODY, safe_text(f"no {_short(wanted)} in the body {_short(payload.text)}"))


def _json(payload: Payload, wanted: Sequence[tuple[str, object]]) -> Iterator[Mismatch]:
    if not payload.response.complete:
        yield too_large(payload)
        return
    if payload.json_error is not None:
        yield Mismatch(Reason.PAYLOAD, safe_text(f"the body is not usable JSON: {payload.json_error}"))
        return
    for text, expected in wanted:
        value = _look_up(payload.json, text)
        if value is None:
            yield Mismatch(Reason.PAYLOAD, safe_text(f"{text} is missing, expected {_value(expected)}"))
        elif not equal(value, expected):
            yield Mismatch(Reason.PAYLOAD, safe_text(f"{text} is {_value(value)}, expected {_value(expected)}"))


def _look_up(document: object, text: str) -> object:
    """Give the value at a path; one that cannot be worked out on this document is missing."""
    compiled = path(text)
    try:
        return compiled.search(document)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None


def equal(value: object, expected: object) -> bool:
    """Compare as JSON does: 1 equals 1.0 but not true; a tuple expects any of its values."""
    if isinstance(expected, tuple):
        return any(equal(value, one) for one in expected)
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    return value == expected


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return " or ".join(_value(one) for one in value[:5])
    try:
        return _short(json.dumps(value, ensure_ascii=False, default=str))
    except (ValueError, RecursionError):
        return type(value).__name__


def _short(text: str) -> str:
    return safe_text(text, _SHOWN)


def _spell(span: StatusRange) -> str:
    low, high = span
    if low == high:
        return str(low)
    return f"{low // 100}xx" if low % 100 == 0 and high == low + 99 else f"{low}-{high}"
