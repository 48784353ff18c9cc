"""Who speaks which format: a health answer and a version answer for each service of the demo platform."""

from __future__ import annotations

from platformpm.demo import applications as app
from platformpm.demo import systems
from platformpm.demo.answer import Answer, Speaker
from platformpm.demo.script import Condition

_SPRING = (app.spring, app.spring_info)
_HOME_MADE = (app.plain_json, app.version_json)
_PARTS: dict[str, tuple[Speaker, Speaker]] = {
    "storefront": (app.terminus, app.version_json),
    "checkout": _SPRING,
    "cart": (app.aspnet_json, app.version_json),
    "catalog": (app.ietf, app.version_json),
    "search": (app.plain_json, app.build_metric),
    "search-index": (systems.elasticsearch, systems.elasticsearch_root),
    "reviews": (app.terminus, app.version_json),
    "media": (systems.minio, app.version_json),
    "promotions": _SPRING,
    "ledger": _SPRING,
    "payments-gateway": (app.microprofile, app.openapi),
    "fraud": (app.ietf, app.version_json),
    "invoices": (app.aspnet_text, app.version_json),
    "payouts": (app.microprofile, app.version_json),
    "pricing": (app.ietf, app.version_json),
    "card-network": (systems.statuspage, app.version_json),
    "orders": _SPRING,
    "shipping": (app.ietf, app.version_json),
    "warehouse": (app.aspnet_json, app.version_json),
    "notifications": (app.terminus, app.version_json),
    "accounts": _SPRING,
    "sign-in": (app.microprofile, app.version_json),
    "vault": (systems.vault, app.version_json),
    "edge": (systems.traefik, systems.traefik_version),
    "gateway": (systems.envoy, systems.envoy_info),
    "queue": (systems.rabbitmq, systems.rabbitmq_overview),
    "events": (systems.nats, systems.nats_varz),
    "cockroach": (systems.cockroach, app.version_json),
    "kubernetes": (systems.kubernetes, systems.kubernetes_version),
    "config-store": (systems.etcd, systems.etcd_version),
    "metrics": (systems.prometheus, systems.prometheus_build),
    "dashboards": (systems.grafana, app.version_json),
    "registry": (systems.harbor, systems.harbor_info),
    "quality": (systems.sonarqube, app.version_json),
    "workflows": (systems.airflow, app.version_json),
}


def answer(service: str, condition: Condition, *, version: bool) -> Answer:
    """Give the health answer of `service` in `condition`, or its version answer."""
    return _PARTS.get(service, _HOME_MADE)[version](condition)
