"""TOML to typed tables to model objects; selectors; the schema.

The names are looked up when first used: a face that only needs selectors or durations does not pay for pydantic.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platformpm.inventory.editor_schema import schema
    from platformpm.inventory.finding import find
    from platformpm.inventory.loading import Loaded, load
    from platformpm.inventory.showing import show
    from platformpm.inventory.starter import STARTER

__all__ = ["STARTER", "Loaded", "find", "load", "schema", "show"]

_HOMES = {
    "STARTER": "starter",
    "Loaded": "loading",
    "find": "finding",
    "load": "loading",
    "schema": "editor_schema",
    "show": "showing",
}


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562) and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
