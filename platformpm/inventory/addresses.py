"""Addresses of instances: parsed, checked, and joined with the path and port of a check."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from platformpm.inventory.problems import listed, near, shown
from platformpm.model.check import SCHEMES
from platformpm.model.text import display_url

_ADDRESS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:(?P<user>[^/?#]*)@)?(?P<host>\[[^\]/?#@]*\]|[^:/?#@\[\]]*)"
    r"(?::(?P<port>[^/?#@]*))?(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?"
)
_HOST = re.compile(
    r"(?=.{1,253}\.?$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}(?<!-))?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}(?<!-))?)*\.?"
)
_ZONE = re.compile(r"[A-Za-z0-9._~-]+")
_JOB = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_NUMBERS = re.compile(r"[0-9.]+")
_V4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")
_WEB = frozenset({"http", "https"})
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_NEEDING_PORT = frozenset({"tcp", "tls", "grpc", "grpcs"})
_WITH_PATH = frozenset({*_DEFAULT_PORTS, "grpc", "grpcs", "dns"})
_USERLESS = {
    "dns": "nobody signs in over dns: the address must hold no user",
    "icmp": "nobody signs in over icmp: the address must hold no user",
    "exec": "an exec address has no user: give its program what it needs in env",
}


class AddressError(ValueError):
    """An address that cannot be used: why, and what may have been meant. The text holds no credentials."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        """Keep both."""
        super().__init__(message)
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. `host` is as written (IPv6 in brackets); `user` is `name:password`, decoded.

    That of `dns` has the name to ask for as its path, and no host where the resolvers of this system are asked. That of
    a heartbeat has the name of a job for a host, or the path of a file and no host.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    user: str | None = None

    @property
    def authority(self) -> str:
        """Give `host:port` as written."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def name(self) -> str:
        """Give what an instance at this address is called: `host:port`, with what is asked there of a name server."""
        return self.long_name if self.scheme == "dns" else self.authority or self.path

    @property
    def long_name(self) -> str:
        """Give host, port and path."""
        return self.authority + self.path if self.scheme == "heartbeat" else (self.authority + self.path).lstrip("/")

    @property
    def url(self) -> str:
        """Give the address without user and password."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse_address(text: str) -> Address:
    """Check the address of an instance (no query, no fragment). Raises AddressError."""
    match = _split(text)
    if "@" in text[match.end("host") :]:
        raise AddressError("has an @ after the host: write / in a password as %2F, ? as %3F, # as %23, and @ as %40")
    if match["query"] is not None or match["fragment"] is not None:
        part = "query" if match["query"] is not None else "fragment"
        raise AddressError(f"an instance has no {part}: put it into the path of the check")
    return _checked(match)


def parse_link(text: str) -> None:
    """Check the full URL of a page or of a check; query and fragment are welcome. Raises AddressError."""
    match = _split(text)
    if match["scheme"].lower() not in _WEB:
        raise AddressError("must be an http or https URL")
    if match["user"] is not None:
        raise AddressError("must not hold a user and a password (a check has auth for them)")
    _checked(match)


def is_absolute(path: str) -> bool:
    """Tell whether the path of a check is a full URL."""
    return "://" in path.partition("?")[0].partition("#")[0]


def join(address: Address, path: str | None, port: int | None) -> str:
    """Give the URL a check requests: the path is appended, a full URL replaces all, the port replaces the port."""
    if path is not None and is_absolute(path):
        return path.partition("#")[0]
    number = address.port if port is None or not address.host or address.scheme == "icmp" else port
    where = address.host if number is None else f"{address.host}:{number}"
    base = f"{address.scheme}://{where}"
    if path is None:
        return base + address.path
    path = path.partition("#")[0]
    tail = path if path.startswith(("/", "?")) else f"/{path}"
    return base + address.path.rstrip("/") + tail


def origin(url: str) -> tuple[str, str, int | None]:
    """Give scheme, host and port of a checked URL: what decides whether credentials may be sent."""
    match = _split(url)
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS.get(scheme)
    return scheme, match["host"].lower(), port


def _split(text: str) -> re.Match[str]:
    if " " in text or not text.isprintable():
        raise AddressError("a URL has no white space or control characters")
    match = _ADDRESS.fullmatch(text)
    if match is not None:
        return match
    if "://" in text:
        quoted = "" if "@" in text else f": {shown(display_url(text))}"
        raise AddressError(f"is not a usable URL{quoted}")
    raise AddressError(f"must be a URL with a scheme: {listed(SCHEMES, 'or')}", _with_scheme(text))


def _with_scheme(text: str) -> str | None:
    """Give the URL that a text without `://` was probably meant for: only one that is usable, and no `javascript:`."""
    scheme, colon, rest = text.partition(":")
    if "@" in text:
        return None
    meant = f"{scheme}://{rest.lstrip('/')}" if colon and scheme.lower() in SCHEMES else f"http://{text}"
    try:
        _checked(_split(meant))
    except AddressError:
        return None
    return meant


def _checked(match: re.Match[str]) -> Address:
    scheme = match["scheme"].lower()
    if scheme not in SCHEMES:
        message = f"unknown scheme {shown(match['scheme'])}: one of {', '.join(SCHEMES)}"
        raise AddressError(message, near(scheme, SCHEMES))
    if scheme == "heartbeat":
        return _heartbeat(match)
    host, user, path = match["host"], match["user"], match["path"] or ""
    port = _port(match["port"], quotable="@" not in match.string)
    _check_parts(scheme, host, port, path)
    if user is not None and (why := _USERLESS.get(scheme)):
        raise AddressError(why)
    kept = path if scheme in _WITH_PATH else ""
    return Address(scheme, host, port, kept, None if user is None else unquote(user))


def _check_parts(scheme: str, host: str, port: int | None, path: str) -> None:
    if scheme != "dns" or host or port is not None:
        _check_host(host)
    if scheme == "dns":
        _check_question(host, path)
    elif scheme == "icmp" and (port is not None or path not in ("", "/")):
        raise AddressError("an icmp address is a host, without a port and a path")
    elif scheme in _NEEDING_PORT and port is None:
        raise AddressError(f"a {scheme} address needs a port, as in {scheme}://host:1234")
    elif scheme not in _WITH_PATH and path not in ("", "/"):
        raise AddressError(f"{'an' if scheme[0] in 'aeiou' else 'a'} {scheme} address has no path")


def _check_question(host: str, path: str) -> None:
    """Check the parts of `dns://server/name` and `dns:///name` (RFC 4501); what is asked may be an address, for PTR."""
    name = path.removeprefix("/")
    if not name:
        meant = f"dns:///{host}" if host and is_host(host) else None
        raise AddressError(
            "a dns address says what to ask: dns://server/name, or dns:///name for this system's resolvers", meant
        )
    if name != "." and (name.startswith("[") or not is_host(name)) and not is_host(f"[{name}]"):
        raise AddressError(f"{shown(name)} is not a name that can be asked for", _older_name(name))


def _heartbeat(match: re.Match[str]) -> Address:
    job, path = match["host"], match["path"] or ""
    if match["user"] is not None or match["port"] is not None:
        raise AddressError("a heartbeat has neither user nor port: heartbeat://JOB or heartbeat:///path/of/a/file")
    if job and path:
        raise AddressError("a heartbeat is heartbeat://JOB or heartbeat:///path/of/a/file", f"heartbeat:///{job}{path}")
    if not job and not path.strip("/"):
        raise AddressError("names neither a job nor a file: heartbeat://JOB or heartbeat:///path/of/a/file")
    if job and not _JOB.fullmatch(job):
        raise AddressError(f"{shown(job)} is not the name of a job: lower-case letters, digits, '.', '_' and '-'")
    return Address("heartbeat", job, None, path)


def _port(text: str | None, *, quotable: bool) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:9]) < 65536:
        quoted = f" {shown(text)}" if quotable else ""
        raise AddressError(f"port{quoted} is not a number from 1 to 65535")
    return int(text)


def _check_host(host: str) -> None:
    if not host:
        raise AddressError("the URL names no host")
    if not is_host(host):
        raise AddressError(f"{shown(host)} is not a host name or an address", _older_name(host))


def is_host(host: str) -> bool:
    """Tell whether `host` is a name that can be looked up or an address, IPv6 in brackets."""
    try:
        if host.startswith("["):
            from ipaddress import ip_address  # few inventories have IPv6 addresses

            address, percent, zone = host[1:-1].partition("%")
            return ip_address(address).version == 6 and (not percent or _ZONE.fullmatch(zone) is not None)
        if _NUMBERS.fullmatch(host):
            return _V4.fullmatch(host) is not None
        if host.isascii():
            return _HOST.fullmatch(host) is not None
        from platformpm.net.names import asked_name  # loads the HTTP client; few names need it

        return _HOST.fullmatch(asked_name(host)) is not None
    except ValueError:
        return False


def _older_name(host: str) -> str | None:
    """Give the form that IDNA 2003 had for a name that IDNA 2008 forbids: written like that it can be asked."""
    if host.isascii():
        return None
    try:
        name = host.encode("idna").decode()
    except ValueError:
        return None
    return name if is_host(name) else None
