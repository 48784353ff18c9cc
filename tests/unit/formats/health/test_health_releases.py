"""What other releases of known systems answer, and look-alikes that must not be taken for them; sources beside."""

from __future__ import annotations

import pytest

from platformpm.model.status import Reason, Status
from tests.unit.formats.health.verdicts import DEGRADED, DOWN, PAYLOAD, STATUS, UP, Ask, seen


# https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-01 (first drafts: media type, names in ID)
def test_the_first_drafts_of_health_json(ask: Ask) -> None:
    verdict = ask({"status": "pass", "version": "1", "releaseID": "1.2.2", "serviceID": "f03e", "notes": [""]})
    assert seen(verdict) == ("ietf-health", UP, None, ())
    assert verdict is not None
    assert verdict.version == "1.2.2"
    media = {"content-type": "application/vnd.health+json"}
    assert seen(ask({"status": "fail"}, 500, headers=media)) == ("ietf-health", DOWN, STATUS, ())


# https://etcd.io/docs/v3.6/op-guide/monitoring/ (`ok` at /livez and /readyz) and …/v3.3/… (alarms under `errors`)
@pytest.mark.parametrize(
    ("url", "dialect", "owner"),
    [
        ("http://e.example:2379/livez", "auto", "etcd"),
        ("http://e.example:2381/readyz", "auto", "etcd"),
        ("http://e.example/livez", "etcd", "etcd"),
        ("http://e.example:6443/livez", "auto", "kubernetes"),
    ],
)
def test_a_bare_ok_is_etcds_on_its_ports_or_by_name(ask: Ask, url: str, dialect: str, owner: str) -> None:
    assert seen(ask("ok\n", 200, url, dialect=dialect)) == (owner, UP, None, ())


def test_an_alarm_of_an_old_etcd_is_told(ask: Ask) -> None:
    verdict = ask({"health": "false", "errors": ["NOSPACE", 7]}, 503)
    assert verdict is not None
    assert verdict.detail == "HTTP 503; health false: NOSPACE, 7"


# https://kubernetes.io/docs/reference/using-api/health-checks/ (the form of a line)
@pytest.mark.parametrize("body", ["[+] added a feature\n", "[-] removed\n[+] added\n", "[+]", "[-]old failedover\n"])
def test_lines_of_a_changelog_are_no_check_list(ask: Ask, body: str) -> None:
    assert ask(body, 200, "/readyz") is None


def test_a_check_list_with_an_exclusion_and_a_warning(ask: Ask) -> None:
    body = '[+]etcd excluded: ok\n[-]ping failed: reason withheld\nwarn: no matches for "foo"\nreadyz check failed\n'
    assert seen(ask(body, 500, "/readyz")) == ("kubernetes", DOWN, STATUS, ("ping",))


# https://developer.hashicorp.com/consul/api-docs/agent/service#get-local-service-health (404) and …/api-docs/health
@pytest.mark.parametrize(
    ("body", "code", "path", "reason"),
    [
        ([], 404, "/v1/agent/health/service/name/web", STATUS),
        ("ServiceName web Not Found", 404, "/v1/agent/health/service/name/web?format=text", STATUS),
        ([], 200, "/v1/health/connect/web?passing", PAYLOAD),
        ([], 200, "/v1/health/ingress/web", PAYLOAD),
    ],
)
def test_consul_without_an_instance(ask: Ask, body: object, code: int, path: str, reason: Reason) -> None:
    assert seen(ask(body, code, path)) == ("consul", DOWN, reason, ())


# https://developer.hashicorp.com/consul/api-docs#filtered-results: who may not read sees an empty list
def test_a_list_that_acls_emptied_says_nothing(ask: Ask) -> None:
    headers = {"x-consul-results-filtered-by-acls": "true"}
    verdict = ask([], 200, "/v1/health/service/web", headers)
    assert seen(verdict) == ("consul", Status.UNKNOWN, Reason.UNAUTHORIZED, ())


# https://docs.spring.io/spring-boot/api/rest/actuator/health.html (its own words, and custom ones)
@pytest.mark.parametrize(
    ("word", "owner"),
    [("OK", "generic"), ("ERROR", "generic"), ("HEALTHY", "generic"), ("SUCCESS", None), ("DEGRADED", "spring-boot")],
)
def test_upper_case_alone_makes_no_actuator(ask: Ask, word: str, owner: str | None) -> None:
    body = {"status": word, "components": {"db": {"status": word}}}
    verdict = ask(body)
    assert (verdict and verdict.dialect) == owner
    named = ask(body, path="/actuator/health")
    assert named is not None
    assert named.dialect == "spring-boot"


