from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from platformpm.model.inventory import Environment
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Reason, Status, Verdict
from platformpm.model.text import safe_text
from platformpm.model.version import Drift
from platformpm.report.documents import verdict_on
from platformpm.report.junit import render
from platformpm.report.told import Told
from tests.unit.report.hostile import pictures
from tests.unit.report.pictures import DOWN, SLOW, UP, host, instance, picture, reading, service, troubled

GOLDEN = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="Acme Commerce" tests="7" failures="3" errors="0" time="1.260">
  <testsuite name="production" tests="6" failures="2" errors="0" skipped="0" time="0.872" timestamp="2026-11-22T07:00:00" hostname="ci-7" id="0">
    <testcase classname="production.catalog" name="catalog/eu-1" time="0.012" />
    <testcase classname="production.catalog" name="catalog/us-1" time="0.012" />
    <testcase classname="production.checkout" name="checkout/eu-1" time="0.812">
      <system-out>degraded: slow: 812 ms, limit 500 ms
http://10.0.2.7:8080/eu-1?token=…
2 attempts · connect 0.4 ms · first byte 11 ms · transfer 0.6 ms · dialect spring-boot · version 2.4.0
off target: 2.4.0 (behind, target 2.4.1)</system-out>
    </testcase>
    <testcase classname="production.ledger" name="ledger/a" time="0.012">
      <failure type="status" message="status: HTTP 503, expected 2xx">status: HTTP 503, expected 2xx
http://10.0.2.7:8080/a?token=…
2 attempts · connect 0.4 ms · first byte 11 ms · transfer 0.6 ms · dialect spring-boot · failing db · version 2.4.1</failure>
    </testcase>
    <testcase classname="production.ledger" name="ledger/b" time="0.012" />
    <testcase classname="production.ledger" name="ledger/c" time="0.012">
      <failure type="status" message="status: HTTP 503, expected 2xx">status: HTTP 503, expected 2xx
http://10.0.2.7:8080/c?token=…
2 attempts · connect 0.4 ms · first byte 11 ms · transfer 0.6 ms · dialect spring-boot · failing db · version 2.4.1</failure>
    </testcase>
  </testsuite>
  <testsuite name="hosts" tests="1" failures="1" errors="0" skipped="0" time="0.000" timestamp="2026-11-22T07:00:00" hostname="ci-7" id="1">
    <testcase classname="hosts" name="local" time="0.000">
      <failure type="limit" message="limit: disk /var 97 %, limit 95 %">limit: disk /var 97 %, limit 95 %</failure>
    </testcase>
  </testsuite>
</testsuites>
"""
# What junit-10.xsd of Jenkins' xUnit plugin lets stand where; Surefire's schema knows the same of these.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": {
        *(
            "name",
            "tests",
            "failures",
            "errors",
            "time",
            "disabled",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
        ),
    },
    "testcase": {"name", "assertions", "time", "classname", "status"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set(),
}
REQUIRED = {"testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"}}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "system-out"},
}


def valid(text: str) -> ET.Element:
    """Parse a report and hold it to the schema and to its own counts."""
    root = ET.fromstring(text.encode("utf-8"))
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert set(element.attrib) >= REQUIRED.get(element.tag, set())
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    for group in (root, *root):
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert int(group.attrib[attribute]) == len(list(group.iter(tag)))
    assert all(len(case) <= 1 and float(case.attrib["time"]) >= 0 for case in root.iter("testcase"))
    return root


def test_a_suite_for_each_environment_and_a_case_for_each_instance() -> None:
    text = render(Told(troubled(), took=1.26, hostname="ci-7"))
    assert text == GOLDEN
    valid(text)


@pytest.mark.parametrize(
    ("seen", "tag"),
    [
        (UP, None),
        (SLOW, "system-out"),
        (DOWN, "failure"),
        (reading(Status.UNKNOWN, Reason.UNAUTHORIZED, "HTTP 401"), "error"),
        (None, "error"),
    ],
)
def test_degraded_passes_with_output_down_fails_and_unknown_is_an_error(seen: object, tag: str | None) -> None:
    root = valid(render(Told(picture([service("a", [instance("a", "1", seen)])]))))  # type: ignore[arg-type]
    (case,) = root.iter("testcase")
    assert [child.tag for child in case] == ([] if tag is None else [tag])


def test_what_is_off_target_says_so_and_passes() -> None:
    states = [instance("a", "1", UP, "<1>"), instance("a", "2", DOWN, "2.0")]
    root = valid(render(Told(picture([service("a", states, target="2.0", drift=Drift.MIXED)]))))
    (output,) = root.iter("system-out")
    assert output.text == "off target: <1> ×1, 2.0 ×1 (mixed, target 2.0)"
    (failure,) = root.iter("failure")
    assert (failure.text or "").endswith(output.text)
    assert root.get("failures") == "1"


def test_suites_are_in_promotion_order() -> None:
    states = [service(name, [instance(name, "1", UP)]) for name in "ab"]
    placed = [replace(s, environment=Environment(e)) for s, e in zip(states, ("live", "dev"), strict=True)]
    snapshot = picture(placed)
    order = (Environment("dev"), Environment("empty"), Environment("live"))
    snapshot = replace(snapshot, inventory=replace(snapshot.inventory, environments=order))
    assert [suite.get("name") for suite in valid(render(Told(snapshot)))] == ["dev", "live"]


def test_a_service_that_is_worse_than_all_its_instances_fails_by_itself() -> None:
    state = replace(service("a", [instance("a", "1", UP)]), status=Status.DOWN)
    root = valid(render(Told(picture([state]))))
    (failure,) = root.iter("failure")
    assert failure.get("message") == "1 of 1 serving, fewer than min_up"
    assert [case.get("name") for case in root.iter("testcase")] == ["a/1", "a"]


def test_nothing_to_ask_is_no_green_report() -> None:
    root = valid(render(Told(picture())))
    assert (root.get("tests"), root.get("errors")) == ("1", "1")


def test_a_host_that_cannot_be_read_is_an_error() -> None:
    root = valid(render(Told(picture(hosts=[host(Status.UNKNOWN, Reason.INTERNAL, "no sensors")]))))
    (error,) = root.iter("error")
    assert (error.get("type"), error.get("message")) == ("internal", "internal: no sensors")


@given(snapshot=pictures())
def test_whatever_names_hold_the_report_is_valid_and_says_them(snapshot: PlatformSnapshot) -> None:
    told = Told(snapshot, hostname="\0<h>")
    root = valid(render(told))
    names = sorted(case.attrib["name"] for case in root.iter("testcase"))
    expected = [told.say(f"{i.key.service}/{i.key.instance}") for s in snapshot.services for i in s.instances]
    expected += [told.say(state.host.name) for state in snapshot.hosts]
    assert [name for name in expected if name not in names] == []
    assert root.attrib["name"] == told.platform
    verdict = verdict_on(snapshot)
    assert verdict is not Verdict.CRITICAL or int(root.attrib["failures"])
    assert verdict is not Verdict.UNKNOWN or int(root.attrib["errors"])
    assert all(safe_text(value) == value for suite in root for value in suite.attrib.values() if len(value) < 200)
