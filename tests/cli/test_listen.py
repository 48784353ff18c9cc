"""`watch --listen` as a subprocess, asked over real sockets: metrics, health, heartbeats, and who may ask."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email.message import Message
from pathlib import Path
from shutil import which

import pytest

from platformpm.model.status import Status
from tests.cli.conftest import PATIENCE, Program
from tests.unit.engine.platforms import wait_until
from tests.unit.report.test_prometheus import samples

TOKEN, OWN = "listen-canary-Zq7", "backup-canary-Zq7"
INVENTORY = f"""
[platform]
name = "Shop"
[history]
path = "history.db"
[defaults]
interval = "1s"
[services.backup]
health = {{ every = "1h", token = "{OWN}" }}
instances.production = ["heartbeat://nightly"]
[services.jobs]
health = {{ every = "1h" }}
instances.production = ["heartbeat://a", "heartbeat://b"]
"""
Answered = tuple[int, str, Message]


class Watch:
    """A running `watch --listen`, and ways to talk to it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None
        self.process = process
        self.said = b""
        for line in process.stderr:
            self.said += line
            if found := re.search(rb"^listening on http://(\S+):(\d+)$", line):
                self.host, self.port = found[1].decode().strip("[]"), int(found[2])
                break
        else:
            raise AssertionError(self.said)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answered:
        """Ask once; underscores in the names of headers are dashes."""
        url = f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}{path}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, body, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), error.headers

    def code(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> int:
        return self.ask(path, method, body, **headers)[0]

    def status_of(self, service: str) -> Status | None:
        """Give the status of a service as the metrics have it."""
        found = samples(self.ask("/metrics")[1])
        now = [labels for name, labels, value in found if name == "platformpm_service_status" and value]
        return next((Status(one["status"]) for one in now if one["service"] == service), None)

    def end(self) -> bytes:
        """End it as a service manager does; give all that it wrote."""
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0
        return self.said + out + err


@pytest.fixture
def watch(program: Program) -> Iterator[Callable[..., Watch]]:
    started: list[subprocess.Popen[bytes]] = []
    program.inventory(INVENTORY)

    def start(*words: str, **environ: str) -> Watch:
        words = words or ("--listen", "0")
        started.append(program.start("watch", "-v", *words, **environ))
        return Watch(started[-1])

    yield start
    for process in started:
        process.kill()
        process.communicate()


def bearer(token: str) -> str:
    return f"Bearer {token}"


@pytest.fixture
def token_file(program: Program) -> Path:
    path = program.folder / "token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return path


def test_it_answers_metrics_and_its_health_and_nothing_else(watch: Callable[..., Watch], program: Program) -> None:
    it = watch()
    code, text, headers = it.ask("/metrics")
    assert (code, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert headers["Access-Control-Allow-Origin"] is None
    found = {name: value for name, labels, value in samples(text)}
    assert found["platformpm_engine_instances"] == 3
    assert "platformpm_check_duration_seconds" not in found
    wait_until(lambda: it.code("/healthz") == 200, PATIENCE)
    code, text, headers = it.ask("/healthz")
    assert headers["Content-Type"] == "application/health+json"
    assert json.loads(text)["status"] == "pass"
    assert {it.code(path) for path in ("/", "/metrics/", "/%2e%2e/etc/passwd", "/metrics.json", "/heartbeat")} == {404}
    assert {it.code(path, "POST", b"") for path in ("/metrics", "/healthz")} == {405}
    done = program("probe", f"http://127.0.0.1:{it.port}/healthz", "--format", "json")
    hanging = [socket.create_connection(("127.0.0.1", it.port)) for _ in range(5)]
    assert (done.code, "ietf-health" in done.out) == (0, True)
    assert b"Traceback" not in it.end()
    for line in hanging:
        line.close()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.1:80", ""])
def test_a_name_that_somebody_lets_point_to_loopback_reaches_nothing(watch: Callable[..., Watch], host: str) -> None:
    it = watch()
    for path in ("/metrics", "/healthz", "/heartbeat/backup@production"):
        assert it.code(path, Host=host, Authorization=bearer(OWN)) == 421
    for own in ("localhost", f"LOCALHOST:{it.port}", "127.0.0.1:9", "[::1]:1", "[::1]"):
        assert it.code("/metrics", Host=own) == 200
    with socket.create_connection(("127.0.0.1", it.port)) as line:
        line.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 421")
    absolute = {"localhost": "200", "evil.example": "421", "evil@localhost": "421", "localhost.evil:80": "421"}
    for name, code in absolute.items():
        with socket.create_connection(("127.0.0.1", it.port)) as line:
            line.sendall(f"GET http://{name}/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert line.recv(12, socket.MSG_WAITALL).decode() == f"HTTP/1.1 {code}"


def test_a_heartbeat_is_shown_at_once_and_known_again_after_a_restart(
    watch: Callable[..., Watch], program: Program
) -> None:
    it = watch()
    assert it.code("/heartbeat/backup@production", "POST", b"", Authorization=bearer(OWN)) == 200
    wait_until(lambda: it.status_of("backup") is Status.UP, PATIENCE)
    bad = b'{"status": "fail", "message": "disk full\\u001b[31m"}'
    assert it.ask("/heartbeat/backup@production/nightly", "PUT", bad, Authorization=bearer(OWN))[:2] == (200, "down\n")
    wait_until(lambda: it.status_of("backup") is Status.DOWN, PATIENCE)
    assert "platformpm_heartbeat_timestamp_seconds{" in it.ask("/metrics")[1]
    beside = json.loads(program("check", "backup", "--attempts", "1", "--format", "json").out)
    it.end()
    alone = json.loads(program("check", "backup", "--attempts", "1", "--format", "json").out)
    for document in (beside, alone):
        (seen,) = document["services"][0]["instances"]
        assert (seen["status"], seen["reason"]) == ("down", "payload")
        assert seen["detail"] == "disk full�[31m"
    probed = program("probe", "backup")
    assert (probed.code, "disk full" in probed.out) == (2, True)
    addressed = program("probe", "heartbeat://nightly")
    assert (addressed.code, "awaited, not asked" in addressed.err) == (3, True)
    again = watch()
    wait_until(lambda: again.status_of("backup") is Status.DOWN, PATIENCE)
    assert again.code("/heartbeat/backup@production", Authorization=bearer(OWN)) == 200
    wait_until(lambda: again.status_of("backup") is Status.UP, PATIENCE)


@pytest.mark.skipif(which("curl") is None, reason="curl is not installed (Debian: apt install curl)")
def test_the_lines_of_the_readme_report(watch: Callable[..., Watch], program: Program) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- heartbeats: curl -->\n```sh\n(.*?)```", readme, re.DOTALL)
    assert block is not None
    it = watch()
    done = program.shell(f"backup() {{ :; }}\n{block[1].replace('9464', str(it.port))}", BACKUP_TOKEN=OWN)
    assert (done.code, done.out) == (0, "up\ndown\n"), done.err
    wait_until(lambda: it.status_of("backup") is Status.DOWN, PATIENCE)
    assert "disk full" in program("check", "backup", "--attempts", "1").out


def test_without_its_token_no_heartbeat_is_taken_and_none_is_told_of(watch: Callable[..., Watch]) -> None:
    it = watch()
    ours = "/heartbeat/backup@production"
    refusals = [
        it.ask(ours),
        it.ask(ours, Authorization=bearer(OWN[:-1])),
        it.ask(ours, Authorization=bearer("")),
        it.ask(ours, Authorization=f"Basic {OWN}"),
        it.ask(ours + f"?token={OWN}", "POST", OWN.encode()),
        it.ask("/heartbeat/jobs@production/a", Authorization=bearer("x")),  # it has none, and none is given
        it.ask("/heartbeat/nobody@production", Authorization=bearer("x")),
        it.ask("/heartbeat/%00%ff@@//", Authorization=bearer("x")),
    ]
    assert {(code, text) for code, text, _ in refusals} == {refusals[0][:2]}
    assert (refusals[0][0], refusals[0][2]["WWW-Authenticate"]) == (401, 'Bearer realm="platformpm"')
    assert it.status_of("backup") is Status.UNKNOWN
    assert b"jobs@production/a has no token" in it.end()


def test_the_token_of_watch_opens_what_has_none_of_its_own(watch: Callable[..., Watch], token_file: Path) -> None:
    it = watch("--listen", "0", "--token-file", str(token_file))
    assert {it.code(path) for path in ("/metrics", "/healthz", "/", "/heartbeat/jobs@production/a")} == {401}
    assert {it.code(path, Authorization=bearer(TOKEN)) for path in ("/metrics", "/heartbeat/jobs@production/a")} == {
        200
    }
    assert it.code("/heartbeat/backup@production", Authorization=bearer(TOKEN)) == 401
    code, text, _ = it.ask("/heartbeat/jobs@production", Authorization=bearer(TOKEN))
    assert (code, text) == (404, "which of them: a, b\n")
    assert it.code("/heartbeat/nobody@production", Authorization=bearer(TOKEN)) == 404
    assert it.code("/heartbeat/jobs@production/b", "DELETE", Authorization=bearer(TOKEN)) == 405
    assert it.code("/heartbeat/jobs@production/b", "POST", b"Killed", Authorization=bearer(TOKEN)) == 400
    code, text, _ = it.ask("/heartbeat/jobs@production/b?Status=fail", Authorization=bearer(TOKEN))
    assert (code, text) == (400, "unknown key 'Status' (did you mean status?)\n")


def test_no_token_is_written_anywhere(watch: Callable[..., Watch], token_file: Path, program: Program) -> None:
    it = watch("--listen", "0", "--token-file", str(token_file))
    said = f"{TOKEN} and {OWN} and {TOKEN}".encode()
    for path, token in (("backup@production", OWN), ("jobs@production/a", TOKEN)):
        body = json.dumps({"status": "fail", "message": said.decode()}).encode()
        assert it.code(f"/heartbeat/{path}", "POST", body, Authorization=bearer(token)) == 200
    written = b""
    for path in ("/metrics", "/healthz"):
        written += it.ask(path, Authorization=bearer(TOKEN))[1].encode()
    wait_until(lambda: b"jobs" in program("events").out.encode(), PATIENCE)
    written += program("check", "--all", "-v").out.encode() + program("events", "--format", "json").out.encode()
    files = [path for path in program.folder.iterdir() if path.name.startswith("history.db")]
    written += b"".join(path.read_bytes() for path in files) + it.end()
    written += b"".join(path.read_bytes() for path in files)
    assert b"jobs" in written
    assert [token for token in (TOKEN, OWN) if token.encode() in written] == []


def test_a_hang_up_keeps_the_listener_and_takes_new_tokens(watch: Callable[..., Watch], program: Program) -> None:
    it = watch()
    program.inventory(INVENTORY.replace(OWN, "another-canary") + f'[watch]\ntoken = "{TOKEN}"\n')
    it.process.send_signal(signal.SIGHUP)
    wait_until(lambda: it.code("/metrics") == 401, PATIENCE)
    assert it.code("/heartbeat/backup@production", Authorization=bearer("another-canary")) == 200
    assert it.code("/healthz", Authorization=bearer(TOKEN)) == 200


def test_a_second_watch_says_that_it_does_not_record(watch: Callable[..., Watch]) -> None:
    first = watch()
    wait_until(lambda: first.code("/healthz") == 200, PATIENCE)
    second = watch()
    wait_until(lambda: "another" in second.ask("/healthz")[1], PATIENCE)
    code, text, _ = second.ask("/healthz")
    (queue,) = json.loads(text)["checks"]["history:queue"]
    assert (code, json.loads(text)["status"], queue["status"]) == (503, "fail", "fail")
    assert first.code("/healthz") == 200


def recorded(folder: Path) -> list[str]:
    """Give the messages of the heartbeats that are on the disk."""
    with closing(sqlite3.connect(f"file:{folder / 'history.db'}?mode=ro", uri=True)) as history:
        return [message for (message,) in history.execute("SELECT message FROM heartbeat")]


def test_a_heartbeat_that_was_acknowledged_is_on_the_disk(watch: Callable[..., Watch], program: Program) -> None:
    for number in range(3):
        it = watch()
        said = f"message={number}".encode()
        assert it.code("/heartbeat/backup@production", "POST", said, Authorization=bearer(OWN)) == 200
        assert recorded(program.folder) == [str(number)]  # before anything else can be written
        it.process.kill()
        it.process.wait(PATIENCE)


def test_a_heartbeat_that_another_would_have_to_record_is_not_acknowledged(
    watch: Callable[..., Watch], program: Program
) -> None:
    first = watch()
    wait_until(lambda: first.code("/healthz") == 200, PATIENCE)
    second = watch()
    beat = ("/heartbeat/backup@production", "POST", b"message=to the second")
    assert second.code(*beat, Authorization=bearer(OWN)) == 503
    wait_until(lambda: second.status_of("backup") is Status.UP, PATIENCE)
    first.end()
    wait_until(lambda: second.code(*beat, Authorization=bearer(OWN)) == 200, PATIENCE)
    assert recorded(program.folder) == ["to the second"]


def test_a_heartbeat_that_waits_for_the_disk_delays_nobody(watch: Callable[..., Watch], program: Program) -> None:
    it = watch()
    beat = ("/heartbeat/backup@production", "POST", b"message=well")
    assert it.code(*beat, Authorization=bearer(OWN)) == 200
    with closing(sqlite3.connect(program.folder / "history.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as jobs:
            waiting = jobs.submit(it.code, "/heartbeat/backup@production", "POST", b"", Authorization=bearer(OWN))
            assert it.code("/metrics") == 200
            assert not waiting.done()
            assert waiting.result(PATIENCE) == 503
        other.execute("COMMIT")
    wait_until(lambda: it.code(*beat, Authorization=bearer(OWN)) == 200, PATIENCE)
    assert recorded(program.folder) == ["well"]


def test_a_history_that_cannot_be_written_is_said_and_probing_goes_on(
    watch: Callable[..., Watch], program: Program
) -> None:
    (program.folder / "history.db").mkdir()
    it = watch()
    wait_until(lambda: "a folder, not a file" in it.ask("/healthz")[1], PATIENCE)
    assert it.code("/healthz") == 503
    code, text, _ = it.ask("/heartbeat/backup@production", Authorization=bearer(OWN))
    assert (code, text.startswith("heard, but not recorded")) == (503, True)
    wait_until(lambda: it.status_of("backup") is Status.UP, PATIENCE)
    assert "platformpm_history_recording 0\n" in it.ask("/metrics")[1]


def test_an_engine_that_stands_still_is_no_longer_well(program: Program, watch: Callable[..., Watch]) -> None:
    (program.folder / "sitecustomize.py").write_text(
        "import platformpm.engine.runner as r, platformpm.report.monitor as m, time\n"
        "m.STUCK = 1.5\n"
        "beat = r.Runner._beat\n"
        "async def stuck(self):\n"
        "    await beat(self)\n"
        "    if self._readings >= 3: time.sleep(600)\n"
        "r.Runner._beat = stuck\n"
    )
    it = watch("--listen", "0", PYTHONPATH=os.pathsep.join([str(program.folder), os.environ.get("PYTHONPATH", "")]))
    wait_until(lambda: it.code("/healthz") == 503 and "stands still" in it.ask("/healthz")[1], PATIENCE)
    assert it.code("/metrics") == 200


def test_on_other_addresses_there_must_be_a_token(program: Program, token_file: Path) -> None:
    program.inventory(INVENTORY)
    for where in ("0.0.0.0:0", "[::]:0", "192.0.2.1:9464"):
        done = program("watch", "--listen", where)
        assert (done.code, done.out) == (3, "")
        assert "--token-file FILE" in done.err
    assert not (program.folder / "history.db").exists()
    token_file.write_text("")
    assert "holds no token" in program("watch", "--listen", "0.0.0.0:0", "--token-file", str(token_file)).err


def test_on_other_addresses_any_name_will_do(watch: Callable[..., Watch], token_file: Path) -> None:
    it = watch("--listen", "0.0.0.0:0", "--token-file", str(token_file))
    assert it.code("/metrics", Host="monitor.example") == 401
    assert it.code("/metrics", Host="monitor.example", Authorization=bearer(TOKEN)) == 200


def test_an_ipv6_address_will_do(watch: Callable[..., Watch]) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert watch("--listen", "[::1]:0").code("/metrics") == 200


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--listen", "http"), "is not a port such as"),
        (("--listen", "65536"), "is not a port such as"),
        (("--listen", "-1"), "is not a port such as"),
        (("--listen", "::1:9464"), "is not a port such as"),
        (("--listen", ":9464"), "is not a port such as"),
        (("--listen", "shop.example:9464"), "is not a port such as"),
        (("--listen", "127.0.0.300:9464"), "is not a port such as"),
        (("--listen", "0", "--token-file", "nowhere"), "no such file"),
        (("--listen", "0", "--token-file", "."), "is a directory"),
        (("--token-file", "token"), "--token-file is for --listen"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_begins(program: Program, words: tuple[str, ...], why: str) -> None:
    program.inventory(INVENTORY)
    done = program("watch", *words)
    assert (done.code, done.out) == (3, "")
    assert why in done.err
    assert not (program.folder / "history.db").exists()


def test_a_port_that_is_taken_or_not_ours_is_said(program: Program) -> None:
    program.inventory(INVENTORY)
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = program("watch", "--listen", str(other.getsockname()[1]))
        assert (done.code, "the port is in use" in done.err) == (3, True)
    capable = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if which("setpriv") is None or not capable.exists() or int(capable.read_text()) < 2 or os.getuid():
        pytest.skip("only root can be told apart from root without that capability, with setpriv")
    less = "setpriv --bounding-set -net_bind_service --inh-caps -net_bind_service"
    done = program.shell(f"{less} $PM watch --listen 1")
    assert (done.code, "below 1024" in done.err) == (3, True)
