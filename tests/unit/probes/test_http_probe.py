"""HTTP probes end to end: one call, one reading, and everything for whoever asks why."""

from __future__ import annotations

import asyncio

import pytest

from platformpm.model.check import Check, Purpose, VersionRule
from platformpm.model.exchange import Failure, Response
from platformpm.model.secret import NO_MASK, Masker, Secret
from platformpm.model.status import Reason, Status
from platformpm.net import Network
from platformpm.probes import registry
from platformpm.probes.http import HttpKind
from tests.unit.net.loopback import answering, ok
from tests.unit.probes.conftest import AT, Examine, StillClock, instance_at

_UP = b'{"status":"UP","components":{"db":{"status":"UP"}}}'


def test_a_health_check_gives_a_reading_and_why(examine: Examine) -> None:
    with answering(ok(_UP, b"Content-Type: application/json")) as server:
        examination = examine(server.url("/health"))
    reading = examination.reading
    assert (reading.status, reading.at, reading.dialect) == (Status.UP, AT, "spring-boot")
    assert isinstance(examination.exchange, Response)
    assert examination.because
    assert reading.latency is not None
    assert reading.latency > 0


def test_a_version_check_gives_a_version(examine: Examine) -> None:
    check = Check(purpose=Purpose.VERSION, version=VersionRule(json="v"))
    with answering(ok(b'{"v": "1.2.3"}')) as server:
        assert examine(server.url("/version"), check).reading.version == "1.2.3"


def test_nobody_there_is_a_reading_too(examine: Examine) -> None:
    examination = examine("http://127.0.0.1:9/")
    assert (examination.reading.status, examination.reading.reason) == (Status.DOWN, Reason.REFUSED)
    assert isinstance(examination.exchange, Failure)


def test_what_cannot_be_asked_is_unknown(examine: Examine) -> None:
    reading = examine("http://h:99999/").reading
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.CONFIG)


def test_credentials_of_the_address_are_sent(examine: Examine) -> None:
    with answering(ok()) as server:
        examine(server.url(), credentials="me:pass")
    assert b"Authorization: Basic bWU6cGFzcw==" in server.requests[0]


def test_a_secret_that_comes_back_is_masked(examine: Examine) -> None:
    body = b'{"status":"DOWN","components":{"canary-secret":{"status":"DOWN"}},"version":"canary-secret"}'
    with answering(ok(body)) as server:
        reading = examine(server.url(), Check(auth=Secret("canary-secret")), mask=Masker(["canary-secret"])).reading
    assert reading.failing_components == ("•••",)
    assert "canary-secret" not in repr(reading)


def test_a_defect_is_told_by_its_class_alone() -> None:
    class Broken(Network):
        async def fetch(self, request: object, deadline: float) -> Response | Failure:
            raise KeyError("canary-secret")

    check = Check()
    probe = registry(Broken(), NO_MASK, StillClock())["http"]
    reading = asyncio.run(probe(instance_at("http://h/", check), check, 0.0))
    assert (reading.status, reading.reason, reading.detail) == (
        Status.UNKNOWN,
        Reason.INTERNAL,
        "internal error: KeyError",
    )


def test_a_request_is_made_ready_once_until_its_check_is_replaced() -> None:
    kind = HttpKind(Network())
    first, second = Check(), Check(method="HEAD")
    instance = instance_at("http://h/", first)
    request = kind._request(instance, first)
    assert kind._request(instance, first) is request
    assert kind._request(instance, second).method == "HEAD"
    assert kind._request(instance_at("http://h2/", first), first).address == "http://h2/"


def test_there_is_a_probe_for_every_scheme() -> None:
    assert set(registry(Network(), NO_MASK, StillClock())) == {"http", "https", "tcp", "tls", "heartbeat"}


_KEY = "Zq7vLk2mXw9pRt4sBn6yHd3fGj8cAe5uKo1i"


@pytest.mark.parametrize("filler", [" ", r"\u0000", r"\u0301", r"\u200b"])
@pytest.mark.parametrize("limit", [80, 120, 200])
@pytest.mark.parametrize(
    "body",
    [
        '{"status": "DOWN", "components": {"db": {"status": "DOWN", "details": {"error": "%s"}}}}',
        '{"status": "DOWN", "components": {"%s": {"status": "DOWN"}}}',
        '{"status": "fail", "output": "%s"}',
        '{"status": "down", "message": "%s"}',
    ],
)
def test_no_part_of_a_secret_is_told_where_a_text_is_cut(examine: Examine, body: str, limit: int, filler: str) -> None:
    said = body % ("x" + filler * (limit * 8 + 64 - 1 - 24) + _KEY)
    with answering(ok(said.encode())) as server:
        reading = examine(server.url(), mask=Masker([_KEY])).reading
    told = reading.detail + "|".join(reading.failing_components)
    assert all(_KEY[start : start + 4] not in told for start in range(len(_KEY) - 3))


def test_a_version_that_the_cap_cuts_is_not_told_as_if_it_were_whole(examine: Examine) -> None:
    body = b" " * (1024 * 1024 - 28) + b"ver=" + _KEY.encode()
    check = Check(Purpose.VERSION, version=VersionRule(regex=r"ver=(\S+)"))
    with answering(ok(body)) as server:
        reading = examine(server.url(), check, mask=Masker([_KEY])).reading
    assert _KEY[:4] not in f"{reading.version} {reading.detail}"


def test_no_part_of_a_secret_is_told_of_an_answer_that_is_not_http(examine: Examine) -> None:
    with answering(b"you sent me " + _KEY.encode()) as long, answering(b"you sent " + _KEY[:20].encode()) as short:
        for server in (long, short):
            reading = examine(server.url(), mask=Masker([_KEY])).reading
            assert "you sent" in reading.detail
            assert _KEY[:4] not in reading.detail
