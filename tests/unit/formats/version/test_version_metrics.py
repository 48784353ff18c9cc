"""`*_build_info` metrics. Formats: https://prometheus.io/docs/instrumenting/exposition_formats/."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.formats.payload import Payload
from platformpm.formats.version import VersionFinding, VersionMiss, read_version, recognise_version
from platformpm.formats.version.exposition import holds, samples
from platformpm.model.check import VersionRule

Answer = Callable[..., Payload]

GO = """# HELP go_info Information about the Go environment.
# TYPE go_info gauge
go_info{version="go1.22.1"} 1
go_build_info{checksum="",path="example.com/checkout",version="v9.9.9"} 1
promhttp_metric_handler_requests_total{code="200"} 3
"""
PYTHON = 'python_info{implementation="CPython",major="3",minor="12",patchlevel="2",version="3.12.2"} 1.0\n'
JVM = 'jvm_info{version="21.0.2+13",vendor="Eclipse"} 1.0\njmx_exporter_build_info{version="0.20.0",name="jmx"} 1.0\n'
# https://github.com/prometheus/common/blob/main/version/info.go
NODE = (
    "# TYPE node_exporter_build_info gauge\n"
    'node_exporter_build_info{branch="HEAD",goarch="amd64",goversion="go1.21.4",revision="7333465",version="1.7.0"} 1\n'
)


@pytest.mark.parametrize(
    ("text", "version", "source"),
    [
        (GO + NODE, "1.7.0", "metric node_exporter_build_info version"),
        (PYTHON + 'checkout_build_info{version="2.4.1"} 1.0\n', "2.4.1", "metric checkout_build_info version"),
        (JVM + 'checkout_build_info{version="2.4.1"} 1.0\n', "2.4.1", "metric checkout_build_info version"),
        # https://www.rabbitmq.com/docs/prometheus
        (
            'rabbitmq_build_info{rabbitmq_version="3.13.1",prometheus_plugin_version="3.13.1",erlang_version="26.2"} 1\n',
            "3.13.1",
            "metric rabbitmq_build_info rabbitmq_version",
        ),
        # https://kubernetes.io/docs/reference/instrumentation/metrics/
        (
            'kubernetes_build_info{git_commit="x",git_version="v1.29.2",go_version="go1.21.7",major="1"} 1\n',
            "v1.29.2",
            "metric kubernetes_build_info git_version",
        ),
        ('a_build_info{version="2.4.1"} 1\nb_build_info{version="2.4.1"} 1', "2.4.1", "metric a_build_info version"),
        ('a_build_info{version="2.4.0"} 0\na_build_info{version="2.4.1"} 1\n', "2.4.1", "metric a_build_info version"),
        ('a_build_info{x="say \\"}\\" , \\\\",version="2.4.1",} 1 1700000000', "2.4.1", "metric a_build_info version"),
        ('a_build_info { x="y" , version = "2.4.1" } 1', None, None),
        (
            'checkout_build_info{version="2.4.1"} 1\ncheckout_requests_total 7\nlib_build_info{version="0.3.1"} 1\n',
            "2.4.1",
            "metric checkout_build_info version",
        ),
        # https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
        (
            'target_info{service_name="checkout",service_version="2.4.1",telemetry_sdk_version="1.36.0"} 1\n# EOF\n',
            "2.4.1",
            "metric target_info service_version",
        ),
        ('build_info{version="2.4.1"} 1\n' + GO, "2.4.1", "metric build_info version"),
        ('rebuild_info{version="2.4.1"} 1\nrebuild_info_2{version="2.4.1"} 1\n', None, None),
        ('jmx_prometheus_exporter_build_info{version="1.0.1"} 1\n', None, None),
        ('a_build_info{version="2.4.1"} NaN\n', None, None),
        ('quarkus_build_info{version="3.8.1"} 1\ndjango_build_info{version="5.0.3"} 1\n', None, None),
        ("".join(f'p{n}_build_info{{version="1.{n}.0"}} 1\np{n}_up 1\n' for n in range(9)), None, None),
        ("".join(f'p{n}_build_info{{version="2.4.1"}} 1\n' for n in range(9)), "2.4.1", "metric p0_build_info version"),
        (GO, None, None),
        (PYTHON + JVM, None, None),
        ('a_build_info{version="2.4.1"} 1\nb_build_info{version="3.0.0"} 1\n', None, None),
        ('a_build_info{version="2.4.1"} 1\na_build_info{version="3.0.0"} 1\n', None, None),
        ('a_build_info{version="unknown"} 1\n', None, None),
        ('a_build_info{goversion="go1.22.1"} 1\n', None, None),
        ('a_build_info{version="2.4.1" 1\n', None, None),
        ('see a_build_info{version="2.4.1"} 1\n', None, None),
        ("a_build_info 1\n", None, None),
    ],
)
def test_the_build_metric_of_the_program_itself_is_read(
    answer: Answer, text: str, version: str | None, source: str | None
) -> None:
    expected = None if version is None or source is None else VersionFinding(version, source)
    assert recognise_version(answer(text)) == expected


def test_a_metric_named_by_a_rule_is_read_by_its_label(answer: Answer) -> None:
    body = GO + 'checkout_info{version="2.4.1",commit="1a2b3c4"} 1\nmy_checkout_info{version="9.9.9"} 1\n'
    assert read_version(answer(body), VersionRule(metric="checkout_info")) == VersionFinding(
        "2.4.1", "metric checkout_info version"
    )
    assert read_version(answer(body), VersionRule(metric="checkout_info", label="commit")) == VersionFinding(
        "1a2b3c4", "metric checkout_info commit"
    )


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (VersionRule(metric="absent_info"), "no metric absent_info with labels; there were go_info, go_build_info"),
        (VersionRule(metric="go_info", label="tag"), "no version in label tag of go_info; its labels are version"),
        (VersionRule(metric="two_info"), "two_info has several values of version: 1.0.0, 2.0.0"),
    ],
)
def test_a_miss_says_which_metrics_and_labels_were_there(answer: Answer, rule: VersionRule, said: str) -> None:
    body = GO + 'two_info{version="1.0.0"} 1\ntwo_info{version="2.0.0"} 1\n'
    miss = read_version(answer(body), rule)
    assert isinstance(miss, VersionMiss)
    assert miss.detail.startswith(said)


label_values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=20)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), label_values, min_size=1, max_size=4))
def test_every_label_that_was_written_is_read_again(labels: dict[str, str]) -> None:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    written = ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items())
    read = list(samples(f"# HELP x\nmy:x_info{{{written}}} 1\nother 2\n", "x_info"))
    assert [(sample.name, sample.labels, holds(sample)) for sample in read] == [("my:x_info", labels, True)]


def test_no_more_than_two_hundred_samples_of_a_metric_are_looked_at() -> None:
    text = "".join(f'a_info{{n="{n}"}} 1\n' for n in range(1000))
    assert len(list(samples(text, "a_info"))) == 200
