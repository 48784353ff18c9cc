"""What a person is told to do about a reading."""

from __future__ import annotations

import pytest

from platformpm.model.check import Check
from platformpm.model.reading import Reading
from platformpm.model.status import Reason, Status
from platformpm.net import ExchangeError, prepare
from platformpm.net.guard import Guard
from platformpm.net.redirect import next_request
from platformpm.net.resolver import literal
from platformpm.report.hints import HINTS, hint


def told(detail: str) -> str | None:
    return hint(Reading(Status.DOWN, 0.0, reason=Reason.REDIRECT, detail=detail))


def follow(location: str) -> None:
    target = next_request(prepare("http://h/", Check()), 302, location).target
    address = literal(target.host)
    Guard("h")(target.host, () if address is None else (address,))


@pytest.mark.parametrize(
    "location",
    [
        *("http://169.254.169.254/latest", "http://[fe80::1%25eth0]/", "http://metadata.google.internal/"),
        *("file:///etc/passwd", "javascript:alert(1)", "http://[::1", "http://h:99999/", "http://a b/"),
    ],
)
def test_a_redirect_that_is_refused_has_a_sentence_of_its_own(location: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        follow(location)
    sentence = told(caught.value.detail)
    assert sentence is not None
    assert "never asked" in sentence
    assert sentence not in HINTS.values()


@pytest.mark.parametrize(
    "detail",
    [
        "redirected to login.example, which is not known to be health",
        "more than 5 redirects",
        "the redirects go in a circle",
    ],
)
def test_a_redirect_that_was_followed_keeps_the_general_sentence(detail: str) -> None:
    assert told(detail) == HINTS[Reason.REDIRECT]


def test_a_program_that_ran_out_of_time_accepted_no_request() -> None:
    sentence = hint(Reading(Status.DOWN, 0.0, reason=Reason.TIMEOUT_RESPONSE, detail="did not end within 5 s: begun"))
    assert sentence is not None
    assert "program" in sentence
    assert hint(Reading(Status.DOWN, 0.0, reason=Reason.TIMEOUT_RESPONSE)) == HINTS[Reason.TIMEOUT_RESPONSE]
