"""`init` with addresses and with --discover: what is found is written, told, and valid."""

import functools
import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import tomli
import trustme

from platformpm.cli.scouting import _APPLICATIONS, USUAL
from platformpm.demo import DemoPlatform
from platformpm.formats.health import DIALECTS
from platformpm.inventory import load
from tests.cli.conftest import PATIENCE, PROGRAM, Answer, Platform, Program
from tests.faults.server import refusing
from tests.unit.net.loopback import ok, read_request, serving

PAGE = Answer(200, "<html>Welcome</html>", {"Content-Type": "text/html"})
SPRING = Answer(
    200, '{"status": "UP", "components": {"db": {"status": "UP"}}}',
    {"Content-Type": "application/vnd.spring-boot.actuator.v3+json"},
)  # fmt: skip
INFO = Answer(200, '{"build": {"version": "2.4.1", "artifact": "x", "group": "y"}}')
GONE = Answer(404, "no such path", {})
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def written(program: Program, name: str = "platform.toml") -> tuple[dict[str, dict[str, object]], str]:
    """Give the services of the file that was written, which is valid, and its text."""
    path = program.folder / name
    assert load(path, {}).warnings == ()
    text = path.read_text(encoding="utf-8")
    return tomli.loads(text)["services"], text


def test_the_path_of_health_its_format_and_the_version_are_found(program: Program, platform: Platform) -> None:
    platform.on("/", PAGE)
    platform.on("/health", GONE)
    platform.on("/actuator/health", SPRING)
    platform.on("/actuator/info", INFO)
    done = program("init", platform.url)
    assert (done.code, done.out) == (0, "")
    name = f"service-{platform.server_port}"
    said = f"{platform.url}: up, Spring Boot Actuator at /actuator/health, version 2.4.1"
    assert f"{name}@production {said}\n" in done.err
    services, text = written(program)
    assert services == {
        name: {"health": "/actuator/health", "version": "/actuator/info", "instances": {"production": [platform.url]}}
    }
    assert f"# {said}\n" in text
    assert '# target.production = "2.4.1"\n' in text
    assert program("check").code == 0


def test_the_address_that_is_given_may_be_that_of_its_health(program: Program, platform: Platform) -> None:
    platform.on("/shop/actuator/health", SPRING)
    assert program("init", f"{platform.url}/shop/actuator/health", "here.toml").code == 0
    (service,) = written(program, "here.toml")[0].values()
    assert service == {"health": "/actuator/health", "instances": {"production": [f"{platform.url}/shop"]}}
    assert platform.count("/health") == 0


def test_an_exporter_is_a_host_that_carries_what_was_found_beside_it(program: Program, platform: Platform) -> None:
    platform.on("/", PAGE)
    platform.on("/metrics", Answer(200, "node_memory_MemTotal_bytes 4e9\nnode_memory_MemAvailable_bytes 3e9\n", {}))
    port = platform.server_port
    both = f"{platform.url}/metrics", platform.url
    done = program("init", *both, f"tcp://127.0.0.1:{port}", f"http://localhost:{port}")
    assert done.code == 0
    assert f"host 127.0.0.1: a machine, by its exporter at {platform.url}/metrics\n" in done.err
    services, text = written(program)
    assert list(services) == [f"service-{port}"]
    limits = {"cpu": [80, 95], "memory": [85, 95], "disk": [85, 95], "for": "2m"}
    assert tomli.loads(text)["hosts"] == {
        "127.0.0.1": {"url": f"{platform.url}/metrics", "limits": limits, "services": [f"service-{port}"]},
        "localhost": {"url": f"http://localhost:{port}/metrics", "limits": limits},
    }
    assert program("check").code == 0


def test_behind_a_certificate_that_nobody_trusts_it_is_looked_at_and_stays_untrusted(program: Program) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    asked: list[bytes] = []

    def script(line: socket.socket) -> None:
        asked.append(read_request(line))
        line.sendall(ok(b'{"status": "UP", "version": "2.4.1"}') if b"GET /health " in asked[-1] else NOT_FOUND)

    with serving(script, context) as server:
        assert program("init", server.url("", scheme="https")).code == 0
        service, text = written(program)
        assert program("init", server.url("", "me:hunter2@127.0.0.1", "https"), "other.toml").code == 0
    assert [one["health"] for one in service.values()] == ["/health"]
    assert "tls_untrusted: " in text
    assert "; unverified up, JSON object with a status at /health, version 2.4.1" in text
    assert all("verify" not in one for one in service.values())
    assert not any(b"Authorization" in one for one in asked), "a password is for who can prove to be the one"


def test_metrics_of_a_service_are_no_host(program: Program, platform: Platform) -> None:
    platform.on("/", PAGE)
    platform.on("/metrics", Answer(200, "http_requests_total 7\n", {}))
    assert program("init", platform.url).code == 0
    assert "[hosts" not in written(program)[1]


