"""What a job says of itself when it reports: in the query, in a form, or as a JSON object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from platformpm.formats.health.words import COMMON, fold
from platformpm.model.status import Status
from platformpm.model.text import safe_text

_MOST_FIELDS = 20
_LONGEST_KEY = 40
"""Characters of a key that is not known, in the answer that says so."""
_FIELDS = ("status", "message")
_SEMICOLON = re.compile(rf";\s*(?:{'|'.join(_FIELDS)})=", re.IGNORECASE)
_Pair = tuple[str, object]


class BadBeatError(ValueError):
    """A heartbeat that is not understood. It must not pass for a good one; the text says why."""


def said(query: bytes, body: bytes) -> tuple[Status, str]:
    """Give the status and the message, neither cleaned nor cut. Who says nothing is up.

    Only a JSON object may hold other keys, and only where the status is said: without it one of them may be what was
    meant. Raises `BadBeatError`, also where a key is said more than once: nobody knows which of them is meant.
    """
    asked, told = _pairs(_text(query, "query")), list[_Pair]()
    text = _text(body, "body").strip()
    is_object = text.startswith("{")
    if text:
        told = _object(text) if is_object else _pairs(text)
        if not any(key in _FIELDS for key, _ in told):
            raise BadBeatError('the body is neither {"status": …, "message": …} nor status=…&message=…')
    fields = _once(asked + told)
    _refuse_strangers(dict(asked) if is_object and "status" in fields else fields)
    status, message = COMMON.get(fold(fields.get("status", "up"))), fields.get("message", "")
    if status is None or not isinstance(message, str):
        raise BadBeatError(f"the status must be one of {', '.join(COMMON)}, and the message a text")
    return status, message


def _text(sent: bytes, where: str) -> str:
    encoding = json.detect_encoding(sent)
    if not encoding.startswith("utf-8"):
        raise BadBeatError(f"the {where} is in {encoding.upper()}, and must be in UTF-8")
    try:
        return sent.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadBeatError(f"the {where} is not valid UTF-8") from None


def _refuse_strangers(keys: Iterable[str]) -> None:
    for key in keys:
        if key not in _FIELDS:
            from difflib import get_close_matches  # only a typo pays for it

            near = get_close_matches(key.strip().lower(), _FIELDS, n=1)
            meant = near[0] if near else " or ".join(_FIELDS)
            raise BadBeatError(f"unknown key {safe_text(key, _LONGEST_KEY)!r} (did you mean {meant}?)")


def _once(pairs: Iterable[_Pair]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for key, value in pairs:
        if key in fields:
            raise BadBeatError("a key is said more than once")
        fields[key] = value
    return fields


def _pairs(text: str) -> list[_Pair]:
    if _SEMICOLON.search(text):
        raise BadBeatError("fields are joined by &, not by ;")
    try:
        return list(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS))
    except UnicodeDecodeError:
        raise BadBeatError("what is percent-encoded is not valid UTF-8") from None
    except ValueError:
        raise BadBeatError(f"there are more than {_MOST_FIELDS} fields") from None


def _object(text: str) -> list[_Pair]:
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except BadBeatError:
        raise
    except (ValueError, RecursionError):
        raise BadBeatError("the body is not valid JSON") from None
    return list(found.items())
