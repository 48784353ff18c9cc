"""Values written in a language of their own: patterns, JSON paths, tokens, names of time zones and dialects.

Their libraries are imported when the first such value is met: most inventories need none of them.
"""

from __future__ import annotations

from functools import lru_cache

from platformpm.inventory.faults import text_of, wrong
from platformpm.inventory.problems import near, shown
from platformpm.model.secret import Secret, is_token
from platformpm.model.text import safe_text

_LONGEST = 10_000
"""Characters; the JMESPath parser is slow and not linear."""


@lru_cache(maxsize=2048)
def _pattern_error(pattern: str) -> str | None:
    import re2  # only inventories with patterns pay for it

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except UnicodeEncodeError:
        return "not UTF-8"
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return safe_text(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason), 120)
    return None


def _bounded(value: object) -> str:
    text = text_of(value)
    if len(text) > _LONGEST:
        raise wrong(f"is longer than {_LONGEST} characters")
    return text


def pattern(value: object) -> str:
    """Check a regular expression in RE2 syntax."""
    text = _bounded(value)
    reason = _pattern_error(text)
    if reason is not None:
        raise wrong(f"is not a regular expression (RE2 syntax): {reason}")
    return text


@lru_cache(maxsize=2048)
def _expression_error(expression: str) -> str | None:
    import jmespath  # only inventories with JSON expectations pay for it

    try:
        jmespath.compile(expression)
    except RecursionError:
        return "nested too deep"
    except Exception as error:  # noqa: BLE001  # the lexer lets json and struct errors through
        return safe_text(str(error).partition(", for expression")[0].partition(":\n")[0], 120)
    return None


def expression(value: object) -> str:
    """Check a JMESPath expression."""
    text = _bounded(value)
    reason = _expression_error(text)
    if reason is not None:
        raise wrong(f"{shown(text)} is not a JMESPath expression: {reason}")
    return text


def token(value: object) -> Secret:
    """Check what is sent after `Bearer`."""
    text = text_of(value)
    if not is_token(text):
        raise wrong("must be a token: ASCII without white space, and not empty")
    return Secret(text)


def time_zone(value: object) -> str:
    """Check the IANA name of a time zone."""
    import zoneinfo  # only inventories with a time zone pay for it

    text = text_of(value)
    try:
        zoneinfo.ZoneInfo(text)
    except (OSError, ValueError, LookupError):
        known = zoneinfo.available_timezones()
        tail = {name.rpartition("/")[2].lower(): name for name in sorted(known)}
        hint = near(text, known) or tail.get(text.lower().replace(" ", "_"))
        raise wrong(f"{shown(text)} is not an IANA time zone", hint) from None
    return text


def dialect(value: object) -> str:
    """Check the name of a health dialect."""
    text = text_of(value)
    if text in ("auto", "none"):
        return text
    from platformpm.formats.health import DIALECTS  # only inventories that name one pay for it

    if text not in DIALECTS:
        known = ("auto", "none", *DIALECTS)
        raise wrong(f"{shown(text)} is not a known health dialect", near(text, known))
    return text
