"""`*_build_info` metrics: the program says its version as a label of a metric whose value is 1."""

from __future__ import annotations

from platformpm.formats.payload import Payload
from platformpm.formats.version.exposition import Sample, holds, samples
from platformpm.formats.version.finding import VersionFinding, VersionFormat
from platformpm.formats.version.tokens import stamped
from platformpm.model.text import safe_text

_ENDING = "build_info"
_LIBRARIES = frozenset(
    (
        *("go", "python", "java", "jvm", "ruby", "php", "nodejs", "node", "dotnet", "rust", "erlang", "process"),
        *("promhttp", "prometheus_client", "client_java", "client_golang", "jmx_exporter", "jmx_prometheus"),
        *("jmx_prometheus_javaagent", "micrometer", "otel_sdk", "opentelemetry_sdk", "otel_scope", "target"),
        *(
            "opentelemetry",
            "otel",
            "prom_client",
            "client_python",
            "grpc",
            "hibernate",
            "uvicorn",
            "gunicorn",
            "kestrel",
        ),
        *("spring", "springboot", "quarkus", "micronaut", "django", "flask", "fastapi", "rails", "aspnetcore"),
        *("log4j", "logback", "hikaricp", "spring_boot", "tomcat", "jetty", "netty", "libp2p", "openssl"),
    )
)
"""Prefixes of metrics that libraries and runtimes add to somebody else's program."""

_OF_LIBRARIES = ("jmx_",)
_MOST_PROGRAMS = 8
"""Build metrics of one answer that are weighed against each other: each costs a search through all of the text."""

_LABELS = ("version", "app_version", "service_version", "git_version", "gitVersion", "release", "tag")


def _version(sample: Sample) -> tuple[str, str] | None:
    own = f"{sample.name.removesuffix(_ENDING)}version"
    for label in (*_LABELS[:1], own, *_LABELS[1:]):
        version = stamped(sample.labels.get(label))
        if version is not None:
            return version, label
    return None


def _read(payload: Payload) -> VersionFinding | None:
    """Give the version on which all build metrics of the program agree.

    When they disagree, the metric counts whose prefix other metrics of the answer share while those of the rest stand
    alone (a library that was built in); else there is no version.
    """
    text = payload.text
    found: dict[str, tuple[str, str]] = {}
    for sample in samples(text, _ENDING):
        prefix = sample.name.removesuffix(_ENDING)
        version = _version(sample) if _is_a_programs(prefix) and holds(sample) else None
        if version is None:
            continue
        if found.get(prefix, version)[0] != version[0]:
            return None
        found[prefix] = version
    if len({version for version, _ in found.values()}) > 1:
        if len(found) > _MOST_PROGRAMS:
            return None
        found = {prefix: version for prefix, version in found.items() if _is_used(text, prefix)}
    if len({version for version, _ in found.values()}) != 1:
        return None
    prefix, (number, label) = next(iter(found.items()))
    return VersionFinding(number, f"metric {safe_text(prefix, 60)}{_ENDING} {label}")


def _is_a_programs(prefix: str) -> bool:
    """Say whether a metric of this prefix (`checkout_`, or none) is that of a program and not of a library in it."""
    if not prefix:
        return True
    return prefix.endswith("_") and prefix[:-1] not in _LIBRARIES and not prefix.startswith(_OF_LIBRARIES)


def _is_used(text: str, prefix: str) -> bool:
    lines = text.count(f"\n{prefix}") + text.startswith(prefix) if prefix else 0
    return lines > text.count(f"\n{prefix}{_ENDING}") + text.startswith(f"{prefix}{_ENDING}")


BUILD_INFO = VersionFormat(
    "build_info",
    "https://github.com/prometheus/common/blob/main/version/info.go and "
    "https://prometheus.io/docs/practices/instrumentation/",
    lambda payload: _read(payload) if f"{_ENDING}{{".encode() in payload.response.body else None,
)


def _read_target(payload: Payload) -> VersionFinding | None:
    versions = {sample.labels.get("service_version") for sample in samples(payload.text, "target_info")}
    version = stamped(versions.pop()) if len(versions) == 1 else None
    return None if version is None else VersionFinding(version, "metric target_info service_version")


TARGET_INFO = VersionFormat(
    "target_info",
    "https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1",
    lambda payload: _read_target(payload) if b"target_info{" in payload.response.body else None,
)

FORMATS = (BUILD_INFO, TARGET_INFO)
