"""Where a version can be asked for when a health answer tells none."""

from __future__ import annotations

from platformpm.model.reading import Reading

NO_ANSWER = "no answer yet"

VERSION_PATHS = {
    "consul": "/v1/agent/self",
    "elasticsearch": "/",
    "envoy": "/server_info",
    "etcd": "/version",
    "gitlab": "/api/v4/version",
    "harbor": "/api/v2.0/systeminfo",
    "kubernetes": "/version",
    "nats": "/varz",
    "prometheus": "/api/v1/status/buildinfo",
    "rabbitmq": "/api/overview",
    "sonarqube": "/api/server/version",
    "spring-boot": "/actuator/info",
    "traefik": "/api/version",
}
"""By dialect, the path at which such a server tells its version; each is a format that a version check recognises."""


def is_answered(reading: Reading) -> bool:
    """Tell whether there was any answer to read something from."""
    return reading.latency is not None or reading.phases.first_byte is not None


def where_to_ask(dialect: str | None) -> str:
    """Say that the answer tells no version, and what to write into the inventory where that is known."""
    path = VERSION_PATHS.get(dialect or "")
    where = f'version = "{path}" asks for it' if path else "a version check can ask another path"
    return f"none in this answer; {where}"
