"""Short forms: what a key may be written as, besides its table. Only the JSON Schema and `normalise` know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

SHORT = "x-short"


def Short(form: dict[str, Any], sentence: str) -> Any:  # noqa: N802  # stands where pydantic's Field stands
    """Give an optional key with its sentence and the schema of its short form."""
    return Field(default=None, description=sentence, json_schema_extra={SHORT: form})


def normalised(section: str, entry: object) -> object:
    """Give an entry of a section with every short form written out; what is not understood stays for validation."""
    if not isinstance(entry, dict):
        return entry
    if section == "hosts":
        return _with(entry, "limits", _limits)
    if section in ("services", "environments", "defaults"):
        return _layer(entry)
    return entry


def _layer(table: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name in ("health", "version"):
        value = table.get(name)
        if isinstance(value, str):
            changed[name] = {"path": value}
        elif isinstance(value, dict) and "expect" in value:
            changed[name] = _with(value, "expect", _expect)
    if "expect" in table:
        changed["expect"] = _expect(table["expect"])
    return {**table, **changed} if changed else table


def _expect(value: object) -> object:
    if isinstance(value, str):
        return {"body": value}
    return (
        _with(value, "status", lambda s: [s] if isinstance(s, int | str) else s) if isinstance(value, dict) else value
    )


def _limits(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {name: _pair(limit) if name != "for" else limit for name, limit in value.items()}


def _pair(value: object) -> object:
    return {"warning": value[0], "critical": value[1]} if isinstance(value, list) and len(value) == 2 else value


def _with(table: Mapping[str, Any], name: str, change: Any) -> dict[str, Any]:
    return {**table, name: change(table[name])} if name in table else dict(table)
