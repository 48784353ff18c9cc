"""The names a certificate bears, how many of them are told, and the name that its server was asked for."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from platformpm.model.check import Check, TlsSettings
from platformpm.model.exchange import Failure, Response
from platformpm.model.status import Reason
from tests.unit.net.loopback import answering, ok

if TYPE_CHECKING:
    import trustme

Ask = Callable[..., Response | Failure]


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def _context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize(("count", "more"), [(19, 0), (20, 1), (2000, 1981)])
def test_names_beyond_the_first_are_counted(
    ask: Ask, authority: trustme.CA, ca_file: str, count: int, more: int, *, verified: bool
) -> None:
    context = _context(authority, "127.0.0.1", *(f"h{number}.test" for number in range(count)))
    check = Check(tls=TlsSettings(verify=verified, ca_file=ca_file if verified else None))
    with answering(ok(), context=context) as server:
        got = ask(server.url(scheme="https"), check)
    assert isinstance(got, Response), got
    assert got.certificate is not None
    assert (len(got.certificate.names), got.certificate.names_more) == (20, more)
    assert got.certificate.names[:2] == ("127.0.0.1", "h0.test")


@pytest.mark.parametrize(
    ("host", "server_name", "says"),
    [
        ("127.0.0.1", None, "the server wants to be told a name, and 127.0.0.1 is an address"),
        ("localhost", None, "the server does not know the name localhost"),
        ("127.0.0.1", "shop.test", "the server does not know the name shop.test"),
    ],
)
def test_a_server_that_wants_another_name_is_told_with_the_one_it_heard(
    ask: Ask, authority: trustme.CA, host: str, server_name: str | None, says: str
) -> None:
    heard: list[str | None] = []

    def refuse(_line: object, name: str | None, _context: object) -> int:
        heard.append(name)
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context = _context(authority, "127.0.0.1", "localhost")
    context.sni_callback = refuse
    with answering(ok(), context=context) as server:
        got = ask(server.url(host=host, scheme="https"), Check(tls=TlsSettings(server_name=server_name)))
    assert isinstance(got, Failure)
    assert (got.reason, got.detail) == (Reason.TLS_PROTOCOL, says)
    assert heard == [server_name or (host if host == "localhost" else None)]


def test_a_certificate_for_others_is_told_with_the_name_it_should_bear(
    ask: Ask, authority: trustme.CA, ca_file: str
) -> None:
    settings = TlsSettings(ca_file=ca_file, server_name="shop.test")
    with answering(ok(), context=_context(authority, "127.0.0.1")) as server:
        got = ask(server.url(scheme="https"), Check(tls=settings))
    assert isinstance(got, Failure)
    assert (got.reason, got.detail) == (Reason.TLS_HOSTNAME, "the certificate is not for shop.test")
