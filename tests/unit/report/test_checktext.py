import re
from dataclasses import replace

import pytest

from platformpm.model.check import Check, TlsSettings
from platformpm.model.reading import Reading
from platformpm.model.state import ServiceState
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift
from platformpm.report.checktext import Detail, check_text
from platformpm.report.hints import HINTS, hint
from platformpm.report.rows import urgency
from platformpm.report.table import Style
from tests.unit.report.pictures import DOWN, SLOW, UP, host, instance, picture, service, troubled

PLAIN = Style()


def test_problems_come_first_then_hosts_then_the_summary() -> None:
    assert (
        check_text(troubled(), PLAIN, Detail(), 1.26)
        == """\
◐ degraded  checkout@production  1/1 serving  2.4.0 (behind, target 2.4.1)  slow: 812 ms, limit 500 ms
    ◐ degraded  eu-1  812 ms  http://10.0.2.7:8080/eu-1?token=…
◐ degraded  ledger@production    1/3 serving  2.4.1                         status: HTTP 503, expected 2xx (2 of 3 instances)
    ✖ down      a      12 ms  http://10.0.2.7:8080/a?token=…
    ✖ down      c      12 ms  http://10.0.2.7:8080/c?token=…
    ● and 1 more up

✖ down  host local  cpu 12%  memory 40%  disk /var 97%  load 0.40  limit: disk /var 97 %, limit 95 %

✖ critical · Acme Commerce · 1 up, 2 degraded, 0 down, 0 unknown · 1 off target · hosts: 1 down · 1.3 s
"""
    )


def test_a_healthy_platform_is_one_line() -> None:
    snapshot = picture([service("a", [instance("a", "1", UP)])], [host()])
    assert check_text(snapshot, PLAIN, Detail(), 0.5) == (
        "● ok · Acme Commerce · 1 up, 0 degraded, 0 down, 0 unknown · hosts: 1 up · 0.5 s\n"
    )


def test_what_is_off_target_has_a_line_after_the_problems_and_decides_nothing() -> None:
    drifts = {
        "early": Drift.AHEAD,
        "late": Drift.BEHIND,
        "other": Drift.DIFFERENT,
        "fine": Drift.CURRENT,
        "?": Drift.UNKNOWN,
    }
    rows = [service(name, [instance(name, "1", UP)], target="2.4.2", drift=drift) for name, drift in drifts.items()]
    assert check_text(picture(rows), PLAIN, Detail(), 0.5) == (
        "● up  early@production  1/1 serving  2.4.1 (ahead, target 2.4.2)\n"
        "● up  late@production   1/1 serving  2.4.1 (behind, target 2.4.2)\n"
        "● up  other@production  1/1 serving  2.4.1 (different, target 2.4.2)\n"
        "\n"
        "● ok · Acme Commerce · 5 up, 0 degraded, 0 down, 0 unknown · 3 off target · 0.5 s\n"
    )
    text = check_text(picture([*rows, service("bad", [instance("bad", "1", DOWN)])]), PLAIN, Detail(), 0.5)
    assert re.findall(r"(\w+)@", text) == ["bad", "early", "late", "other"]


def test_everything_lists_what_is_up_after_the_problems() -> None:
    text = check_text(troubled(), PLAIN, Detail(everything=True), 1.0)
    assert re.findall(r"^\S+ \S+ +(\w+)@", text, re.MULTILINE) == ["checkout", "ledger", "catalog"]
    assert re.findall(r"^    ● up +(\S+)", text, re.MULTILINE) == ["b", "eu-1", "us-1"]
    assert "more up" not in text


