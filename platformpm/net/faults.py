"""How an exchange fails: one exception with an enumerated reason, and the meaning of operating system errors."""

from __future__ import annotations

import errno
import socket

import httpx

from platformpm.model.status import Reason

_REASONS = {
    errno.ECONNREFUSED: (Reason.REFUSED, "connection refused by {peer}"),
    errno.ENETUNREACH: (Reason.UNREACHABLE, "no route to {peer}"),
    errno.EHOSTUNREACH: (Reason.UNREACHABLE, "no route to {peer}"),
    errno.EHOSTDOWN: (Reason.UNREACHABLE, "{peer} is down"),
    errno.ENETDOWN: (Reason.UNREACHABLE, "the network to {peer} is down"),
    errno.EAFNOSUPPORT: (Reason.UNREACHABLE, "this machine cannot speak to {peer}"),
    errno.EINVAL: (Reason.UNREACHABLE, "{peer} is no address one can connect to"),
    errno.ETIMEDOUT: (Reason.TIMEOUT_CONNECT, "{peer} did not answer"),
    errno.ECONNRESET: (Reason.RESET, "connection reset by {peer}"),
    errno.ECONNABORTED: (Reason.RESET, "connection aborted by {peer}"),
    errno.EPIPE: (Reason.RESET, "connection closed by {peer}"),
    errno.EACCES: (Reason.NOT_PERMITTED, "this machine may not connect to {peer}"),
    errno.EPERM: (Reason.NOT_PERMITTED, "this machine may not connect to {peer}"),
    errno.EMFILE: (Reason.INTERNAL, "too many open files in this process"),
    errno.ENFILE: (Reason.INTERNAL, "too many open files on this machine"),
    errno.ENOBUFS: (Reason.INTERNAL, "this machine is out of network buffers"),
    errno.ENOMEM: (Reason.INTERNAL, "this machine is out of memory"),
}


class ExchangeError(httpx.TransportError):
    """An exchange that cannot come to a usable end. `detail` may hold text of the target: it is cleaned later."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep why, and what was seen."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def fault_of(error: OSError, peer: str, family: int = socket.AF_INET) -> tuple[Reason, str]:
    """Give the reason and the detail of an operating system error seen while speaking with `peer`.

    EADDRNOTAVAIL means that this machine has no IPv6, or that it has run out of ports: the second is our own trouble.
    """
    if error.errno == errno.EADDRNOTAVAIL:
        if family == socket.AF_INET6:
            return Reason.UNREACHABLE, f"no route to {peer}"
        return Reason.INTERNAL, "this machine has no free port"
    if error.errno in _REASONS:
        reason, text = _REASONS[error.errno]
        return reason, text.format(peer=peer)
    if isinstance(error, ConnectionError):
        return Reason.RESET, f"connection closed by {peer}"
    return Reason.UNREACHABLE, f"cannot speak with {peer}: {error.strerror or type(error).__name__}"
