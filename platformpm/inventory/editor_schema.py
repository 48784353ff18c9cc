"""The JSON Schema of the inventory, for completion in editors. The tables and their sentences are its only source."""

from __future__ import annotations

from typing import Any

from platformpm.inventory.shorts import SHORT
from platformpm.inventory.tables import InventoryTable


def schema() -> dict[str, object]:
    """Give the JSON Schema (draft 2020-12), short forms included."""
    made = InventoryTable.model_json_schema()
    cleaned = _cleaned(made)
    assert isinstance(cleaned, dict)  # noqa: S101  # a table gives a table
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **cleaned, "title": "platformpm inventory"}


def _cleaned(node: Any) -> Any:
    """Take out what TOML has not (null) and what only repeats the key (titles); write short forms in."""
    if isinstance(node, list):
        return [_cleaned(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for name, value in node.items():
        if name in ("properties", "$defs"):
            out[name] = {key: _cleaned(child) for key, child in value.items()}
        elif name in ("title", SHORT) or (name == "default" and value is None):
            continue
        else:
            out[name] = _cleaned(value)
    forms = [form for form in out.get("anyOf", []) if form != {"type": "null"}]
    if SHORT in node:
        forms.insert(0, node[SHORT])
    if len(forms) == 1:
        return {**{name: value for name, value in out.items() if name != "anyOf"}, **forms[0]}
    return {**out, "anyOf": forms} if forms else out
