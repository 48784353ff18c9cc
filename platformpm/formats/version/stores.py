"""Databases, search engines and brokers that tell their own version."""

from __future__ import annotations

from platformpm.formats.version.shapes import shape

ELASTICSEARCH = shape(
    "elasticsearch",
    "https://www.elastic.co/guide/en/elasticsearch/reference/current/rest-api-root.html and "
    "https://docs.opensearch.org/latest/api-reference/ (GET /)",
    "version.number",
    beside=("tagline", "cluster_name", "cluster_uuid", "version.lucene_version"),
)
KIBANA = shape(
    "kibana",
    "https://www.elastic.co/guide/en/kibana/current/access.html#status (GET /api/status; OpenSearch Dashboards alike)",
    "version.number",
    beside=("version.build_hash", "version.build_number"),
)
NATS = shape(
    "nats",
    "https://docs.nats.io/running-a-nats-service/nats_admin/monitoring (GET /varz)",
    "version",
    beside=("server_id",),
)
RABBITMQ = shape(
    "rabbitmq",
    "https://www.rabbitmq.com/docs/management#http-api (GET /api/overview)",
    "rabbitmq_version",
    "product_version",
    beside=("rabbitmq_version", "management_version", "erlang_version"),
)
COCKROACH = shape(
    "cockroachdb",
    "https://www.cockroachlabs.com/docs/stable/monitoring-and-alerting (GET /_status/details/local)",
    "buildInfo.tag",
    "build_info.tag",
    beside=("nodeId", "node_id"),
)
NEO4J = shape("neo4j", "https://neo4j.com/docs/http-api/current/discovery/ (GET /)", "neo4j_version")
FLINK = shape(
    "flink", "https://nightlies.apache.org/flink/flink-docs-stable/docs/ops/rest_api/ (GET /overview)", "flink-version"
)
TRINO = shape(
    "trino",
    "https://trino.io/docs/current/develop/client-protocol.html (GET /v1/info)",
    "nodeVersion.version",
    beside=("coordinator", "environment", "starting"),
)

FORMATS = (ELASTICSEARCH, KIBANA, NATS, RABBITMQ, COCKROACH, NEO4J, FLINK, TRINO)
