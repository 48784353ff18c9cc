"""Probes over WebSockets: the upgrade, what is sent, and the first message."""

from __future__ import annotations

from dataclasses import replace

from platformpm.formats.judge import Judgement, judge_health
from platformpm.model.check import Check, Instance, StatusRange
from platformpm.model.exchange import Failure, Response
from platformpm.net import Request, opening, pin_of
from platformpm.probes.http import HttpKind

_SWITCHED = (StatusRange(101, 101),)


class WebSocketKind(HttpKind):
    """Asks as over HTTP; the answer must be the upgrade, and its body is the first message."""

    def prepared(self, instance: Instance, check: Check) -> Request:
        """Make the request of a check ready."""
        return opening(instance.url_of(check), check, instance.credentials, pin_of(instance))

    def judged(self, exchange: Response | Failure, check: Check, at: float) -> Judgement:
        """Judge the answer: a message is no health format, only what is expected of it counts."""
        expected = replace(check.expect, status=_SWITCHED)
        judged = judge_health(exchange, replace(check, expect=expected, dialect="none"), at)
        return replace(judged, because="")
