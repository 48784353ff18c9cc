"""Argument types. Each raises `ArgumentTypeError` with a sentence that says what would be right."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platformpm.cli.moments import Given


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """Give ` (did you mean …?)` with the nearest valid word, empty when nothing is near."""
    from difflib import get_close_matches  # only a typo pays for it

    near = get_close_matches(word, list(valid), n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else ""


class OneOf:
    """A type that accepts only the words of `valid`."""

    def __init__(self, *valid: str) -> None:
        """Accept these."""
        self.valid = valid

    def __call__(self, word: str) -> str:
        """Give the word."""
        if word not in self.valid:
            raise ArgumentTypeError(f"{word!r} is not one of {', '.join(self.valid)}{did_you_mean(word, self.valid)}")
        return word


def duration(text: str) -> float:
    """Give the seconds of a positive duration such as `500ms`, `30s`, `5m`, `1h30m`; a bare number is seconds."""
    seconds = span(text)
    if seconds <= 0:
        raise _no_duration(text)
    return seconds


def span(text: str) -> float:
    """Give the seconds of a duration that may be none at all: `0`, `0s`."""
    from platformpm.inventory.durations import parse_duration  # slow to import, rarely used

    try:
        seconds = parse_duration(float(text) if text.replace(".", "", 1).isdecimal() else text)
    except ValueError:
        raise _no_duration(text) from None
    return seconds


def _no_duration(text: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"{text!r} is not a duration such as 500ms, 30s, 5m or 1h30m")


def moment(text: str) -> Given:
    """Give the wall time of `24h` (so long ago), a date with or without a time of day, or a time of day alone."""
    import datetime as dt  # only who asks for the past needs these
    from time import time

    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        if ":" in text:  # a bare number is seconds
            return dt.time.fromisoformat(text)
        return time() - duration(text)
    except (ArgumentTypeError, ValueError):
        raise ArgumentTypeError(
            f"{text!r} is neither a duration such as 24h or 7d nor a time such as 07:00, 2026-11-26 or 2026-11-26T07:00Z"
        ) from None


def attempts(text: str) -> int:
    """Give a whole number from 1 to 100."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= 100):
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 to 100")
    return int(text)


def header(text: str) -> tuple[str, str]:
    """Give name and value of a header written `Name: value`."""
    name, colon, value = text.partition(":")
    name = name.strip()
    if not colon or not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        raise ArgumentTypeError("a header is written 'NAME: VALUE'")  # never the text itself: it may be a secret
    if any(char < " " and char != "\t" for char in value.strip()):
        raise ArgumentTypeError("the value of a header holds neither line breaks nor control characters")
    return name, value.strip()
