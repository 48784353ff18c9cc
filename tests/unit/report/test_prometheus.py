import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from platformpm.model.secret import MASK, Masker
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Status
from platformpm.report.prometheus import METRICS, render
from platformpm.report.told import Told
from tests.unit.report.hostile import pictures
from tests.unit.report.pictures import UP, host, instance, picture, service, troubled

Sample = tuple[str, dict[str, str], float]
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)')


def samples(text: str) -> list[Sample]:
    """Read an exposition by its grammar, strictly: HELP, TYPE, then the samples of one metric and no other."""
    found: list[Sample] = []
    seen: list[str] = []
    lines = text.split("\n")
    assert lines.pop() == ""
    for number, line in enumerate(lines):
        if line.startswith("# HELP "):
            name, _, words = line.removeprefix("# HELP ").partition(" ")
            assert words
            assert name not in seen
            assert lines[number + 1] == f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}"
            seen.append(name)
        elif not line.startswith("# TYPE "):
            parts = re.fullmatch(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)", line)
            assert parts is not None, line
            assert parts[1] == seen[-1]
            labels = _LABEL.findall(parts[2] or "")
            assert "".join(one[0] for one in _LABEL.finditer(parts[2] or "")) == (parts[2] or "")
            found.append((parts[1], {name: _unescaped(value) for name, value in labels}, float(parts[3])))
    same = Counter((name, tuple(sorted(labels.items()))) for name, labels, _ in found)
    assert max(same.values()) == 1
    return found


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda code: "\n" if code[1] == "n" else code[1], value)


def test_every_metric_has_its_help_its_type_and_its_samples_together() -> None:
    text = render(Told(troubled(), took=1.26))
    samples(text)
    for part in (
        (
            "# HELP platformpm_check_duration_seconds How long this check took.\n"
            "# TYPE platformpm_check_duration_seconds gauge\n"
            "platformpm_check_duration_seconds 1.26\n"
        ),
        'platformpm_verdict{verdict="critical"} 1\n',
        'platformpm_service_status{environment="production",service="ledger",status="degraded"} 1\n',
        'platformpm_service_instances{environment="production",service="ledger",status="down"} 2\n',
        'platformpm_service_on_target_instances{environment="production",service="checkout"} 0\n',
        'platformpm_instance_status{environment="production",service="ledger",instance_name="a",status="down"} 1\n',
        'platformpm_instance_latency_seconds{environment="production",service="checkout",instance_name="eu-1"} 0.812\n',
        (
            'platformpm_instance_phase_seconds{environment="production",service="checkout",instance_name="eu-1",phase="connect"}'
            " 0.0004\n"
        ),
        (
            'platformpm_instance_version_info{version="2.4.0",environment="production",service="checkout",instance_name="eu-1"}'
            " 1\n"
        ),
        'platformpm_host_cpu_usage_ratio{host="local"} 0.1204\n',
        'platformpm_host_disk_usage_ratio{host="local",mount="/var"} 0.97\n',
        'platformpm_host_load1{host="local"} 0.4\n',
    ):
        assert part in text


def test_exactly_one_status_of_each_thing_is_1() -> None:
    found = samples(render(Told(troubled())))
    for metric, things in (
        ("platformpm_service_status", 3),
        ("platformpm_instance_status", 6),
        ("platformpm_host_status", 1),
    ):
        values = [value for name, _, value in found if name == metric]
        assert (len(values), sum(values)) == (4 * things, things)


def test_what_was_not_measured_is_left_out() -> None:
    names = {name for name, _, _ in samples(render(Told(picture([service("a", [instance("a", "1", None, None)])]))))}
    assert "platformpm_instance_latency_seconds" not in names
    assert "platformpm_host_status" not in names
    assert "platformpm_instance_status" in names


def test_things_whose_names_are_masked_alike_are_numbered() -> None:
    snapshot = picture([service("a", [instance("a", "secret-1", UP), instance("a", "secret-2", UP)])])
    snapshot = replace(snapshot, inventory=replace(snapshot.inventory, mask=Masker(["secret-1", "secret-2"])))
    found = samples(render(Told(snapshot)))
    names = [labels["instance_name"] for name, labels, _ in found if name == "platformpm_instance_latency_seconds"]
    assert names == [MASK, f"{MASK} (2)"]


def test_labels_keep_clear_of_those_that_prometheus_sets_or_reserves() -> None:
    used = {label for _, labels, _ in samples(render(Told(troubled()))) for label in labels}
    assert used & {"instance", "job", "le", "quantile"} == set()


@given(snapshot=pictures())
def test_whatever_names_hold_they_are_read_back(snapshot: PlatformSnapshot) -> None:
    told = Told(snapshot)
    found = samples(render(told))
    services = [labels for name, labels, _ in found if name == "platformpm_service_status"]
    assert len(services) == 4 * len(snapshot.services)
    known = {told.say(state.service.name) for state in snapshot.services}
    assert all(
        re.sub(r" \(\d+\)$", "", labels["service"]) in known or labels["service"] in known for labels in services
    )
    assert len({one["environment"] for one in services}) <= len(snapshot.services)


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt install prometheus)"
)
@settings(max_examples=15, deadline=None)
@given(snapshot=pictures())
def test_promtool_finds_nothing_to_say(snapshot: PlatformSnapshot) -> None:
    full = replace(
        troubled(), services=(*troubled().services, *snapshot.services), hosts=(host(Status.UP), *snapshot.hosts)
    )
    text = render(Told(full))
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text.encode(), capture_output=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_every_metric_says_what_it_is_in_a_sentence() -> None:
    assert all(help_.endswith(".") and help_.isascii() and "\\" not in help_ for help_ in METRICS.values())
