"""Orchestrators, service discovery, secrets and proxies that tell their own version."""

from __future__ import annotations

from platformpm.formats.payload import Payload
from platformpm.formats.version.envoy import is_build, release_of
from platformpm.formats.version.finding import VersionFinding, VersionFormat
from platformpm.formats.version.shapes import at, shape

_GO_BUILD = ("gitCommit", "gitTreeState", "buildDate", "goVersion", "major", "platform")

KUBERNETES = shape(
    "kubernetes",
    "https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.29/ (GET /version, version.Info)",
    "gitVersion",
    beside=_GO_BUILD,
)
ETCD = shape("etcd", "https://etcd.io/docs/v3.5/op-guide/monitoring/ (GET /version)", "etcdserver")
CONSUL = shape(
    "consul",
    "https://developer.hashicorp.com/consul/api-docs/agent#read-configuration (GET /v1/agent/self)",
    "Config.Version",
    beside=("Config.Datacenter", "Config.NodeName", "Config.Revision", "Member", "DebugConfig"),
)
NOMAD = shape(
    "nomad",
    "https://developer.hashicorp.com/nomad/api-docs/agent#query-self (GET /v1/agent/self)",
    "config.Version.Version",
    beside=("member", "stats"),
)
VAULT = shape(
    "vault",
    "https://developer.hashicorp.com/vault/api-docs/system/health (sys/health, sys/seal-status)",
    "version",
    beside=("sealed", "initialized"),
)
TRAEFIK = shape(
    "traefik", "https://doc.traefik.io/traefik/operations/api/ (GET /api/version)", "Version", beside=("Codename",)
)
ARGO_CD = shape(
    "argo-cd",
    "https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/ (GET /api/version, VersionMessage)",
    "Version",
    beside=("KustomizeVersion", "HelmVersion", "KubectlVersion", "JsonnetVersion"),
)
DOCKER = shape(
    "docker", "https://docs.docker.com/reference/api/engine/ (GET /version)", "Version", beside=("ApiVersion",)
)

_ENVOY_MARKS = ("hot_restart_version", "command_line_options", "uptime_current_epoch", "uptime_all_epochs")


def _read_envoy(payload: Payload) -> VersionFinding | None:
    version = at(payload.table, ("version",))
    if not is_build(version) and not any(mark in payload.table for mark in _ENVOY_MARKS):
        return None
    release = release_of(version)
    return VersionFinding(release, "envoy version") if release else None


ENVOY = VersionFormat(
    "envoy",
    "https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--server_info (admin.v3.ServerInfo)",
    _read_envoy,
    keys=frozenset({"version"}),
    certain=True,
)

FORMATS = (KUBERNETES, ETCD, CONSUL, NOMAD, VAULT, ENVOY, ARGO_CD, TRAEFIK, DOCKER)
