"""Applications: Spring Boot, IETF health, OpenAPI, and the keys that home-made endpoints use."""

from __future__ import annotations

from platformpm.formats.payload import Payload
from platformpm.formats.version.finding import VersionFinding, VersionFormat
from platformpm.formats.version.shapes import Grade, Path, at, path
from platformpm.formats.version.tokens import asked, commit, evident, stamped

_SPRING_PATHS = ("build.version", "git.build.version", "app.version", "application.version")
_SPRING = tuple((dotted, path(dotted)) for dotted in _SPRING_PATHS)
_SPRING_COMMITS = tuple(
    (dotted, path(dotted)) for dotted in ("git.commit.id.abbrev", "git.commit.id", "git.commit.id.full")
)


def _spring(name: str, paths: tuple[tuple[str, Path], ...], grade: Grade) -> VersionFormat:
    """Make a format of an info answer, of which `java`, `os` and `process` are never looked at."""

    def read(payload: Payload) -> VersionFinding | None:
        for dotted, keys in paths:
            version = grade(at(payload.table, keys))
            if version is not None:
                return VersionFinding(version, f"info {dotted}")
        return None

    return VersionFormat(
        name,
        "https://docs.spring.io/spring-boot/api/rest/actuator/info.html and https://quarkus.io/guides/info",
        read,
        keys=frozenset(keys[0] for _, keys in paths),
    )


SPRING = _spring("spring-boot", _SPRING, stamped)
SPRING_COMMIT = _spring("spring-boot commit", _SPRING_COMMITS, commit)
"""Which commit was built says less than any version beside it."""


_HEALTH_JSON = "application/health+json"
_IETF_WORDS = frozenset({"pass", "ok", "up", "warn", "fail", "error", "down"})


def _read_ietf(payload: Payload) -> VersionFinding | None:
    """Give `releaseId`; `version` is that of the API and counts only when it is plainly that of a build."""
    table = payload.table
    declared = payload.content_type == _HEALTH_JSON
    if not declared and str(table.get("status")).casefold() not in _IETF_WORDS:
        return None
    release = stamped(table.get("releaseId"))
    if release is not None:
        return VersionFinding(release, "health+json releaseId")
    version = evident(table.get("version")) if declared else None
    return None if version is None else VersionFinding(version, "health+json version")


IETF = VersionFormat(
    "health+json",
    "https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06#section-3",
    _read_ietf,
    keys=frozenset({"releaseId", "version"}),
)


def _openapi(grade: Grade) -> VersionFormat:
    def read(payload: Payload) -> VersionFinding | None:
        table = payload.table
        if not any(isinstance(table.get(word), str) for word in ("openapi", "swagger")):
            return None
        version = grade(at(table, ("info", "version")))
        return None if version is None else VersionFinding(version, "openapi info.version")

    return VersionFormat(
        "openapi",
        "https://spec.openapis.org/oas/v3.1.0.html#info-object and https://swagger.io/specification/v2/#info-object",
        read,
        keys=frozenset({"openapi", "swagger"}),
    )


OPENAPI = _openapi(evident)
OPENAPI_ASKED = _openapi(asked)

NAMED = (
    *("appVersion", "app_version", "app.version", "applicationVersion", "application_version", "application.version"),
    *("serviceVersion", "service_version", "service.version", "buildVersion", "build_version", "build.version"),
    *("buildInfo.version", "build_info.version", "buildinfo.version", "component.version", "info.version"),
    *("version", "Version", "VERSION"),
    *("releaseVersion", "release_version", "release.version", "softwareVersion", "software_version", "release"),
)
"""Keys under which applications tell their version, most telling first."""
_ASKED = (
    *(f"{holder}.{key}" for holder in ("data", "result", "payload") for key in ("version", "appVersion")),
    *(f"version.{key}" for key in ("version", "number", "full", "semver", "name")),
    *(f"{holder}.version" for holder in ("meta", "metadata", "project", "package")),
    *("tag", "imageTag", "image_tag", "buildNumber", "build_number", "build.number", "build"),
)
_COMMITS = (
    *("commit", "commitId", "commit_id", "commitHash", "commit_hash", "gitCommit", "git_commit", "commitSha"),
    *("commit_sha", "gitSha", "git_sha", "gitHash", "git_hash", "sha", "revision", "gitRevision", "git_revision"),
    *("git.commit", "git.sha", "git.hash", "commit.id", "commit.sha", "commit.hash"),
)
_OTHER_DOCUMENTS = ("resourceType", "$schema", "openapi", "swagger", "asyncapi", "manifest_version")
"""Keys of documents whose `version` is that of a resource, a schema or a protocol."""

_SOURCE = "https://opentelemetry.io/docs/specs/semconv/resource/#service (service.version) and common practice"


def _generic(grade: Grade, names: tuple[str, ...], commits: tuple[str, ...] = ()) -> VersionFormat:
    """Make the format of an object with one of the keys, the most telling first; dots are read flat and nested.

    Where the media type says IETF health, a `version` that is not evidently a build is that of the API, asked or not.
    """
    wanted = tuple((dotted, path(dotted), grade) for dotted in names)
    wanted += tuple((dotted, path(dotted), commit) for dotted in commits)

    def read(payload: Payload) -> VersionFinding | None:
        table = payload.table
        if any(key in table for key in _OTHER_DOCUMENTS) or ("apiVersion" in table and "kind" in table):
            return None
        if grade is asked and payload.content_type == _HEALTH_JSON:
            return None
        for dotted, keys, fits in wanted:
            if dotted not in table and keys[0] not in table:
                continue
            version = fits(table[dotted] if dotted in table else at(table, keys))
            if version is not None:
                return VersionFinding(version, f"json {dotted}")
        return None

    first = {key for dotted, keys, _ in wanted for key in (dotted, keys[0])}
    return VersionFormat("json", _SOURCE, read, keys=frozenset(first))


GENERIC = _generic(evident, NAMED)
GENERIC_ASKED = _generic(asked, (*NAMED, *_ASKED), _COMMITS)
