from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from platformpm.inventory import Loaded, load
from platformpm.model.check import Check, Instance, StatusRange, VersionRule
from platformpm.model.inventory import Inventory

Write = Callable[..., Path]
Load = Callable[..., Loaded]


def only(inventory: Inventory) -> Instance:
    (instance,) = inventory.instances()
    return instance


@pytest.mark.parametrize(
    ("url", "health", "requested"),
    [
        ("http://h:1", "", "http://h:1"),
        ("http://h:1/", "", "http://h:1/"),
        ("http://h:1", 'health = "/health"', "http://h:1/health"),
        ("http://h/api", 'health = "/health"', "http://h/api/health"),
        ("http://h/api/", 'health = "/health"', "http://h/api/health"),
        ("http://h/api", 'health = "health"', "http://h/api/health"),
        ("http://h/api", 'health = "/health?full=1#x"', "http://h/api/health?full=1"),
        ("http://h/api", 'health = "?full=1"', "http://h/api?full=1"),
        ("http://h/api", 'health = "https://o.example/x?y=1"', "https://o.example/x?y=1"),
        ("http://h:1/api", "port = 8081", "http://h:8081/api"),
        ("http://h", 'port = 8081\nhealth = "/x"', "http://h:8081/x"),
        ("http://h:1", 'port = 8081\nhealth = { path = "/x", port = 9 }', "http://h:9/x"),
        ("http://[::1]:1", 'port = 8081\nhealth = "/x"', "http://[::1]:8081/x"),
        ("http://user:pw@h:1/a", 'health = "/x"', "http://h:1/a/x"),
        ("tcp://h:6379", "", "tcp://h:6379"),
        ("HTTPS://Host.Example", "", "https://Host.Example"),
        ("dns://10.0.0.53/shop.example", "port = 5353", "dns://10.0.0.53:5353/shop.example"),
        ("dns:///shop.example", "port = 5353", "dns:///shop.example"),
        ("icmp://[::1]", "port = 5353", "icmp://[::1]"),
        ("ws://h", "", "ws://h"),
        ("grpc://h:1/acme.Cart", "", "grpc://h:1/acme.Cart"),
        ("grpcs://h:1", 'health = "/acme.Cart"', "grpcs://h:1/acme.Cart"),
        ("wss://h/live", 'health = "?room=1"', "wss://h/live?room=1"),
        ("wss://h/live", 'health = { path = "/x", port = 9 }', "wss://h:9/live/x"),
    ],
)
def test_the_path_is_appended_a_url_replaces_and_a_port_replaces_the_port(
    loaded: Load, url: str, health: str, requested: str
) -> None:
    assert only(loaded(f'[services.a]\n{health}\ninstances.p = ["{url}"]').inventory).health_url == requested


@pytest.mark.parametrize(
    ("url", "requested"), [("http://h/a", "http://h/a/healthz"), ("ws://h/a", "ws://h/a"), ("grpc://h:1", "grpc://h:1")]
)
@pytest.mark.parametrize("outer", ['[defaults]\nhealth = "/healthz"', '[environments.p]\npath = "/healthz"'])
def test_only_http_instances_inherit_a_path(loaded: Load, outer: str, url: str, requested: str) -> None:
    assert only(loaded(f'{outer}\n[services.a]\ninstances.p = ["{url}"]').inventory).health_url == requested


def test_user_and_password_leave_the_address(loaded: Load) -> None:
    instance = only(loaded('[services.a]\ninstances.p = ["http://us%40er:p%3Aw@h:1/a"]').inventory)
    assert instance.url == "http://h:1/a"
    assert instance.key.instance == "h:1"
    assert instance.credentials is not None
    assert instance.credentials.reveal() == "us@er:p:w"


def test_the_password_of_an_address_does_not_go_to_another_host(complaints: Callable[..., list[str]]) -> None:
    (line,) = complaints('[services.a]\nhealth = "http://other/x"\ninstances.p = ["http://u:p@h"]')
    assert "another host than the instance's" in line
    assert complaints('[services.a]\nhealth = "http://h:80/x"\ninstances.p = ["http://u:p@h"]') == []


@pytest.mark.parametrize(
    ("urls", "names"),
    [
        ('["http://h:1", "http://h:2"]', ["h:1", "h:2"]),
        ('["http://h:1/a", "http://h:1/b", "http://h:2/c"]', ["h:1/a", "h:1/b", "h:2"]),
        ('["http://h/only"]', ["h"]),
        ('{ eu-1 = "http://h:1", us-1 = "http://h:1" }', ["eu-1", "us-1"]),
        ('"http://h:1"', ["h:1"]),
        (
            '["dns://10.0.0.53:5353/a.b", "dns://10.0.0.53:5353/b", "dns:///a.b"]',
            ["10.0.0.53:5353/a.b", "10.0.0.53:5353/b", "a.b"],
        ),
        ('["icmp://h", "icmp://[::1]"]', ["h", "[::1]"]),
        ("[]", []),
    ],
)
def test_instances_are_named_by_where_they_are_and_never_by_their_place(
    loaded: Load, urls: str, names: list[str]
) -> None:
    text = f"[services.a]\ninstances.p = {urls}\ninstances.q = ['http://q']"
    assert [i.key.instance for i in loaded(text).inventory.instances() if i.key.environment == "p"] == names


