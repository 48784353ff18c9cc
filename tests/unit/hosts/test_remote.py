"""Other machines over a real network: small servers on loopback that say what an exporter may say, or worse."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import Callable

import pytest
import trustme

from platformpm.formats.machine import LARGEST_PAGE
from platformpm.hosts import RemoteReader
from platformpm.model.check import Check, TlsSettings
from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import Host
from platformpm.model.secret import NO_MASK, Masker, Secret
from platformpm.model.status import Reason
from platformpm.net import Network
from tests.faults.server import refusing
from tests.unit.net.loopback import answering, hold, ok, redirect, serving

FIRST = b"""node_cpu_seconds_total{cpu="0",mode="idle"} 900
node_cpu_seconds_total{cpu="0",mode="user"} 100
node_network_receive_bytes_total{device="eth0"} 1000
node_network_receive_bytes_total{device="lo"} 1000
node_network_transmit_bytes_total{device="eth0"} 500
node_network_transmit_bytes_total{device="lo"} 1000
node_boot_time_seconds 1.7e+09
node_time_seconds 1.7000036e+09
"""
SECOND = FIRST.replace(b"900", b"908").replace(b"} 100\n", b"} 102\n").replace(b'"eth0"} 1000', b'"eth0"} 5000')
RESTARTED = FIRST.replace(b"900", b"9").replace(b"} 100\n", b"} 1\n").replace(b'"eth0"} 1000', b'"eth0"} 10')


class Clock:
    """Two seconds pass between two looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def wall(self) -> float:
        return 1_700_000_000.0

    def monotonic(self) -> float:
        self.now += 2.0
        return self.now


def looks(*hosts: Host, seconds: float = 20.0, mask: Masker = NO_MASK) -> list[HostReading]:
    """Look at each of `hosts` in turn with one reader."""

    async def body() -> list[HostReading]:
        network = Network()
        reader = RemoteReader(network, mask, Clock())
        loop = asyncio.get_running_loop()
        readings = [await reader(host, loop.time() + seconds) for host in hosts]
        await network.close()
        return readings

    return asyncio.run(body())


def host(url: str, **check: object) -> Host:
    return Host("db-1", url=url, check=Check(**check))  # type: ignore[arg-type]


def test_a_second_look_has_rates_over_the_time_between() -> None:
    with answering(ok(FIRST), ok(SECOND)) as server:
        db = host(server.url("/metrics"))
        first, second = looks(db, db)
    assert (first.cpu_percent, first.received_rate, first.cpu_count, first.uptime) == (None, None, 1, 3600.0)
    assert second.cpu_percent == pytest.approx(20.0)
    assert (second.received_rate, second.sent_rate) == (2000.0, 0.0)
    assert b"GET /metrics HTTP/1.1" in server.requests[0]


def test_counters_that_began_anew_give_no_rate_and_the_next_look_does() -> None:
    later = RESTARTED.replace(b"} 9\n", b"} 10\n").replace(b"} 1\n", b"} 2\n")
    with answering(ok(SECOND), ok(RESTARTED), ok(later)) as server:
        db = host(server.url("/metrics"))
        _, restarted, after = looks(db, db, db)
    assert (restarted.failure, restarted.cpu_percent, restarted.received_rate) == (None, None, None)
    assert (after.cpu_percent, after.received_rate) == (50.0, 0.0)


def test_a_failure_in_between_only_makes_the_time_longer() -> None:
    with answering(ok(FIRST), ok(b"", status=b"503 No"), ok(SECOND)) as server:
        db = host(server.url("/metrics"))
        _, failed, after = looks(db, db, db)
    assert (failed.failure, failed.detail) == (Reason.STATUS, "HTTP 503, expected 2xx")
    assert after.received_rate == 1000.0


def test_another_address_is_another_machine_and_other_ways_to_ask_are_not() -> None:
    with answering(ok(FIRST), ok(SECOND), ok(SECOND)) as server:
        db, other = host(server.url("/metrics")), host(server.url("/metrics?other"))
        same = host(server.url("/metrics"), auth=Secret("Bearer x"))
        assert [reading.cpu_percent is None for reading in looks(db, same, other)] == [True, False, True]


def test_a_reader_with_new_secrets_goes_on_from_what_the_old_one_counted() -> None:
    async def body(db: Host) -> HostReading:
        loop = asyncio.get_running_loop()
        reader = RemoteReader(Network(), NO_MASK, Clock())
        await reader(db, loop.time() + 20)
        return await reader.anew(Network(), Masker({"unrelated"}))(db, loop.time() + 20)

    with answering(ok(FIRST), ok(SECOND)) as server:
        assert asyncio.run(body(host(server.url("/metrics")))).cpu_percent is not None


def test_file_systems_are_chosen_as_on_this_machine() -> None:
    mounts = [
        ("/dev/sda1", "ext4", "/"),
        ("/dev/sda1", "ext4", "/var/lib/docker"),
        ("tmpfs", "tmpfs", "/run"),
        ("/dev/loop0", "squashfs", "/snap/core/1"),
        ("/dev/sdb1", "xfs", "/data\x1b[31m"),
    ]
    lines = [
        f'node_filesystem_{what}_bytes{{device="{device}",fstype="{kind}",mountpoint="{mount}"}} {value}'
        for device, kind, mount in mounts
        for what, value in (("size", 1000), ("free", 500), ("avail", 500))
    ]
    with answering(ok("\n".join(lines).encode())) as server:
        (reading,) = looks(host(server.url("/metrics")))
    assert reading.disks == (Disk("/", 50.0, 500, 1000), Disk("/data\N{REPLACEMENT CHARACTER}[31m", 50.0, 500, 1000))


