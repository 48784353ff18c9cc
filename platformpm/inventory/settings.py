"""Precedence: what holds for a check is joined from the layers defaults < environment < service < check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

Layer = Mapping[str, Any]
"""Keys of a check as TOML names them; unset keys are absent."""

JOINED = frozenset({"headers", "tls", "expect", "env"})
"""Tables whose keys add up over the layers; everything else is replaced as a whole."""

SHARED = frozenset({"port", "timeout", "headers", "auth", "redirects", "family", "proxy", "http2", "tls", "verify"})
"""Keys outside a check table that a version check takes too; the others are about health."""

ABOUT_CHECKS = SHARED | {
    "path", "interval", "method", "body", "resolve", "send", "command", "env", "record", "expect", "dialect", "max_latency",
    "critical_latency", "certificate_days", "down_after", "up_after", "every", "grace", "token",
}  # fmt: skip


def set_keys(table: BaseModel | None) -> dict[str, Any]:
    """Give the keys that were written, by their TOML names; tables in it as dictionaries too."""
    if table is None:
        return {}
    fields = type(table).model_fields
    out = {}
    for name in table.model_fields_set:
        value = getattr(table, name)
        out[fields[name].alias or name] = set_keys(value) if isinstance(value, BaseModel) else value
    return out


def layers_of(table: Mapping[str, Any], purpose: str) -> list[tuple[bool, Layer]]:
    """Give what one level says about the check of `purpose`, with whether it stands in its check table.

    The level's own keys come first, those of its check table win over them.
    """
    wanted = SHARED if purpose == "version" else ABOUT_CHECKS
    own = {} if wanted.isdisjoint(table) else {name: value for name, value in table.items() if name in wanted}
    check = table.get(purpose) or {}
    return [(inside, _verified(layer)) for inside, layer in ((False, own), (True, check)) if layer]


def joined(layers: Iterable[Layer]) -> dict[str, Any]:
    """Join layers, later ones winning."""
    out: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            known = out.get(name)
            if name in JOINED and known is not None:
                out[name] = _headers(known, value) if name == "headers" else {**known, **value}
            else:
                out[name] = value
    return out


def _headers(known: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    replaced = {name.lower() for name in new}
    return {**{name: value for name, value in known.items() if name.lower() not in replaced}, **new}


def _verified(layer: Layer) -> Layer:
    """Write the short `verify` as `tls.verify`."""
    if "verify" not in layer:
        return layer
    rest = {name: value for name, value in layer.items() if name != "verify"}
    return {**rest, "tls": {**rest.get("tls", {}), "verify": layer["verify"]}}
