"""Redirects never reach an address that gives the machine's own secrets away."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.status import Reason
from platformpm.net.faults import ExchangeError
from platformpm.net.guard import Guard, forbidden
from platformpm.net.resolver import Address


@pytest.mark.parametrize(
    "ip",
    ["169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"],
)
def test_link_local_and_metadata_addresses_are_forbidden(ip: str) -> None:
    assert forbidden(ip)


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "2001:db8::1", "169.253.0.1", "fd00::1"])
def test_ordinary_addresses_are_not(ip: str) -> None:
    assert not forbidden(ip)


@given(
    st.integers(0, 0xFFFF), st.sampled_from(["::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::", "::", "2002::"])
)
def test_a_link_local_address_is_found_in_every_ipv6_dress(low: int, dress: str) -> None:
    plain = int(ipaddress.IPv4Address("169.254.0.0")) + low
    base = int(ipaddress.IPv6Address(dress))
    shift = 80 if dress == "2002::" else 0
    assert forbidden(str(ipaddress.IPv6Address(base + (plain << shift))))


@pytest.mark.parametrize("host", ["metadata.google.internal", "Metadata.Google.Internal.", "metadata", "instance-data"])
def test_metadata_names_are_refused_without_a_look_up(host: str) -> None:
    with pytest.raises(ExchangeError, match="metadata") as caught:
        Guard("shop.example")(host, ())
    assert caught.value.reason is Reason.REDIRECT


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254.",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "0xa9.254.169.254",
        "169.254.1",
    ],
)
def test_numbers_that_a_proxy_would_take_for_such_an_address_are_refused(host: str) -> None:
    with pytest.raises(ExchangeError, match="link-local or metadata") as caught:
        Guard("shop.example")(host, ())
    assert caught.value.reason is Reason.REDIRECT


@pytest.mark.parametrize("host", ["10.0.0.7", "2130706433", "1.example", "169.254.169.254.example", "a" * 300, ""])
def test_other_hosts_are_left_to_the_look_up(host: str) -> None:
    Guard("shop.example")(host, ())


def test_one_forbidden_address_of_many_is_enough() -> None:
    addresses = [Address(socket.AF_INET, "127.0.0.1"), Address(socket.AF_INET, "169.254.169.254")]
    with pytest.raises(ExchangeError, match=r"rebind\.example \(169\.254\.169\.254\)"):
        Guard("shop.example")("rebind.example", addresses)


def test_the_host_that_the_inventory_names_is_allowed() -> None:
    Guard("169.254.1.1")("169.254.1.1", [Address(socket.AF_INET, "169.254.1.1")])
