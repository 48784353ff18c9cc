"""How the applications of the demo platform answer."""

from __future__ import annotations

from platformpm.demo.answer import Answer, as_json, as_text, code, fine
from platformpm.demo.script import Condition, Mood


def spring(condition: Condition) -> Answer:
    """Answer as Spring Boot Actuator."""
    components: dict[str, object] = {
        name: {"status": "UP"} for name in ("db", "diskSpace", "livenessState", "ping", "readinessState", "redis")
    }
    if not fine(condition):
        components[condition.component] = {"status": "DOWN", "details": {"error": condition.note}}
    value = {"status": "UP" if fine(condition) else "DOWN", "components": components}
    return as_json(value, code(condition), "application/vnd.spring-boot.actuator.v3+json")


def spring_info(condition: Condition) -> Answer:
    """Answer as Actuator's info endpoint."""
    build = {"artifact": "service", "group": "com.acme", "version": condition.version}
    return as_json({"build": build, "java": {"version": "21.0.5", "vendor": {"name": "Eclipse Adoptium"}}})


def terminus(condition: Condition) -> Answer:
    """Answer as NestJS Terminus, with the version in a header."""
    down = {condition.component: {"status": "down", "message": condition.note}}
    good = {"database": {"status": "up"}, "redis": {"status": "up"}}
    error = {} if fine(condition) else down
    value = {"status": "ok" if fine(condition) else "error", "info": good, "error": error, "details": good | error}
    return as_json(value, code(condition), X_App_Version=condition.version)


def aspnet_json(condition: Condition) -> Answer:
    """Answer as the JSON writer of ASP.NET Core health checks."""
    word = {Mood.FINE: "Healthy", Mood.DEGRADED: "Degraded"}.get(condition.mood, "Unhealthy")
    entries = {"sql": {"status": "Healthy", "duration": "00:00:00.0021"}}
    if not fine(condition):
        entries[condition.component] = {"status": word, "duration": "00:00:00.5010"}
    return as_json({"status": word, "totalDuration": "00:00:00.0115", "entries": entries}, code(condition))


def aspnet_text(condition: Condition) -> Answer:
    """Answer as the plain writer of ASP.NET Core health checks, with the version in a header."""
    word = {Mood.FINE: "Healthy", Mood.DEGRADED: "Degraded"}.get(condition.mood, "Unhealthy")
    return as_text(word, code(condition), X_App_Version=condition.version)


def ietf(condition: Condition) -> Answer:
    """Answer as application/health+json."""
    word = {Mood.FINE: "pass", Mood.DEGRADED: "warn"}.get(condition.mood, "fail")
    checks: dict[str, object] = {"uptime": [{"componentType": "system", "status": "pass"}]}
    if not fine(condition):
        checks[f"{condition.component}:responseTime"] = [
            {"componentType": "datastore", "status": word, "output": condition.note}
        ]
    value = {"status": word, "version": "1", "releaseId": condition.version, "checks": checks}
    return as_json(value, code(condition), "application/health+json")


def microprofile(condition: Condition) -> Answer:
    """Answer as MicroProfile Health."""
    checks = [{"name": "alive", "status": "UP"}]
    if not fine(condition):
        checks.append({"name": condition.component, "status": "DOWN"})
    return as_json({"status": "UP" if fine(condition) else "DOWN", "checks": checks}, code(condition))


def openapi(condition: Condition) -> Answer:
    """Answer with an OpenAPI document."""
    info = {"title": "Payments gateway", "version": condition.version}
    return as_json({"openapi": "3.0.3", "info": info, "paths": {}})


def plain_json(condition: Condition) -> Answer:
    """Answer as so many home-made services do."""
    value: dict[str, object] = {"status": "ok" if fine(condition) else "error", "version": condition.version}
    if not fine(condition):
        value["error"] = f"{condition.component}: {condition.note}"
    return as_json(value, code(condition))


def version_json(condition: Condition) -> Answer:
    """Answer with a version document."""
    return as_json({"version": condition.version, "go_version": "go1.23.3"})


def build_metric(condition: Condition) -> Answer:
    """Answer with Prometheus metrics that hold a build_info."""
    return as_text(
        '# TYPE go_info gauge\ngo_info{version="go1.23.3"} 1\n# TYPE search_api_build_info gauge\n'
        f'search_api_build_info{{version="{condition.version}",revision="9f2c1ab"}} 1\n'
    )
