"""The bytes of a request, and what goes along with a redirect."""

from __future__ import annotations

import base64

import pytest

from platformpm.model.check import Check, TlsSettings
from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from platformpm.net.faults import ExchangeError
from platformpm.net.redirect import next_request
from platformpm.net.request import Request, endpoint, prepare

_KEY = ("X-Api-Key", Secret("s3cret-key"))


def _lines(request: Request) -> list[bytes]:
    return request.wire.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_a_plain_request_is_what_rfc_9112_asks_for() -> None:
    request = prepare("http://shop.example:8080/a%20b?q=1#top", Check())
    lines = _lines(request)
    assert lines[0] == b"GET /a%20b?q=1 HTTP/1.1"
    assert lines[1] == b"Host: shop.example:8080"
    assert lines[-1] == b"Connection: close"
    assert b"Accept-Encoding: gzip, deflate" in lines
    assert request.wire.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("http://h", "h", 80, False),
        ("https://h/x", "h", 443, True),
        ("http://[::1]:81/", "::1", 81, False),
        ("http://[fe80::1%25eth0]:81/", "fe80::1%eth0", 81, False),
        ("http://[fe80::1%eth0]:81/", "fe80::1%eth0", 81, False),
        ("http://[::1%25lo]:81/", "::1", 81, False),
        ("http://[fe80::1%25]:81/", "fe80::1%25", 81, False),
        ("https://bücher.example", "xn--bcher-kva.example", 443, True),
    ],
)
def test_the_target_is_read_from_the_url(url: str, host: str, port: int, *, tls: bool) -> None:
    target = prepare(url, Check()).target
    assert (target.host, target.port, target.tls is not None) == (host, port, tls)


@pytest.mark.parametrize("zone", ["%25eth0", "%eth0", ""])
def test_the_zone_of_an_address_stays_on_this_machine(zone: str) -> None:
    assert b"Host: [fe80::1]:81" in _lines(prepare(f"http://[fe80::1{zone}]:81/", Check()))


def test_configured_headers_replace_ours_but_never_the_framing() -> None:
    headers = (("user-agent", Secret("me")), ("Host", Secret("other")), ("Connection", Secret("keep-alive")))
    lines = _lines(prepare("http://h/", Check(headers=headers)))
    assert [line for line in lines if line.lower().startswith((b"user-agent", b"host", b"connection"))] == [
        b"user-agent: me",
        b"Host: other",
        b"Connection: close",
    ]


def test_a_body_is_sent_with_its_length() -> None:
    request = prepare("http://h/", Check(method="post", body=Secret("Grüße")))
    assert _lines(request)[0] == b"POST / HTTP/1.1"
    assert b"Content-Length: 7" in _lines(request)
    assert request.wire.endswith("\r\n\r\nGrüße".encode())
    assert b"Content-Length: 0" in _lines(prepare("http://h/", Check(method="POST")))


def test_credentials_come_from_the_header_the_check_or_the_address_in_this_order() -> None:
    basic = b"Authorization: Basic " + base64.b64encode(b"me:pass")
    named = Check(headers=(("authorization", Secret("Own x")),), auth=Secret("Bearer y"))
    assert basic in _lines(prepare("http://h/", Check(), Secret("me:pass")))
    assert b"Authorization: Bearer y" in _lines(prepare("http://h/", Check(auth=Secret("Bearer y")), Secret("me:pass")))
    assert [line for line in _lines(prepare("http://h/", named, Secret("me:pass"))) if b"uthorization" in line] == [
        b"authorization: Own x"
    ]


def test_a_request_does_not_show_its_secrets() -> None:
    assert "s3cret" not in repr(prepare("http://h/?k=s3cret", Check(headers=(_KEY,), body=Secret("s3cret"))))


@pytest.mark.parametrize(
    ("url", "check"),
    [
        ("ftp://h/", Check()),
        ("http:///x", Check()),
        ("http://h:99999/", Check()),
        ("http://h:-1/", Check()),
        ("http://h:0/", Check()),
        ("http://a b/", Check()),
        ("http://h\x00/", Check()),
        ("http://[fe80::1%é]/", Check()),
        ("http://h/", Check(headers=(("X", Secret("a\r\nY: b")),))),
        ("http://h/", Check(headers=(("X\nY", Secret("a")),))),
        ("http://h/", Check(method="GET / HTTP/1.1\r\nX:")),
    ],
)
def test_what_cannot_be_sent_is_a_config_error(url: str, check: Check) -> None:
    with pytest.raises(ExchangeError) as caught:
        prepare(url, check)
    assert caught.value.reason is Reason.CONFIG


