"""Validates one entry and says everything that is wrong with it; what is left of it is checked further."""

from __future__ import annotations

from collections.abc import Mapping
from types import GenericAlias
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import ValidationError

from platformpm.inventory.check_tables import Table
from platformpm.inventory.faults import kind_of
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems
from platformpm.inventory.tables import DefaultsTable
from platformpm.model.text import safe_text

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

T = TypeVar("T", bound=Table)

_MEANT = {
    "url": "instances",
    "urls": "instances",
    "instance": "instances",
    "team": "owner",
    "dependencies": "depends_on",
    "depends": "depends_on",
    "requires": "depends_on",
    "check": "health",
    "checks": "health",
    "healthcheck": "health",
    "retries": "down_after",
    "token": "bearer",
    "insecure": "verify",
}
_EXPECTED = {
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "list_type": "a list",
    "bool_type": "true or false",
    "string_type": "text",
}
_SHORT = {
    "health": "a path or a table",
    "version": "a path or a table",
    "expect": "a pattern or a table",
    "cpu": "[warning, critical]",
    "memory": "[warning, critical]",
    "swap": "[warning, critical]",
    "disk": "[warning, critical]",
}
_ROUNDS = 4
"""Each round removes the keys that were wrong; checks between keys may then find more, never for long."""


def validated(model: type[T], entry: object, path: KeyPath, problems: Problems) -> T | None:
    """Give the table of an entry, without its wrong keys; None when nothing can be made of it."""
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(entry)
        except ValidationError as error:
            details = error.errors(include_url=False)
        for detail in details:
            message, suggestion = _explained(model, detail, problems)
            problems.add((*path, *_location(detail)), message, suggestion=suggestion)
            entry = _without(entry, _location(detail))
    return None


def _location(detail: ErrorDetails) -> KeyPath:
    """Give where the error is. pydantic adds `[key]` after the key of a table that is itself wrong."""
    location = tuple(detail["loc"])
    return location[:-1] if location[-1:] == ("[key]",) else location


def _explained(model: type[Table], detail: ErrorDetails, problems: Problems) -> tuple[str, str | None]:
    context = detail.get("ctx", {})
    kind = detail["type"]
    if kind == "wrong":
        return str(context["message"]), context.get("suggestion")
    if kind == "extra_forbidden":
        word = str(detail["loc"][-1])
        table = _table_at(model, detail["loc"][:-1])
        known = _keys_of(table)
        meant = _MEANT.get(word.lower())
        hint = meant if meant in known else problems.near(word, known)
        if hint is None and table is not DefaultsTable and word in _keys_of(DefaultsTable):
            return "does not belong here", None
        return "unknown key", hint
    if kind in _EXPECTED:
        wanted = _SHORT.get(str(detail["loc"][-1]), _EXPECTED[kind]) if detail["loc"] else _EXPECTED[kind]
        return f"must be {wanted}, not {kind_of(detail['input'])}", None
    return safe_text(detail["msg"]), None


def _keys_of(model: type[Table] | None) -> list[str]:
    fields: Mapping[str, Any] = model.model_fields if model else {}
    return [field.alias or name for name, field in fields.items()]


def _table_at(model: type[Table], location: KeyPath) -> type[Table] | None:
    table: type[Table] | None = model
    for part in location:
        fields = table.model_fields if table else {}
        field = next((f for name, f in fields.items() if (f.alias or name) == part), None)
        table = model_in(field.annotation) if field else None
    return table


def model_in(annotation: object) -> type[Table] | None:
    """Give the table that a field holds, by itself or by name; None for plain values."""
    if isinstance(annotation, type) and not isinstance(annotation, GenericAlias):
        return annotation if issubclass(annotation, Table) else None
    return next((found for kind in get_args(annotation) if (found := model_in(kind)) is not None), None)


def _without(entry: object, location: KeyPath) -> object:
    """Give a copy of `entry` without what is at `location`; a bad element takes its whole list with it."""
    if not isinstance(entry, dict) or not location:
        return None
    head, rest = location[0], location[1:]
    if head not in entry:
        return entry
    child = entry[head]
    if rest and isinstance(child, dict):
        return {**entry, head: _without(child, rest)}
    return {name: value for name, value in entry.items() if name != head}
