"""Probes over HTTP and HTTPS: health and version checks."""

from __future__ import annotations

from platformpm.formats.judge import Judgement, judge_health, judge_version
from platformpm.model.check import Check, CheckKey, Instance, Purpose
from platformpm.model.exchange import Failure, Response
from platformpm.net import ExchangeError, Network, Request, pin_of, prepare
from platformpm.probes.examination import Examination

_MOST_PLANS = 50_000


class HttpKind:
    """Asks over HTTP. The request of each check is made ready once and kept until instance or check are replaced."""

    def __init__(self, network: Network) -> None:
        """Ask through `network`."""
        self._network = network
        self._plans: dict[CheckKey, tuple[Instance, Check, Request]] = {}

    async def __call__(self, instance: Instance, check: Check, deadline: float, at: float) -> Examination:
        """Ask once and judge the answer."""
        exchange: Response | Failure
        try:
            request = self._request(instance, check)
        except ExchangeError as error:
            exchange = Failure(error.reason, error.detail)
        else:
            exchange = await self._network.fetch(request, deadline)
        if check.purpose is Purpose.VERSION:
            return Examination(judge_version(exchange, check, at), exchange, certificate=exchange.certificate)
        judged = self.judged(exchange, check, at)
        return Examination(judged.reading, exchange, judged.because, judged.version, exchange.certificate)

    def prepared(self, instance: Instance, check: Check) -> Request:
        """Make the request of a check ready. Raises `ExchangeError`."""
        return prepare(instance.url_of(check), check, instance.credentials, pin_of(instance))

    def judged(self, exchange: Response | Failure, check: Check, at: float) -> Judgement:
        """Judge the answer to a health check."""
        return judge_health(exchange, check, at)

    def _request(self, instance: Instance, check: Check) -> Request:
        key = CheckKey(instance.key, check.purpose)
        plan = self._plans.get(key)
        if plan is not None and plan[0] is instance and plan[1] is check:
            return plan[2]
        request = self.prepared(instance, check)
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        self._plans[key] = (instance, check, request)
        return request
