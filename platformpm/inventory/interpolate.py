"""Puts `${env:NAME}` and `${file:path}` into strings; `$${` stands for a plain `${`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformpm.inventory.opening import opened
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems, near, shown
from platformpm.model.secret import MASK
from platformpm.model.text import safe_text

_PLACE = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_LARGEST_SECRET_FILE = 64 * 1024
_KINDS = ("env", "file")


@dataclass(slots=True)
class Interpolated:
    """What was put in. `values` are the texts by key path; `files` those that were read."""

    tree: dict[str, object]
    values: dict[KeyPath, list[str]] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def secrets(self) -> set[str]:
        """Give every text that came from outside the inventory."""
        return {text for texts in self.values.values() for text in texts}


def interpolate(
    tree: dict[str, object], environ: Mapping[str, str], problems: Problems, *, masked: bool = False, pipes: bool = True
) -> Interpolated:
    """Give a copy of `tree` with every placeholder resolved; parts without one are shared, not copied.

    With `masked` a mask stands where the value would. A placeholder that cannot be resolved is a problem, and so is
    a pipe where `pipes` is False.
    """
    work = _Interpolation(environ, problems, masked=masked, pipes=pipes)
    result = work.walk(tree, ())
    assert isinstance(result, dict)  # noqa: S101  # a table gives a table
    return Interpolated(result, work.values, work.files)


class _Interpolation:
    def __init__(self, environ: Mapping[str, str], problems: Problems, *, masked: bool, pipes: bool) -> None:
        self.environ = environ
        self.problems = problems
        self.masked = masked
        self.pipes = pipes
        self.values: dict[KeyPath, list[str]] = {}
        self.files: list[Path] = []

    def walk(self, value: object, path: KeyPath) -> object:
        """Depth is bounded when files are read, so recursion is safe."""
        if type(value) is str:
            return self.text(value, path) if "${" in value else value
        if type(value) is dict:
            return self._table(value, path)
        if type(value) is list:
            new = [self.walk(item, (*path, index)) for index, item in enumerate(value)]
            return value if all(a is b for a, b in zip(new, value, strict=True)) else new
        return value

    def _table(self, table: dict[str, object], path: KeyPath) -> dict[str, object]:
        changed: dict[str, object] = {}
        for key, value in table.items():
            kind = type(value)
            if kind is str and "${" not in value:  # type: ignore[operator]  # a string
                continue
            if kind is str or kind is dict or kind is list:
                new = self.walk(value, (*path, key))
                if new is not value:
                    changed[key] = new
        return {**table, **changed} if changed else table

    def text(self, text: str, path: KeyPath) -> str:
        """Resolve one string; one that cannot be resolved stays as it is, with its first problem noted."""
        out: list[str] = []
        at = 0
        for match in _PLACE.finditer(text):
            out.append(text[at : match.start()])
            at = match.end()
            if match[0] == "$${":
                out.append("${")
                continue
            resolved = self._resolve(match[1], path)
            if resolved is None:
                return text
            self.values.setdefault(path, []).append(resolved)
            out.append(MASK if self.masked else resolved)
        return "".join(out) + text[at:]

    def _resolve(self, place: str | None, path: KeyPath) -> str | None:
        if place is None:
            self.problems.add(path, "${ is never closed: write ${env:NAME}, or $${ for a plain ${")
            return None
        kind, colon, name = place.partition(":")
        if not colon or not name:
            hint = "${env:" + safe_text(kind, 60) + "}" if kind and kind not in _KINDS else None
            self.problems.add(path, "is not ${env:NAME} or ${file:PATH}; $${ gives a plain ${", suggestion=hint)
        elif kind == "env":
            return self._variable(name, path)
        elif kind == "file":
            return self._file(name, path)
        else:
            message = f"unknown source {shown(kind)}: only env and file can be read"
            self.problems.add(path, message, suggestion=near(kind, _KINDS))
        return None

    def _variable(self, name: str, path: KeyPath) -> str | None:
        value = self.environ.get(name)
        if value is None:
            message = f"environment variable {safe_text(name, 80)} is not set"
            self.problems.add(path, message, suggestion=self.problems.near(name, self.environ.keys()))
        return value

    def _file(self, name: str, path: KeyPath) -> str | None:
        source = self.problems.owner(path)
        file = (source.path.parent if source else Path()) / name
        try:
            with opened(file, pipes=self.pipes) as secret:
                raw = secret.read(_LARGEST_SECRET_FILE + 1)
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.problems.add(path, f"{shown(file)} is not UTF-8")
            return None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self.problems.add(path, f"cannot read {shown(file)}: {safe_text(reason)}")
            return None
        if len(raw) > _LARGEST_SECRET_FILE:
            self.problems.add(path, f"{shown(file)} is larger than 64 KiB")
            return None
        self.files.append(file)
        return text.removesuffix("\n").removesuffix("\r")
