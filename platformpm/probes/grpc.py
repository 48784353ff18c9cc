"""Probes of gRPC servers through the standard health service; the path of the address is the name of a service."""

from __future__ import annotations

from urllib.parse import unquote

from platformpm.formats.grpc import METHOD, health_request, judge_grpc
from platformpm.formats.judge import Judgement
from platformpm.model.check import Check, Instance
from platformpm.model.exchange import Failure, Response
from platformpm.net import Request, calling, pin_of
from platformpm.probes.http import HttpKind


class GrpcKind(HttpKind):
    """Asks over HTTP/2 for the health of one service, or of the server as a whole."""

    def prepared(self, instance: Instance, check: Check) -> Request:
        """Make the call of a check ready. Raises `ExchangeError`."""
        scheme, _, rest = instance.url_of(check).partition("://")
        host, _, path = rest.partition("?")[0].partition("/")
        service = unquote(path.strip("/"))
        return calling(
            f"{scheme}://{host}{METHOD}", health_request(service), check, instance.credentials, pin_of(instance)
        )

    def judged(self, exchange: Response | Failure, check: Check, at: float) -> Judgement:
        """Judge the answer of the health service."""
        return Judgement(judge_grpc(exchange, check, at))
