"""TLS contexts, made once for each kind of settings, and the meaning of TLS errors."""

from __future__ import annotations

import asyncio
import ssl
import stat
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from platformpm.model.check import TlsSettings
from platformpm.model.status import Reason
from platformpm.net.faults import ExchangeError
from platformpm.net.resolver import literal

_CHECK_FILES = 30.0
"""Seconds after which certificate files are looked at again: short-lived ones are renewed under a running monitor."""

_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_VERIFICATION = {
    9: (Reason.TLS_EXPIRED, "the certificate is not valid yet"),
    10: (Reason.TLS_EXPIRED, "the certificate has expired"),
    18: (Reason.TLS_UNTRUSTED, "the certificate is self-signed"),
    19: (Reason.TLS_UNTRUSTED, "a self-signed certificate stands in the chain"),
    20: (Reason.TLS_UNTRUSTED, "the issuer of the certificate is not trusted"),
    21: (Reason.TLS_UNTRUSTED, "the issuer of the certificate is not trusted"),
    23: (Reason.TLS_UNTRUSTED, "the certificate was revoked"),
    62: (Reason.TLS_HOSTNAME, "the certificate is not for {host}"),
    64: (Reason.TLS_HOSTNAME, "the certificate is not for {host}"),
}

_UNRECOGNIZED = "TLSV1_UNRECOGNIZED_NAME"
_PROTOCOL = {
    "WRONG_VERSION_NUMBER": "the server does not speak TLS on this port",
    "HTTP_REQUEST": "the server does not speak TLS on this port",
    "UNSUPPORTED_PROTOCOL": "no common TLS version",
    "TLSV1_ALERT_PROTOCOL_VERSION": "no common TLS version",
    "NO_PROTOCOLS_AVAILABLE": "no common TLS version",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the server requires a client certificate",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the server refused the handshake (no common cipher or no client certificate)",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the server refused the client certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the server refused the client certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the server refused the client certificate: expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "the server refused the client certificate: revoked",
    "TLSV1_ALERT_UNKNOWN_CA": "the server does not trust the client certificate",
    "TLSV1_ALERT_ACCESS_DENIED": "the server denied access",
    _UNRECOGNIZED: "the server does not know the name {host}",
    "TLSV1_ALERT_INTERNAL_ERROR": "the server has an internal TLS error",
    "UNEXPECTED_EOF_WHILE_READING": "the server closed the connection inside TLS",
}


class _Made(NamedTuple):
    context: ssl.SSLContext
    checked: float
    stamps: tuple[int, ...]


class Contexts:
    """Client contexts by their settings; loading the system's certificates takes some 40 ms, so it happens lazily."""

    def __init__(self) -> None:
        """Make nothing yet."""
        self._made: dict[TlsSettings, _Made] = {}

    def get(self, settings: TlsSettings) -> ssl.SSLContext:
        """Give the context for `settings`. Raises `ExchangeError` (`config`) when its files cannot be used."""
        key = settings if settings.server_name is None else replace(settings, server_name=None)
        made = self._made.get(key)
        now = asyncio.get_running_loop().time()
        if made is not None and now - made.checked < _CHECK_FILES:
            return made.context
        stamps = _stamps(key)
        if made is None or made.stamps != stamps:
            made = _Made(_make(key), now, stamps)
        self._made[key] = made._replace(checked=now)
        return made.context


def _stamps(settings: TlsSettings) -> tuple[int, ...]:
    files = (settings.ca_file, settings.certificate_file, settings.key_file)
    try:
        found = {file: Path(file).stat() for file in files if file}
    except OSError as error:
        raise ExchangeError(Reason.CONFIG, f"cannot read {error.filename}: {error.strerror}") from None
    for file, status in found.items():
        if not stat.S_ISREG(status.st_mode):  # OpenSSL would wait for a pipe, and all checks with it
            raise ExchangeError(Reason.CONFIG, f"cannot read {file}: not a file")
    return tuple(status.st_mtime_ns for status in found.values())


def _make(settings: TlsSettings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif settings.ca_file:
        _load_authority(context, settings.ca_file)
    else:
        context.load_default_certs()
    if settings.certificate_file:
        _load_identity(context, settings)
    if settings.alpn:
        context.set_alpn_protocols(list(settings.alpn))
    if settings.minimum in _VERSIONS:
        context.minimum_version = _VERSIONS[settings.minimum]
    return context


def _load_authority(context: ssl.SSLContext, file: str) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except (OSError, ValueError):
        raise ExchangeError(Reason.CONFIG, f"{file} holds no usable CA certificates") from None


def _load_identity(context: ssl.SSLContext, settings: TlsSettings) -> None:
    # An empty password where none is configured: OpenSSL would otherwise ask on the terminal.
    password = settings.key_password.reveal() if settings.key_password else ""
    try:
        context.load_cert_chain(settings.certificate_file or "", settings.key_file, lambda: password)
    except (OSError, ValueError):
        text = f"the client certificate {settings.certificate_file} or its key cannot be used"
        raise ExchangeError(Reason.CONFIG, text) from None


def tls_fault(error: ssl.SSLError, host: str) -> tuple[Reason, str]:
    """Give the reason and the detail of a TLS error seen while speaking with `host`, by the name it was asked for."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason, text = _VERIFICATION.get(error.verify_code, (Reason.TLS_UNTRUSTED, ""))
        return reason, text.format(host=host) or f"the certificate is not trusted: {error.verify_message}"
    if error.reason == _UNRECOGNIZED and literal(host) is not None:  # RFC 6066 section 3: no name is told then
        return Reason.TLS_PROTOCOL, f"the server wants to be told a name, and {host} is an address"
    known = _PROTOCOL.get(error.reason or "")
    if known is not None:
        return Reason.TLS_PROTOCOL, known.format(host=host)
    if isinstance(error, ssl.SSLZeroReturnError):
        return Reason.TLS_PROTOCOL, "the server ended TLS before anything was said"
    if error.reason is None:
        return Reason.TLS_PROTOCOL, "the server ended the handshake with an alert that is not known"
    return Reason.TLS_PROTOCOL, f"TLS failed: {error.reason.replace('_', ' ').lower()}"