@pytest.mark.parametrize("host", ["xn--i-7iq.ws", "xn--a", "xn--"])
def test_a_name_that_idna_2008_forbids_is_asked_as_it_is_written(host: str) -> None:
    request = prepare(f"http://{host}/x", Check())
    assert request.target.host == host
    assert next_request(request, 302, f"http://other.{host}/").target.host == f"other.{host}"


def test_an_endpoint_needs_host_and_port() -> None:
    assert endpoint("tcp://h:6379", Check(), secure=False).tls is None
    assert endpoint("tls://[::1]:443", Check(), secure=True).host == "::1"
    assert endpoint("tls://[fe80::1%25lo]:443", Check(), secure=True).host == "fe80::1%lo"
    for url in ("tcp://h", "tcp://:80", "tcp://h:70000", "tcp://h:-1", "tcp://h\x07:80", "tcp://[fe80::1%é]:80"):
        with pytest.raises(ExchangeError) as caught:
            endpoint(url, Check(), secure=False)
        assert caught.value.reason is Reason.CONFIG


_TLS = TlsSettings(ca_file="ca.pem", certificate_file="me.pem", key_file="me.key", server_name="inner")
_FULL = Check(method="POST", headers=(_KEY,), auth=Secret("Bearer t0ken-t0ken"), body=Secret("s3cret-body"), tls=_TLS)


@pytest.mark.parametrize(
    "location",
    [
        "https://other.example/x",
        "https://shop.example:8443/x",
        "http://shop.example/x",
        "//other.example/x",
        "https://shop.example.evil.example/",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_that_was_configured_crosses_to_another_origin(location: str, status: int) -> None:
    first = prepare("https://shop.example/a", _FULL)
    other = next_request(first, status, location)
    back = next_request(other, 307, "https://shop.example/a")
    for request in (other, back):
        assert b"s3cret" not in request.wire
        assert b"t0ken" not in request.wire
        assert (request.tls.certificate_file, request.tls.key_file, request.tls.server_name) == (None, None, None)
        assert request.tls.ca_file == "ca.pem"


def test_everything_stays_within_the_origin() -> None:
    request = next_request(prepare("https://shop.example/a/b?c", _FULL), 307, "../d?e#f")
    assert request.address == "https://shop.example/d?e"
    assert b"s3cret-key" in request.wire
    assert request.wire.endswith(b"s3cret-body")
    assert request.target.tls == _TLS


@pytest.mark.parametrize(
    ("method", "status", "then"),
    [
        ("POST", 301, "GET"),
        ("POST", 302, "GET"),
        ("POST", 303, "GET"),
        ("PUT", 303, "GET"),
        ("PUT", 301, "PUT"),
        ("POST", 307, "POST"),
        ("POST", 308, "POST"),
        ("HEAD", 303, "HEAD"),
        ("GET", 302, "GET"),
    ],
)
def test_the_method_changes_as_rfc_9110_says(method: str, status: int, then: str) -> None:
    headers = (("Content-Type", Secret("text/plain")),)
    first = prepare("http://h/", Check(method=method, body=Secret("body"), headers=headers))
    request = next_request(first, status, "/next")
    assert request.method == then
    assert (b"Content-Type" in request.wire) == request.wire.endswith(b"body") == (then == method)


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://h/",
        "javascript:alert(1)",
        "http://h:99999/",
        "http://h:-1/",
        "http://h:0/",
        "http://[::1",
        "http://[fe80::1%é]/",
        "http://a b/",
        "http://h/\x1b[2J",
        "http://" + "a" * 70_000,
    ],
)
def test_an_unusable_redirect_is_refused(location: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        next_request(prepare("http://h/", Check()), 302, location)
    assert caught.value.reason is Reason.REDIRECT


def test_userinfo_of_a_redirect_is_not_used() -> None:
    request = next_request(prepare("http://h/", Check()), 302, "http://me:pass@other/")
    assert request.address == "http://other/"
    assert b"uthorization" not in request.wire
