"""Where each key of a TOML text stands. The parser gives no positions, so the text is scanned when one is needed."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field

import tomli

KeyPath = tuple[str | int, ...]
"""Keys from the root of a file; numbers count the elements of arrays."""

# Possessive (`++`, `*+`): without it, megabytes of one token would cost gigabytes of backtracking memory.
_BLANK = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_SPACE = re.compile(r"[ \t]*+")
_KEY = re.compile(r"""[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+'""")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}|'
    r"'''(?:[^']++|'(?!''))*+'{3,5}|"
    r'"(?:[^"\\\n]++|\\.)*+"|'
    r"'[^'\n]*+'",
    re.DOTALL,
)
_MOST_KEYS = 1_000_000
"""Where scanning ends: more keys and elements than any file people write, and a few seconds of work."""
_BARE = re.compile(r"[^,\]}\s#]+(?: \d\d:[^,\]}\s#]+)?")


@dataclass(slots=True)
class Positions:
    """Line (from 1) of each key, and each key that is set a second time as (path, first line, second line).

    `overlong` is the first key whose integer has more digits than Python reads, () when there is none.
    """

    lines: dict[KeyPath, int] = field(default_factory=dict)
    twice: list[tuple[KeyPath, int, int]] = field(default_factory=list)
    overlong: KeyPath = ()

    def line_of(self, path: KeyPath) -> int | None:
        """Give the line of `path`, or that of the nearest table around it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


class _BadTomlError(Exception):
    """The text ends or goes on in a way the scanner does not know; what was found so far counts."""


def scan(text: str) -> Positions:
    """Find the keys of a TOML text; of a bad one, those before the bad place."""
    scanner = _Scanner(text)
    with suppress(_BadTomlError, RecursionError):
        scanner.document()
    return scanner.found


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found = Positions()
        self.breaks = [match.start() for match in re.finditer("\n", text)]
        self.tables: set[KeyPath] = set()
        self.counts: dict[KeyPath, int] = {}

    def document(self) -> None:
        prefix: KeyPath = ()
        while self._skip(_BLANK) < len(self.text):
            prefix = self._header() if self.text[self.at] == "[" else self._pair(prefix)

    def _header(self) -> KeyPath:
        start = self.at
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        self._skip(_SPACE)
        path: KeyPath = ()
        parts = self._key()
        for part in parts:
            path = (*path, part)
            if path in self.counts and path != tuple(parts):
                path = (*path, self.counts[path])
        self._expect("]]" if many else "]")
        if many:
            self._note(path, start)
            self.counts[path] = self.counts.get(path, -1) + 1
            path = (*path, self.counts[path])
        elif path in self.tables:
            self.found.twice.append((path, self.found.lines.get(path, 1), self._line(start)))
        self.tables.add(path)
        self._note(path, start)
        return path

    def _pair(self, prefix: KeyPath) -> KeyPath:
        start = self.at
        path = (*prefix, *self._key())
        self._expect("=")
        self._skip(_SPACE)
        if path in self.found.lines:
            self.found.twice.append((path, self.found.lines[path], self._line(start)))
        self._note(path, start, len(prefix))
        self._value(path)
        return prefix

    def _value(self, path: KeyPath) -> None:
        char = self.text[self.at : self.at + 1]
        if char == "[":
            self._array(path)
        elif char == "{":
            self._inline(path)
        elif char in ('"', "'"):
            self._take(_STRING)
        elif _overlong(self._take(_BARE)):
            self.found.overlong = self.found.overlong or path

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while self._skip(_BLANK) < len(self.text) and self.text[self.at] != "]":
            self._note((*path, index), self.at)
            self._value((*path, index))
            index += 1
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
        self._expect("]")

    def _inline(self, path: KeyPath) -> None:
        self.at += 1
        while self._skip(_BLANK) < len(self.text) and self.text[self.at] != "}":
            self._pair(path)
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
        self._expect("}")

    def _key(self) -> list[str]:
        parts = [_unquoted(self._take(_KEY))]
        while self.text.startswith(".", self._skip(_SPACE)):
            self.at += 1
            self._skip(_SPACE)
            parts.append(_unquoted(self._take(_KEY)))
        return parts

    def _note(self, path: KeyPath, start: int, known: int = 0) -> None:
        line = self._line(start)
        if len(self.found.lines) > _MOST_KEYS:
            raise _BadTomlError
        for length in range(known + 1, len(path) + 1):
            self.found.lines.setdefault(path[:length], line)

    def _line(self, offset: int) -> int:
        return bisect_right(self.breaks, offset - 1) + 1 if offset else 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _BadTomlError
        self.at = match.end()
        return match.group()

    def _expect(self, token: str) -> None:
        self._skip(_SPACE)
        if not self.text.startswith(token, self.at):
            raise _BadTomlError
        self.at += len(token)


def _overlong(token: str) -> bool:
    digits = token.lstrip("+-").replace("_", "")
    return len(digits) > sys.get_int_max_str_digits() > 0 and digits.isdigit()


def _unquoted(token: str) -> str:
    if token[0] not in "\"'":
        return token
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(tomli.loads(f"key = {token}")["key"])
    except tomli.TOMLDecodeError:
        raise _BadTomlError from None
