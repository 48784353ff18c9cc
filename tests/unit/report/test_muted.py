"""What is muted in the outcome of `check`: every format shows it, and none lets it decide."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC
from xml.etree.ElementTree import fromstring
from zoneinfo import ZoneInfo

import pytest

from platformpm.engine.once import with_silences
from platformpm.model.inventory import Inventory, Platform
from platformpm.model.silence import Muted, Once, Silence, Weekly
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift
from platformpm.report import github, junit, markdown, nagios, prometheus, silences
from platformpm.report.checktext import Detail, check_text
from platformpm.report.documents import check_document, verdict_on
from platformpm.report.table import Style
from platformpm.report.told import Told
from platformpm.report.words import moment, rfc3339
from tests.unit.report.pictures import AT, DOWN, SLOW, UP, host, instance, picture, service
from tests.unit.report.test_documents import SCHEMA, VALIDATOR, keys_of

DEPLOY = Muted(AT + 3600, "deploy | 2.5", "a1b2")
WORDS = "muted until 08:00:00: deploy | 2.5"
DATED = "muted until 2026-11-22 08:00+00:00: deploy | 2.5"
HOUR = 3600.0


def shown(*subjects: str) -> PlatformSnapshot:
    """Give a platform with one service up, one slow, one down and a host over its limit; `subjects` of it are muted."""
    rows = [service(name, [instance(name, "eu-1", seen)]) for name, seen in (("a", UP), ("b", SLOW), ("c", DOWN))]
    every = picture(rows, [host(Status.DOWN, Reason.LIMIT, "disk /var 97 %, limit 95 %")])
    in_utc = replace(every, inventory=Inventory(platform=Platform("Acme", "UTC")))
    return with_silences(in_utc, dict.fromkeys(subjects, DEPLOY))


QUIET = shown("c@production", "host:local")


@pytest.mark.parametrize(
    ("subjects", "verdict"),
    [
        ((), "critical"),
        (("c@production",), "critical"),
        (("host:local",), "critical"),
        (("c@production", "host:local"), "warning"),
        (("b@production", "c@production", "host:local"), "ok"),
        (("a@production", "b@production", "c@production", "host:local"), "ok"),
    ],
)
def test_what_is_muted_does_not_decide_the_verdict(subjects: tuple[str, ...], verdict: str) -> None:
    assert verdict_on(shown(*subjects)) == verdict


def test_json_says_until_when_and_why() -> None:
    document = check_document(QUIET)
    VALIDATOR.validate(document)
    keys_of(document, SCHEMA)
    assert (document["verdict"], document["exit_code"]) == ("warning", 1)
    assert document["counts"] == {"up": 1, "degraded": 1, "down": 0, "unknown": 0, "muted": 1}
    told = json.loads(json.dumps(document))
    mark = {"until": rfc3339(AT + 3600), "reason": "deploy | 2.5", "silence": "a1b2"}
    assert [one["muted"] for one in told["services"]] == [None, None, mark]
    assert [one["status"] for one in told["services"]] == ["up", "degraded", "down"]
    assert told["hosts"][0]["muted"] == mark
    assert list(told["services"][0])[-2:] == ["muted", "instances"]


def test_text_shows_it_last_without_colour_and_says_that_it_is_not_counted() -> None:
    lines = check_text(QUIET, Style(), Detail(), 1.0).splitlines()
    rows = [line for line in lines if line and not line.startswith(" ")]
    assert [line[:10] for line in rows] == ["◐ degraded", "⊘ down    ", "⊘ down  ho", "◐ warning "]
    assert f"{WORDS} · status: HTTP 503" in rows[1]
    assert f"{WORDS} · limit: disk /var" in rows[2]
    assert "1 up, 1 degraded, 0 down, 0 unknown · 1 muted, not counted · hosts: 1 muted, not counted" in rows[3]
    assert all(line.isascii() for line in check_text(QUIET, Style(unicode=False), Detail(), 1.0).splitlines())


def test_junit_skips_it() -> None:
    root = fromstring(junit.render(Told(QUIET)))
    cases = {str(case.get("name")): [part.tag for part in case] for case in root.iter("testcase")}
    assert cases == {"a/eu-1": [], "b/eu-1": ["system-out"], "c/eu-1": ["skipped"], "local": ["skipped"]}
    skipped = root.find(".//skipped")
    assert skipped is not None
    assert skipped.get("message") == f"down, {DATED}"
    assert "HTTP 503" in (skipped.text or "")
    assert [suite.get("skipped") for suite in root] == ["1", "1"]
    assert (root.get("failures"), root.get("errors"), root.get("tests")) == ("0", "0", "4")


def test_nagios_neither_names_nor_counts_it() -> None:
    text, _, figures = nagios.render(Told(QUIET)).partition(" | ")
    assert text.startswith("PLATFORMPM WARNING - Acme: 1 up, 1 degraded, 0 down, 0 unknown; 1 muted, not counted;")
    assert "c@production" not in text
    assert " down=0;;0;0;2 " in figures
    assert re.findall(r"'([^']+)'=", figures) == ["a@production", "b@production"]


def test_nagios_hears_nothing_of_the_target_of_what_is_muted() -> None:
    drifting = tuple(replace(state, target="2.5.0", drift=Drift.BEHIND) for state in QUIET.services)
    text, _, figures = nagios.render(Told(replace(QUIET, services=drifting))).partition(" | ")
    assert "; 2 off target;" in text
    assert re.findall(r"(\S+) 2\.4\.1 \(behind", text) == ["a@production", "b@production"]
    assert " off_target=2;;;0;2 " in figures


def test_an_end_that_is_read_elsewhere_has_the_offset_of_the_platform() -> None:
    shanghai = Inventory(platform=Platform("Acme", "Asia/Shanghai"))
    text = junit.render(Told(replace(QUIET, inventory=shanghai)))
    assert "muted until 2026-11-22 16:00+08:00: deploy" in text


def test_prometheus_keeps_the_status_and_says_that_it_is_muted() -> None:
    lines = prometheus.render(Told(QUIET)).splitlines()
    assert 'platformpm_service_status{environment="production",service="c",status="down"} 1' in lines
    assert 'platformpm_service_muted{environment="production",service="c"} 1' in lines
    assert 'platformpm_service_muted{environment="production",service="a"} 0' in lines
    assert 'platformpm_host_muted{host="local"} 1' in lines
    assert 'platformpm_verdict{verdict="warning"} 1' in lines


def test_github_gives_notice_of_it() -> None:
    lines = github.render(Told(QUIET)).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::warning", "::notice", "::notice", "::notice"]
    assert lines[1] == f"::notice title=c@production is down::{DATED}%0Astatus: HTTP 503, expected 2xx"


def test_markdown_marks_it() -> None:
    rows = [line for line in markdown.render(Told(QUIET)).splitlines() if line.startswith("| ⊘")]
    assert len(rows) == 2
    assert rows[0].startswith("| ⊘ down | c | production |")
    assert r"muted until 2026-11-22 08:00+00:00: deploy \| 2.5 · status: HTTP 503" in rows[0]


OVERNIGHT = Silence("a1b3", ("b",), Once(AT - 60, AT + 17.5 * HOUR))


class TestTheList:
    KNOWN = (
        Silence("past", ("a",), Once(AT - HOUR, AT), "over"),
        Silence("maintenance-1", ("host:*",), Weekly(6, 8 * 60, HOUR, ZoneInfo("UTC")), "patches", declared=True),
        Silence("later", ("c",), Once(AT + HOUR, AT + 2 * HOUR)),
        Silence("a1b2", ("b@production", "!x"), Once(AT - 60, AT + HOUR), "deploy \x1b[31m"),
    )

    def test_what_is_in_force_comes_first_and_what_is_over_not_at_all(self) -> None:
        lines = silences.lines(self.KNOWN, AT, ZoneInfo("UTC"), Style())
        assert [line.split()[:2] for line in lines] == [["⊘", "a1b2"], ["maintenance-1", "from"], ["later", "from"]]
        assert "until 08:00:00" in lines[0]
        late = silences.lines(self.KNOWN, AT, ZoneInfo("Pacific/Auckland"), Style())
        assert "until 21:00:00" in late[0], "20:00 is now"
        assert "from 21:00:00" in late[1]
        assert "until 2026-11-23 00:30" in silences.lines([OVERNIGHT], AT, ZoneInfo("UTC"), Style())[0]
        assert "b@production !x" in lines[0]
        assert "\x1b" not in lines[0]
        assert "each week, [[maintenance]]  patches" in lines[1]

    def test_programs_get_moments_in_utc(self) -> None:
        document = silences.document(self.KNOWN, "Acme", AT)
        entries = document["silences"]
        assert isinstance(entries, list)
        assert [(one["id"], one["in_force"], one["declared"]) for one in entries] == [
            ("a1b2", True, False),
            ("maintenance-1", False, True),
            ("later", False, False),
        ]
        assert entries[1]["since"] == "2026-11-22T08:00:00Z"


def test_a_date_of_another_year_says_its_year() -> None:
    assert moment(AT + 370 * 86400, AT, UTC, 12) == "27 Nov 2027"
    assert moment(AT + 200 * 86400, AT, UTC, 12) == "10 Jun 07:00"
