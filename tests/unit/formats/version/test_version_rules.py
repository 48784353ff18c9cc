"""Rules of version checks: what they find, and what a miss says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.formats.payload import Payload
from platformpm.formats.version import VersionFinding, VersionMiss, read_version
from platformpm.model.check import VersionRule
from platformpm.model.status import Reason

Answer = Callable[..., Payload]


@pytest.mark.parametrize(
    ("rule", "body", "version", "source"),
    [
        (VersionRule(json="build.version"), {"build": {"version": "2.4.1"}}, "2.4.1", "json build.version"),
        (VersionRule(json="version"), {"version": 42}, "42", "json version"),
        (VersionRule(json="version"), {"version": 2.5}, "2.5", "json version"),
        (VersionRule(json="[?name=='a'].v | [0]"), [{"name": "a", "v": "7"}], "7", "json [?name=='a'].v | [0]"),
        (VersionRule(json="join('.', [a, b])"), {"a": "2", "b": "4"}, "2.4", "json join('.', [a, b])"),
        (VersionRule(json="@"), '"2.4.1"', "2.4.1", "json @"),
        (VersionRule(json="v"), {"v": "2.4.1 (build 7)"}, "2.4.1 (build 7)", "json v"),
        (VersionRule(json="v"), {"v": " 2.4.1\n"}, "2.4.1", "json v"),
        (VersionRule(json="v"), {"v": "2.4.1\x1b[31m"}, "2.4.1\ufffd[31m", "json v"),
        (VersionRule(json="v"), {"v": "1" * 150}, "1" * 99 + "…", "json v"),
        (VersionRule(header="X-Api-Version"), b"", "3", "header X-Api-Version"),
        (VersionRule(regex=r"Version: (\S+)"), "<b>Version: 2.4.1 </b>", "2.4.1", r"regex Version: (\S+)"),
        (VersionRule(regex=r"(a)(?P<version>\d+)"), "xa17", "17", r"regex (a)(?P<version>\d+)"),
        (VersionRule(regex=r"\d+\.\d+"), "now 2.4 then 2.5", "2.4", r"regex \d+\.\d+"),
        (VersionRule(metric="a_info"), 'a_info{version="2.4.1"} 1\n', "2.4.1", "metric a_info version"),
    ],
)
def test_a_rule_finds_the_version(answer: Answer, rule: VersionRule, body: object, version: str, source: str) -> None:
    payload = answer(body, {"X-Api-Version": "3", "X-App-Version": "9.9.9"})
    assert read_version(payload, rule) == VersionFinding(version, source)


@pytest.mark.parametrize(
    ("rule", "body", "reason", "said"),
    [
        (
            VersionRule(json="build.version"),
            {"a": 1, "b": 2},
            Reason.PAYLOAD,
            "nothing at build.version in a JSON object with a, b",
        ),
        (VersionRule(json="v"), {"v": None}, Reason.PAYLOAD, "nothing at v in a JSON object with v"),
        (VersionRule(json="v"), {"v": {"x": 1}}, Reason.PAYLOAD, "no version at v: an object"),
        (VersionRule(json="v"), {"v": ["2.4.1"]}, Reason.PAYLOAD, "no version at v: a list"),
        (VersionRule(json="v"), {"v": True}, Reason.PAYLOAD, "no version at v: True"),
        (VersionRule(json="v"), {"v": "unknown"}, Reason.PAYLOAD, "no version at v: 'unknown'"),
        (VersionRule(json="v"), {"v": ""}, Reason.PAYLOAD, "no version at v: ''"),
        (
            VersionRule(json="v"),
            "<html>",
            Reason.PAYLOAD,
            "looked for v in JSON, but there was 6 bytes of text/plain: '<html>'",
        ),
        (VersionRule(json="v"), b"", Reason.PAYLOAD, "looked for v in JSON, but there was an empty body"),
        (VersionRule(json="v"), "{", Reason.PAYLOAD, "looked for v in JSON, but there was 1 bytes of text/plain (Exp"),
        (
            VersionRule(json="v"),
            '{"v": ' + "9" * 5000 + "}",
            Reason.PAYLOAD,
            "looked for v in JSON, but there was 5007 bytes of text/plain (a number of 5000 digits): '{",
        ),
        (VersionRule(json="length(v)"), {"v": 1}, Reason.PAYLOAD, "length(v): "),
        (VersionRule(json="v["), {"v": 1}, Reason.CONFIG, "v[: "),
        (VersionRule(header="X-Nope"), b"", Reason.HEADER, "no header X-Nope; there were server, content-type"),
        (VersionRule(header="Server"), b"", Reason.HEADER, "no version in header Server: '-'"),
        (
            VersionRule(regex="v([0-9]+)"),
            "none",
            Reason.PAYLOAD,
            "v([0-9]+) not found in 4 bytes of text/plain: 'none'",
        ),
        (VersionRule(regex="(a)|b"), "b", Reason.PAYLOAD, "no version in what (a)|b found: 'b'"),
        (VersionRule(regex="("), "b", Reason.CONFIG, "(: missing )"),
        (VersionRule(), {"status": "ok"}, Reason.PAYLOAD, "no known version format in a JSON object with status"),
    ],
)
def test_a_miss_says_what_was_sought_and_what_was_there(
    answer: Answer, rule: VersionRule, body: object, reason: Reason, said: str
) -> None:
    miss = read_version(answer(body, {"Server": "-"}), rule)
    assert isinstance(miss, VersionMiss)
    assert miss.reason is reason
    assert miss.detail.startswith(said)
    assert len(miss.detail) <= 200


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.UNAUTHORIZED),
        (403, Reason.UNAUTHORIZED),
        (407, Reason.UNAUTHORIZED),
        (429, Reason.RATE_LIMITED),
        (404, Reason.STATUS),
        (302, Reason.STATUS),
        (503, Reason.STATUS),
    ],
)
def test_a_status_that_is_no_success_is_a_miss_whatever_the_body_says(
    answer: Answer, status: int, reason: Reason
) -> None:
    payload = answer({"version": "2.4.1"}, status=status)
    for rule in (VersionRule(), VersionRule(json="version")):
        assert read_version(payload, rule) == VersionMiss(reason, f"HTTP {status}, expected 2xx")


@pytest.mark.parametrize(
    ("status", "body", "version"),
    [
        (503, {"commit": "03f502a", "database": "failing", "version": "10.4.1"}, "10.4.1"),
        (
            503,
            {"status": 503, "cluster_name": "c", "version": {"number": "1.7.5"}, "tagline": "You Know, for Search"},
            "1.7.5",
        ),
    ],
)
def test_a_failing_product_still_tells_its_version(answer: Answer, status: int, body: object, version: str) -> None:
    found = read_version(answer(body, status=status), VersionRule())
    assert isinstance(found, VersionFinding)
    assert found.version == version
    assert isinstance(read_version(answer(body, status=401), VersionRule()), VersionMiss)


@pytest.mark.parametrize("status", [429, 472, 473, 503])
def test_vault_tells_its_version_by_any_of_its_own_statuses(answer: Answer, status: int) -> None:
    payload = answer({"initialized": True, "sealed": False, "version": "1.15.6"}, status=status)
    assert read_version(payload, VersionRule()) == VersionFinding("1.15.6", "vault version")


def test_a_body_cut_at_the_cap_is_the_reason_of_a_miss(answer: Answer) -> None:
    for rule in (VersionRule(json="version"), VersionRule(regex="nowhere"), VersionRule(metric="a_info")):
        miss = read_version(answer(b'{"version": "2.4.1"', complete=False), rule)
        assert isinstance(miss, VersionMiss)
        assert miss.reason is Reason.TOO_LARGE


def test_hostile_text_never_reaches_a_detail(answer: Answer) -> None:
    nasty = "\x1b]52;c;eA==\x07\u202e" * 50
    for rule in (VersionRule(json="v"), VersionRule(header="X-\x1b[31m"), VersionRule(regex="nowhere"), VersionRule()):
        for payload in (answer(nasty), answer({nasty: nasty, "v": [nasty]}, {"x\x1b": nasty})):
            result = read_version(payload, rule)
            assert isinstance(result, VersionMiss)
            assert result.detail.isprintable()
            assert len(result.detail) <= 200


def test_a_pattern_that_ruins_other_engines_is_answered(answer: Answer) -> None:
    assert isinstance(read_version(answer("a" * 50_000), VersionRule(regex="(a|aa)+$b")), VersionMiss)


def test_a_header_that_contradicts_itself_is_no_version(answer: Answer) -> None:
    rule = VersionRule(header="X-Release")
    same = [("X-Release", "2.4.1"), ("X-Release", "2.4.1"), ("X-Release", "unknown")]
    assert read_version(answer(b"", same), rule) == VersionFinding("2.4.1", "header X-Release")
    miss = read_version(answer(b"", [*same, ("X-Release", "2.5.0")]), rule)
    assert miss == VersionMiss(Reason.HEADER, "header X-Release has several values: 2.4.1, 2.5.0")
