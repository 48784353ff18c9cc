import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.check import Check
from platformpm.model.host import level
from platformpm.model.inventory import Host, HostLimits, Limit
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift
from platformpm.report.nagios import render
from platformpm.report.told import Told, place
from tests.unit.report.hostile import pictures
from tests.unit.report.pictures import DOWN, SLOW, UP, host, instance, picture, reading, service, troubled

UNKNOWN = reading(Status.UNKNOWN, Reason.UNAUTHORIZED, "HTTP 401")
# The form that the Monitoring Plugins Development Guidelines give: 'label'=value[UOM];[warn];[crit];[min];[max]
_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = rf"@?(?:(?:~|{_NUMBER})?:)?(?:{_NUMBER})?"
DATUM = re.compile(
    rf"(?P<label>[^'= ]+|'[^'=]+')=(?P<value>{_NUMBER})(?P<unit>s|%|)"
    rf"(?:;(?P<warning>{_RANGE})(?:;(?P<critical>{_RANGE})(?:;(?P<low>{_NUMBER})(?:;(?P<high>{_NUMBER}))?)?)?)?(?: |$)"
)


def alerts(range_: str, value: float) -> bool:
    """Tell whether a value raises an alert, by the table of ranges in the guidelines."""
    if not range_:
        return False
    inside, text = range_.startswith("@"), range_.removeprefix("@")
    start, colon, end = text.rpartition(":")
    low = -math.inf if start == "~" else float(start or 0)
    high = math.inf if colon and not end else float(end)
    return (low <= value <= high) == inside


def data(line: str) -> dict[str, re.Match[str]]:
    """Read the line as a monitoring server does; gives its performance data by label."""
    assert line.endswith("\n")
    assert line.count("\n") == 1
    text, bar, performance = line[:-1].partition("|")
    assert bar
    assert "|" not in performance
    assert re.match(r"PLATFORMPM (OK|WARNING|CRITICAL|UNKNOWN) - ", text)
    found = list(DATUM.finditer(performance.strip()))
    assert "".join(one[0] for one in found) == performance.strip()
    return {one["label"].strip("'"): one for one in found}


def test_one_line_says_the_state_the_problems_and_the_figures() -> None:
    assert render(Told(troubled())) == (
        "PLATFORMPM CRITICAL - Acme Commerce: 1 up, 2 degraded, 0 down, 0 unknown; 1 off target; hosts: 1 down; "
        "checkout@production degraded: slow: 812 ms, limit 500 ms; "
        "ledger@production degraded: status: HTTP 503, expected 2xx (2 of 3 instances); "
        "host local down: limit: disk /var 97 %, limit 95 %; checkout@production 2.4.0 (behind, target 2.4.1)"
        " | up=1;;;0;3 degraded=2;0;;0;3 down=0;;0;0;3 unknown=0;;;0;3 off_target=1;;;0;3 'catalog@production'=0.0123s;;;0 "
        "'checkout@production'=0.812s;;;0 'ledger@production'=0.0123s;;;0 "
        "'local cpu'=12.04%;;;0;100 'local memory'=40.06%;;;0;100 'local disk /'=61%;;;0;100 'local disk /var'=97%;;;0;100\n"
    )


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        ([UP], "OK"),
        ([UP, UNKNOWN], "UNKNOWN"),
        ([UNKNOWN, SLOW], "WARNING"),
        ([SLOW, UNKNOWN, DOWN], "CRITICAL"),
    ],
)
def test_the_combined_state_is_the_worst_in_the_order_ok_unknown_warning_critical(
    seen: list[object], word: str
) -> None:
    states = [service(f"s{n}", [instance(f"s{n}", "1", one)]) for n, one in enumerate(seen)]  # type: ignore[arg-type]
    assert render(Told(picture(states))).startswith(f"PLATFORMPM {word} - ")


