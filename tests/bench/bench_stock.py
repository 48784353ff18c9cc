"""CPU of one probe over HTTP/2 and through proxies, ours against httpx's own transport: same servers, same run."""

from __future__ import annotations

import asyncio
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import trustme

from platformpm.model.check import Check, TlsSettings
from platformpm.model.exchange import Response
from platformpm.model.secret import Secret
from platformpm.net import Network, prepare
from tests.bench.rows import ROOT, Row, below
from tests.bench.targets import nginx

PROBES, RUNS, AT_ONCE = 200, 5, 10
_PLAIN, _SECURED, _PROXY = "127.0.0.1", "127.0.0.2", "127.0.0.3"
_SERVERS = """
server {{{{ listen 127.0.0.1:{{port}} backlog=512; location / {{{{ return 200 '{{body}}'; }}}} }}}}
server {{{{ listen 127.0.0.2:{{port}} ssl http2 backlog=512; ssl_protocols TLSv1.3;
  ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem; location / {{{{ return 200 '{{body}}'; }}}} }}}}
server {{{{ listen 127.0.0.3:{{port}} backlog=512; if ($http_proxy_authorization != "Basic bWU6b2s=") {{{{ return 407; }}}}
  location / {{{{ proxy_pass http://$http_host; }}}} }}}}
"""
_TUNNEL = """
import sys
from tests.unit.net.connect_proxy import proxying
with proxying(b"Basic bWU6b2s=") as proxy:
    print(proxy.port, flush=True)
    sys.stdin.read()
"""
_SENT = {"Accept-Encoding": "gzip, deflate"}
Probe = Callable[[], Awaitable[int]]


def run() -> Iterator[Row]:
    """Measure each way with both in turn, several times; the medians are compared.

    Ours has its deadline, caps and phases with it; httpx's own runs without any of its timeouts, and reuses what it
    can: its request, and one TLS context for all.
    """
    with tempfile.TemporaryDirectory() as name:
        ca_file = _certificates(Path(name))
        with nginx(_SERVERS.format(folder=name)) as port, _tunnel() as through:
            secured, forward = f"https://{_SECURED}:{port}/health", f"http://me:ok@{_PROXY}:{port}"
            for what, url, proxy, bound in (
                ("HTTP/2 over TLS", secured, None, 0.7),
                ("HTTP/1.1 through a proxy", f"http://{_PLAIN}:{port}/health", forward, 0.4),
                ("HTTP/2 through a tunnel", secured, f"http://me:ok@127.0.0.1:{through}", 0.7),
            ):
                ours, stock = _costs(url, proxy, ca_file)
                note = f"{ours * 1e6:.0f} us against {stock * 1e6:.0f} us a probe"
                yield below(f"CPU per probe against httpx's own transport, {what}", ours / stock, bound, "of it", note)
            kept = statistics.median(asyncio.run(_kept(secured, ca_file)) for _ in range(RUNS))
            yield Row(
                "httpx's own over HTTP/2, kept alive: tests neither TCP nor TLS", "", f"{kept * 1e6:.0f} us a probe"
            )


def _costs(url: str, proxy: str | None, ca_file: str) -> tuple[float, float]:
    context = ssl.create_default_context(cafile=ca_file)
    check = Check(http2=True, tls=TlsSettings(ca_file=ca_file), proxy=Secret(proxy) if proxy else None)
    ours, stock = [], []
    for _ in range(RUNS):
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            ours.append(runner.run(_cost(_ours(url, check))))
            stock.append(runner.run(_cost(_stock(url, proxy, context))))
    return statistics.median(ours), statistics.median(stock)


def _ours(url: str, check: Check) -> Probe:
    network, request = Network(), prepare(url, check)

    async def probe() -> int:
        got = await network.fetch(request, asyncio.get_running_loop().time() + 5)
        return got.status if isinstance(got, Response) and got.body else 0

    return probe


def _stock(url: str, proxy: str | None, context: ssl.SSLContext) -> Probe:
    request = httpx.Request("GET", url, headers=_SENT)

    async def probe() -> int:
        async with httpx.AsyncHTTPTransport(http2=True, verify=context, proxy=proxy) as transport:
            return await _status(transport, request)

    return probe


async def _kept(url: str, ca_file: str) -> float:
    """Give what httpx's own costs where it asks again and again over one connection."""
    context, request = ssl.create_default_context(cafile=ca_file), httpx.Request("GET", url, headers=_SENT)
    async with httpx.AsyncHTTPTransport(http2=True, verify=context) as transport:
        return await _cost(lambda: _status(transport, request))


async def _status(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> int:
    got = await transport.handle_async_request(request)
    return got.status_code if await got.aread() else 0


async def _cost(probe: Probe) -> float:
    """Give the CPU seconds of one probe, after a warm-up."""
    await _round(probe, AT_ONCE * 2)
    start = time.process_time()
    await _round(probe, PROBES)
    return (time.process_time() - start) / PROBES


async def _round(probe: Probe, count: int) -> None:
    queue = iter(range(count))

    async def work() -> None:
        for _ in queue:
            if (status := await probe()) != 200:
                raise SystemExit(f"a bench target answers {status}")

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def _certificates(folder: Path) -> str:
    """Write what the server shows; give the file of who signed it."""
    authority = trustme.CA()
    leaf = authority.issue_cert(_SECURED)
    leaf.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "cert.pem").write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return str(folder / "ca.pem")


@contextmanager
def _tunnel() -> Iterator[int]:
    """Run a proxy that knows CONNECT in a process of its own; give its port."""
    command = [sys.executable, "-c", _TUNNEL]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


if __name__ == "__main__":
    for each in run():
        sys.stdout.write(f"{each}\n")
