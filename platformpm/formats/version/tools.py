"""Tools of the delivery and monitoring platform that tell their own version."""

from __future__ import annotations

from platformpm.formats.version.shapes import shape
from platformpm.formats.version.tokens import evident

_PROMETHEUS = "https://prometheus.io/docs/prometheus/latest/querying/api/#build-information (/api/v1/status/buildinfo)"

PROMETHEUS = shape(
    "prometheus",
    _PROMETHEUS,
    "data.version",
    beside=("data.revision", "data.buildDate", "data.buildUser", "data.goVersion"),
)
BUILD_INFORMATION = shape(
    "buildinfo",
    f"{_PROMETHEUS}; Loki, Tempo and Mimir answer without the envelope",
    "version",
    beside=("buildDate", "buildUser", "goVersion"),
    grade=evident,
)
ALERTMANAGER = shape(
    "alertmanager",
    "https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (GET /api/v2/status)",
    "versionInfo.version",
)
GRAFANA = shape(
    "grafana",
    "https://grafana.com/docs/grafana/latest/developers/http_api/other/#returns-health-information-about-grafana",
    "version",
    only=("commit", "database", "version", "enterpriseCommit"),
    beside=("database",),
    grade=evident,
)
GITLAB = shape(
    "gitlab",
    "https://docs.gitlab.com/api/metadata/ and https://docs.gitlab.com/api/version/; versions before 15.2 give only "
    "`version` and `revision`, which are read as anybody's",
    "version",
    beside=("kas", "enterprise"),
    grade=evident,
)
HARBOR = shape(
    "harbor",
    "https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml (GET /api/v2.0/systeminfo)",
    "harbor_version",
)
SONARQUBE = shape(
    "sonarqube",
    "https://next.sonarqube.com/sonarqube/web_api/api/system?query=status (GET api/system/status); "
    "api/server/version is a bare text and needs no format",
    "version",
    only=("id", "version", "status"),
    beside=("id",),
    grade=evident,
)
KEYCLOAK = shape(
    "keycloak",
    "https://www.keycloak.org/docs-api/latest/rest-api/index.html#_serverinforepresentation (GET /admin/serverinfo)",
    "systemInfo.version",
)

FORMATS = (PROMETHEUS, BUILD_INFORMATION, ALERTMANAGER, GRAFANA, GITLAB, HARBOR, SONARQUBE, KEYCLOAK)
