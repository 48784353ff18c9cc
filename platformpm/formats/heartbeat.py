"""What a job says of itself when it reports: in the query, in a form, or as a JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import parse_qsl

from platformpm.formats.health.words import COMMON, fold
from platformpm.model.status import Status

_MOST_FIELDS = 20
_FIELDS = frozenset({"status", "message"})
_Pair = tuple[str, object]


class BadBeatError(ValueError):
    """A heartbeat that is not understood. It must not pass for a good one; the text says why."""


def said(query: str, body: bytes) -> tuple[Status, str]:
    """Give the status and the message, neither cleaned nor cut. Who says nothing is up.

    Raises `BadBeatError`, also where a key is said more than once: nobody knows which of them is meant.
    """
    pairs = _pairs(query)
    encoding = json.detect_encoding(body)
    if not encoding.startswith("utf-8"):
        raise BadBeatError(f"the body is in {encoding.upper()}, and must be in UTF-8")
    text = body.decode("utf-8-sig", "replace").strip()
    if text:
        told = _object(text) if text.startswith("{") else _pairs(text)
        if _FIELDS.isdisjoint(key for key, _ in told):
            raise BadBeatError('the body is neither {"status": …, "message": …} nor status=…&message=…')
        pairs += told
    fields = _once(pairs)
    status, message = COMMON.get(fold(fields.get("status", "up"))), fields.get("message", "")
    if status is None or not isinstance(message, str):
        raise BadBeatError(f"the status must be one of {', '.join(COMMON)}, and the message a text")
    return status, message


def _once(pairs: Iterable[_Pair]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for key, value in pairs:
        if key in fields:
            raise BadBeatError("a key is said more than once")
        fields[key] = value
    return fields


def _pairs(text: str) -> list[_Pair]:
    try:
        return list(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
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