@pytest.mark.parametrize(
    ("paths", "health", "said"),
    [
        ({"/": PAGE}, None, "up, no health answer at the usual paths, HTTP 200"),
        (dict.fromkeys(("/", *USUAL), PAGE), None, "up, no health answer at the usual paths, HTTP 200"),
        ({"/": PAGE, "/healthz": Answer(200, "fine", {})}, "/healthz", "up, health in no known format at /healthz, HTTP 200"),
        ({"/": PAGE, "/status": Answer()}, "/status", "up, JSON object with a status at /status"),
        ({"/": Answer()}, None, "up, JSON object with a status at this address"),
        ({"/": Answer(503, '{"status": "DOWN"}')}, None, "down, JSON object with a status at this address, status: HTTP 503"),
        (dict.fromkeys(("/", *USUAL), Answer(401, "", {})), None, "unknown, no health answer at the usual paths, unauthorized: HTTP 401"),
        ({}, None, "down, no health answer at the usual paths, status: HTTP 404"),
    ],
)  # fmt: skip
def test_what_is_said_of_other_answers(
    program: Program, platform: Platform, paths: dict[str, Answer], health: str | None, said: str
) -> None:
    for path, answer in paths.items():
        platform.on(path, answer)
    done = program("init", platform.url)
    assert done.code == 0
    assert f"{platform.url}: {said}" in done.err
    (service,) = written(program)[0].values()
    assert service.get("health") == health


def test_only_the_host_that_is_given_is_asked(program: Program, platform: Platform) -> None:
    platform.on("/elsewhere", SPRING)
    there = f"localhost:{platform.server_port}/elsewhere"
    for path in ("/", *USUAL):
        platform.on(path, Answer(302, "", {"Location": f"http://{there}"}))
    for path, where in {"/healthz": "http://[x", "/status": f"HTTPS://{there}", "/ping": "tcp://127.0.0.1:1"}.items():
        platform.on(path, Answer(302, "", {"Location": where}))
    done = program("init", platform.url)
    assert done.code == 0
    assert "unknown, no health answer at the usual paths, redirect: it redirects" in done.err
    assert (platform.count("/health"), platform.count("/elsewhere")) == (1, 0)


def test_a_redirect_on_the_same_host_is_followed_and_one_in_circles_is_not(
    program: Program, platform: Platform
) -> None:
    platform.on("/", Answer(301, "", {"Location": "/"}))
    platform.on("/health", Answer(301, "", {"Location": "/health/"}))
    platform.on("/health/", SPRING)
    assert program("init", platform.url).code == 0
    (service,) = written(program)[0].values()
    assert service["health"] == "/health"
    assert platform.count("/") < 10
    assert program("check").code == 0


def test_those_that_do_not_answer_are_written_too_with_what_to_do(program: Program, platform: Platform) -> None:
    with refusing() as port:
        done = program("init", f"http://127.0.0.1:{port}", f"tcp://127.0.0.1:{platform.server_port}")
    assert done.code == 0
    services, text = written(program)
    assert set(services) == {f"service-{port}", f"service-{platform.server_port}"}
    assert (
        f"# http://127.0.0.1:{port}: down, refused: connection refused by 127.0.0.1:{port}\n# Nothing listens" in text
    )
    assert f"tcp://127.0.0.1:{platform.server_port}: up, connected" in text
    assert platform.asked == []


def test_a_start_page_that_never_comes_is_not_the_health(program: Program, platform: Platform) -> None:
    platform.hang("/")
    platform.on("/health")
    assert program("init", platform.url).code == 0
    (service,) = written(program)[0].values()
    assert service["health"] == "/health"


def test_an_address_given_twice_is_one_instance(program: Program) -> None:
    with refusing() as port:
        assert (
            program("init", f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/", f"HTTP://127.0.0.1:{port}").code
            == 0
        )
    (service,) = written(program)[0].values()
    assert service["instances"] == {"production": [f"http://127.0.0.1:{port}"]}


def test_two_paths_of_one_address_are_one_instance(program: Program, platform: Platform) -> None:
    platform.on("/actuator/health", SPRING)
    assert (
        program("init", platform.url, f"{platform.url}/actuator/health", f"{platform.url}/actuator/health/").code == 0
    )
    (service,) = written(program)[0].values()
    assert service["instances"] == {"production": [platform.url]}


def test_a_password_is_used_and_not_written(program: Program, platform: Platform) -> None:
    platform.on("/health")
    done = program("init", platform.url.replace("//", "//monitor:hunter22x@"))
    assert done.code == 0
    assert "Authorization" in platform.asked[0][1]
    assert "user and password are not written down" in done.err
    assert "hunter22x" not in done.err + written(program)[1]


def test_a_file_that_is_there_is_seen_before_anything_is_asked(program: Program, platform: Platform) -> None:
    path = program.inventory("precious")
    done = program("init", platform.url)
    assert (done.code, done.err) == (
        3,
        "platformpm: platform.toml is there already and stays as it is; name another file\n",
    )
    assert path.read_text() == "precious"
    assert platform.asked == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["http://h/?token=x"], "URL: leave out the query and the fragment, which may hold a secret: add them by hand"),
        (["exec://h"], "URL: what a program looks at cannot be guessed: write its command by hand"),
        (
            ["heartbeat://nightly"],
            "URL: when a heartbeat is due cannot be guessed: write it by hand, with health.every",
        ),
        (
            ["127.0.0.1:80"],
            "127.0.0.1:80 is no address: one begins with http://, https://, tcp://, tls://, dns://, icmp://, ws://, wss://, grpc:// or grpcs://\n",
        ),
        (["htp://h"], 'URL: unknown scheme "htp"'),
        (["http://h", "a.toml", "b.toml"], "b.toml is no address, and the file is a.toml already"),
    ],
)
def test_what_is_no_address_is_refused(program: Program, words: list[str], says: str) -> None:
    done = program("init", *words)
    assert done.code == 3
    assert says in done.err
    assert list(program.folder.iterdir()) == []


