"""HTTP/2 against nginx, and the way back to HTTP/1.1; what broken servers do is in tests/contracts."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hpack import Encoder

from platformpm.model.check import Check, TlsSettings
from platformpm.model.exchange import Failure, Response
from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from tests.faults.http2_faults import (
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEAD,
    HEADERS,
    HELLO,
    frame,
    headers,
)
from tests.unit.net.loopback import answering, hold, ok, redirect, serving

if TYPE_CHECKING:
    import trustme

Ask = Callable[..., Response | Failure]
_NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
_CONFIG = """
daemon off; pid {folder}/pid; worker_processes 1; {user}
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; gzip on; gzip_types *; client_max_body_size 10m;
  server {{
    listen unix:{folder}/ready;
    listen 127.0.0.1:{port} ssl http2; ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location / {{ return 200 "$request_method $server_protocol $http_x_tenant $http_host"; }}
    location /large {{ alias {folder}/large; }}
    location /moved {{ return 307 /there; }}
    location /away {{ return 307 $arg_to; }}
    location /hints {{ return 200 ok; add_header X-Long "{long}"; }}
    location /refused {{ return 503; }}
  }}
}}
"""


@pytest.fixture(scope="module")
def nginx(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run nginx with TLS and HTTP/2; give where it answers."""
    if _NGINX is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    leaf = authority.issue_cert("127.0.0.1")
    leaf.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "cert.pem").write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    (folder / "large").write_bytes(b"0123456789abcdef" * 200_000)
    user = "user root;" if os.geteuid() == 0 else ""  # or its worker could not read the folder
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    (folder / "conf").write_text(_CONFIG.format(folder=folder, port=port, user=user, long="x" * 3000))
    process = subprocess.Popen([_NGINX, "-e", "stderr", "-c", str(folder / "conf")], stderr=subprocess.PIPE, text=True)
    try:
        wait_for(process, folder / "ready")
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=20)


def wait_for(process: subprocess.Popen[str], path: Path) -> None:
    """Wait until a server that makes a socket last of all its listeners has made it."""
    while True:
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(path))
            except OSError:
                assert process.poll() is None, process.communicate()[1]
                continue
            return


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def _check(ca_file: str, **more: object) -> Check:
    return Check(http2=True, tls=TlsSettings(ca_file=ca_file), **more)  # type: ignore[arg-type]  # names of fields


def test_nginx_is_asked_over_http_2(ask: Ask, nginx: str, ca_file: str) -> None:
    check = _check(ca_file, headers=(("X-Tenant", Secret("acme")), ("Connection", Secret("close"))))
    got = ask(f"{nginx}/health", check)
    assert isinstance(got, Response), got
    assert (got.http_version, got.status, got.body) == ("2", 200, f"GET HTTP/2.0 acme {nginx[8:]}".encode())
    assert got.certificate is not None
    assert None not in (got.phases.connect, got.phases.tls, got.phases.first_byte, got.phases.transfer)
    assert got.latency >= sum(part or 0 for part in (got.phases.connect, got.phases.tls, got.phases.first_byte))


def test_the_same_check_without_http2_gets_http_1(ask: Ask, nginx: str, ca_file: str) -> None:
    got = ask(f"{nginx}/health", Check(tls=TlsSettings(ca_file=ca_file)))
    assert isinstance(got, Response), got
    assert got.http_version == "1.1"


@pytest.mark.parametrize(
    ("method", "body"), [("HEAD", b""), ("POST", b"POST HTTP/2.0  h"), ("DELETE", b"DELETE HTTP/2.0  h")]
)
def test_every_method_has_its_answer(ask: Ask, nginx: str, ca_file: str, method: str, body: bytes) -> None:
    got = ask(f"{nginx}/health", _check(ca_file, method=method, headers=(("Host", Secret("h")),)))
    assert isinstance(got, Response), got
    assert (got.status, got.body) == (200, body)


