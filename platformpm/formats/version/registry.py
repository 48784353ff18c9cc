"""All version formats, specific before general, and the recognition without configuration."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from platformpm.formats.payload import Payload
from platformpm.formats.version import applications, headers, infrastructure, metrics, stores, texts, tools
from platformpm.formats.version.finding import VersionFinding, VersionFormat

FORMATS: tuple[VersionFormat, ...] = (
    *infrastructure.FORMATS,
    *stores.FORMATS,
    *tools.FORMATS,
    headers.NEXUS,
    headers.JENKINS,
    headers.INFLUXDB,
    applications.SPRING,
    headers.HEADERS,
    applications.IETF,
    applications.OPENAPI,
    applications.GENERIC,
    applications.SPRING_COMMIT,
    *metrics.FORMATS,
    texts.TEXT,
    headers.NGINX,
)
"""Formats that are safe to try on any answer, health answers included."""

ASKED_FORMATS: tuple[VersionFormat, ...] = (
    applications.OPENAPI_ASKED,
    applications.GENERIC_ASKED,
    headers.HEADERS_ASKED,
    texts.TEXT_ASKED,
    texts.PRODUCT_LINE,
    texts.OPENAPI_YAML,
    headers.NGINX_ASKED,
)
"""Formats tried after these where a person said that the answer holds a version."""


class Index:
    """Formats by the keys and headers that call for them; a position is a place in the order of trial."""

    def __init__(self, formats: Iterable[VersionFormat]) -> None:
        self.formats = tuple(formats)
        self.by_key: dict[str, tuple[int, ...]] = {}
        self.by_header: dict[str, tuple[int, ...]] = {}
        for position, entry in enumerate(self.formats):
            for key in entry.keys:
                self.by_key[key] = (*self.by_key.get(key, ()), position)
            for name in entry.headers:
                self.by_header[name] = (*self.by_header.get(name, ()), position)
        self.texts = tuple(i for i, entry in enumerate(self.formats) if not entry.keys and not entry.headers)

    def candidates(self, payload: Payload) -> list[VersionFormat]:
        """Give the formats that `payload` calls for, in order of trial."""
        positions: set[int] = set()
        for key in payload.table.keys() & self.by_key.keys():
            positions.update(self.by_key[key])
        by_header = self.by_header
        for name, _ in payload.response.headers:
            if name in by_header:
                positions.update(by_header[name])
        if not isinstance(payload.json, dict | list):
            positions.update(self.texts)
        return [self.formats[position] for position in sorted(positions)]

    def read(self, payload: Payload, *, certain: bool = False) -> VersionFinding | None:
        """Give what the first format finds, the first `certain` one when that is asked for."""
        candidates = self.candidates(payload)
        certain = certain or (bool(candidates) and _ended_elsewhere(payload))
        for entry in candidates:
            if (entry.certain or not certain) and (finding := entry.read(payload)) is not None:
                return finding
        return None


def _ended_elsewhere(payload: Payload) -> bool:
    """Say whether redirects led to another host: what it says of itself is not the version of this service."""
    hops = payload.response.hops
    if not hops:
        return False
    try:
        return urlsplit(hops[0]).hostname != urlsplit(payload.response.url).hostname
    except ValueError:
        return True


_ALWAYS = Index(FORMATS)
_ASKED = Index(ASKED_FORMATS)


def recognise_version(payload: Payload) -> VersionFinding | None:
    """Give the version an answer tells in a known format, else None; a wrong version is worse than none.

    The status code is not looked at: a failing service still tells its version.
    """
    return _ALWAYS.read(payload)


def recognise_asked(payload: Payload) -> VersionFinding | None:
    """Give the version of an answer that was requested to tell one: bare build numbers and commits count too."""
    return _ALWAYS.read(payload) or _ASKED.read(payload)


def recognise_certain(payload: Payload) -> VersionFinding | None:
    """Give the version of an answer that is plainly one product's own, such as that of a sealed Vault."""
    return _ALWAYS.read(payload, certain=True)
