"""How the ready-made systems of the demo platform answer."""

from __future__ import annotations

from platformpm.demo.answer import Answer, as_json, as_text, code, fine
from platformpm.demo.script import Condition, Mood


def elasticsearch(condition: Condition) -> Answer:
    """Answer as the cluster health of Elasticsearch."""
    word = {Mood.FINE: "green", Mood.DEGRADED: "yellow"}.get(condition.mood, "red")
    missing = 0 if fine(condition) else 3
    value = {
        "cluster_name": "acme-search", "status": word, "timed_out": False, "number_of_nodes": 5,
        "number_of_data_nodes": 3, "active_primary_shards": 42, "active_shards": 84 - missing,
        "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": missing,
        "active_shards_percent_as_number": 100.0 * (84 - missing) / 84,
    }  # fmt: skip
    return as_json(value)


def elasticsearch_root(condition: Condition) -> Answer:
    """Answer as the root of Elasticsearch."""
    number = {"number": condition.version, "lucene_version": "9.11.1", "build_flavor": "default"}
    return as_json(
        {"name": "es-1", "cluster_name": "acme-search", "version": number, "tagline": "You Know, for Search"}
    )


def minio(condition: Condition) -> Answer:
    """Answer as MinIO: an empty body."""
    return Answer(code(condition), "", "text/plain", {"Server": "MinIO", "X-Minio-Server-Status": "online"})


def statuspage(condition: Condition) -> Answer:
    """Answer as a hosted status page."""
    indicator = "none" if fine(condition) else "minor"
    text = "All Systems Operational" if fine(condition) else condition.note
    page = {"id": "x7", "name": "Card network", "url": "https://status.cards.example", "time_zone": "Etc/UTC"}
    return as_json({"page": page, "status": {"indicator": indicator, "description": text}})


def vault(condition: Condition) -> Answer:
    """Answer as an active Vault."""
    value = {
        "initialized": True, "sealed": False, "standby": False, "performance_standby": False,
        "replication_performance_mode": "disabled", "replication_dr_mode": "disabled",
        "server_time_utc": 1_795_000_000, "version": condition.version, "cluster_name": "acme",
    }  # fmt: skip
    return as_json(value)


def envoy(condition: Condition) -> Answer:
    """Answer as Envoy's readiness."""
    return as_text("LIVE\n" if fine(condition) else "DRAINING\n", code(condition), Server="envoy")


def envoy_info(condition: Condition) -> Answer:
    """Answer as Envoy's server_info."""
    return as_json({"version": f"{'9f2c1ab4' * 5}/{condition.version}/Clean/RELEASE/BoringSSL", "state": "LIVE"})


def traefik(condition: Condition) -> Answer:
    """Answer as Traefik's ping."""
    return as_text("OK", code(condition))


def traefik_version(condition: Condition) -> Answer:
    """Answer as Traefik's version."""
    return as_json({"Version": condition.version, "Codename": "munster", "startDate": "2026-11-01T09:00:00Z"})


def rabbitmq(condition: Condition) -> Answer:
    """Answer as a health check of RabbitMQ."""
    return as_json({"status": "ok"} if fine(condition) else {"status": "failed", "reason": condition.note})


def rabbitmq_overview(condition: Condition) -> Answer:
    """Answer as RabbitMQ's overview."""
    return as_json(
        {"management_version": condition.version, "rabbitmq_version": condition.version, "node": "rabbit@q1"}
    )


def nats(condition: Condition) -> Answer:
    """Answer as NATS."""
    return as_json({"status": "ok"} if fine(condition) else {"status": "error", "error": condition.note})


def nats_varz(condition: Condition) -> Answer:
    """Answer as the varz of NATS."""
    return as_json(
        {"server_id": "NDA7", "server_name": "n1", "version": condition.version, "proto": 1, "go": "go1.22.8"}
    )


def cockroach(condition: Condition) -> Answer:
    """Answer as CockroachDB's readiness."""
    bad = {"error": "node is not ready", "code": 14, "message": "node is not ready", "details": []}
    return as_json({} if fine(condition) else bad, code(condition))


def kubernetes(condition: Condition) -> Answer:
    """Answer as the readiness of a Kubernetes API server."""
    return as_text("[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]informer-sync ok\nreadyz check passed\n", code(condition))


def kubernetes_version(condition: Condition) -> Answer:
    """Answer as the version of a Kubernetes API server."""
    return as_json({"major": "1", "minor": "31", "gitVersion": f"v{condition.version}", "goVersion": "go1.22.8"})


def etcd(condition: Condition) -> Answer:
    """Answer as etcd's health."""
    return as_json({"health": "true" if fine(condition) else "false", "reason": condition.note}, code(condition))


def etcd_version(condition: Condition) -> Answer:
    """Answer as etcd's version."""
    return as_json({"etcdserver": condition.version, "etcdcluster": "3.5.0"})


def prometheus(condition: Condition) -> Answer:
    """Answer as Prometheus."""
    return as_text("Prometheus Server is Ready.\n" if fine(condition) else "Service Unavailable", code(condition))


def prometheus_build(condition: Condition) -> Answer:
    """Answer as the build information of Prometheus."""
    build = {"version": condition.version, "revision": "9f2c1ab", "branch": "HEAD", "goVersion": "go1.23.3"}
    return as_json({"status": "success", "data": build})


def grafana(condition: Condition) -> Answer:
    """Answer as Grafana."""
    return as_json({"database": "ok", "version": condition.version, "commit": "9f2c1ab"}, code(condition))


def harbor(condition: Condition) -> Answer:
    """Answer as Harbor: the code is 200 whatever the body says."""
    names = ("core", "database", "jobservice", "portal", "redis", "registry")
    bad = None if fine(condition) else condition.component
    components = [
        {"name": name, "status": "unhealthy", "error": condition.note}
        if name == bad
        else {"name": name, "status": "healthy"}
        for name in names
    ]
    return as_json({"status": "unhealthy" if bad else "healthy", "components": components})


def harbor_info(condition: Condition) -> Answer:
    """Answer as Harbor's system information."""
    return as_json({"harbor_version": f"v{condition.version}-9f2c1ab", "auth_mode": "oidc_auth"})


def sonarqube(condition: Condition) -> Answer:
    """Answer as SonarQube."""
    return as_json({"id": "A1B2", "version": condition.version, "status": "UP" if fine(condition) else "DOWN"})


def airflow(condition: Condition) -> Answer:
    """Answer as Airflow: the code is 200 whatever the body says."""
    word = "healthy" if fine(condition) else "unhealthy"
    scheduler = {"status": "healthy", "latest_scheduler_heartbeat": "2026-11-22T07:00:00+00:00"}
    return as_json({"metadatabase": {"status": word}, "scheduler": scheduler})
