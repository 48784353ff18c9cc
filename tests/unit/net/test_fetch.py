"""A question to its end: redirects, decoding, addresses in turn, one deadline over everything."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import threading
from collections.abc import Callable, Sequence

import httpx
import pytest

from platformpm.model.check import Check
from platformpm.model.exchange import Failure, Response
from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from platformpm.net import Network, prepare
from platformpm.net.fetch import spelled
from platformpm.net.resolver import Address
from tests.unit.net.conftest import Run
from tests.unit.net.loopback import answering, hold, ok, read_request, redirect, serving

Ask = Callable[..., Response | Failure]
_V4 = socket.AF_INET


def _names(*ips: str) -> Callable[[str, int], Sequence[Address]]:
    return lambda _host, _family: [Address(_V4, ip) for ip in ips]


def _failure(got: Response | Failure, reason: Reason) -> Failure:
    assert isinstance(got, Failure), got
    assert got.reason is reason, got.detail
    return got


def test_redirects_are_followed_and_told(ask: Ask) -> None:
    with answering(redirect("/b?x=1"), redirect("c", 308), ok(b"end")) as server:
        got = ask(server.url("/a"))
    assert isinstance(got, Response)
    assert (got.body, got.url) == (b"end", server.url("/c"))
    assert got.hops == (server.url("/a"), server.url("/b?x=1"))


def test_without_redirects_the_first_answer_is_the_last(ask: Ask) -> None:
    with answering(redirect("/b")) as server:
        got = ask(server.url("/a"), Check(redirects=0))
    assert isinstance(got, Response)
    assert (got.status, got.hops, server.connections) == (302, (), 1)


def test_one_redirect_too_many_ends_it(ask: Ask) -> None:
    answers = [redirect(f"/{i}") for i in range(9)]
    with answering(*answers) as server:
        failure = _failure(ask(server.url("/a"), Check(redirects=3)), Reason.REDIRECT)
    assert "more than 3 redirects" in failure.detail
    assert server.connections == 4


def test_a_circle_is_seen_at_once(ask: Ask) -> None:
    with answering(redirect("/b"), redirect("/a")) as server:
        assert "circle" in _failure(ask(server.url("/a")), Reason.REDIRECT).detail
    assert server.connections == 2


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://metadata.google.internal/",
        "http://rebind.test/",
        "http://2852039166/",
    ],
)
def test_a_forbidden_redirect_is_refused_before_anything_is_connected(ask: Ask, location: str) -> None:
    asked: list[str] = []

    def lookup(host: str, _family: int) -> Sequence[Address]:
        asked.append(host)
        return [Address(_V4, "169.254.169.254")]

    with answering(redirect(location)) as server:
        failure = _failure(ask(server.url(), lookup=lookup), Reason.REDIRECT)
    assert "refused" in failure.detail
    assert server.connections == 1
    assert "metadata.google.internal" not in asked


def test_credentials_stay_at_home(ask: Ask) -> None:
    check = Check(
        method="POST",
        headers=(("X-Api-Key", Secret("canary-key")),),
        auth=Secret("Bearer canary-token"),
        body=Secret("canary-body"),
    )
    with answering(ok(b"away")) as other, answering(redirect(other.url("/x"), 307)) as server:
        got = ask(server.url(), check)
    assert isinstance(got, Response)
    assert got.body == b"away"
    assert server.requests[0].count(b"canary") == 3
    assert b"canary" not in other.requests[0]


def test_a_redirect_to_itself_with_another_method_is_no_circle(ask: Ask) -> None:
    with answering(redirect("/form", 303), ok(b"done")) as server:
        got = ask(server.url("/form"), Check(method="POST", body=Secret("x=1")))
    assert isinstance(got, Response)
    assert [request.split(b" ")[0] for request in server.requests] == [b"POST", b"GET"]


def test_a_redirect_without_a_place_is_an_answer(ask: Ask) -> None:
    with answering(ok(b"", status=b"302 Found")) as server:
        got = ask(server.url())
    assert isinstance(got, Response)
    assert got.status == 302


def test_the_deadline_holds_over_all_hops(ask: Ask) -> None:
    count = iter(range(1_000_000))

    def slow(line: socket.socket) -> None:
        read_request(line)
        threading.Event().wait(0.05)
        line.sendall(redirect(f"/{next(count)}"))

    with serving(slow) as server:
        got = ask(server.url(), Check(redirects=1000), timeout=0.4)
    assert isinstance(got, Failure)
    assert got.reason.value.startswith("timeout_")
    assert len(got.hops) >= 1


def test_a_deadline_that_has_passed_is_a_timeout(ask: Ask) -> None:
    with answering(ok()) as server:
        got = ask(server.url(), timeout=-1.0)
    assert isinstance(got, Failure)
    assert got.reason.value.startswith("timeout_")


def test_compressed_bodies_are_unpacked_and_capped(ask: Ask) -> None:
    gz = b"Content-Encoding: gzip"
    with answering(ok(gzip.compress(b"packed"), gz), ok(gzip.compress(bytes(9_000_000)), gz)) as server:
        small, bomb = ask(server.url()), ask(server.url())
    assert isinstance(small, Response)
    assert isinstance(bomb, Response)
    assert (small.body, small.complete) == (b"packed", True)
    assert (len(bomb.body), bomb.complete) == (1024 * 1024, False)


def test_a_coding_that_was_not_offered_leaves_the_body_unread(ask: Ask) -> None:
    with answering(ok(b"\x8b\x00", b"Content-Encoding: br")) as server:
        got = ask(server.url())
    assert isinstance(got, Response)
    assert got.body == b""
    assert "br" in (got.unreadable or "")


def test_a_cut_body_is_a_protocol_error(ask: Ask) -> None:
    with answering(ok(gzip.compress(b"packed" * 100)[:-5], b"Content-Encoding: gzip")) as server:
        _failure(ask(server.url()), Reason.PROTOCOL)


def test_a_second_address_helps_where_the_first_refuses(ask: Ask) -> None:
    with answering(ok(b"second")) as server:
        got = ask(server.url(host="two.test"), lookup=_names("127.99.99.99", "127.0.0.1"))
    assert isinstance(got, Response)
    assert got.body == b"second"
    assert got.phases.dns is not None


def test_a_second_address_helps_where_the_first_is_silent(ask: Ask) -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        stack.enter_context(socket.create_server(("127.0.0.98", port), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)  # the standard library's own signature
            filler.connect_ex(("127.0.0.98", port))
        thread = threading.Thread(target=_answer_once, args=(listener,))
        thread.start()
        got = ask(f"http://two.test:{port}/", timeout=2.0, lookup=_names("127.0.0.98", "127.0.0.1"))
        thread.join(20)
    assert isinstance(got, Response)
    assert got.body == b"second"


def _answer_once(listener: socket.socket) -> None:
    line, _ = listener.accept()
    with line:
        read_request(line)
        line.sendall(ok(b"second"))


def test_when_all_addresses_refuse_the_last_one_is_told(ask: Ask) -> None:
    got = ask("http://two.test:9/", lookup=_names("127.0.0.98", "127.0.0.99"))
    assert "127.0.0.99:9" in _failure(got, Reason.REFUSED).detail


def test_a_name_that_hangs_is_dns_in_time(ask: Ask) -> None:
    release = threading.Event()

    def hanging(_host: str, _family: int) -> Sequence[Address]:
        release.wait(20)
        return ()

    failure = _failure(ask("http://hang.test/", timeout=0.1, lookup=hanging), Reason.DNS)
    release.set()
    assert failure.detail == "no address for hang.test within 0.1 s"


def test_a_name_that_no_thread_was_free_to_look_up_is_our_own_trouble(run: Run) -> None:
    release = threading.Event()

    def hanging(host: str, _family: int) -> Sequence[Address]:
        if host.startswith("hang"):
            release.wait(20)
        return [Address(_V4, "127.0.0.1")]

    async def body(port: int) -> list[Response | Failure]:
        network, loop = Network(hanging), asyncio.get_running_loop()
        hosts = [*(f"hang-{number}.test" for number in range(128)), "good.test"]
        requests = [prepare(f"http://{host}:{port}/", Check()) for host in hosts]
        hung = [asyncio.ensure_future(network.fetch(request, loop.time() + 1)) for request in requests]
        got = await asyncio.gather(*hung)
        patient = await network.fetch(requests[-1], loop.time() + 20)
        release.set()
        return [*got, patient]

    with answering(ok()) as server:
        *hung, good, patient = run(body(server.port))
    assert {_failure(one, Reason.DNS).reason for one in hung} == {Reason.DNS}
    assert _failure(good, Reason.INTERNAL).detail == "good.test was not looked up: other look-ups hang"
    assert isinstance(patient, Response)


def test_an_address_of_the_wrong_family_is_a_config_error(ask: Ask) -> None:
    _failure(ask("http://127.0.0.1/", Check(family=6)), Reason.CONFIG)


def test_a_cached_name_has_no_dns_phase(run: Run) -> None:
    async def body(url: str) -> list[float | None]:
        network, request, loop = Network(_names("127.0.0.1")), prepare(url, Check()), asyncio.get_running_loop()
        return [(await network.fetch(request, loop.time() + 20)).phases.dns for _ in range(2)]

    with answering(ok()) as server:
        first, second = run(body(server.url(host="a.test")))
    assert first is not None
    assert second is None


def test_cancellation_passes_and_closes(run: Run) -> None:
    left = threading.Event()

    def script(line: socket.socket) -> None:
        read_request(line)
        hold(line)
        left.set()

    async def body(url: str) -> None:
        task = asyncio.ensure_future(Network().fetch(prepare(url, Check()), asyncio.get_running_loop().time() + 20))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with serving(script) as server:
        run(body(server.url()))
        assert left.wait(20)


def test_the_rules_hold_for_any_transport(run: Run) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a":
            return httpx.Response(302, headers={"Location": "/b"}, stream=httpx.ByteStream(b""))
        body = gzip.compress(bytes(3_000_000))
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(body))

    async def body() -> Response | Failure:
        network = Network(transport=httpx.MockTransport(answer))
        return await network.fetch(prepare("http://h/a", Check()), asyncio.get_running_loop().time() + 20)

    got = run(body())
    assert isinstance(got, Response)
    assert (got.hops, got.complete, len(got.body)) == (("http://h/a",), False, 1024 * 1024)


@pytest.mark.parametrize(
    ("allowed", "says"),
    [
        *((5.0, "5 s"), (4.998, "5 s"), (4.93, "5 s"), (0.99, "1 s"), (0.294, "0.3 s"), (0.1, "0.1 s")),
        *(
            (0.33, "0.33 s"),
            (0.25, "0.25 s"),
            (2.5, "2.5 s"),
            (2.47, "2.5 s"),
            (30.0, "30 s"),
            (0.0, "0 s"),
            (-1.0, "0 s"),
        ),
    ],
)
def test_the_time_that_was_allowed_is_told_as_it_was_meant(allowed: float, says: str) -> None:
    assert spelled(allowed) == says
