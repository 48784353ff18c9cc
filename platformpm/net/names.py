"""The names of hosts as they go over the wire."""

from __future__ import annotations

from ipaddress import ip_address

import httpx


def asked_name(host: str) -> str:
    """Give the ASCII form in which a host name is asked for (IDNA 2008, RFC 5891).

    Raises `ValueError` for a name that has none, such as one with a symbol in it.
    """
    try:
        return httpx.URL(f"http://{host}").raw_host.decode("ascii")
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None


def host_of(url: httpx.URL) -> str:
    """Give the host of a URL as it is connected to: the zone of an IPv6 address, `%25eth0` in a URL, as `%eth0`.

    RFC 6874 section 2; a bare `%`, which many people write, means the same. Only link-local addresses have zones, and
    the system refuses others with one. Raises `ValueError` for a zone that is not ASCII.
    """
    host = url.raw_host.decode("ascii")
    address, percent, zone = host.partition("%")
    if not percent or ":" not in host:
        return host
    if not ip_address(address).is_link_local:
        return address
    return f"{address}%{zone.removeprefix('25') or zone}"


def authority_of(url: httpx.URL) -> bytes:
    """Give the value of the Host header: the zone means nothing to the other side (RFC 6874 section 4)."""
    if b"%" not in url.netloc:
        return url.netloc
    address, percent, rest = url.netloc.partition(b"%")
    return address + rest[rest.index(b"]") :] if address.startswith(b"[") else address + percent + rest
