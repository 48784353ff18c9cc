"""Reads the files of an inventory: a file, a folder, what they include; one merged tree and who owns what."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import tomli

from platformpm.errors import Problem
from platformpm.inventory.opening import NotAFileError, look, opened
from platformpm.inventory.positions import KeyPath, Positions, scan
from platformpm.inventory.problems import Problems, SourceFile, dotted, near, shown
from platformpm.model.text import safe_text

LARGEST_FILE = 8 * 1024 * 1024
MOST_INCLUDES = 20
MOST_TWICE = 20
"""Keys set twice that are listed: a file pasted into itself has thousands."""
DEEPEST = 40
"""Levels of tables and arrays; a real inventory needs eight."""

ONCE = ("platform", "defaults", "engine", "history", "watch")
NAMED = ("environments", "teams", "services", "hosts")
LISTED = ("maintenance",)
_LARGEST_INTEGER = 2**63 - 1


@dataclass(slots=True)
class Document:
    """Everything that was read. `whole` is False when a file could not be parsed: names may then be missing."""

    files: list[SourceFile] = field(default_factory=list)
    watched: list[Path] = field(default_factory=list)
    tree: dict[str, object] = field(default_factory=dict)
    whole: bool = True


def read(path: Path, problems: Problems, *, pipes: bool = True) -> Document:
    """Read the file or folder at `path` and all it includes. Never raises: what is wrong goes to `problems`.

    A pipe that is named is read, unless `pipes` is False.
    """
    reader = _Reader(problems, pipes=pipes)
    try:
        folder = path.is_dir()
        found = sorted(p for p in path.iterdir() if p.suffix == ".toml" and p.name[0] != ".") if folder else [path]
    except (OSError, ValueError) as error:
        reader.refuse(str(path), _reason(error))
        return reader.document
    if folder:
        reader.document.watched.append(path)
        if not found:
            reader.refuse(str(path), "the folder holds no *.toml file")
    for file in found:
        reader.add(file, (), named=not folder)
    return reader.document


class _Reader:
    def __init__(self, problems: Problems, *, pipes: bool) -> None:
        self.problems = problems
        self.pipes = pipes
        self.document = Document()
        self.seen: set[Path] = set()
        self.count = 0

    def refuse(self, file: str, message: str, line: int | None = None, key: str = "") -> None:
        self.document.whole = False
        self.problems.place(self.count, Problem(safe_text(file), line, key, message))

    def add(self, path: Path, including: tuple[Path, ...], *, named: bool) -> None:
        """Read one file and then what it includes; a file that was already read is not read again.

        A pipe is only read when it is `named`: one that merely lies in a folder would be waited for without end.
        """
        resolved = _resolved(path)
        if resolved in self.seen:
            return
        self.seen.add(resolved)
        self.document.watched.append(path)
        text = self._text(path, named=named)
        table = None if text is None else self._parsed(path, text)
        if text is None or table is None:
            self.count += 1
            return
        source = SourceFile(path, safe_text(str(path)), self.count, text, table)
        self.count += 1
        self.document.files.append(source)
        self.problems.first = self.document.files[0]
        self._bounded(source)
        self._merge(source)
        self._include(source, (*including, resolved))

    def _text(self, path: Path, *, named: bool) -> str | None:
        try:
            with opened(path, pipes=named and self.pipes) as file:
                raw = file.read(LARGEST_FILE + 1)
        except NotAFileError as error:
            self.refuse(str(path), f"is {error.strerror}")
            return None
        except (OSError, ValueError) as error:
            self.refuse(str(path), _reason(error))
            return None
        if len(raw) > LARGEST_FILE:
            self.refuse(str(path), "is larger than 8 MiB, the most a file may have")
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.refuse(str(path), "is not UTF-8", raw.count(b"\n", 0, error.start) + 1)
            return None

    def _parsed(self, path: Path, text: str) -> dict[str, object] | None:
        try:
            return tomli.loads(text)
        except tomli.TOMLDecodeError as error:
            self._bad_toml(path, text, error)
        except RecursionError:
            found = scan(text)
            self._refuse_at(path, found, max(found.lines, key=len, default=()), "is nested too deep")
        except ValueError as error:
            found = scan(text)
            if found.overlong:
                self._refuse_at(path, found, found.overlong, "is a number with too many digits")
            else:
                self.refuse(str(path), f"cannot be read: {safe_text(str(error))}")
        return None

    def _refuse_at(self, path: Path, found: Positions, key: KeyPath, message: str) -> None:
        """Refuse a file for the value of one key, whose elements of arrays are not told."""
        plain = tuple(takewhile(lambda part: isinstance(part, str), key[:DEEPEST]))
        self.refuse(str(path), message, found.line_of(key), dotted(plain))

    def _bad_toml(self, path: Path, text: str, error: tomli.TOMLDecodeError) -> None:
        line, message = error.lineno, safe_text(error.msg)
        twice = scan(text).twice if message.startswith(("Cannot ", "Duplicate ")) else []
        if twice:
            for key, first, second in twice[:MOST_TWICE]:
                self.refuse(str(path), f"is set twice, first in line {first}", second, dotted(key))
            return
        message = message[:1].lower() + message[1:]
        self.refuse(str(path), f"is not valid TOML: {message} (column {error.colno})", line)

    def _bounded(self, source: SourceFile) -> None:
        """Refuse what TOML or Python cannot carry everywhere: deep nesting and integers beyond 64 bits."""
        stack: list[tuple[KeyPath, object]] = [((), source.table)]
        while stack:
            path, value = stack.pop()
            children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            doomed = []
            for key, child in children:
                if isinstance(child, dict | list):
                    if len(path) >= DEEPEST:
                        self.problems.add((*path, key), "is nested too deep", source=source)
                        doomed.append(key)
                    else:
                        stack.append(((*path, key), child))
                elif type(child) is int and abs(child) > _LARGEST_INTEGER:
                    self.problems.add((*path, key), "is an integer beyond 64 bits", source=source)
                    doomed.append(key)
            for key in doomed:
                value[key] = 0  # type: ignore[index]  # a table by its keys, a list by its numbers

    def _complain(self, source: SourceFile, path: KeyPath, message: str, hint: str | None = None) -> None:
        """Note an error that belongs to one file, whatever other files hold under the same key."""
        problem = Problem(source.shown, source.positions.line_of(path), dotted(path), message, hint)
        self.problems.place(source.order, problem)

    def _warn_of_none(self, source: SourceFile, path: KeyPath, pattern: str) -> None:
        """Warn of a pattern that no file matches: allowed, as teams come later, but as often a typo."""
        message = f"matches no file: {shown(pattern)}"
        problem = Problem(source.shown, source.positions.line_of(path), dotted(path), message, warning=True)
        self.problems.place(source.order, problem)

    def _merge(self, source: SourceFile) -> None:
        tree = self.document.tree
        for section, value in source.table.items():
            if section == "include":
                continue
            if section not in (*ONCE, *NAMED, *LISTED):
                self._complain(
                    source, (section,), "unknown section", near(section, (*ONCE, *NAMED, *LISTED, "include"))
                )
            elif section in LISTED:
                self._merge_list(source, section, value)
            elif not isinstance(value, dict):
                self._complain(source, (section,), "must be a table")
            elif section in ONCE:
                self._merge_once(source, section, value)
            else:
                known = tree.setdefault(section, {})
                assert isinstance(known, dict)  # noqa: S101  # only tables were put there
                self.problems.owners.setdefault((section,), source)
                for name, entry in value.items():
                    self._merge_entry(source, known, (section, name), entry)

    def _merge_once(self, source: SourceFile, section: str, value: dict[str, object]) -> None:
        first = self.document.files[0]
        if source is not first:
            self._complain(source, (section,), f"may only stand in the first file, {first.shown}")
            return
        self.document.tree[section] = value
        self.problems.owners[(section,)] = source

    def _merge_entry(self, source: SourceFile, known: dict[str, object], path: tuple[str, str], entry: object) -> None:
        owner = self.problems.owners.setdefault(path, source)
        if owner is source:
            known[path[1]] = entry
            return
        line = owner.positions.line_of(path)
        self._complain(source, path, f"is declared twice, first in {owner.shown}:{line}")

    def _merge_list(self, source: SourceFile, section: str, value: object) -> None:
        if not isinstance(value, list):
            self._complain(source, (section,), f"must be a list of tables: write [[{section}]]")
            return
        known = self.document.tree.setdefault(section, [])
        assert isinstance(known, list)  # noqa: S101  # only lists were put there
        self.problems.number(source, section, len(known), len(value))
        known += value

    def _include(self, source: SourceFile, chain: tuple[Path, ...]) -> None:
        declared = source.table.get("include", [])
        patterns = [declared] if isinstance(declared, str) else declared
        if not isinstance(patterns, list):
            self._complain(source, ("include",), "must be a list of file names")
            return
        for index, pattern in enumerate(patterns):
            where = ("include", index) if isinstance(declared, list) else ("include",)
            if not isinstance(pattern, str) or not pattern:
                self._complain(source, where, "must be a file name or a pattern")
                continue
            named = not glob.has_magic(pattern)
            for file in self._matches(source, where, pattern):
                self._include_one(source, where, file, chain, named=named)

    def _include_one(
        self, source: SourceFile, where: KeyPath, file: Path, chain: tuple[Path, ...], *, named: bool
    ) -> None:
        resolved = _resolved(file)
        if resolved in chain:
            loop = [*chain[chain.index(resolved) :], resolved]
            names = " -> ".join(safe_text(step.name) for step in loop)
            self._complain(source, where, f"include loop: {names}")
        elif len(chain) > MOST_INCLUDES:
            self._complain(source, where, f"includes are nested more than {MOST_INCLUDES} deep")
        elif file.is_dir():
            self._complain(source, where, f'is a folder: write "{safe_text(file.name)}/*.toml"')
        else:
            self.add(file, chain, named=named)

    def _matches(self, source: SourceFile, where: KeyPath, pattern: str) -> Iterator[Path]:
        """Give the files a pattern names, sorted. A plain name must exist, a glob without a match is a warning.

        What `glob` passes over in silence is told: a folder that cannot be read may hold half of the platform.
        """
        folder = source.path.parent
        magic = glob.has_magic(pattern)
        try:
            with suppress(FileNotFoundError, NotADirectoryError):
                look(folder / pattern)
            found = sorted(glob.glob(pattern, root_dir=folder, recursive=True))  # noqa: PTH207  # Path.glob refuses absolute patterns
        except (OSError, ValueError) as error:
            self.document.whole = False
            self._complain(source, where, f"{_reason(error)}: {shown(pattern)}")
            return
        if magic:
            if not found:
                self._warn_of_none(source, where, pattern)
            self.document.watched.append((folder / pattern).parent)
        elif not found:
            self.document.whole = False
            self._complain(source, where, f"no such file: {shown(pattern)}")
        yield from (folder / name for name in found)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path.absolute()


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    return f"cannot be read: {safe_text(str(error))}"
