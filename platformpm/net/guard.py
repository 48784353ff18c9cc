"""Where a redirect must never lead: addresses that only answer the machine that asks, and give it its secrets."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from platformpm.model.status import Reason
from platformpm.net.faults import ExchangeError
from platformpm.net.resolver import Address

_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local (RFC 3927): AWS, Azure, Google, OpenStack and many more
        "fe80::/10",  # link-local (RFC 4291)
        "fd00:ec2::254/128",  # AWS over IPv6
        "fd20:ce::254/128",  # Google over IPv6
        "100.100.100.200/32",  # Alibaba
        "192.0.0.192/32",  # Oracle, first generation
        "168.63.129.16/32",  # Azure's wire server
    )
)
_CARRIERS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::/96",  # IPv4-compatible (RFC 4291)
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # NAT64 of a local network (RFC 8215)
    )
)
"""Networks whose addresses end in an IPv4 one."""
_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)


def forbidden(ip: str) -> bool:
    """Tell whether an IP address is link-local or a cloud's metadata service, in any of its spellings."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    return any(form in network for form in _forms(address) for network in _NETWORKS if form.version == network.version)


def _forms(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Give an address and the IPv4 ones that it carries inside."""
    forms: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [address]
    if isinstance(address, ipaddress.IPv6Address):
        carried = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
        forms += [form for form in carried if form is not None]
        if any(address in network for network in _CARRIERS):
            forms.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return forms


def _numbers(host: str) -> list[str]:
    """Give the address that a host of numbers is for a proxy that looks it up: inet_aton(3) takes many forms."""
    try:
        return [socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))]
    except (OSError, ValueError):
        return []


class Guard:
    """Refuses what a redirect must not reach; the host that the inventory itself names is always allowed."""

    __slots__ = ("_own",)

    def __init__(self, own: str) -> None:
        """Allow `own`."""
        self._own = own

    def __call__(self, host: str, addresses: Sequence[Address]) -> None:
        """Raise `ExchangeError` (`redirect`) before anything is connected."""
        if host == self._own:
            return
        if host.rstrip(".").lower() in _NAMES:
            raise ExchangeError(Reason.REDIRECT, f"redirect to the metadata service {host} refused")
        for ip in (*_numbers(host), *(address.ip for address in addresses)):
            if forbidden(ip):
                text = host if host == ip else f"{host} ({ip})"
                raise ExchangeError(Reason.REDIRECT, f"redirect to the link-local or metadata address {text} refused")
