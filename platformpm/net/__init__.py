"""Resolver, TLS, HTTP transport, deadline and caps. The only place that knows the HTTP client."""

from platformpm.net.connect import Target
from platformpm.net.faults import ExchangeError
from platformpm.net.fetch import spelled
from platformpm.net.nameserver import load_dns, question_of
from platformpm.net.network import Network
from platformpm.net.raw import Connection
from platformpm.net.request import Request, calling, endpoint, machine_of, opening, pin_of, pinned, prepare

__all__ = [
    "Connection",
    "ExchangeError",
    "Network",
    "Request",
    "Target",
    "calling",
    "endpoint",
    "load_dns",
    "machine_of",
    "opening",
    "pin_of",
    "pinned",
    "prepare",
    "question_of",
    "spelled",
]