def test_instances_say_their_versions_where_they_differ_and_why_there_is_none() -> None:
    lost = replace(instance("a", "lost", UP, None), version_reason=Reason.STATUS, version_detail="HTTP 404")
    instances = [instance("a", "old", UP), instance("a", "new", UP, "2.5.0"), lost]
    text = check_text(picture([service("a", instances)]), PLAIN, Detail(everything=True), 1.0)
    lines = [line.split() for line in text.splitlines()[1:4]]
    assert [line[3] for line in lines[:2]] == ["2.4.1", "2.5.0"]
    assert lines[2][-5:] == ["no", "version:", "status:", "HTTP", "404"]


def test_an_instance_of_which_any_certificate_is_accepted_is_told_apart() -> None:
    checked = instance("a", "safe", UP)
    lax = Check(tls=TlsSettings(verify=False))
    unsafe = replace(checked, instance=replace(checked.instance, scheme="https", health=lax))
    plain = replace(checked, instance=replace(checked.instance, health=lax))
    text = check_text(picture([service("a", [checked, unsafe, plain])]), PLAIN, Detail(everything=True), 1.0)
    assert [line.endswith("  unverified") for line in text.splitlines()[1:4]] == [False, True, False]


def test_the_worst_comes_first_and_equals_keep_the_order_of_the_inventory() -> None:
    names = {"slow": SLOW, "broken": DOWN, "late": SLOW, "dead": DOWN}
    snapshot = picture(service(name, [instance(name, "1", seen)]) for name, seen in names.items())
    text = check_text(snapshot, PLAIN, Detail(), 1.0)
    assert re.findall(r"(\w+)@", text) == ["broken", "dead", "slow", "late"]


def test_of_equals_those_in_critical_environments_come_first_and_of_these_tier_1() -> None:
    def row(name: str, tier: int | None, *, critical: bool, seen: Reading = DOWN) -> ServiceState:
        state = service(name, [instance(name, "1", seen)])
        environment = replace(state.environment, critical=critical)
        return replace(state, service=replace(state.service, tier=tier), environment=environment)

    rows = [
        row("slow", 1, critical=True, seen=SLOW),
        row("dev", 1, critical=False),
        row("plain", None, critical=True),
        row("second", 2, critical=True),
        row("first", 1, critical=True),
    ]
    text = check_text(picture(rows), PLAIN, Detail(), 1.0)
    assert re.findall(r"(\w+)@", text) == ["first", "second", "plain", "dev", "slow"]
    assert [state.service.name for state in sorted(rows, key=urgency)] == re.findall(r"(\w+)@", text)


def test_verbose_says_how_each_instance_answered() -> None:
    text = check_text(troubled(), PLAIN, Detail(verbose=True), 1.0)
    assert (
        "        2 attempts · connect 0.4 ms · first byte 11 ms · transfer 0.6 ms · dialect spring-boot · failing db · "
        "version 2.4.1\n"
    ) in text


def test_verbose_says_what_was_seen_of_an_instance_that_is_up() -> None:
    seen = replace(UP, detail='HTTP 200; status "banana" is not a word platformpm knows', dialect=None)
    text = check_text(picture([service("a", [instance("a", "1", seen)])]), PLAIN, Detail(verbose=True), 1.0)
    assert 'attempts · HTTP 200; status "banana" is not a word platformpm knows · connect' in text


@pytest.mark.parametrize(
    ("more", "said"),
    [(0, "failing db · "), (17, "failing db and 17 more · "), (499, "failing db and at least 499 more · ")],
)
def test_failing_components_that_are_not_named_are_counted(more: int, said: str) -> None:
    seen = replace(DOWN, failing_more=more)
    text = check_text(picture([service("a", [instance("a", "1", seen)])]), PLAIN, Detail(verbose=True), 1.0)
    assert said in text


def test_an_instance_that_was_never_read_says_so() -> None:
    text = check_text(picture([service("new", [instance("new", "1", None)])]), PLAIN, Detail(), 1.0)
    assert text.startswith("? unknown  new@production  0/1 serving  not read yet\n")


