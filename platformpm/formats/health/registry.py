"""The order in which dialects are tried, the specific before the generic."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from platformpm.formats.health.airflow import AIRFLOW
from platformpm.formats.health.aspnet import ASPNET
from platformpm.formats.health.cockroach import COCKROACH
from platformpm.formats.health.consul import CONSUL
from platformpm.formats.health.dropwizard import DROPWIZARD, JENKINS, NEXUS
from platformpm.formats.health.elasticsearch import ELASTICSEARCH
from platformpm.formats.health.generic import GENERIC_STATUS
from platformpm.formats.health.gitlab import GITLAB
from platformpm.formats.health.grafana import GRAFANA
from platformpm.formats.health.harbor import HARBOR
from platformpm.formats.health.ietf import IETF
from platformpm.formats.health.kubernetes import ETCD, KUBERNETES
from platformpm.formats.health.microprofile import KEYCLOAK, MICROPROFILE
from platformpm.formats.health.minio import MINIO
from platformpm.formats.health.nats import NATS
from platformpm.formats.health.prometheus import PROMETHEUS
from platformpm.formats.health.proxies import ENVOY, TRAEFIK
from platformpm.formats.health.rabbitmq import RABBITMQ
from platformpm.formats.health.sonarqube import SONARQUBE
from platformpm.formats.health.spring import SPRING
from platformpm.formats.health.statuspage import STATUSPAGE
from platformpm.formats.health.terminus import TERMINUS
from platformpm.formats.health.vault import VAULT
from platformpm.formats.health.verdict import Answer, Dialect, HealthVerdict, Shape, weigh
from platformpm.formats.payload import Payload

_ORDER = (
    VAULT, ETCD, ELASTICSEARCH, AIRFLOW, STATUSPAGE, HARBOR, SONARQUBE, ENVOY, GRAFANA,  # by keys of their own
    PROMETHEUS, KEYCLOAK, MICROPROFILE, TERMINUS, SPRING, ASPNET, IETF,  # `status` with a distinctive companion
    RABBITMQ, GITLAB, NATS, CONSUL, NEXUS, JENKINS, MINIO, COCKROACH,  # by path, header or port as well
    TRAEFIK, KUBERNETES, DROPWIZARD, GENERIC_STATUS,
)  # fmt: skip
"""Prometheus stands before ASP.NET: an exporter's `Healthy` at `/-/healthy` is ASP.NET's word too."""

DIALECTS: Mapping[str, Dialect] = MappingProxyType({dialect.name: dialect for dialect in _ORDER})
"""All dialects by name, in the order in which they are tried."""

_BY_SHAPE = {shape: tuple(dialect for dialect in _ORDER if dialect.shapes & shape) for shape in Shape}
"""Sorted out once: asking each dialect for its shapes would cost more than reading a usual body."""

_NOT_JUDGED = frozenset({401, 403, 407})
"""Who may not look cannot tell: these codes are unknown, whatever stands in the body."""


def recognise(payload: Payload, dialect: str = "auto") -> HealthVerdict | None:
    """Give the verdict of the first dialect that understands `payload`, or of `dialect` alone when it is named.

    None when no dialect understands it (then the status code decides), with `dialect` "none", and for 401, 403, 407.
    Raises KeyError for the name of no dialect.
    """
    if dialect == "none" or payload.status in _NOT_JUDGED:
        return None
    if dialect != "auto":
        return DIALECTS[dialect].judge(Answer(payload, chosen=True))
    answer = Answer(payload)
    keyed = answer.shape is Shape.TABLE
    for candidate in _BY_SHAPE[answer.shape]:
        if keyed and not candidate.may_fit(answer.table):
            continue
        finding = candidate.read(answer)
        if finding is not None:
            return weigh(candidate.name, answer, finding)
    return None
