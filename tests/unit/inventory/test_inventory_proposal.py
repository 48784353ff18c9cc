"""The inventory that `init` writes for what it found: whatever that was, it loads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformpm.inventory import load
from platformpm.inventory.addresses import Address, parse_address
from platformpm.inventory.proposal import Found, grouped, named, place_of, proposal
from platformpm.inventory.values import is_name


def found(url: str, name: str = "shop", environment: str = "production", **more: object) -> Found:
    return replace(Found(parse_address(url), name, environment, "up"), **more)  # type: ignore[arg-type]  # its fields


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("checkout.acme.example", ("checkout", "production")),
        ("checkout.staging.acme.example", ("checkout", "staging")),
        ("checkout-stg.acme.example", ("checkout", "staging")),
        ("qa-checkout-api.acme.example", ("checkout-api", "test")),
        ("staging.acme.example", ("staging", "staging")),
        ("Live.Acme.Example.", ("live", "production")),
        ("stock.dev", ("stock", "development")),
        ("x_y.prod-eu.example", ("x-y", "production")),
        ("münchen.example", ("m-nchen", "production")),
        ("_", ("service", "production")),
        ("a" * 70 + ".example", ("a" * 63, "production")),
    ],
)
def test_the_name_of_a_host_tells_a_service_and_an_environment(host: str, place: tuple[str, str]) -> None:
    assert place_of(host) == place


def test_copies_of_one_service_stand_together_and_others_get_another_name() -> None:
    one = found("http://a:1", health="/health", release="1.0")
    two = found("http://b:1", health="/health", release="1.0")
    staging = found("http://c:1", environment="staging", health="/health", release="1.1")
    other = found("http://a:2", health="/healthz")
    services = grouped([one, two, staging, other, found("tcp://a:3")])
    assert {name: len(instances) for name, instances in services.items()} == {"shop": 3, "shop-2": 1, "shop-3": 1}
    text = proposal(services, {})
    assert 'instances.production = ["http://a:1", "http://b:1"]\n# target.production = "1.0"\n' in text
    assert 'instances.staging = ["http://c:1"]\n# target.staging = "1.1"\n' in text
    assert '[environments.staging]\n\n[environments.production]\npromotes_from = "staging"\ncritical = true\n' in text


def test_versions_that_differ_are_no_target() -> None:
    assert "target" not in proposal(grouped([found("http://a:1", release="1"), found("http://b:1", release="2")]), {})


def test_nothing_is_promoted_from_this_machine(tmp_path: Path) -> None:
    text = proposal(grouped([found("http://a:1", environment="local"), found("http://b:1")]), {}, machine=True)
    assert "promotes_from" not in text
    path = tmp_path / "platform.toml"
    path.write_text(text)
    assert [host.name for host in load(path, {}).inventory.hosts] == ["local"]


HOSTILE = st.text(max_size=60)
FOUND = st.builds(
    Found,
    st.builds(Address, st.sampled_from(["http", "https", "tcp"]), st.sampled_from(["h", "[::1]", "10.0.0.7"]),
              st.integers(1, 9), st.just("")),
    HOSTILE.map(named),
    st.sampled_from(["local", "development", "test", "staging", "production"]),
    HOSTILE,
    st.sampled_from([None, "/health", "/status?full=1"]),
    st.sampled_from([None, "/version"]),
    st.none() | HOSTILE,
    st.booleans(),
    HOSTILE,
)  # fmt: skip


@given(st.lists(FOUND, min_size=1, max_size=12, unique_by=lambda one: one.address.url))
@settings(max_examples=60, deadline=None)
def test_whatever_was_found_the_text_is_a_good_inventory(
    tmp_path_factory: pytest.TempPathFactory, findings: list[Found]
) -> None:
    findings = [replace(one, health=None, version=None) if one.address.scheme == "tcp" else one for one in findings]
    path = tmp_path_factory.mktemp("found") / "platform.toml"
    path.write_text(proposal(grouped(findings), {}), encoding="utf-8")
    loaded = load(path, {})
    assert loaded.warnings == ()
    urls = sorted(instance.url for instance in loaded.inventory.instances())
    assert urls == sorted(one.address.url for one in findings)


@given(st.text(max_size=100))
@settings(max_examples=100, deadline=None)
def test_every_text_gives_a_name(text: str) -> None:
    assert is_name(named(text))