ANSWERS: list[tuple[bytes, Reason]] = [
    (ok(b"", status=b"401 Unauthorized"), Reason.UNAUTHORIZED),
    (ok(b"", status=b"404 Not Found"), Reason.STATUS),
    (ok(b"<html>sign in</html>"), Reason.PAYLOAD),
    (ok(b"x" * (LARGEST_PAGE + 1)), Reason.TOO_LARGE),
    (ok(gzip.compress(b"\n" * (2 * LARGEST_PAGE)), b"Content-Encoding: gzip"), Reason.TOO_LARGE),
    (ok(b"not gzip", b"Content-Encoding: gzip"), Reason.PROTOCOL),
    (ok(FIRST, b"Content-Encoding: br"), Reason.PAYLOAD),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + FIRST, Reason.PROTOCOL),
    (b"SSH-2.0-OpenSSH\r\n", Reason.PROTOCOL),
    (redirect("http://169.254.169.254/latest/meta-data"), Reason.REDIRECT),
]


@pytest.mark.parametrize(("answer", "reason"), ANSWERS, ids=[f"{n}-{r}" for n, (_, r) in enumerate(ANSWERS)])
def test_a_host_that_cannot_be_read_has_a_reason(answer: bytes, reason: Reason) -> None:
    with answering(answer) as server:
        (reading,) = looks(host(server.url("/metrics")))
    assert reading.failure is reason
    assert reading.detail
    assert reading == HostReading(reading.at, failure=reason, detail=reading.detail)


def test_a_page_as_large_as_is_allowed_is_read() -> None:
    body = FIRST + b"# " + b"x" * 900 + b"\n"
    body += (b"other_metric 1" + b" " * 900 + b"\n") * ((LARGEST_PAGE - len(body)) // 915)
    with answering(ok(gzip.compress(body), b"Content-Encoding: gzip")) as server:
        (reading,) = looks(host(server.url("/metrics")))
    assert (reading.failure, reading.cpu_count) == (None, 1)
    assert len(body) > 7 * 1024 * 1024


def test_nobody_there_and_nobody_answering() -> None:
    with refusing() as port:
        (refused,) = looks(host(f"http://127.0.0.1:{port}/metrics"))
    with serving(hold) as server:
        (silent,) = looks(host(server.url("/metrics")), seconds=0.3)
    (odd,) = looks(host("http://%zz/metrics"))
    assert (refused.failure, silent.failure, odd.failure) == (
        Reason.REFUSED,
        Reason.TIMEOUT_RESPONSE,
        Reason.CONFIG,
    )


def test_an_exporter_is_asked_as_a_check_is() -> None:
    headers = (("X-Scope-OrgID", Secret("acme")),)
    with answering(redirect("/real"), ok(FIRST)) as server:
        (reading,) = looks(host(server.url("/metrics"), auth=Secret("Bearer t0ken"), headers=headers))
    assert reading.failure is None
    for request in server.requests:
        assert b"Authorization: Bearer t0ken\r\n" in request
        assert b"X-Scope-OrgID: acme\r\n" in request


def test_an_exporter_behind_a_proxy_is_asked_through_it() -> None:
    with answering(ok(FIRST)) as proxy:
        (reading,) = looks(host("http://192.0.2.1:9100/metrics", proxy=Secret(proxy.url(""))))
    assert (reading.failure, reading.cpu_count) == (None, 1)
    assert proxy.requests[0].startswith(b"GET http://192.0.2.1:9100/metrics HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (lambda path: TlsSettings(ca_file=path), None),
        (lambda path: TlsSettings(verify=False), None),
        (lambda path: TlsSettings(), Reason.TLS_UNTRUSTED),
    ],
)
def test_https_is_verified_as_the_inventory_says(
    settings: Callable[[str], TlsSettings], reason: Reason | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    authority = trustme.CA()
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with answering(ok(FIRST), context=context) as server:
        (reading,) = looks(host(server.url("/metrics", scheme="https"), tls=settings(str(file))))
    assert reading.failure is reason


def test_a_secret_that_an_exporter_echoes_is_masked() -> None:
    body = b"".join(
        b'node_filesystem_%b_bytes{device="d",fstype="ext4",mountpoint="/t0ken-s3cret"} 10\n' % what
        for what in (b"size", b"free", b"avail")
    )
    with answering(ok(body)) as server:
        (reading,) = looks(host(server.url("/metrics")), mask=Masker({"t0ken-s3cret"}))
    (disk,) = reading.disks
    assert "s3cret" not in disk.mount


async def test_a_look_that_is_cancelled_ends_at_once() -> None:
    with serving(hold) as server:
        reader = RemoteReader(Network(), NO_MASK, Clock())
        loop = asyncio.get_running_loop()
        looking = asyncio.create_task(reader(host(server.url("/metrics")), loop.time() + 600))
        while not server.connections:  # noqa: ASYNC110  # a thread counts them
            await asyncio.sleep(0.01)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