# https://www.rabbitmq.com/docs/monitoring#health-checks (certificate-expiration)
def test_a_certificate_of_rabbitmq_is_named_by_its_listener(ask: Ask) -> None:
    listener = {"node": "rabbit@a", "protocol": "amqp/ssl", "interface": "[::]", "port": 5671, "certfile": "/c.pem"}
    body = {"status": "failed", "reason": "Certificates expiring", "expired": [listener]}
    path = "/api/health/checks/certificate-expiration/1/months"
    assert seen(ask(body, 503, path)) == ("rabbitmq", DOWN, STATUS, ("amqp/ssl on rabbit@a",))


# https://www.cockroachlabs.com/docs/v21.1/monitoring-and-alerting#health-ready-1 (no message) and gRPC's status codes
@pytest.mark.parametrize(
    ("body", "path", "owner"),
    [
        ({"error": "node is not ready", "code": 14}, "/health?ready=1", "cockroachdb"),
        ({"code": 14, "message": "node is shutting down", "details": []}, "/health?ready=1", "cockroachdb"),
        ({"code": 14, "message": "node is shutting down", "details": []}, "/health", None),
        ({"error": "Internal Server Error", "code": 500, "message": "boom"}, "/health", None),
        ({"error": "x", "code": "14", "message": "x"}, "/health?ready=1", None),
    ],
)
def test_a_grpc_status_is_cockroachs_where_it_is_asked(
    ask: Ask, body: dict[str, object], path: str, owner: str | None
) -> None:
    verdict = ask(body, 503, path)
    assert (verdict and verdict.dialect) == owner
    assert verdict is None or verdict.detail.startswith("HTTP 503; node is ")


# https://next.sonarqube.com/sonarqube/web_api/api/system (ping; health has always causes)
def test_sonarqube_needs_more_than_a_colour(ask: Ask) -> None:
    assert seen(ask("pong", 200, "/sonar/api/system/ping")) == ("sonarqube", UP, None, ())
    assert ask("pong", 200, "/ping") is None
    assert ask({"health": "RED"}, 200, "/health") is None
    assert seen(ask({"health": "RED"}, 200, "/api/system/health")) == ("sonarqube", DOWN, PAYLOAD, ())


# https://help.sonatype.com/en/status-api.html (checks that only advise; the endpoints have no body)
def test_nexus_serves_while_a_check_advises(ask: Ask) -> None:
    checks = {name: {"healthy": False} for name in ("File Descriptors", "Re-encryption required")}
    verdict = ask({**checks, "Transactions": {"healthy": True}}, 200, "/service/rest/v1/status/check")
    assert seen(verdict) == ("nexus", DEGRADED, PAYLOAD, ("File Descriptors", "Re-encryption required"))


def test_a_sign_in_page_is_not_nexus(ask: Ask) -> None:
    assert ask("<html>Sign in</html>", 200, "/service/rest/v1/status") is None
    assert seen(ask("pong\n", 200, "/service/metrics/ping")) == ("nexus", UP, None, ())
    assert seen(ask("pong", 200, "/behind/a/proxy", dialect="nexus")) == ("nexus", UP, None, ())


# https://www.jenkins.io/doc/book/using/remote-access-api/ (any page tells X-Jenkins)
@pytest.mark.parametrize(
    ("body", "path", "dialect"),
    [
        ("<html>Dashboard</html>", "/", "auto"),
        ("<html>Dashboard</html>", "/ci", "jenkins"),
        ({"_class": "hudson.security.WhoAmI", "anonymous": True}, "/whoAmI/api/json", "auto"),
        ({"_class": "hudson.model.Hudson", "mode": "NORMAL"}, "/api/json?tree=mode", "auto"),
    ],
)
def test_any_good_page_of_jenkins_is_jenkins(ask: Ask, body: object, path: str, dialect: str) -> None:
    assert seen(ask(body, 200, path, {"x-jenkins": "2.452.1"}, dialect)) == ("jenkins", UP, None, ())


# https://docs.gitlab.com/administration/monitoring/health_check/ (a status stands beside lists)
def test_a_check_of_anybody_is_not_gitlabs(ask: Ask) -> None:
    other = {"status": "ok", "email_check": {"status": "failed"}}
    assert seen(ask(other)) == ("generic", UP, None, ())
    lists = {"gitaly_check": [{"status": "failed", "labels": {"shard": "a"}}], "db_check": {"status": "ok"}}
    assert seen(ask(lists, 500, "/-/readiness")) == ("gitlab", DOWN, STATUS, ("gitaly_check",))


