"""JSON from outside, made harmless: bounded in depth, digits and meaning."""

from __future__ import annotations

import json
from typing import NoReturn

from platformpm.model.text import safe_text

_LONGEST_NUMBER = 400
"""Digits; Python refuses to convert integers of more than 4,300 with a plain ValueError."""


class BadJson(ValueError):  # noqa: N818  # reads as what it is where it is caught
    """A body that is not usable JSON; the text says why, cleaned."""


def parse_json(body: bytes | str) -> object:
    """Give the value of a JSON document in UTF-8 (a BOM is accepted).

    Raises `BadJson` for everything else: bad syntax, NaN and infinities, nesting too deep for the parser, huge numbers.
    """
    try:
        text = body if isinstance(body, str) else body.decode("utf-8-sig")
        return json.loads(text, parse_constant=_refuse, parse_int=_integer, parse_float=_number)
    except RecursionError:
        raise BadJson("nested too deep") from None
    except UnicodeDecodeError:
        raise BadJson("not UTF-8") from None
    except ValueError as error:
        raise BadJson(safe_text(str(error), 120)) from None


def _refuse(word: str) -> NoReturn:
    raise BadJson(f"{word} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise BadJson(f"a number of {len(digits)} digits")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise BadJson("a number out of range")
    return value
