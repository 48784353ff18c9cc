"""Bodies of text in which a version check finds a version: a product's own line, OpenAPI written as YAML."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.formats.payload import Payload
from platformpm.formats.version import VersionFinding, VersionMiss, read_version
from platformpm.model.check import VersionRule

Answer = Callable[..., Payload]
ENVOY = {"version": "5eea1cda/1.20.0-dev/Clean/RELEASE/BoringSSL", "state": "LIVE"}


# https://etcd.io/docs/v2.3/other_apis/ and https://www.envoyproxy.io/docs/envoy/v1.8.0/operations/admin
@pytest.mark.parametrize(
    ("body", "version", "source"),
    [
        ("etcd 2.0.12", "2.0.12", "etcd text"),
        ("envoy 267c23d/1.8.0/Clean/RELEASE live 571 571 0\n", "1.8.0", "envoy text"),
        (ENVOY, "1.20.0-dev", "envoy version"),
    ],
)
def test_a_line_or_build_of_a_product(answer: Answer, body: object, version: str, source: str) -> None:
    assert read_version(answer(body), VersionRule()) == VersionFinding(version, source)


# https://spec.openapis.org/oas/v3.1.0.html#format
@pytest.mark.parametrize(
    ("body", "version"),
    [
        ("openapi: 3.0.3\ninfo:\n  title: Pets\n  version: 1.0.17\npaths: {}\n", "1.0.17"),
        ("---\n# made by hand\nswagger: '2.0'\ninfo:\n    version: '2.4'  # ours\n    title: x\n", "2.4"),
        ('openapi: "3.1.0"\r\ninfo:\r\n  description: |\r\n    version: 9.9\r\n  version: "7"\r\n', "7"),
        ("openapi: 3.0.3\nx-info:\n  version: 9.9\ninfo:\n  version: v3\n", "v3"),
    ],
)
def test_openapi_written_as_yaml(answer: Answer, body: str, version: str) -> None:
    assert read_version(answer(body), VersionRule()) == VersionFinding(version, "openapi info.version")


@pytest.mark.parametrize(
    "body",
    [
        "the etcd 2.0.12 of us",
        "etcd latest",
        "envoy 1.8.0 live",
        "openapi: 3.0.3\npaths:\n  version: 9.9\n",
        "openapi: 3.0.3\ninfo:\n  contact:\n    version: 9.9\n",
        "openapi: 3.0.3\ninfo:\n  version: ${project.version}\n",
        "info:\n  version: 9.9\n",
        "openapi: 3.0.3\n" + "#\n" * 5_000 + "info:\n  version: 9.9\n",
    ],
)
def test_other_texts_tell_none(answer: Answer, body: str) -> None:
    assert isinstance(read_version(answer(body), VersionRule()), VersionMiss)