def test_inner_tables_win_over_outer_ones(loaded: Load) -> None:
    text = """
[defaults]
interval = "10s"
timeout = "1s"
max_latency = "100ms"
headers = { A = "defaults", B = "defaults", C = "defaults" }
[defaults.health]
timeout = "2s"
[environments.p]
timeout = "3s"
headers = { b = "environment" }
family = 4
[services.a]
timeout = "4s"
headers = { C = "service" }
[services.a.health]
timeout = "5s"
[services.a.instances]
p = ["http://h"]
[services.b]
instances.p = ["http://h"]
"""
    first, second = loaded(text).inventory.instances()
    assert (first.health.interval, first.health.timeout, first.health.max_latency, first.health.family) == (
        10,
        5,
        0.1,
        4,
    )
    assert {name: value.reveal() for name, value in first.health.headers} == {
        "A": "defaults",
        "b": "environment",
        "C": "service",
    }
    assert second.health.timeout == 3


def test_a_version_check_takes_how_to_ask_but_not_what_is_healthy(loaded: Load) -> None:
    text = """
[services.a]
interval = "5s"
timeout = "3s"
verify = false
port = 81
method = "POST"
max_latency = "1s"
down_after = 5
version = "/version"
health = { path = "/h", headers = { A = "1" } }
instances.p = ["https://h"]
"""
    instance = only(loaded(text).inventory)
    version = instance.version
    assert version is not None
    assert (version.interval, version.timeout, version.tls.verify) == (60, 3, False)
    assert (version.method, version.max_latency, version.headers) == ("GET", None, ())
    assert (instance.version_url, instance.health_url) == ("https://h:81/version", "https://h:81/h")
    assert (instance.health.down_after, instance.health.method) == (5, "POST")


def test_everything_of_the_long_form_reaches_the_check(loaded: Load) -> None:
    text = """
[services.a.health]
headers = { X = "1" }
auth = { header = "X-Api-Key", value = "k" }
body = "b"
redirects = 0
critical_latency = "3s"
certificate_days = 30
dialect = "none"
up_after = 3
expect = { status = [200, "3xx", "410-412"], json = { "a.b" = ["x", 1] }, body = "ok", headers = { Content-Type = "json" } }
[services.a.instances]
p = ["http://h"]
"""
    check = only(loaded(text).inventory).health
    assert [(name, value.reveal()) for name, value in check.headers] == [("X", "1"), ("X-Api-Key", "k")]
    assert check.body is not None
    assert check.body.reveal() == "b"
    assert (check.redirects, check.critical_latency, check.certificate_days) == (0, 3, 30)
    assert (check.dialect, check.up_after, check.auth) == ("none", 3, None)
    assert check.expect.status == (StatusRange(200, 200), StatusRange(300, 399), StatusRange(410, 412))
    assert check.expect.json == (("a.b", ("x", 1)),)
    assert (check.expect.body, check.expect.headers) == ("ok", (("Content-Type", "json"),))


def test_what_a_name_server_is_asked_and_must_answer_reaches_the_check(loaded: Load) -> None:
    text = """
[services.a.health]
record = "MX"
expect = { body = "mail", records = ["10 a.example", "20 b.example"] }
[services.a.instances]
p = ["dns:///shop.example"]
"""
    check = only(loaded(text).inventory).health
    assert (check.record, check.expect.body, check.expect.records) == ("MX", "mail", ("10 a.example", "20 b.example"))


@pytest.mark.parametrize(
    ("auth", "value"),
    [
        ('{ bearer = "x" }', "Bearer x"),
        ('{ basic = "u:p:q" }', "Basic dTpwOnE="),
        ('{ username = "u", password = "p:q" }', "Basic dTpwOnE="),
        ('{ username = "u", password = "" }', "Basic dTo="),
    ],
)
def test_each_way_to_sign_in_becomes_the_header(loaded: Load, auth: str, value: str) -> None:
    check = only(loaded(f"[services.a]\nauth = {auth}\ninstances.p = ['http://h']").inventory).health
    assert check.auth is not None
    assert check.auth.reveal() == value


@pytest.mark.parametrize(
    ("version", "rule"),
    [
        ('"/v"', VersionRule()),
        ('{ json = "a.b" }', VersionRule(json="a.b")),
        ('{ header = "X-V" }', VersionRule(header="X-V")),
        ("{ regex = 'v(.*)' }", VersionRule(regex="v(.*)")),
        ('{ metric = "x_build_info", label = "rev" }', VersionRule(metric="x_build_info", label="rev")),
    ],
)
def test_each_place_of_a_version_becomes_the_rule(loaded: Load, version: str, rule: VersionRule) -> None:
    check = only(loaded(f"[services.a]\nversion = {version}\ninstances.p = ['http://h']").inventory).version
    assert check is not None
    assert check.version == rule


def test_without_defaults_a_check_is_that_of_the_model(loaded: Load) -> None:
    assert only(loaded("[services.a]\ninstances.p = ['http://h']").inventory).health == Check()


def test_files_of_certificates_are_absolute_and_relative_to_the_file_that_names_them(write: Write) -> None:
    folder = write(
        platform='include = ["sub/*.toml"]\n',
        sub__a="[services.a]\ntls = { ca_file = 'ca.pem', minimum = '1.3' }\ninstances.p = ['https://h']",
    )
    (folder / "sub" / "ca.pem").write_text("pem")
    loaded = load(folder / "platform.toml", {})
    tls = only(loaded.inventory).health.tls
    assert (tls.ca_file, tls.minimum) == (str(folder / "sub" / "ca.pem"), "TLSv1.3")
    assert folder / "sub" / "ca.pem" in loaded.watched
