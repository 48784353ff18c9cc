"""Builds as Envoy writes them, read alike by the health dialect and by the version format.

https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--server_info shows `version` as
`<revision>/<release>/<status>/<build type>/<TLS library>`. Which words can stand where is in
https://github.com/envoyproxy/envoy/blob/main/source/common/version/version.cc and …/bazel/get_workspace_status.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.formats.health import recognise
from platformpm.formats.payload import Payload
from platformpm.formats.version import VersionFinding, VersionMiss, read_version
from platformpm.formats.version.envoy import EnvoyLine, envoy_line, is_build, release_of
from platformpm.model.check import VersionRule

Answer = Callable[..., Payload]
SHA = "816188b86a0a52095b116b107f576324082c7c02"
BUILDS = [
    (f"{SHA}/1.29.0/Clean/RELEASE/BoringSSL", "1.29.0"),
    (f"{SHA}/1.31.0/Distribution/RELEASE/BoringSSL", "1.31.0"),
    (f"{SHA}/1.36.2/Modified/RELEASE/BoringSSL-FIPS-2023042800", "1.36.2"),
    (f"{SHA}/1.12.4/Clean/DEBUG/OpenSSL_1.1.1", "1.12.4"),
    (f"{SHA}/1.37.0-dev/Clean/RELEASE/no-ssl", "1.37.0-dev"),
    (f"{SHA}/1.9.0-dev/Modified/DEBUG", "1.9.0-dev"),
    (f"{SHA}/20240104-1.26.3-65-g2f7ac77/Modified/DEBUG/BoringSSL", "20240104-1.26.3-65-g2f7ac77"),
    ("v1.18.2/1.18.2/Distribution/RELEASE/BoringSSL", "1.18.2"),
    ("5eea1cda/1.20.0-dev/Clean/RELEASE/BoringSSL", "1.20.0-dev"),
]


@pytest.mark.parametrize(("build", "release"), BUILDS)
def test_a_build_is_known_and_tells_its_release_to_both_readers(answer: Answer, build: str, release: str) -> None:
    assert is_build(build)
    assert release_of(build) == release
    page = answer({"version": build, "state": "LIVE"})
    assert read_version(page, VersionRule()) == VersionFinding(release, "envoy version")
    verdict = recognise(page, "auto")
    assert verdict is not None
    assert (verdict.dialect, verdict.version) == ("envoy", release)


@pytest.mark.parametrize(
    ("other", "release"),
    [
        ("1.29.0", "1.29.0"),
        ("816188b8/1.29.0", "1.29.0"),
        (f"{SHA}/1.29.0/Clean/Release/BoringSSL", "1.29.0"),
        (f"{SHA}/1.29.0/Clean/RELEASE/BoringSSL/more", "1.29.0"),
        (f"{SHA}/RELEASE", None),
        (f"{SHA}/main/Clean/release", None),
        ("registry.example/team/app/RELEASED/1", None),
        (" /1/2/RELEASE", None),
        (f"{SHA}/{'1.2' * 100}/Clean/RELEASE/BoringSSL", None),
        ("", None),
        (1.29, None),
        (None, None),
    ],
)
def test_what_is_no_build_tells_a_release_only_by_a_number_with_dots(other: object, release: str | None) -> None:
    assert not is_build(other)
    assert release_of(other) == release


def test_a_build_without_a_release_tells_none(answer: Answer) -> None:
    assert release_of(f"{SHA}/main/Clean/RELEASE/BoringSSL") is None
    page = answer({"version": f"{SHA}/main/Clean/RELEASE/BoringSSL", "state": "LIVE"})
    assert isinstance(read_version(page, VersionRule()), VersionMiss)


# https://www.envoyproxy.io/docs/envoy/v1.8.0/operations/admin#get--server_info
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("envoy 267c23d/1.8.0/Clean/RELEASE live 571 571 0", EnvoyLine("1.8.0", "live")),
        ("envoy 267c23d/1.8.0/Modified/DEBUG draining 1 2 3", EnvoyLine("1.8.0", "draining")),
        ("envoy 267c23d/1.8.0/Distribution/RELEASE/BoringSSL live", EnvoyLine("1.8.0", "live")),
        ("envoy 267724/RELEASE live 1571 1571 0", None),
        ("envoy 1.8.0 live", None),
        ("envoy 267c23d/1.8.0/Clean/RELEASE starting 571 571 0", None),
        ("the envoy 267c23d/1.8.0/Clean/RELEASE live 571 571 0", None),
    ],
)
def test_the_line_of_an_old_release(text: str, line: EnvoyLine | None) -> None:
    assert envoy_line(text) == line
