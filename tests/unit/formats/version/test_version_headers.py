"""Versions in headers: the application's own, and nginx only where it is plainly the one that answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.formats.payload import Payload
from platformpm.formats.version import VersionFinding, VersionMiss, read_version, recognise_version
from platformpm.model.check import VersionRule

Answer = Callable[..., Payload]

WELCOME = (
    "<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>"
)
# https://nginx.org/en/docs/http/ngx_http_stub_status_module.html
COUNTERS = "Active connections: 7 \nserver accepts handled requests\n 31 31 64 \nReading: 0 Writing: 1 Waiting: 6 \n"


@pytest.mark.parametrize(
    ("headers", "version", "source"),
    [
        ({"X-App-Version": "2.4.1"}, "2.4.1", "header X-App-Version"),
        ({"x-application-version": "v2.4.1"}, "v2.4.1", "header X-Application-Version"),
        ({"X-Service-Version": "2026.11.22"}, "2026.11.22", "header X-Service-Version"),
        ({"X-Build-Version": "1a2b3c4"}, "1a2b3c4", "header X-Build-Version"),
        ({"X-Version": "2.4.1"}, "2.4.1", "header X-Version"),
        ({"X-Release": "release-2.4.1"}, "release-2.4.1", "header X-Release"),
        ({"X-Version": "9.0.0", "X-App-Version": "2.4.1"}, "2.4.1", "header X-App-Version"),
        ({"X-App-Version": "dev", "X-Version": "2.4.1"}, "2.4.1", "header X-Version"),
    ],
)
def test_a_header_of_the_application_is_read(
    answer: Answer, headers: dict[str, str], version: str, source: str
) -> None:
    assert recognise_version(answer(b"OK", headers)) == VersionFinding(version, source)
    assert recognise_version(answer(b"failing", headers, status=503)) == VersionFinding(version, source)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Api-Version": "2.4.1", "Api-Version": "2024-01-15", "X-Powered-By": "PHP/8.2.1"},
        {"X-AspNet-Version": "4.0.30319", "X-AspNetMvc-Version": "5.2", "Server": "Microsoft-IIS/10.0"},
        {"Server": "envoy", "X-Envoy-Upstream-Service-Time": "3"},
        {"Server": "istio-envoy"},
        {"Server": "cloudflare", "CF-RAY": "8-FRA"},
        {"Server": "Apache/2.4.57 (Debian) OpenSSL/3.0.11"},
        {"Server": "nginx/1.25.3"},
        {"Server": "nginx/1.25.3 (Ubuntu)"},
        {"Server": "gunicorn/21.2.0"},
        {"Server": "Werkzeug/3.0.1 Python/3.12.2"},
        {"Server": "Jetty(10.0.20)"},
        {"Server": "openresty/1.21.4.1"},
        {"Server": "Nexus"},
        {"Via": "1.1 varnish", "X-Runtime": "0.0123"},
        {"Docker-Distribution-Api-Version": "registry/2.0"},
        {"X-Version": "1", "X-Release": "stable", "X-Build": "4711"},
        {"X-App-Version": "${project.version}"},
        {"X-App-Version": "2.4.1, 2.4.1"},
        {"X-Git-Sha": "1a2b3c4"},
    ],
    ids=str,
)
def test_headers_of_others_are_not_taken(answer: Answer, headers: dict[str, str]) -> None:
    assert recognise_version(answer({"status": "ok"}, headers)) is None


def test_two_values_of_one_header_that_disagree_are_no_version(answer: Answer) -> None:
    twice = [("X-App-Version", "2.4.1"), ("X-App-Version", "2.4.1")]
    assert recognise_version(answer(b"OK", twice)) == VersionFinding("2.4.1", "header X-App-Version")
    assert recognise_version(answer(b"OK", [twice[0], ("X-App-Version", "2.5.0")])) is None


def test_a_version_check_takes_a_bare_build_number_from_a_header(answer: Answer) -> None:
    assert read_version(answer(b"", {"X-Build": "4711"}), VersionRule()) == VersionFinding("4711", "header X-Build")


def test_a_version_check_takes_a_commit_from_a_header_when_nothing_says_more(answer: Answer) -> None:
    commit = {"X-Git-Sha": "1234567"}
    assert read_version(answer(b"OK", commit), VersionRule()) == VersionFinding("1234567", "header X-Git-Sha")
    found = read_version(answer(b"OK", commit | {"X-Build-Number": "77"}), VersionRule())
    assert found == VersionFinding("77", "header X-Build-Number")


def test_the_header_of_an_application_says_more_than_the_commit_of_its_info(answer: Answer) -> None:
    info = {"git": {"branch": "main", "commit": {"id": "1a2b3c4"}}}
    found = recognise_version(answer(info, {"X-App-Version": "2.4.1"}))
    assert found == VersionFinding("2.4.1", "header X-App-Version")


def test_a_server_header_that_is_too_long_is_not_cut_into_a_version(answer: Answer) -> None:
    assert recognise_version(answer(WELCOME, {"Server": "nginx/1.25." + "3" * 5000})) is None
    assert recognise_version(answer(b"", {"Server": "Nexus/3.63." + "1" * 5000})) is None


@pytest.mark.parametrize("body", [WELCOME, COUNTERS, "<html><head><title>Index of /</title></head><h1>Index of /</h1>"])
def test_nginx_is_recognised_by_a_page_it_writes_itself(answer: Answer, body: str) -> None:
    found = recognise_version(answer(body, {"Server": "nginx/1.25.3"}))
    assert found == VersionFinding("1.25.3", "header Server")


@pytest.mark.parametrize("body", ["", "ok", "OK\n", "healthy"])
def test_nginx_counts_in_a_version_check_when_nothing_else_is_there(answer: Answer, body: str) -> None:
    payload = answer(body, {"Server": "nginx/1.25.3 (Ubuntu)"})
    assert recognise_version(payload) is None
    assert read_version(payload, VersionRule()) == VersionFinding("1.25.3", "header Server")


@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        (WELCOME, {"Via": "1.1 cache"}, 200),
        (WELCOME, {"CF-RAY": "8-FRA"}, 200),
        (WELCOME, {"Set-Cookie": "session=1"}, 200),
        (WELCOME, {"X-Request-Id": "1"}, 200),
        ("<html><center><h1>502 Bad Gateway</h1></center><hr><center>nginx/1.25.3</center></html>", {}, 502),
        ("<html><title>Shop</title><script src=app.js></script></html>", {}, 200),
        ({"status": "ok"}, {}, 200),
        ("pong", {"X-Powered-By": "Express"}, 200),
    ],
)
def test_nginx_in_front_of_something_is_not_taken(
    answer: Answer, body: object, more: dict[str, str], status: int
) -> None:
    payload = answer(body, {"Server": "nginx/1.25.3"} | more, status=status)
    assert recognise_version(payload) is None
    assert isinstance(read_version(payload, VersionRule()), VersionMiss)
