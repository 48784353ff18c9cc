"""Facts of the certificate a server showed, parsed once for each certificate."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from platformpm.model.exchange import Certificate
from platformpm.model.text import safe_text

_NAMES = 20
_UNKNOWN_EXPIRY = 253402300799.0
"""The last second of the year 9999: what RFC 5280 writes for "no good expiration date"."""


def certificate_of(connection: ssl.SSLObject | ssl.SSLSocket) -> Certificate | None:
    """Give the facts of the peer's certificate, None when it showed none.

    The standard library describes verified certificates only; others are read from their DER.
    """
    der = connection.getpeercert(binary_form=True)
    if der is None:
        return None
    protocol = connection.version() or ""
    verified = connection.context.verify_mode is ssl.CERT_REQUIRED
    known = _known.get((der, protocol, verified))
    if known is None:
        table = connection.getpeercert()
        known = _from_table(table, protocol) if table else _from_der(der, protocol)
        if len(_known) >= 4096:
            _known.clear()
        _known[der, protocol, verified] = known
    return known


_known: dict[tuple[bytes, str, bool], Certificate] = {}


def _from_table(table: Mapping[str, Any], protocol: str) -> Certificate:
    """Read the table of `SSLSocket.getpeercert()`."""
    return Certificate(
        not_after=_seconds(table.get("notAfter")),
        not_before=_seconds(table.get("notBefore")),
        subject=_common_name(table.get("subject", ())),
        issuer=_common_name(table.get("issuer", ())),
        names=_clean(value for _, value in table.get("subjectAltName", ())),
        protocol=protocol,
        verified=True,
    )


def _from_der(der: bytes, protocol: str) -> Certificate:
    from cryptography import x509  # 30 ms that only unverified certificates need

    try:
        parsed = x509.load_der_x509_certificate(der)
        after, before = _stamp(parsed.not_valid_after_utc), _stamp(parsed.not_valid_before_utc)
        subject, issuer = _name(parsed.subject), _name(parsed.issuer)
    except (ValueError, TypeError):
        return Certificate(_UNKNOWN_EXPIRY, protocol=protocol, verified=False)
    try:
        alternative = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = _clean(str(name.value) for name in alternative)
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        names = ()
    return Certificate(after, before, subject, issuer, names, protocol, verified=False)


def _stamp(moment: datetime) -> float:
    return moment.timestamp()


def _name(name: Any) -> str:
    from cryptography.x509.oid import NameOID

    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return safe_text(str(common[0].value) if common else name.rfc4514_string(), 120)


def _seconds(text: object) -> float:
    return float(ssl.cert_time_to_seconds(text)) if isinstance(text, str) else _UNKNOWN_EXPIRY


def _common_name(name: Iterable[tuple[tuple[str, str], ...]]) -> str:
    """Give the common name of the standard library's nested tuples, or all of it where there is none."""
    pairs = [pair for part in name for pair in part]
    common = [value for key, value in pairs if key == "commonName"]
    return safe_text(common[0] if common else ", ".join(f"{key}={value}" for key, value in pairs), 120)


def _clean(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(safe_text(name, 120) for name, _ in zip(names, range(_NAMES), strict=False))
