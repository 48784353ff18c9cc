"""Products that tell their own version. Each payload is written after the public source its format names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.formats.payload import Payload
from platformpm.formats.version import ASKED_FORMATS, FORMATS, recognise_version
from platformpm.formats.version.registry import Index

PRODUCTS: list[tuple[str, object, str]] = [
    (
        "kubernetes gitVersion",
        {
            "major": "1",
            "minor": "29",
            "gitVersion": "v1.29.2+k3s1",
            "gitCommit": "86f102134ed6b1669badd3bfb6420f73e8f015ec",
            "gitTreeState": "clean",
            "buildDate": "2024-02-29T20:35:12Z",
            "goVersion": "go1.21.7",
            "compiler": "gc",
            "platform": "linux/amd64",
        },
        "v1.29.2+k3s1",
    ),
    ("etcd etcdserver", {"etcdserver": "3.5.12", "etcdcluster": "3.5.0"}, "3.5.12"),
    (
        "consul Config.Version",
        {
            "Config": {
                "Datacenter": "dc1",
                "NodeName": "n1",
                "Revision": "deadbeef",
                "Server": True,
                "Version": "1.18.1",
                "BuildDate": "2024-03-26T19:57:57Z",
            },
            "DebugConfig": {"Version": "1.18.1", "GoVersion": "go1.21", "ConsulRaftProtocol": 3},
            "Member": {"Tags": {"vsn": "2", "build": "1.18.1:98cb473c", "vsn_max": "3"}, "ProtocolMax": 5},
        },
        "1.18.1",
    ),
    (
        "nomad config.Version.Version",
        {
            "config": {"Version": {"Revision": "abc", "Version": "1.7.6", "VersionPrerelease": ""}, "Region": "global"},
            "member": {"ProtocolCur": 2},
            "stats": {"runtime": {"version": "go1.21.8"}},
        },
        "1.7.6",
    ),
    (
        "vault version",
        {
            "initialized": True,
            "sealed": False,
            "standby": False,
            "server_time_utc": 1516639589,
            "version": "1.15.6+ent",
            "cluster_name": "vault-cluster-3bd69ca2",
        },
        "1.15.6+ent",
    ),
    (
        "envoy version",
        {
            "version": "816188b86a0a52095b116b107f576324082c7c02/1.29.0/Clean/RELEASE/BoringSSL",
            "state": "LIVE",
            "hot_restart_version": "11.104",
            "command_line_options": {"base_id": "0"},
            "uptime_current_epoch": "6s",
        },
        "1.29.0",
    ),
    (
        "traefik Version",
        {"Version": "2.11.0", "Codename": "mimolette", "startDate": "2024-02-12T09:00:00.000000Z"},
        "2.11.0",
    ),
    (
        "argo-cd Version",
        {
            "Version": "v2.10.4+f5d63a5",
            "BuildDate": "2024-03-18T14:51:08Z",
            "GoVersion": "go1.21.3",
            "KustomizeVersion": "v5.2.1 2023-10-19T20:13:51Z",
            "HelmVersion": "v3.14.3+gf03cc04",
            "KubectlVersion": "v0.26.11",
            "JsonnetVersion": "v0.20.0",
        },
        "v2.10.4+f5d63a5",
    ),
    ("json Version", {"Version": "v2.10.4+f5d63a5"}, "v2.10.4+f5d63a5"),
    (
        "docker Version",
        {
            "Platform": {"Name": "Docker Engine - Community"},
            "Components": [{"Name": "Engine", "Version": "25.0.3"}, {"Name": "runc", "Version": "1.1.12"}],
            "Version": "25.0.3",
            "ApiVersion": "1.44",
            "MinAPIVersion": "1.24",
            "GitCommit": "f417435",
            "GoVersion": "go1.21.6",
            "KernelVersion": "6.1.0",
        },
        "25.0.3",
    ),
    (
        "elasticsearch version.number",
        {
            "name": "es-0",
            "cluster_name": "prod",
            "cluster_uuid": "x",
            "version": {
                "number": "8.13.0",
                "build_flavor": "default",
                "build_hash": "09df99393193b2c53d92899662a8b8b3c55b45cd",
                "build_snapshot": False,
                "lucene_version": "9.10.0",
                "minimum_wire_compatibility_version": "7.17.0",
            },
            "tagline": "You Know, for Search",
        },
        "8.13.0",
    ),
    (
        "elasticsearch version.number",
        {
            "name": "os-0",
            "cluster_name": "logs",
            "version": {"distribution": "opensearch", "number": "2.12.0", "lucene_version": "9.9.2"},
            "tagline": "The OpenSearch Project: https://opensearch.org/",
        },
        "2.12.0",
    ),
    (
        "kibana version.number",
        {
            "name": "kibana",
            "uuid": "5b2de169",
            "version": {"number": "8.13.0", "build_hash": "4081a8fb", "build_number": 72104, "build_snapshot": False},
            "status": {"overall": {"level": "available"}},
        },
        "8.13.0",
    ),
    (
        "nats version",
        {"server_id": "NACDVKFBUW4C4XA2", "version": "2.10.12", "proto": 1, "go": "go1.21.8", "max_payload": 1048576},
        "2.10.12",
    ),
    (
        "rabbitmq rabbitmq_version",
        {
            "management_version": "3.13.1",
            "rates_mode": "basic",
            "product_version": "3.13.1",
            "product_name": "RabbitMQ",
            "rabbitmq_version": "3.13.1",
            "cluster_name": "rabbit@one",
            "erlang_version": "26.2.3",
        },
        "3.13.1",
    ),
    (
        "cockroachdb buildInfo.tag",
        {
            "nodeId": 1,
            "address": {"networkField": "tcp"},
            "buildInfo": {"goVersion": "go1.21.5", "tag": "v23.2.3", "revision": "abc", "distribution": "CCL"},
        },
        "v23.2.3",
    ),
    ("neo4j neo4j_version", {"neo4j_version": "5.18.1", "neo4j_edition": "community"}, "5.18.1"),
    (
        "flink flink-version",
        {"taskmanagers": 2, "jobs-running": 1, "flink-version": "1.19.0", "flink-commit": "8a5a9a3"},
        "1.19.0",
    ),
    (
        "trino nodeVersion.version",
        {"nodeVersion": {"version": "443"}, "environment": "prod", "coordinator": True, "starting": False},
        "443",
    ),
    (
        "prometheus data.version",
        {
            "status": "success",
            "data": {
                "version": "2.51.0",
                "revision": "c05c15512acb675e3f6cd662a6727854e93fc024",
                "branch": "HEAD",
                "buildUser": "root@b5723e458358",
                "buildDate": "20240319-10:54:45",
                "goVersion": "go1.22.1",
            },
        },
        "2.51.0",
    ),
    (
        "buildinfo version",
        {"version": "2.9.6", "revision": "8c6b48d", "branch": "HEAD", "buildDate": "", "goVersion": "go1.21.9"},
        "2.9.6",
    ),
    (
        "alertmanager versionInfo.version",
        {
            "cluster": {"name": "x", "status": "ready", "peers": []},
            "versionInfo": {"version": "0.27.0", "goVersion": "go1.21.7", "revision": "0aa3c2a"},
            "uptime": "2024-04-01T00:00:00Z",
        },
        "0.27.0",
    ),
    (
        "grafana version",
        {"commit": "03f502a94d17f7dc4e6c34acdf8428aedd986e4c", "database": "ok", "version": "10.4.1"},
        "10.4.1",
    ),
    ("json version", {"version": "16.10.1-ee", "revision": "bd4d2ed1afe"}, "16.10.1-ee"),
    (
        "gitlab version",
        {
            "version": "16.10.1-ee",
            "revision": "bd4d2ed1afe",
            "kas": {"enabled": True, "externalUrl": "grpc://g", "version": "v16.9.0"},
            "enterprise": True,
        },
        "16.10.1-ee",
    ),
    (
        "harbor harbor_version",
        {"auth_mode": "db_auth", "harbor_version": "v2.10.1-2b6a2d4c", "registry_url": "r", "with_notary": False},
        "v2.10.1-2b6a2d4c",
    ),
    ("sonarqube version", {"id": "20150504120436", "version": "10.4.1.88267", "status": "UP"}, "10.4.1.88267"),
    (
        "keycloak systemInfo.version",
        {"systemInfo": {"version": "24.0.2", "javaVersion": "17.0.10", "osVersion": "6.1"}, "memoryInfo": {}},
        "24.0.2",
    ),
    ("body", "10.4.1.88267\n", "10.4.1.88267"),
    (
        "json version",
        {"name": "influxdb", "message": "ready", "status": "pass", "version": "v2.7.5", "commit": "09a9607fd9"},
        "v2.7.5",
    ),
    ("json version", {"couchdb": "Welcome", "version": "3.3.3", "git_sha": "40afbcfc7"}, "3.3.3"),
]


@pytest.mark.parametrize(("source", "body", "version"), PRODUCTS, ids=[f"{row[0]} {row[2]}" for row in PRODUCTS])
def test_a_product_is_recognised_and_its_field_is_named(
    answer: Callable[..., Payload], source: str, body: object, version: str
) -> None:
    finding = recognise_version(answer(body))
    assert finding is not None
    assert (finding.version, finding.source) == (version, source)


@pytest.mark.parametrize(
    ("headers", "body", "version"),
    [
        ({"Server": "Nexus/3.63.0-01 (OSS)"}, b"", "3.63.0-01"),
        ({"Server": "Nexus/3.90.2-06 (COMMUNITY)"}, {"Available CPUs": {"healthy": True}}, "3.90.2-06"),
        ({"Server": "Nexus/2.14.1-01"}, b"<html>", "2.14.1-01"),
        ({"X-Jenkins": "2.440.2", "X-Hudson": "1.395", "Server": "Jetty(10.0.20)"}, b"<html>", "2.440.2"),
        ({"X-Influxdb-Version": "1.8.10", "X-Influxdb-Build": "OSS"}, b"", "1.8.10"),
    ],
)
def test_a_product_header_is_recognised(
    answer: Callable[..., Payload], headers: dict[str, str], body: object, version: str
) -> None:
    finding = recognise_version(answer(body, headers))
    assert finding is not None
    assert finding.version == version


def test_a_failing_service_still_tells_its_version(answer: Callable[..., Payload]) -> None:
    standby = answer({"initialized": True, "sealed": False, "standby": True, "version": "1.15.6"}, status=429)
    finding = recognise_version(standby)
    assert finding is not None
    assert finding.version == "1.15.6"


def test_every_format_names_its_public_source_and_is_named_once() -> None:
    for group in (FORMATS, ASKED_FORMATS):
        assert all("http" in entry.source and entry.name for entry in group)
        assert len({entry.name for entry in group}) == len(group)


def test_an_answer_calls_only_for_the_formats_whose_keys_and_headers_it_has(answer: Callable[..., Payload]) -> None:
    index = Index(FORMATS)

    def called(body: object, headers: dict[str, str] | None = None) -> list[str]:
        return [entry.name for entry in index.candidates(answer(body, headers))]

    assert called({"status": "UP", "components": {"db": {"status": "UP"}}, "groups": ["liveness"]}) == []
    assert called({"status": "UP"}, {"Server": "nginx/1.25.3"}) == ["nexus", "nginx"]
    assert called({"gitVersion": "v1.29.2"}) == ["kubernetes"]
    assert called([{"version": "2.4.1"}]) == []
    assert called("OK") == ["build_info", "target_info", "text"]
