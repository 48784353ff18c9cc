"""Collects every problem of an inventory while it is read, and turns them into lines with file, line and key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from platformpm.errors import Problem
from platformpm.inventory.positions import KeyPath, Positions, scan
from platformpm.model.text import safe_text

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_MESSAGE = 400
_MOST_GUESSES = 30_000
"""Words compared in all (some 30 us each): thousands of mistakes must not take minutes."""


@dataclass(frozen=True, eq=False)
class SourceFile:
    """One file that was read. `shown` is its path as messages name it; `order` counts files as they were read."""

    path: Path
    shown: str
    order: int
    text: str
    table: dict[str, object]

    @cached_property
    def positions(self) -> Positions:
        """Give where the keys of this file stand; scanned when first asked for."""
        return scan(self.text)


@dataclass(frozen=True, slots=True)
class _Found:
    path: KeyPath
    message: str
    suggestion: str | None
    warning: bool
    source: SourceFile | None


class Problems:
    """Problems by key path. A path that is known to be broken gets no second problem."""

    def __init__(self) -> None:
        """Begin with none."""
        self.first: SourceFile | None = None
        self.owners: dict[tuple[str, ...], SourceFile] = {}
        self._local: dict[KeyPath, KeyPath] = {}
        self._found: list[_Found] = []
        self._placed: list[tuple[int, Problem]] = []
        self._broken: set[KeyPath] = set()
        self._around: set[KeyPath] = set()
        self._warned: set[tuple[KeyPath, str]] = set()
        self._guesses = _MOST_GUESSES

    @property
    def errors(self) -> bool:
        """Tell whether anything is wrong that is more than a warning."""
        return any(not f.warning for f in self._found) or any(not p.warning for _, p in self._placed)

    def add(
        self, path: KeyPath, message: str, *, suggestion: str | None = None, source: SourceFile | None = None
    ) -> None:
        """Note an error at `path`, unless that key or a table around it is already known to be broken."""
        if self.is_broken(path):
            return
        self._broken.add(path)
        self._around.update(path[:length] for length in range(len(path) + 1))
        self._found.append(_Found(path, message, suggestion, warning=False, source=source))

    def add_about(self, path: KeyPath, message: str, *, suggestion: str | None = None) -> None:
        """Note an error of an entry as a whole; what stands in it is still checked for its own sake."""
        self._found.append(_Found(path, message, suggestion, warning=False, source=None))

    def warn(self, path: KeyPath, message: str, *, suggestion: str | None = None) -> None:
        """Note something that is allowed and probably not meant, once."""
        if not self.is_broken(path) and (path, message) not in self._warned:
            self._warned.add((path, message))
            self._found.append(_Found(path, message, suggestion, warning=True, source=None))

    def near(self, word: object, known: Collection[str]) -> str | None:
        """Give the known word that was probably meant, as long as there is time for guesses."""
        self._guesses -= len(known)
        return near(word, known) if self._guesses > 0 else None

    def place(self, order: int, problem: Problem) -> None:
        """Note a problem whose place is known, such as one of a file that cannot be parsed."""
        self._placed.append((order, problem))

    def is_broken(self, path: KeyPath) -> bool:
        """Tell whether `path` or a table around it already has an error."""
        return bool(self._broken) and any(path[:length] in self._broken for length in range(1, len(path) + 1))

    def has_within(self, path: KeyPath) -> bool:
        """Tell whether there is an error at `path`, around it or in it."""
        return path in self._around or self.is_broken(path)

    def owner(self, path: KeyPath) -> SourceFile | None:
        """Give the file that holds `path`."""
        names = tuple(str(part) for part in path[:2])
        return self.owners.get(names) or self.owners.get(names[:1])

    def number(self, source: SourceFile, section: str, first: int, count: int) -> None:
        """Note that the entries of a list in one file are those from `first` on in the list of all files."""
        for index in range(count):
            self.owners[section, str(first + index)] = source
            self._local[section, first + index] = (section, index)

    def listed(self, mask: Callable[[KeyPath, str], str]) -> list[Problem]:
        """Give all problems in the order of files and lines; `mask` takes the secrets out of what is said of a key."""
        rows = [(order, problem.line or 0, problem) for order, problem in self._placed]
        for found in self._found:
            source = found.source or self.owner(found.path) or self.first
            head = found.path[:2]
            path = (*(head if found.source else self._local.get(head, head)), *found.path[2:])
            rows.append((source.order if source else 0, *_line_and_problem(found, path, source, mask)))
        rows.sort(key=lambda row: row[:2])
        return [problem for _, _, problem in rows]


def _line_and_problem(
    found: _Found, path: KeyPath, source: SourceFile | None, mask: Callable[[KeyPath, str], str]
) -> tuple[int, Problem]:
    path = _written(path, source.table) if source else path
    line = source.positions.line_of(path) if source else None
    file = source.shown if source else "inventory"
    message = safe_text(mask(found.path, found.message), _LONGEST_MESSAGE)
    hint = found.suggestion and safe_text(mask(found.path, found.suggestion))
    return line or 0, Problem(file, line, dotted(path), message, hint, warning=found.warning)


def _written(path: KeyPath, table: object) -> KeyPath:
    """Cut `path` where the file holds a plain value: `health = "/x"` is a problem of `health`, not of its `path`."""
    value = table
    for length, part in enumerate(path):
        if isinstance(value, dict):
            if part not in value:
                return path
            value = value[part]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return path[:length]
    return path


def dotted(path: KeyPath) -> str:
    """Give a key path as one writes it in TOML, elements of arrays as `[0]`."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            out += ("." if out else "") + quoted_key(part)
    return safe_text(out, 300)


def quoted_key(key: str) -> str:
    """Give one key, quoted where TOML needs it."""
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=not key.isprintable())


def shown(value: object) -> str:
    """Give a text from the inventory as a message may quote it."""
    return f'"{safe_text(str(value), 80)}"'


_TELLING = 2
"""Letters of a beginning that may stand for a whole word."""


def listed(words: Iterable[str], last: str) -> str:
    """Give words in order as a person lists them, `last` ("or", "and") before the last one."""
    *others, end = sorted(words)
    return f"{', '.join(others)} {last} {end}" if others else end


def near(word: object, known: Iterable[str]) -> str | None:
    """Give the known word that was probably meant."""
    names: Sequence[str] = sorted(set(known))
    text = str(word)[:100]
    lowered = {name.lower(): name for name in reversed(names)}
    if text.lower() in lowered:
        return lowered[text.lower()]
    begun = [name for name in lowered if name.startswith(text.lower())] if len(text) >= _TELLING else []
    if len(begun) == 1:
        return lowered[begun[0]]
    close = get_close_matches(text.lower(), list(lowered), n=1, cutoff=0.6)
    return lowered[close[0]] if close else None
