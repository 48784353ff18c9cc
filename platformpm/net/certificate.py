"""Facts of the certificate a server showed, parsed once for each certificate."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from platformpm.model.exchange import Certificate
from platformpm.model.text import safe_text

if TYPE_CHECKING:
    from cryptography import x509

_Value = TypeVar("_Value")
_Default = TypeVar("_Default")
_Nested = Iterable[tuple[tuple[str, str], ...]]

_NAMES = 20
_LONGEST = 120


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
        table = _read(connection.getpeercert, None)
        known = _from_table(table, protocol) if table else _from_der(der, protocol, verified=verified)
        if len(_known) >= 4096:
            _known.clear()
        _known[der, protocol, verified] = known
    return known


_known: dict[tuple[bytes, str, bool], Certificate] = {}


def _from_table(table: Mapping[str, Any], protocol: str) -> Certificate:
    """Read the table of `SSLSocket.getpeercert()`."""
    names, more = _first([value for _, value in table.get("subjectAltName", ())], _spelled)
    return Certificate(
        not_after=_seconds(table.get("notAfter")),
        not_before=_seconds(table.get("notBefore")),
        subject=_common_name(table.get("subject", ())),
        issuer=_common_name(table.get("issuer", ())),
        names=names,
        names_more=more,
        protocol=protocol,
        verified=True,
    )


def _read(read: Callable[[], _Value], default: _Default) -> _Value | _Default:
    """Give what `read` gives, or the default. A certificate is made by a stranger: parsers fail on it in many ways."""
    try:
        return read()
    except Exception:  # noqa: BLE001  # `cryptography` has errors of its own that share no class but this one
        return default


def _from_der(der: bytes, protocol: str, *, verified: bool) -> Certificate:
    """Read what can be read; the rest is left out."""
    from cryptography import x509  # 30 ms that only unverified certificates need

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a bad serial number, straight to standard error
        parsed = _read(lambda: x509.load_der_x509_certificate(der), None)
        if parsed is None:
            return Certificate(None, protocol=protocol, verified=verified)
        names, more = _read(lambda: _names(parsed), ((), 0))
        return Certificate(
            not_after=_read(lambda: _stamp(parsed.not_valid_after_utc), None),
            not_before=_read(lambda: _stamp(parsed.not_valid_before_utc), None),
            subject=_read(lambda: _name(parsed.subject), ""),
            issuer=_read(lambda: _name(parsed.issuer), ""),
            names=names,
            names_more=more,
            protocol=protocol,
            verified=verified,
        )


def _stamp(moment: datetime) -> float:
    return moment.timestamp()


def _name(name: x509.Name) -> str:
    from cryptography.x509.oid import NameOID

    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return safe_text(str(common[0].value) if common else name.rfc4514_string(), _LONGEST)


def _names(parsed: x509.Certificate) -> tuple[tuple[str, ...], int]:
    from cryptography import x509

    return _first(list(parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value), _shown)


def _first(names: Sequence[_Value], told: Callable[[_Value], str]) -> tuple[tuple[str, ...], int]:
    """Give the first of the names as they are told, cleaned, and how many more there are."""
    return tuple(safe_text(told(name), _LONGEST) for name in names[:_NAMES]), max(len(names) - _NAMES, 0)


def _shown(name: x509.GeneralName) -> str:
    """Give a name as a person reads it; of a kind that has no text, the number of the kind."""
    from cryptography import x509

    match name:
        case x509.DirectoryName():
            return name.value.rfc4514_string()
        case x509.RegisteredID():
            return f"registered {name.value.dotted_string}"
        case x509.OtherName():
            return f"other name {name.type_id.dotted_string}"
    return str(name.value)


def _seconds(text: object) -> float | None:
    return _read(lambda: float(ssl.cert_time_to_seconds(text)), None) if isinstance(text, str) else None


def _spelled(value: object) -> str:
    """Give a name of the standard library: a text, or nested tuples where it is that of a directory."""
    return value if isinstance(value, str) else _common_name(cast("_Nested", value))


def _common_name(name: _Nested) -> str:
    """Give the common name of the standard library's nested tuples, or all of it where there is none."""
    pairs = [pair for part in name for pair in part]
    common = [value for key, value in pairs if key == "commonName"]
    return safe_text(common[0] if common else ", ".join(f"{key}={value}" for key, value in pairs), _LONGEST)