def test_a_body_larger_than_the_windows_is_sent(ask: Ask, nginx: str, ca_file: str) -> None:
    got = ask(f"{nginx}/health", _check(ca_file, method="POST", body=Secret("x" * 300_000)))
    assert isinstance(got, Response), got
    assert got.status == 200


def test_a_body_is_unpacked_and_capped(ask: Ask, nginx: str, ca_file: str) -> None:
    got = ask(f"{nginx}/large", _check(ca_file))
    assert isinstance(got, Response), got
    assert ("content-encoding", "gzip") in got.headers
    assert (len(got.body), got.complete) == (1 << 20, False)


def test_redirects_are_followed_and_guarded(ask: Ask, nginx: str, ca_file: str) -> None:
    got = ask(f"{nginx}/moved", _check(ca_file))
    assert isinstance(got, Response), got
    assert (got.http_version, got.url, got.hops) == ("2", f"{nginx}/there", (f"{nginx}/moved",))
    refused = ask(f"{nginx}/away?to=http://169.254.169.254/", _check(ca_file))
    assert isinstance(refused, Failure)
    assert refused.reason is Reason.REDIRECT


def test_credentials_do_not_go_to_another_origin_of_another_protocol(ask: Ask, nginx: str, ca_file: str) -> None:
    with answering(ok()) as other:
        got = ask(f"{nginx}/away?to={other.url('/x')}", _check(ca_file, auth=Secret("Bearer s3cret")))
    assert isinstance(got, Response), got
    assert got.http_version == "1.1"
    assert b"s3cret" not in other.requests[0]


def test_long_headers_and_refusals_come_through(ask: Ask, nginx: str, ca_file: str) -> None:
    hints, refused = ask(f"{nginx}/hints", _check(ca_file)), ask(f"{nginx}/refused", _check(ca_file))
    assert isinstance(hints, Response)
    assert hints.header("x-long") == "x" * 3000
    assert isinstance(refused, Response)
    assert refused.status == 503


def test_an_untrusted_certificate_is_told_with_its_facts(ask: Ask, nginx: str) -> None:
    got = ask(nginx, Check(http2=True))
    assert isinstance(got, Failure)
    assert got.reason is Reason.TLS_UNTRUSTED
    assert got.certificate is not None


