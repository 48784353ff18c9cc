"""Bodies of text that tell a version: nothing else, one line of a known product, or OpenAPI written as YAML."""

from __future__ import annotations

import re

from platformpm.formats.payload import Payload
from platformpm.formats.version.envoy import envoy_line
from platformpm.formats.version.finding import VersionFinding, VersionFormat
from platformpm.formats.version.shapes import Grade
from platformpm.formats.version.tokens import LONGEST, asked, evident, stamped

_MAYBE_ANOTHER = re.compile(
    r"\d+(?:\.\d+)?|\d{2,3}(?:\.\d{1,3}){3}|\d{4}-\d\d-\d\d(?:[T_ ]?\d\d[:-]?\d\d.*)?", re.ASCII
)
"""A measurement, an address, a date or a moment."""
_SOURCE = "https://next.sonarqube.com/sonarqube/web_api/api/server (GET api/server/version) and common practice"


def _evident_alone(value: object) -> str | None:
    """Give an evident version that cannot be something else: `0.98` as a whole body may measure anything."""
    text = evident(value)
    return None if text is None or _MAYBE_ANOTHER.fullmatch(text) else text


def _text(grade: Grade) -> VersionFormat:
    def read(payload: Payload) -> VersionFinding | None:
        if len(payload.response.body) > LONGEST + 10:
            return None
        version = grade(payload.text.strip().strip('"'))
        return None if version is None else VersionFinding(version, "body")

    return VersionFormat("text", _SOURCE, read)


TEXT = _text(_evident_alone)
TEXT_ASKED = _text(asked)

_ETCD = re.compile(r"etcd (\d\S*)", re.ASCII)


def _read_line(payload: Payload) -> VersionFinding | None:
    if len(payload.response.body) > 2 * LONGEST:
        return None
    text = payload.text.strip()
    etcd, envoy = _ETCD.fullmatch(text), envoy_line(text)
    version = stamped(etcd[1]) if etcd else envoy.release if envoy else None
    return VersionFinding(version, "etcd text" if etcd else "envoy text") if version else None


PRODUCT_LINE = VersionFormat(
    "product line",
    "https://etcd.io/docs/v2.3/other_apis/ (GET /version of 2.0) and "
    "https://www.envoyproxy.io/docs/envoy/v1.8.0/operations/admin#get--server_info",
    _read_line,
)

_OPENAPI_FIRST = re.compile(r"(?:\s|#[^\n]*\n|---)*(?:openapi|swagger):", re.ASCII)
_YAML_VERSION = re.compile(r"""(\s+)version:\s+(?:"([^"]*)"|'([^']*)'|([^\s#]+))\s*(?:#.*)?""", re.ASCII)
_MOST_LINES = 500


def _read_openapi_yaml(payload: Payload) -> VersionFinding | None:
    """Read `version` in the block `info`, line by line: it stands near the top, and the rest is not looked at."""
    if not _OPENAPI_FIRST.match(payload.text[:4000]):
        return None
    inside, depth = False, ""
    for line in payload.text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        bare = line.rstrip()
        if not bare or bare.lstrip().startswith("#"):
            continue
        indent = bare[: len(bare) - len(bare.lstrip())]
        if not indent:
            inside, depth = bare.split("#")[0].rstrip() == "info:", ""
            continue
        depth = depth or indent
        match = _YAML_VERSION.fullmatch(bare) if inside and indent == depth else None
        if match:
            version = asked(match[2] or match[3] or match[4])
            return None if version is None else VersionFinding(version, "openapi info.version")
    return None


OPENAPI_YAML = VersionFormat("openapi yaml", "https://spec.openapis.org/oas/v3.1.0.html#format", _read_openapi_yaml)