@given(latency=st.one_of(st.sampled_from([0.0, 0.5, 3.0]), st.floats(0, 10).map(lambda value: round(value, 6))))
def test_the_ranges_of_a_latency_alert_exactly_above_its_limits(latency: float) -> None:
    state = instance("a", "1", replace(UP, latency=latency))
    declared = replace(state.instance, health=Check(max_latency=0.5, critical_latency=3.0))
    snapshot = picture([service("a", [replace(state, instance=declared)])])
    datum = data(render(Told(snapshot)))["a@production"]
    assert (datum["warning"], datum["critical"], datum["unit"]) == ("0.5", "3", "s")
    assert alerts(datum["warning"], float(datum["value"])) == (latency > 0.5)
    assert alerts(datum["critical"], float(datum["value"])) == (latency > 3.0)


@given(percent=st.one_of(st.sampled_from([80.0, 95.5]), st.floats(0, 100).map(lambda value: round(value, 6))))
def test_the_ranges_of_a_percentage_alert_exactly_from_its_limits_on(percent: float) -> None:
    limit = Limit(80, 95.5)
    seen = host().reading
    assert seen is not None
    declared = Host("local", limits=HostLimits(cpu=limit))
    snapshot = picture(hosts=[replace(host(), host=declared, reading=replace(seen, cpu_percent=percent))])
    datum = data(render(Told(snapshot)))["local cpu"]
    assert (datum["warning"], datum["critical"]) == ("@80:", "@95.5:")
    expected = level(percent, limit)
    assert alerts(datum["critical"], float(datum["value"])) == (expected is Status.DOWN)
    assert alerts(datum["warning"], float(datum["value"])) == (expected is not Status.UP)


def test_a_cpu_limit_that_must_be_held_has_no_range_as_no_status_follows_it() -> None:
    limits = HostLimits(cpu=Limit(80, 95), memory=Limit(85, 95), hold=120.0)
    found = data(render(Told(picture(hosts=[replace(host(), host=Host("local", limits=limits))]))))
    assert (found["local cpu"]["warning"], found["local cpu"]["critical"]) == ("", "")
    assert (found["local memory"]["warning"], found["local memory"]["critical"]) == ("@85:", "@95:")


def test_the_ranges_of_the_counts_alert_from_one_on() -> None:
    found = data(render(Told(troubled())))
    assert alerts(found["degraded"]["warning"], 2)
    assert not alerts(found["down"]["critical"], 0)
    assert alerts(found["down"]["critical"], 1)


def test_a_service_tells_its_slowest_instance_and_none_that_did_not_answer() -> None:
    silent = replace(DOWN, latency=None)
    snapshot = picture(
        [
            service("a", [instance("a", "1", UP), instance("a", "2", SLOW), instance("a", "3", silent)]),
            service("b", [instance("b", "1", silent)]),
        ]
    )
    found = data(render(Told(snapshot)))
    assert found["a@production"]["value"] == "0.812"
    assert "b@production" not in found


def test_only_the_worst_problems_are_named() -> None:
    names = [f"s{number}" for number in range(9)]
    text = render(Told(picture(service(name, [instance(name, "1", DOWN)]) for name in names)))
    assert text.partition("|")[0].count("HTTP 503") == 5
    assert "; and 4 more | " in text


def test_only_some_of_what_is_off_target_are_named() -> None:
    rows = [service(f"s{n}", [instance(f"s{n}", "1", UP)], target="2.5.0", drift=Drift.BEHIND) for n in range(9)]
    line = render(Told(picture(rows)))
    text = line.partition(" | ")[0]
    assert text.startswith("PLATFORMPM OK - Acme Commerce: 9 up, 0 degraded, 0 down, 0 unknown; 9 off target; s0@prod")
    assert text.count("2.4.1 (behind, target 2.5.0)") == 5
    assert text.endswith("; and 4 more off target")
    assert data(line)["off_target"]["value"] == "9"


@given(snapshot=pictures())
def test_whatever_names_hold_the_line_can_be_read_back(snapshot: PlatformSnapshot) -> None:
    told = Told(snapshot)
    found = data(render(told))
    assert {"up", "degraded", "down", "unknown", "off_target"} <= set(found)
    kept = str.maketrans({"|": "¦", "=": "_", "'": "_"})
    answered = [s for s in snapshot.services if any(i.reading and i.reading.latency is not None for i in s.instances)]
    assert {told.say(place(state)).translate(kept) for state in answered} <= set(found)
