"""Instances that are one address of a name: connected to there, while Host and TLS keep the name."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from platformpm.model.check import Check, TlsSettings
from platformpm.model.reading import Reading
from platformpm.model.secret import NO_MASK
from platformpm.model.status import Reason, Status
from platformpm.net import Network
from platformpm.net.resolver import Address
from platformpm.probes import examiners
from tests.unit.net.loopback import answering, hold, ok, redirect, serving
from tests.unit.probes.conftest import StillClock, instance_at
from tests.unit.probes.nameservers import naming, says


def nobody(host: str, _: int) -> Sequence[Address]:
    raise socket.gaierror(socket.EAI_NONAME, f"{host} was looked up")


def at(url: str, address: str | None = "127.0.0.1", check: Check | None = None) -> Reading:
    async def body() -> Reading:
        network = Network(nobody)
        instance = replace(instance_at(url, check or Check()), address=address)
        deadline = asyncio.get_running_loop().time() + 20
        reading = await examiners(network, NO_MASK, StillClock())[instance.scheme](instance, instance.health, deadline)
        await network.close()
        return reading

    return asyncio.run(body())


def test_a_request_goes_to_the_address_and_names_the_host() -> None:
    with answering(ok()) as server:
        url = server.url("/health", host="shop.test")
        assert at(url).status is Status.UP
        assert at(url, None).reason is Reason.DNS
    assert f"Host: shop.test:{server.port}\r\n".encode() in server.requests[0]


def test_a_redirect_on_the_same_host_stays_at_the_address() -> None:
    with answering(redirect("/two"), ok()) as server:
        assert at(server.url("/", host="shop.test")).status is Status.UP
    with answering(redirect("http://other.test/")) as server:
        assert at(server.url("/", host="shop.test")).reason is Reason.DNS


def test_a_check_of_another_host_is_not_sent_to_the_address() -> None:
    with answering(ok()) as server:
        check = Check()
        instance = replace(instance_at("http://shop.test", check), address="127.0.0.1")
        elsewhere = replace(instance, health_url=server.url("/", host="other.test"))

        async def body() -> Reading:
            deadline = asyncio.get_running_loop().time() + 20
            return await examiners(Network(nobody), NO_MASK, StillClock())["http"](elsewhere, check, deadline)

        assert asyncio.run(body()).reason is Reason.DNS


@pytest.mark.parametrize(("host", "status"), [("shop.test", Status.UP), ("other.test", Status.DOWN)])
@pytest.mark.parametrize("scheme", ["https", "tls"])
def test_the_certificate_must_be_that_of_the_name(tmp_path: Path, scheme: str, host: str, status: Status) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("shop.test").configure_cert(context)
    check = Check(tls=TlsSettings(ca_file=str(tmp_path / "ca.pem")), certificate_days=0)
    served = answering(ok(), context=context) if scheme == "https" else serving(hold, context)
    with served as server:
        reading = at(server.url("" if scheme == "tls" else "/", host=host, scheme=scheme), check=check)
    assert (reading.status, reading.reason) == (status, None if host == "shop.test" else Reason.TLS_HOSTNAME)


def test_a_port_and_a_name_server_are_asked_at_the_address() -> None:
    with serving(hold) as server:
        assert at(server.url("", host="shop.test", scheme="tcp")).detail == f"connected to 127.0.0.1:{server.port}"
    with naming(says("@ A 10.0.0.1")) as names:
        assert at(names.url().replace("127.0.0.1", "ns.test")).detail == f"10.0.0.1 from 127.0.0.1:{names.port}"
