"""Probes of name servers, which ask one question and judge the records."""

from __future__ import annotations

from dataclasses import replace

from platformpm.formats.records import judge_records, shown
from platformpm.model.check import Check, Instance
from platformpm.model.exchange import Answer, Failure
from platformpm.model.text import safe_text
from platformpm.net import ExchangeError, Network, pinned, question_of
from platformpm.probes.examination import Examination, Facts

_MOST_SHOWN = 50


class DnsKind:
    """Asks a name server one question."""

    def __init__(self, network: Network) -> None:
        """Ask through `network`."""
        self._network = network

    async def __call__(self, instance: Instance, check: Check, deadline: float, at: float) -> Examination:
        """Ask once and judge the answer."""
        answer: Answer | Failure
        try:
            question = question_of(instance.url_of(check), check)
            if question.server is not None:
                question = replace(question, server=pinned(question.server, instance))
        except ExchangeError as error:
            answer = Failure(error.reason, safe_text(error.detail))
        else:
            answer = await self._network.ask_name(question, deadline)
        reading = judge_records(answer, check, at)
        if isinstance(answer, Failure):
            return Examination(reading, answer)
        return Examination(reading, facts=_facts(answer))


def _facts(answer: Answer) -> Facts:
    more = len(answer.records) - _MOST_SHOWN
    records = [*answer.records[:_MOST_SHOWN], *([f"and {more} more"] if more > 0 else [])]
    return {
        "answer": (f"{answer.code} from {answer.server}",),
        "alias of": (safe_text(answer.canonical),) if answer.canonical else (),
        answer.record: tuple(shown(record) for record in records),
    }
