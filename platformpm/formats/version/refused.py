"""What stands in an answer under a usual name and is not believed to be its version, and why."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.payload import Payload
from platformpm.formats.version.applications import NAMED
from platformpm.formats.version.headers import APPLICATION
from platformpm.formats.version.shapes import at, path
from platformpm.formats.version.tokens import LONGEST, clean, evident, stamped
from platformpm.model.text import safe_text


def refused_version(payload: Payload, where: str) -> str:
    """Say what was refused as the version and how the inventory asks for it at the path `where`.

    Empty where nothing was. For an answer that was not recognised to tell any version.
    """
    for place, rule, value in _candidates(payload):
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "" and not evident(value):
            why = _why(value)
            shown = f'"{safe_text(value, 40)}"' if isinstance(value, str) else safe_text(str(value), 40)
            said = f"{shown} at {place} is not read: {why or 'it stands for no version'}"
            return f"{said}; version = {{ path = '{safe_text(where, 100)}', {rule} }} reads it" if why else said
    return ""


def _candidates(payload: Payload) -> Iterator[tuple[str, str, object]]:
    """Give the usual places: what a person calls it, the rule that reads it, what stands there."""
    table = payload.table
    for dotted in (*NAMED, "releaseId"):
        flat = dotted in table
        rule = f"""json = '"{dotted}"'""" if flat and "." in dotted else f"json = '{dotted}'"
        yield dotted, rule, table[dotted] if flat else at(table, path(dotted))
    for name in APPLICATION:
        yield f"header {name}", f"header = '{name}'", payload.header(name)


def _why(value: str | float) -> str:
    text = str(value)
    if clean(value) is None:
        return ""
    if len(text) > LONGEST:
        return f"it has {len(text)} characters, of which {LONGEST} would be shown"
    if stamped(text) is None:
        return "no version is written so"
    return "it may be the version of an API or a schema"
