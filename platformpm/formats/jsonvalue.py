"""JSON from outside, made harmless: bounded in depth, digits and meaning."""

from __future__ import annotations

import json
from typing import NamedTuple

from platformpm.model.text import safe_text

_LONGEST_NUMBER = 400
"""Digits; Python refuses to convert integers of more than 4,300 with a plain ValueError."""


class BadJson(ValueError):  # noqa: N818  # reads as what it is where it is caught
    """A body that is not usable JSON; the text says why, cleaned."""


class Parsed(NamedTuple):
    """The value of a document, and the first thing in it that strict JSON forbids but that does not hide the rest."""

    value: object
    flaw: str | None = None


def parse_json(body: bytes) -> Parsed:
    """Give the value of a JSON document in UTF-8 (a BOM is accepted).

    Bytes that are not UTF-8 are replaced; NaN, infinities and numbers out of reach become null: a service that says
    that it is down must be understood all the same. Raises `BadJson` for bad syntax and for nesting too deep to parse.
    """
    flaws: list[str] = []
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        flaws.append("not UTF-8")
        text = body.decode("utf-8-sig", "replace")
    try:
        value = json.loads(
            text,
            parse_constant=lambda word: _constant(word, flaws),
            parse_int=lambda digits: _integer(digits, flaws),
            parse_float=lambda digits: _number(digits, flaws),
        )
    except RecursionError:
        raise BadJson("nested too deep") from None
    except ValueError as error:
        raise BadJson(flaws[0] if flaws else safe_text(str(error), 120)) from None
    return Parsed(value, flaws[0] if flaws else None)


def _constant(word: str, flaws: list[str]) -> None:
    flaws.append(f"{word} is not JSON")


def _integer(digits: str, flaws: list[str]) -> int | None:
    if len(digits) > _LONGEST_NUMBER:
        flaws.append(f"a number of {len(digits)} digits")
        return None
    return int(digits)


def _number(digits: str, flaws: list[str]) -> float | None:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        flaws.append("a number out of range")
        return None
    return value
