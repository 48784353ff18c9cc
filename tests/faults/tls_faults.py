"""TLS handshakes that fail, each for one reason, with certificates made on the spot."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.faults.http_faults import OK, UP, answer
from tests.faults.server import Call, Fault, Seen, Serve

HOSTS = ("127.0.0.1", "localhost")
DAY = timedelta(days=1)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TlsTable:
    """TLS faults by name and the files a client needs to trust, and be trusted by, the good ones."""

    faults: dict[str, Fault]
    ca_file: str
    client_certificate: str
    client_key: str
    expiry: dict[str, float]


def make_tls_table(folder: Path) -> TlsTable:
    """Make an authority, its certificates and every TLS fault; files are written below `folder`."""
    ca, stranger = trustme.CA(), trustme.CA()
    now = datetime.now(UTC).replace(microsecond=0)
    dates = {
        "tls-good": (now - DAY, now + 300 * DAY),
        "tls-expired": (now - 30 * DAY, now - 3 * DAY),
        "tls-not-yet": (now + 3 * DAY, now + 30 * DAY),
        "tls-expiring": (now - DAY, now + 5 * DAY),
    }
    contexts = {
        name: _context(ca.issue_cert(*HOSTS, not_before=start, not_after=end)) for name, (start, end) in dates.items()
    }
    good = ca.issue_cert(*HOSTS)
    contexts |= {
        "tls-wrong-host": _context(ca.issue_cert("someone-else.test")),
        "tls-untrusted-root": _context(stranger.issue_cert(*HOSTS)),
        "tls-self-signed": _self_signed(folder, now),
        "tls-old": _old_context(good),
        "tls-1.2": _context(good, highest=ssl.TLSVersion.TLSv1_2),
        "tls-client-certificate": _context(good, clients=ca),
        "tls-client-certificate-1.2": _context(good, clients=ca, highest=ssl.TLSVersion.TLSv1_2),
        "tls-no-close-notify": _context(good),
    }
    faults = {name: Fault(_spoken(name, context), reads=False) for name, context in contexts.items()}
    client = ca.issue_cert("probe@client.test")
    ca_file, certificate, key = folder / "ca.pem", folder / "client.pem", folder / "client.key"
    ca.cert_pem.write_to_path(ca_file)
    client.private_key_pem.write_to_path(key)
    certificate.write_bytes(b"".join(blob.bytes() for blob in client.cert_chain_pems))
    expiry = {name: end.timestamp() for name, (_start, end) in dates.items()}
    return TlsTable(faults | RAW_TLS_FAULTS, str(ca_file), str(certificate), str(key), expiry)


def _context(
    leaf: trustme.LeafCert, *, highest: ssl.TLSVersion | None = None, clients: trustme.CA | None = None
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    if highest is not None:
        context.maximum_version = highest
    if clients is not None:
        clients.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _old_context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """Speak TLS 1.1 at most, which needs the security level at which OpenSSL 3 still allows it."""
    context = _context(leaf)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        # Python rightly warns about these versions; here they are the fault that is wanted.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def _self_signed(folder: Path, now: datetime) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "\x1b[31mself\u202emade")])
    alternatives = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - DAY).not_valid_after(now + 30 * DAY)
    certificate = builder.add_extension(alternatives, critical=False).sign(key, hashes.SHA256())
    path = folder / "self-signed.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _spoken(name: str, context: ssl.SSLContext) -> Serve:
    """Give a TLS server as most of the world runs it: one that sends its alerts, which asyncio's drops on failure."""

    async def serve(call: Call) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        secured = context.wrap_bio(incoming, outgoing, server_side=True)
        try:
            await _drive(call, incoming, outgoing, secured.do_handshake)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += await _drive(call, incoming, outgoing, lambda: secured.read(1 << 16)) or b"\r\n\r\n"
        except ssl.SSLError:
            await call.send(outgoing.read())
            return
        call.server.seen.append(Seen(f"{name}:request", head))
        if name == "tls-no-close-notify":
            secured.write(OK + b"Content-Type: application/json\r\n\r\n" + UP)
            await call.send(outgoing.read())
            return
        secured.write(answer())
        await call.send(outgoing.read())
        await call.hold()

    return serve


async def _drive(call: Call, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, step: Callable[[], T]) -> T:
    """Repeat a step of TLS, moving bytes both ways, until it has what it needs."""
    while True:
        try:
            result = step()
        except ssl.SSLWantReadError:
            await call.send(outgoing.read())
            chunk = await call.reader.read(1 << 16)
            if not chunk:
                raise EOFError from None
            incoming.write(chunk)
        else:
            await call.send(outgoing.read())
            return result


async def _stall(call: Call) -> None:
    """Take the hello of the client, then nothing."""
    await call.hold()


async def _half_hello(call: Call) -> None:
    """Begin a handshake record that promises more than it holds."""
    await call.reader.read(1024)
    await call.send(b"\x16\x03\x03\x10\x00\x02\x00")
    await call.hold()


async def _drip_hello(call: Call) -> None:
    """Begin a handshake record and feed it a byte at a time; a server never speaks before it has heard the hello."""
    await call.reader.read(1024)
    await call.send(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03")
    await call.drip(b"a")


async def _plaintext(call: Call) -> None:
    """Speak HTTP where TLS was expected."""
    await call.reader.read(1024)
    await call.send(answer(b"", status="400 Bad Request"))


async def _garbage(call: Call) -> None:
    """Answer the hello with noise."""
    await call.reader.read(1024)
    await call.send(b"\x00\xff" * 500)


async def _alert(call: Call) -> None:
    """Refuse the handshake with a fatal handshake_failure alert."""
    await call.reader.read(1024)
    await call.send(b"\x15\x03\x03\x00\x02\x02\x28")


async def _close(call: Call) -> None:
    """Close in the middle of the handshake."""
    await call.reader.read(1024)


async def _reset(call: Call) -> None:
    """Reset in the middle of the handshake."""
    await call.reader.read(1024)
    call.reset()


RAW_TLS_FAULTS: dict[str, Fault] = {
    "tls-stall": Fault(_stall, reads=False),
    "tls-half-hello": Fault(_half_hello, reads=False),
    "tls-drip-hello": Fault(_drip_hello, reads=False),
    "tls-plaintext": Fault(_plaintext, reads=False),
    "tls-garbage": Fault(_garbage, reads=False),
    "tls-alert": Fault(_alert, reads=False),
    "tls-close": Fault(_close, reads=False),
    "tls-reset": Fault(_reset, reads=False),
}
"""Faults that never finish a handshake: plain TCP underneath, each reads what the client sent first."""
