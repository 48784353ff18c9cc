from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace

import pytest

from platformpm.formats.judge import judge_health
from platformpm.model.check import Check, InstanceKey
from platformpm.model.exchange import Response
from platformpm.model.snapshot import EngineHealth, HistoryHealth, PlatformSnapshot
from platformpm.model.status import Status
from platformpm.report.monitor import STUCK, WATCH_METRICS, Monitor, health, metrics
from tests.unit.report.pictures import AT, UP, host, instance, picture, service, troubled
from tests.unit.report.test_prometheus import samples

WELL = HistoryHealth(recording=True)


def monitor(
    snapshot: PlatformSnapshot | None = None,
    engine: EngineHealth | None = None,
    history: HistoryHealth = WELL,
    now: float = 100.5,
) -> Monitor:
    engine = engine or EngineHealth(instances=6, read=6, in_flight=2, readings=812, lag=0.25, made=100.0)
    shown = replace(snapshot or troubled(), health=engine)
    return Monitor(shown, history, now, AT - 3600, {InstanceKey("backup", "production", "nightly"): AT - 60})


def test_the_metrics_are_those_of_the_platform_and_of_the_monitor() -> None:
    found = samples("".join(metrics(monitor(history=HistoryHealth(recording=True, waiting=7, dropped=3)))))
    values = {name.removeprefix("platformpm_"): value for name, labels, value in found if not labels}
    assert values == {
        "start_timestamp_seconds": AT - 3600, "engine_age_seconds": 0.5, "engine_lag_seconds": 0.25,
        "engine_pass_age_seconds": 0, "engine_instances": 6, "engine_read_instances": 6, "engine_in_flight_checks": 2,
        "engine_readings_total": 812, "engine_trusted": 1, "history_recording": 1, "history_queue_records": 7,
        "history_dropped_records_total": 3,
    }  # fmt: skip
    labels = {"environment": "production", "service": "backup", "instance_name": "nightly"}
    assert ("platformpm_heartbeat_timestamp_seconds", labels, AT - 60) in found
    assert {name for name, _, _ in found} >= WATCH_METRICS.keys() | {
        "platformpm_service_status",
        "platformpm_host_load1",
    }


def test_a_pass_is_whole_once_every_instance_was_read() -> None:
    unread = picture([service("a", [instance("a", "1", UP), instance("a", "2", None)])])
    assert monitor(unread).passed is None
    old = replace(UP, at=AT - 90)
    assert monitor(picture([service("a", [instance("a", "1", UP), instance("a", "2", old)])])).passed == 90
    assert monitor(picture()).passed is None


@pytest.mark.parametrize(
    ("it", "status", "says"),
    [
        (monitor(), Status.UP, ""),
        (monitor(now=100.0 + STUCK), Status.UP, ""),
        (monitor(now=100.5 + STUCK), Status.DOWN, "the engine stands still"),
        (monitor(history=HistoryHealth(trouble="the disk is full: /x")), Status.DOWN, "the disk is full: /x"),
        (monitor(history=HistoryHealth()), Status.DOWN, "history is not open yet"),
        (monitor(history=HistoryHealth(recording=True, trouble="started anew")), Status.UP, "started anew"),
        (monitor(history=HistoryHealth(recording=True, waiting=30_000)), Status.DEGRADED, "the disk does not keep up"),
        (monitor(engine=EngineHealth(lag=9.0, made=100.0)), Status.DEGRADED, ""),
    ],
)
def test_the_health_is_understood_by_our_own_probe(it: Monitor, status: Status, says: str) -> None:
    well, document = health(it)
    text = json.dumps(document)
    assert well is (status is not Status.DOWN)
    assert says in text
    headers = (("content-type", "application/health+json"),)
    answer = Response("http://127.0.0.1:9464/healthz", 200 if well else 503, headers=headers, body=text.encode())
    judged = judge_health(answer, Check(), AT)
    assert (judged.reading.status, judged.reading.dialect) == (status, "ietf-health")
    assert judged.reading.version == document["releaseId"]


def test_every_metric_says_what_it_is_in_a_sentence() -> None:
    assert all(help_.endswith(".") and help_.isascii() and "\\" not in help_ for help_ in WATCH_METRICS.values())


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt install prometheus)"
)
def test_promtool_finds_nothing_to_say() -> None:
    full = replace(troubled(), hosts=(host(),))
    text = "".join(metrics(monitor(full))).encode()
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
