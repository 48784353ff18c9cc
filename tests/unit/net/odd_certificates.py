"""Certificates that no authority would sign, each self-signed with a key, as a server can be made to show them."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID, NameOID

Mutation = Callable[[bytes], bytes]


def _raw(value: bytes) -> x509.ExtensionType:
    return x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, value)


def _swap(old: bytes, new: bytes) -> Mutation:
    return lambda der: der.replace(old, new, 1)


_LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
_NAMES = x509.SubjectAlternativeName(
    [
        _LOOPBACK,
        x509.DNSName("shop.test"),
        x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a room")])),
        x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"),
        x509.RegisteredID(x509.ObjectIdentifier("1.2.4")),
    ]
)
_END = dt.datetime(2055, 1, 1, tzinfo=dt.UTC)

ODD: dict[str, tuple[x509.ExtensionType, Mutation]] = {
    "x400 address": (_raw(bytes([0x30, 4, 0xA3, 2, 0x05, 0])), bytes),
    "three bytes of an address": (_raw(bytes([0x30, 5, 0x87, 3, 1, 2, 3])), bytes),
    "a name that is no text": (_raw(bytes([0x30, 4, 0x82, 2, 0xFF, 0xFE])), bytes),
    "names of every kind": (_NAMES, bytes),
    "version 4": (_NAMES, _swap(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x03")),
    "negative serial": (_NAMES, _swap(b"\x02\x01\x07", b"\x02\x01\x87")),
    "no such year": (_NAMES, _swap(b"20550101000000Z", b"00000101000000Z")),
    "no such month": (_NAMES, _swap(b"20550101000000Z", b"20551399000000Z")),
}
"""By name: its alternative names, and what is done to its bytes once it is signed."""


def odd_context(name: str, folder: Path) -> ssl.SSLContext:
    """Give the context of a server that shows the certificate."""
    names, mutation = ODD[name]
    file = folder / "odd.pem"
    file.write_bytes(_pem([names], mutation))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _pem(extensions: Sequence[x509.ExtensionType], mutation: Mutation) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd-name")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7)
    builder = builder.not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).not_valid_after(_END)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    der = mutation(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ssl.DER_cert_to_PEM_cert(der).encode() + private
