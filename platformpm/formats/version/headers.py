"""Response headers that tell a version: those an application sets itself, and those of a few products."""

from __future__ import annotations

import re
from collections.abc import Callable

from platformpm.formats.payload import Payload
from platformpm.formats.version.finding import VersionFinding, VersionFormat
from platformpm.formats.version.shapes import Grade
from platformpm.formats.version.tokens import asked, commit, evident, stamped

APPLICATION = (
    *("x-app-version", "x-application-version", "x-service-version", "x-build-version", "x-release-version"),
    *("x-software-version", "x-backend-version", "x-deploy-version", "x-deployment-version", "x-product-version"),
    *("x-app-release", "x-release-id", "x-release", "x-build", "x-version", "x-server-version"),
    *("app-version", "application-version", "service-version", "build-version", "x-image-tag"),
    *("x-component-version", "x-deployed-version", "x-build-number"),
)
"""Lower-case names, most telling first. `X-Api-Version`, `X-AspNet-Version` and `X-Powered-By` tell other things."""

COMMITS = (
    *("x-git-commit", "x-git-sha", "x-git-hash", "x-git-revision", "x-commit", "x-commit-id", "x-commit-sha"),
    *("x-commit-hash", "x-revision"),
)
"""Lower-case names of headers that tell the commit that was built, for a version check that finds nothing better."""


def _written(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def values_of(payload: Payload, name: str) -> list[str]:
    """Give all values of header `name` (lower case), in order of arrival."""
    return [value for key, value in payload.response.headers if key == name]


def _application(grade: Grade, commits: tuple[str, ...] = ()) -> VersionFormat:
    wanted = (*((name, grade) for name in APPLICATION), *((name, commit) for name in commits))

    def read(payload: Payload) -> VersionFinding | None:
        names = {name for name, _ in payload.response.headers}
        for name, fits in wanted:
            if name not in names:
                continue
            versions = {version for value in values_of(payload, name) if (version := fits(value)) is not None}
            if versions:
                return VersionFinding(versions.pop(), f"header {_written(name)}") if len(versions) == 1 else None
        return None

    return VersionFormat(
        "application header",
        "common practice; https://datatracker.ietf.org/doc/html/rfc6648 is why no name is registered",
        read,
        headers=frozenset(name for name, _ in wanted),
    )


HEADERS = _application(evident)
HEADERS_ASKED = _application(asked, COMMITS)


def _product(name: str, source: str, header: str, pattern: str) -> VersionFormat:
    find = re.compile(pattern, re.ASCII)

    def read(payload: Payload) -> VersionFinding | None:
        match = find.match(payload.header(header) or "")
        version = stamped(match[1]) if match else None
        return None if version is None else VersionFinding(version, f"header {header.title()}")

    return VersionFormat(name, source, read, headers=frozenset({header}))


JENKINS = _product(
    "jenkins", "https://www.jenkins.io/doc/book/using/remote-access-api/ (X-Jenkins)", "x-jenkins", r"(\d\S*)\s*$"
)
INFLUXDB = _product(
    "influxdb",
    "https://docs.influxdata.com/influxdb/v1/tools/api/#ping-http-endpoint (X-Influxdb-Version)",
    "x-influxdb-version",
    r"(\S+)\s*$",
)
NEXUS = _product(
    "nexus",
    "https://help.sonatype.com/en/status-api.html; the header reads `Server: Nexus/3.63.0-01 (OSS)`",
    "server",
    r"Nexus/(\d[0-9.]*(?:-\d+)?)(?:\s|$)",
)

_NGINX = re.compile(r"nginx/(\d{1,4}\.\d{1,4}\.\d{1,4})(?: \([^)]*\))?\s*", re.ASCII)
_NGINX_PAGES = ("<title>Welcome to nginx!</title>", "server accepts handled requests", "<h1>Index of /")
_NGINX_SOURCE = (
    "https://nginx.org/en/docs/http/ngx_http_core_module.html#server_tokens and "
    "https://nginx.org/en/docs/http/ngx_http_stub_status_module.html"
)
_IN_BETWEEN = frozenset(
    (
        *("via", "x-cache", "x-cache-hits", "x-served-by", "x-varnish", "x-proxy-cache", "x-amz-cf-id", "cf-ray"),
        *("x-upstream", "x-upstream-status", "x-backend", "x-envoy-upstream-service-time", "x-real-ip"),
        *("x-kong-upstream-latency", "x-kong-proxy-latency", "x-forwarded-for", "x-nginx-proxy", "www-authenticate"),
        *("x-powered-by", "x-runtime", "x-aspnet-version", "x-application-context", "set-cookie"),
        *("x-request-id", "x-correlation-id", "x-trace-id", "traceparent", "x-b3-traceid"),
    )
)
"""Headers (lower case) that an application or another proxy sets."""
_BARE_ANSWERS = frozenset({"", "ok", "up", "healthy", "alive", "pong", "ready", "nginx"})


def _nginx(is_own: Callable[[Payload], bool]) -> VersionFormat:
    def read(payload: Payload) -> VersionFinding | None:
        servers = values_of(payload, "server")
        match = _NGINX.fullmatch(servers[0]) if len(servers) == 1 else None
        if match is None or payload.status != 200 or any(name in _IN_BETWEEN for name, _ in payload.response.headers):
            return None
        return VersionFinding(match[1], "header Server") if is_own(payload) else None

    return VersionFormat("nginx", _NGINX_SOURCE, read, headers=frozenset({"server"}))


def _own_page(payload: Payload) -> bool:
    body = payload.text[:2000]
    return any(page in body for page in _NGINX_PAGES)


def _own_page_or_nothing(payload: Payload) -> bool:
    return _own_page(payload) or (len(payload.response.body) < 20 and payload.text.strip().lower() in _BARE_ANSWERS)


NGINX = _nginx(_own_page)
"""nginx is far more often a proxy in front of a service than the service. So `Server: nginx/1.25.3` counts only when

the body is a page that nginx itself writes (welcome, status counters, folder listing), the status is 200, it is the
only `Server` header, and no header shows an application or another proxy behind or before it (`Via`, cookies, request
ids, `X-Powered-By`, cache headers).
"""
NGINX_ASKED = _nginx(_own_page_or_nothing)
"""In a version check an empty body or a bare `ok` counts too: a person asked for a version, and no other is there."""