def test_hostile_answers_stay_comments(program: Program, platform: Platform) -> None:
    body = json.dumps({"status": 'down\n[services.evil]\ninstances.p = ["http://evil"]\x1b[2J', "version": '1"\n[x]'})
    platform.on("/", Answer(503, body))
    done = program("init", platform.url)
    assert done.code == 0
    assert "\x1b" not in done.err + written(program)[1]
    assert list(written(program)[0]) == [f"service-{platform.server_port}"]


def test_a_whole_platform_is_recognised(program: Program) -> None:
    with DemoPlatform(clock=lambda: 0.0) as demo:
        shown = tomli.loads(demo.inventory.read_text(encoding="utf-8"))["services"]
        urls = [next(iter(named.values())) for one in shown.values() for named in one["instances"].values()]
        done = program("init", *urls)
        assert done.code == 0
        services, text = written(program)
        assert re.search(r"^down +", program("check", "--all").out, re.MULTILINE) is None
    told = [line for line in text.splitlines() if line.startswith("# http://")]
    known = [line for line in told if any(f", {dialect.title} at " in line for dialect in DIALECTS.values())]
    assert len(known) >= 0.95 * len(told) > 40
    assert sum("version " in line for line in told) > 0.7 * len(told)
    assert {"vault", "elasticsearch", "prometheus", "grafana", "harbor", "etcd"} <= services.keys()


def test_the_dialects_that_many_programs_speak_are_dialects() -> None:
    assert DIALECTS.keys() >= _APPLICATIONS


MACHINE = """
import fcntl, os, socket, struct, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS: lo is up

class Speaker(BaseHTTPRequestHandler):
    def do_GET(self):
        exports = self.server.server_port == 9100
        told = {"/metrics": b"node_boot_time_seconds 1.7e9\\n"} if exports else {"/health": b'{"status": "UP"}'}
        body = told.get(self.path, b"<html>")
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if self.path == "/health" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass

for port in 8080, 9100:
    web = ThreadingHTTPServer(("0.0.0.0", port), Speaker)
    threading.Thread(target=web.serve_forever, daemon=True).start()
database, silent = socket.create_server(("127.0.0.1", 6379)), socket.create_server(("127.0.0.1", 7000))
asked = []
def listen():
    while True:
        line, _ = database.accept()
        asked.append(line.recv(100))
        line.close()
threading.Thread(target=listen, daemon=True).start()
done = subprocess.run(sys.argv[1:])
assert asked == [b""], asked
sys.exit(done.returncode)
"""


@functools.cache
def namespaces() -> bool:
    """Tell whether this user may have a network of their own, in which nobody else listens."""
    return shutil.which("unshare") is not None and subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux" or not namespaces(), reason="no network namespace can be made here")
def test_what_listens_on_this_machine_is_proposed(program: Program, tmp_path: Path) -> None:
    script = tmp_path / "machine.py"
    script.write_text(textwrap.dedent(MACHINE))
    done = subprocess.run(
        ["unshare", "-n", sys.executable, str(script), *PROGRAM, "init", "--discover", "tcp://localhost:7000"],
        cwd=program.folder, env=program.environ, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    services, text = written(program)
    assert services == {
        "service-8080": {"health": "/health", "instances": {"local": ["http://127.0.0.1:8080"]}},
        "redis": {"instances": {"local": ["tcp://127.0.0.1:6379"]}},
        "service-7000": {"instances": {"production": ["tcp://localhost:7000"]}},
    }
    assert list(tomli.loads(text)["hosts"]) == ["local"]
    assert "host local: a machine, by its exporter at http://127.0.0.1:9100/metrics, which is not needed" in done.stderr
    assert "http://127.0.0.1:8080: up, JSON object with a status at /health" in done.stderr


@pytest.mark.skipif(sys.platform != "linux" or not namespaces(), reason="no network namespace can be made here")
def test_a_machine_on_which_nobody_listens_says_so(program: Program) -> None:
    done = subprocess.run(
        ["unshare", "-n", *PROGRAM, "init", "--discover"],
        cwd=program.folder, env=program.environ, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, "platformpm: nothing listens on this machine\n")
    assert list(program.folder.iterdir()) == []