def test_instances_that_differ_each_say_why() -> None:
    states = [instance("a", "eu-1", DOWN), instance("a", "us-1", SLOW)]
    text = check_text(picture([service("a", states)]), PLAIN, Detail(), 1.0)
    assert re.search(r"eu-1 .* status: HTTP 503, expected 2xx$", text, re.MULTILINE)
    assert re.search(r"us-1 .* slow: 812 ms, limit 500 ms$", text, re.MULTILINE)
    assert re.search(
        r"^◐ degraded .* status: HTTP 503, expected 2xx \(1 of 2 instances, 1 more not up\)$", text, re.MULTILINE
    )


def test_versions_are_counted_where_instances_disagree() -> None:
    states = [instance("a", n, DOWN, v) for n, v in (("1", "2.4.1"), ("2", "2.4.1"), ("3", "2.5.0"))]
    text = check_text(picture([service("a", states, target="2.5.0", drift=Drift.MIXED)]), PLAIN, Detail(), 1.0)
    assert "2.4.1 ×2, 2.5.0 ×1 (mixed, target 2.5.0)" in text


def test_versions_that_differ_are_mixed_without_a_target_too() -> None:
    states = [instance("a", n, DOWN, v) for n, v in (("1", "2.4.1"), ("2", "2.5.0"))]
    text = check_text(picture([service("a", states)]), PLAIN, Detail(), 1.0)
    assert "2.4.1 ×1, 2.5.0 ×1 (mixed)  status" in text
    assert "mixed" not in check_text(picture([service("a", states[:1])]), PLAIN, Detail(), 1.0)


def test_a_long_version_does_not_widen_every_row() -> None:
    states = [instance("a", n, DOWN, v) for n, v in (("1", "9" * 100), ("2", "2.5.0"))]
    alone = service("b", [instance("b", "1", DOWN, "8" * 100)], target="7" * 100, drift=Drift.BEHIND)
    text = check_text(picture([service("a", states), alone]), PLAIN, Detail(), 1.0)
    assert "9" * 39 + "… (mixed)" in text
    assert "8" * 39 + "… (behind, target " + "7" * 39 + "…)" in text
    assert re.search(r"    ✖ down  1  9{39}…  ", text)


def test_the_same_is_not_said_twice_of_health_and_version() -> None:
    refused = replace(DOWN, reason=Reason.REFUSED, detail="connection refused by 127.0.0.1:8081")
    state = replace(instance("a", "1", refused, None), version_reason=refused.reason, version_detail=refused.detail)
    for detail in (Detail(), Detail(verbose=True)):
        assert check_text(picture([service("a", [state])]), PLAIN, detail, 1.0).count("refused:") == 1
    other = replace(state, version_reason=Reason.STATUS, version_detail="HTTP 404")
    assert "no version: status: HTTP 404" in check_text(picture([service("a", [other])]), PLAIN, Detail(), 1.0)


def test_colours_and_ascii_follow_what_the_place_can_show() -> None:
    coloured = check_text(troubled(), Style(colour=True), Detail(), 1.0)
    assert "\x1b[31m✖ critical\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == check_text(troubled(), PLAIN, Detail(), 1.0)
    assert check_text(troubled(), Style(unicode=False), Detail(), 1.0).replace("…", "").isascii()


def test_every_reason_has_a_hint_of_one_sentence() -> None:
    assert set(HINTS) == set(Reason)
    assert all(text.endswith((".", "?")) and text[0].isupper() for text in HINTS.values())
    assert hint(UP) is None


def test_a_bad_code_that_a_format_explains_is_no_wrong_path() -> None:
    assert hint(replace(DOWN, dialect=None)) == HINTS[Reason.STATUS]
    assert hint(DOWN) == HINTS[Reason.PAYLOAD]


def test_a_host_without_a_reading_is_told_by_its_reason() -> None:
    text = check_text(picture(hosts=[host(Status.UNKNOWN, Reason.INTERNAL, "no sensors here")]), PLAIN, Detail(), 1.0)
    assert "internal: no sensors here" in text
