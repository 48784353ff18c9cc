"""Writes TOML."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from platformpm.inventory.problems import quoted_key

_ESCAPED = re.compile(r'[\x00-\x1f\x7f-\x9f"\\\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def dumps(tree: Mapping[str, Any], headed: int = 3) -> str:
    """Give the TOML text of a tree; tables down to `headed` levels get a header, deeper ones stand inline.

    Of lists of tables only those of the tree itself get headers.
    """
    return "\n".join(_tables(tree, (), headed)).strip() + "\n"


def _tables(table: Mapping[str, Any], path: tuple[str, ...], headed: int) -> Iterator[str]:
    inner = {k: v for k, v in table.items() if isinstance(v, Mapping) and len(path) < headed}
    many = {k: v for k, v in table.items() if not path and _is_tables(v)}
    plain = {k: v for k, v in table.items() if k not in inner and k not in many}
    if path and (plain or not inner):
        yield ""
        yield f"[{'.'.join(quoted_key(part) for part in path)}]"
    for name, value in plain.items():
        yield f"{quoted_key(name)} = {value_text(value)}"
    for name, value in inner.items():
        yield from _tables(value, (*path, name), headed)
    for name, tables in many.items():
        for one in tables:
            yield from ("", f"[[{quoted_key(name)}]]", *(f"{quoted_key(k)} = {value_text(v)}" for k, v in one.items()))


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def value_text(value: Any) -> str:
    """Give one value as TOML; what TOML cannot carry is written as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else {math.inf: "inf", -math.inf: "-inf"}.get(value, "nan")
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{quoted_key(k)} = {value_text(v)}" for k, v in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, list | tuple):
        return f"[{', '.join(value_text(item) for item in value)}]"
    return '"' + _ESCAPED.sub(_escape, str(value)) + '"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return _NAMED.get(char) or f"\\u{ord(char):04x}"
