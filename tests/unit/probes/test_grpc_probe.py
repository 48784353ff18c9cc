"""gRPC probes against the real server and health service of grpcio."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from platformpm.formats.grpc import health_request
from platformpm.model.check import Check, TlsSettings
from platformpm.model.exchange import Response
from platformpm.model.secret import Masker, Secret
from platformpm.model.status import Reason, Status
from tests.unit.net.loopback import answering, ok, serving
from tests.unit.probes.conftest import Examine

_LONG = "a.very.long.service." + "x" * 300
_STATUSES = {
    "": health_pb2.HealthCheckResponse.SERVING,
    "shop.Cart": health_pb2.HealthCheckResponse.NOT_SERVING,
    "grüße/v1": health_pb2.HealthCheckResponse.SERVING,
    _LONG: health_pb2.HealthCheckResponse.SERVING,
}


class Gate(grpc.ServerInterceptor):  # type: ignore[misc]  # untyped
    """Lets in who has the token, and keeps what calls carried."""

    def __init__(self, token: str | None, code: grpc.StatusCode = grpc.StatusCode.UNAUTHENTICATED) -> None:
        self._token = token
        self._code = code
        self.metadata: list[dict[str, str]] = []

    def intercept_service(self, proceed: Callable[[Any], Any], call: Any) -> Any:
        told = dict(call.invocation_metadata)
        self.metadata.append(told)
        if self._token is None or told.get("authorization") == self._token:
            return proceed(call)
        return grpc.unary_unary_rpc_method_handler(lambda _, context: context.abort(self._code, "canary-secret"))


@contextmanager
def server(gate: Gate | None = None, leaf: trustme.LeafCert | None = None, *, healthy: bool = True) -> Iterator[int]:
    """Serve on loopback; give the port."""
    running = grpc.server(ThreadPoolExecutor(2), interceptors=[gate] if gate else [])
    if healthy:
        service = health.HealthServicer()
        for name, status in _STATUSES.items():
            service.set(name, status)
        health_pb2_grpc.add_HealthServicer_to_server(service, running)
    if leaf is None:
        port = running.add_insecure_port("127.0.0.1:0")
    else:
        pair = leaf.private_key_pem.bytes(), leaf.cert_chain_pems[0].bytes()
        port = running.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    running.start()
    try:
        yield port
    finally:
        running.stop(None).wait(20)


@pytest.mark.parametrize(
    ("path", "outcome", "detail"),
    [
        ("", (Status.UP, None), "SERVING"),
        ("/", (Status.UP, None), "SERVING"),
        ("/shop.Cart", (Status.DOWN, Reason.PAYLOAD), "NOT_SERVING"),
        ("/gr%C3%BC%C3%9Fe/v1", (Status.UP, None), "SERVING"),
        (f"/{_LONG}", (Status.UP, None), "SERVING"),
        ("/shop.Lost", (Status.DOWN, Reason.STATUS), "NOT_FOUND, the health service does not know this service"),
    ],
)
def test_the_path_names_the_service(
    examine: Examine, path: str, outcome: tuple[Status, Reason | None], detail: str
) -> None:
    with server() as port:
        examination = examine(f"grpc://127.0.0.1:{port}{path}")
    reading = examination.reading
    assert ((reading.status, reading.reason), reading.detail) == (outcome, detail)
    assert None not in (reading.latency, reading.phases.connect, reading.phases.first_byte, reading.phases.transfer)
    assert isinstance(examination.exchange, Response)
    assert examination.exchange.http_version == "2"


@pytest.mark.parametrize("service", ["", "a", "x" * 127, "x" * 128, "ü" * 300])
def test_the_request_is_what_protocol_buffers_would_write(service: str) -> None:
    written = health_pb2.HealthCheckRequest(service=service).SerializeToString()
    assert health_request(service) == b"\0" + len(written).to_bytes(4, "big") + written


def test_a_server_without_the_health_service_says_so(examine: Examine) -> None:
    with server(healthy=False) as port:
        reading = examine(f"grpc://127.0.0.1:{port}").reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.STATUS)
    assert reading.detail.startswith("UNIMPLEMENTED, there is no health service")


def test_headers_and_credentials_go_along_as_metadata(examine: Examine) -> None:
    gate = Gate("Bearer t0ken")
    check = Check(
        auth=Secret("Bearer t0ken"), headers=(("X-Tenant", Secret("acme")), ("Content-Type", Secret("text/plain")))
    )
    with server(gate) as port:
        good = examine(f"grpc://127.0.0.1:{port}", check).reading
        bad = examine(f"grpc://127.0.0.1:{port}", credentials="me:pass", mask=Masker(["canary-secret"])).reading
    assert good.status is Status.UP, good.detail
    assert (bad.status, bad.reason, bad.detail) == (Status.UNKNOWN, Reason.UNAUTHORIZED, "UNAUTHENTICATED: •••")
    assert gate.metadata[0]["x-tenant"] == "acme"
    assert gate.metadata[0]["user-agent"].startswith("platformpm/")
    assert gate.metadata[1]["authorization"] == "Basic bWU6cGFzcw=="


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, (Status.UNKNOWN, Reason.UNAUTHORIZED)),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, (Status.UNKNOWN, Reason.RATE_LIMITED)),
        (grpc.StatusCode.DEADLINE_EXCEEDED, (Status.DOWN, Reason.TIMEOUT_RESPONSE)),
        (grpc.StatusCode.UNAVAILABLE, (Status.DOWN, Reason.STATUS)),
        (grpc.StatusCode.INTERNAL, (Status.DOWN, Reason.STATUS)),
    ],
)
def test_every_code_has_its_reason(examine: Examine, code: grpc.StatusCode, outcome: tuple[Status, Reason]) -> None:
    with server(Gate("nobody has it", code)) as port:
        reading = examine(f"grpc://127.0.0.1:{port}").reading
    assert (reading.status, reading.reason) == outcome
    assert reading.detail == f"{code.name}: canary-secret"


def test_over_tls_the_certificate_is_looked_at(examine: Examine, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    check = Check(tls=TlsSettings(ca_file=str(tmp_path / "ca.pem")))
    with server(leaf=authority.issue_cert("127.0.0.1")) as port:
        good = examine(f"grpcs://127.0.0.1:{port}", check)
        untrusted = examine(f"grpcs://127.0.0.1:{port}").reading
        plain = examine(f"grpc://127.0.0.1:{port}").reading
    assert (good.reading.status, good.reading.detail) == (Status.UP, "SERVING")
    assert good.reading.phases.tls is not None
    assert good.certificate is not None
    assert good.reading.certificate_expires == good.certificate.not_after
    assert untrusted.reason is Reason.TLS_UNTRUSTED
    assert plain.status is Status.DOWN


def test_a_server_without_http2_is_told_as_such(examine: Examine, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    insecure = Check(tls=TlsSettings(verify=False))
    with answering(ok(), context=context) as other:
        secured = examine(other.url("", scheme="grpcs"), insecure).reading
    with serving(lambda line: line.sendall(ok())) as other:
        plain = examine(other.url("", scheme="grpc")).reading
    assert (secured.reason, secured.detail) == (
        Reason.PROTOCOL,
        "the server does not speak HTTP/2 here, which gRPC needs",
    )
    assert plain.reason is Reason.PROTOCOL
    assert plain.detail.startswith("not HTTP/2: the answer begins with HTTP/1.1 200 OK")


@pytest.mark.parametrize("url", ["grpc://h:99999", "grpcs:///x"])
def test_an_address_that_cannot_be_asked_is_a_config_error(examine: Examine, url: str) -> None:
    assert examine(url).reading.reason is Reason.CONFIG
