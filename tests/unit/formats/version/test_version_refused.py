"""What stands in an answer and is not believed to be its version is told, with the rule that reads it."""

from __future__ import annotations

import json

import pytest

from platformpm.formats.payload import Payload
from platformpm.formats.version import VersionFinding, read_version, recognise_version, refused_version
from platformpm.model.check import VersionRule
from platformpm.model.exchange import Response


def payload(body: object, **headers: str) -> Payload:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Payload(Response("http://h/health", 200, headers=named, body=json.dumps(body).encode()))


READ = "; version = { path = '/health', "
REFUSED = [
    ({"status": "UP", "version": "1234"}, '"1234" at version', "it may be the version of an API", "json = 'version' }"),
    ({"version": 7}, "7 at version", "it may be the version of an API or a schema", "json = 'version' }"),
    ({"service": {"version": "v2"}}, '"v2" at service.version', "it may be the", "json = 'service.version' }"),
    ({"app.version": "v2"}, '"v2" at app.version', "it may be the version of", "json = '\"app.version\"' }"),
    ({"version": "1.2 (blue)"}, '"1.2 (blue)" at version', "no version is written so", "json = 'version' }"),
    ({"version": "1." + "2" * 200}, "…", "it has 202 characters, of which 100 would be shown", "json = 'version' }"),
]


@pytest.mark.parametrize(("body", "what", "why", "rule"), REFUSED)
def test_a_refused_version_is_told_with_the_rule_that_reads_it(body: object, what: str, why: str, rule: str) -> None:
    seen = payload(body)
    assert recognise_version(seen) is None
    said = refused_version(seen, "/health")
    assert what in said
    assert why in said
    assert said.endswith(f"{READ}{rule} reads it")
    expression = said.partition("json = '")[2].partition("' }")[0]
    assert isinstance(read_version(seen, VersionRule(json=expression)), VersionFinding)


def test_a_header_is_told_too() -> None:
    said = refused_version(payload({}, x_app_version="12"), "/h")
    assert said.startswith('"12" at header x-app-version is not read')
    assert "header = 'x-app-version' }" in said


def test_a_placeholder_is_told_and_no_rule_promised() -> None:
    assert (
        refused_version(payload({"version": "unknown"}), "/h")
        == '"unknown" at version is not read: it stands for no version'
    )


@pytest.mark.parametrize("body", [{}, [], "1", {"version": True}, {"version": ""}, {"version": {"major": 1}}, None])
def test_nothing_is_told_of_what_is_not_there(body: object) -> None:
    assert refused_version(payload(body), "/h") == ""
