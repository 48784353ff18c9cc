"""Resolver, TLS, HTTP transport, deadline and caps. The only place that knows the HTTP client."""

from platformpm.net.connect import Target
from platformpm.net.faults import ExchangeError
from platformpm.net.fetch import spelled
from platformpm.net.network import Network
from platformpm.net.raw import Connection
from platformpm.net.request import Request, calling, endpoint, opening, prepare

__all__ = [
    "Connection", "ExchangeError", "Network", "Request", "Target", "calling", "endpoint", "opening", "prepare",
    "spelled",
]  # fmt: skip