# https://gitlab.com/gitlab-org/gitlab/-/merge_requests/17960 (one good entry of a check is enough)
def test_a_failed_shard_degrades_gitlab(ask: Ask) -> None:
    shards = [{"status": "ok", "labels": {"shard": "a"}}, {"status": "failed", "labels": {"shard": "b"}}]
    body = {"status": "ok", "db_check": [{"status": "ok"}], "gitaly_check": shards}
    assert seen(ask(body, 200, "/-/readiness?all=1")) == ("gitlab", DEGRADED, PAYLOAD, ("gitaly_check",))


# https://docs.min.io/enterprise/aistor-object-store/operations/monitoring/healthcheck-probe (429: high load)
def test_a_node_of_minio_under_high_load_is_degraded_not_rate_limited(ask: Ask) -> None:
    assert seen(ask("", 429, "/minio/health/live")) == ("minio", DEGRADED, STATUS, ())


# https://github.com/nestjs/terminus/issues (Nest 6 and exception filters wrap the result)
def test_a_wrapped_result_of_terminus(ask: Ask) -> None:
    dog = {"dog": {"status": "down", "message": "timeout"}}
    body = {
        "statusCode": 503,
        "error": "Service Unavailable",
        "message": {"status": "error", "error": dog, "details": dog},
    }
    verdict = ask(body, 503)
    assert seen(verdict) == ("terminus", DOWN, STATUS, ("dog",))
    assert verdict is not None
    assert verdict.detail == "HTTP 503; dog down: timeout"
    assert ask({"statusCode": 503, "message": "Service Unavailable Exception"}, 503) is None


# https://docs.victoriametrics.com/ and https://grafana.com/docs/alloy/latest/ answer like Prometheus
@pytest.mark.parametrize("text", ["VictoriaMetrics is Healthy.\n", "Alloy is ready.\n", "Agent is Ready."])
def test_kin_of_prometheus_says_its_own_name(ask: Ask, text: str) -> None:
    assert seen(ask(text, 200, "/-/ready")) == ("prometheus", UP, None, ())
    assert ask(text, 200, "/ready") is None
    assert ask(f"not so, {text}", 200, "/-/ready") is None


def test_a_page_of_a_proxy_is_not_prometheus(ask: Ask) -> None:
    assert ask("<html>503 Service Temporarily Unavailable</html>", 503, "/-/ready") is None


# https://github.com/goharbor/harbor/blob/main/src/controller/health/checker.go
def test_a_list_at_api_health_is_not_harbors(ask: Ask) -> None:
    body = {"status": "healthy", "components": [{"name": "cart-db", "status": "healthy"}]}
    assert seen(ask(body, 200, "/api/health")) == ("generic", UP, None, ())


# https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#health-healthz (an error never comes with 200)
def test_an_error_with_200_is_not_of_nats(ask: Ask) -> None:
    assert seen(ask({"status": "error", "error": "db"}, 200, "/healthz")) == ("generic", DOWN, PAYLOAD, ())


# https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/server_info.proto (official builds say Distribution)
def test_an_official_build_of_envoy(ask: Ask) -> None:
    verdict = ask({"version": "816188b8/1.31.0/Distribution/RELEASE/BoringSSL", "state": "LIVE"}, 200, "/server_info")
    assert seen(verdict) == ("envoy", UP, None, ())
    assert verdict is not None
    assert verdict.version == "1.31.0"


# https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-cat-health
def test_a_row_of_cat_health_needs_no_path_when_it_is_named(ask: Ask) -> None:
    row = "1475871424 16:17:04 logs red 1 1 1 1 0 0 0 0 - 100.0%\n"
    assert seen(ask(row, 200, "/behind/a/proxy", dialect="elasticsearch")) == ("elasticsearch", DOWN, PAYLOAD, ())


# DESIGN section 4, the generic dialect: parts may be bare words
@pytest.mark.parametrize(
    ("parts", "failing"),
    [
        ({"checks": {"db": "error", "queue": "ok", "mail": None}}, ("db",)),
        ({"dependencies": {"db": False, "queue": True}}, ("db",)),
        ({"services": {"db": {"status": "down"}, "queue": "down"}}, ("db", "queue")),
        ({"details": {"retry": False, "hint": "down"}}, ()),
    ],
)
def test_generic_names_parts_that_are_bare_words(ask: Ask, parts: dict[str, object], failing: tuple[str, ...]) -> None:
    assert seen(ask({"status": "unhealthy", **parts}, 503)) == ("generic", DOWN, STATUS, failing)