def _context(authority: trustme.CA, *protocols: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols(protocols)
    return context


@pytest.mark.parametrize("protocols", [(), ("http/1.1",)])
def test_a_server_that_knows_no_http2_is_asked_as_ever(
    ask: Ask, authority: trustme.CA, ca_file: str, protocols: tuple[str, ...]
) -> None:
    with answering(redirect("/x"), ok(b"old"), context=_context(authority, *protocols)) as server:
        got = ask(server.url(scheme="https"), _check(ca_file))
    assert isinstance(got, Response), got
    assert (got.http_version, got.body, len(got.hops)) == ("1.1", b"old", 1)


def test_without_tls_nothing_changes(ask: Ask) -> None:
    with answering(ok()) as server:
        got = ask(server.url(), Check(http2=True))
    assert isinstance(got, Response), got
    assert got.http_version == "1.1"


@pytest.mark.parametrize(
    ("answer", "reason", "says"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", Reason.PROTOCOL, "not HTTP/2"),
        (HELLO + frame(GOAWAY, bytes(8), stream=0), Reason.RESET, "ended the connection: no error"),
        (HELLO + HEAD, Reason.PROTOCOL, "closed inside the body"),
    ],
)
def test_a_server_that_breaks_its_promise_is_told_as_such(
    ask: Ask, authority: trustme.CA, ca_file: str, answer: bytes, reason: Reason, says: str
) -> None:
    def script(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(answer)

    with serving(script, _context(authority, "h2")) as server:
        got = ask(server.url(scheme="https"), _check(ca_file))
    assert isinstance(got, Failure)
    assert got.reason is reason, got.detail
    assert says in got.detail


_FAREWELL = frame(GOAWAY, (1).to_bytes(4, "big") + bytes(4), stream=0)
_END = frame(DATA, b"fine", END_STREAM)


def _told(ask: Ask, authority: trustme.CA, ca_file: str, answer: bytes) -> Response | Failure:
    def script(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(HELLO + answer)
        line.shutdown(socket.SHUT_WR)  # a close would be a reset where something of the client was not read yet
        hold(line)

    with serving(script, _context(authority, "h2")) as server:
        return ask(server.url(scheme="https"), _check(ca_file))


@pytest.mark.parametrize("answer", [_FAREWELL + HEAD + _END, HEAD + _FAREWELL + _END, _FAREWELL * 2 + HEAD + _END])
def test_a_server_that_drains_is_heard_to_the_end(ask: Ask, authority: trustme.CA, ca_file: str, answer: bytes) -> None:
    got = _told(ask, authority, ca_file, answer)
    assert isinstance(got, Response), got
    assert (got.status, got.body) == (200, b"fine")


def test_a_server_that_drains_must_answer_all_the_same(ask: Ask, authority: trustme.CA, ca_file: str) -> None:
    nothing, half = (_told(ask, authority, ca_file, answer) for answer in (_FAREWELL, _FAREWELL + HEAD))
    assert isinstance(nothing, Failure)
    assert nothing.reason is Reason.RESET, nothing.detail
    assert isinstance(half, Failure)
    assert (half.reason, half.detail) == (Reason.PROTOCOL, "the connection was closed inside the body")


def test_farewells_without_end_are_a_flood(ask: Ask, authority: trustme.CA, ca_file: str) -> None:
    got = _told(ask, authority, ca_file, _FAREWELL * 300 + HEAD + _END)
    assert isinstance(got, Failure)
    assert (got.reason, got.detail) == (Reason.PROTOCOL, "more than 200 frames beside the answer")


def test_space_around_a_value_is_taken_off(ask: Ask, authority: trustme.CA, ca_file: str) -> None:
    got = _told(ask, authority, ca_file, headers(((":status", "200"), ("server", " shop\t "))) + _END)
    assert isinstance(got, Response), got
    assert got.headers == (("server", "shop"),)


def test_space_around_the_length_of_a_body_is_taken_off_too(ask: Ask, authority: trustme.CA, ca_file: str) -> None:
    got = _told(ask, authority, ca_file, headers(((":status", "200"), ("content-length", " 4\t"))) + _END)
    assert isinstance(got, Response), got
    assert (got.headers, got.body) == ((("content-length", "4"),), b"fine")


_TWO_OF_THEM = frame(HEADERS, Encoder().encode([(":status", "503"), (":path", "/")]), END_HEADERS | END_STREAM)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (headers(((":status", "200"), ("content-length", "3"))) + _END, "content-length says 3 bytes, and 4 came"),
        (HEAD + frame(DATA, b"x", stream=3), "a frame on stream 3, where nothing was asked"),
        (frame(HEADERS, b"\xff" * 9, END_HEADERS), "Variable integer representation is too long"),
        (frame(HEADERS, b"\x7f", END_HEADERS), "Unable to decode HPACK integer representation"),
        (frame(HEADERS, b"\x7f" + b"\xff" * 99, END_HEADERS), "Variable integer representation is too long"),
        (headers(((":status", "200"), ("X-Up", "1"))), "Received uppercase header name 'X-Up'."),
        (headers(((":status", "200"), ("x", 'a\n{"b": 1, "a": 2}'))), 'in header value: \'a\\n{"b": 1, "a": 2}\''),
        (HEAD + _TWO_OF_THEM, "Received pseudo-header in trailer ':path', ':status'"),
    ],
)
def test_a_broken_rule_is_told_in_words_and_the_same_each_time(
    ask: Ask, authority: trustme.CA, ca_file: str, answer: bytes, says: str
) -> None:
    got = _told(ask, authority, ca_file, answer)
    assert isinstance(got, Failure)
    assert got.reason is Reason.PROTOCOL
    assert got.detail.startswith("not HTTP/2: ")
    assert got.detail.endswith(says)
