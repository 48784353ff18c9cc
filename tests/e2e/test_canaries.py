"""Twelve secrets, one in every slot that takes one, searched for in every byte the program writes."""

import base64
import os
import re
import socketserver
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from platformpm.model.exported import What
from platformpm.report.checkformats import FORMATS

SLOTS = (
    "bearer-from-env", "bearer-literal", "bearer-from-file", "basic-password", "basic-pair", "api-key-header",
    "plain-header", "url-password", "query-value", "body-text", "tcp-send", "key-password",
    "proxy-password",
)  # fmt: skip
CANARIES = {slot: f"canary-{index:02d}-{slot}-Zq7" for index, slot in enumerate(SLOTS)}


class Echo(socketserver.BaseRequestHandler):
    """Says everything it was sent: in the reason phrase, a header and the body."""

    def handle(self) -> None:
        self.request.settimeout(2)
        received = b""
        try:
            while b"\r\n\r\n" not in received and not received.startswith(b"SEND"):
                received += self.request.recv(65536)
            if b"content-length" in received.lower():
                received += self.request.recv(65536)
        except OSError:
            return
        flat = received.replace(b"\r\n", b" | ")
        decoded = b" ".join(
            base64.b64decode(found + b"==") for found in re.findall(rb"Basic ([A-Za-z0-9+/]+)", received)
        )
        if received.startswith(b"SEND"):
            self.request.sendall(b"got " + flat)
            return
        body = b'{"status": "DOWN", "error": "' + (flat + decoded).replace(b'"', b"'") + b'"}'
        head = b"HTTP/1.1 500 got " + flat[:900] + b"\r\nContent-Type: application/json\r\nX-Echo: " + flat[:900]
        self.request.sendall(
            head + b"\r\nX-App-Version: " + flat[:300] + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )


@pytest.fixture
def echo(serve: Callable[..., int]) -> int:
    return serve(Echo)


@pytest.fixture
def planted(tmp_path: Path, echo: int) -> Path:
    """An inventory with a canary in every slot; gives its path."""
    c = CANARIES
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(c["key-password"].encode()),
    )
    (tmp_path / "client.pem").write_bytes(key)
    (tmp_path / "token").write_text(c["bearer-from-file"] + "\n")
    at = f"127.0.0.1:{echo}"
    path = tmp_path / "platform.toml"
    path.write_text(
        f"""
[defaults]
timeout = "2s"
[services.s1]
health = {{ path = "/", auth = {{ bearer = "${{env:CANARY}}" }}, expect = {{ body = "never" }} }}
instances.p = ["http://{at}"]
[services.s2]
health = {{ path = "/", auth = {{ bearer = "{c["bearer-literal"]}" }} }}
version = {{ path = "/v", auth = {{ bearer = "{c["bearer-literal"]}" }}, regex = "error...(.*)" }}
instances.p = ["http://{at}"]
[services.s3]
health = {{ path = "/", auth = {{ bearer = "${{file:{tmp_path}/token}}" }} }}
instances.p = ["http://{at}"]
[services.s4]
health = {{ path = "/", auth = {{ username = "me", password = "{c["basic-password"]}" }} }}
instances.p = ["http://{at}"]
[services.s5]
health = {{ path = "/", auth = {{ basic = "me:{c["basic-pair"]}" }} }}
instances.p = ["http://{at}"]
[services.s6]
health = {{ path = "/", auth = {{ header = "X-Api-Key", value = "{c["api-key-header"]}" }} }}
instances.p = ["http://{at}"]
[services.s7]
health = {{ path = "/", headers = {{ X-Token = "{c["plain-header"]}" }} }}
instances.p = ["http://{at}"]
[services.s8]
instances.p = ["http://me:{c["url-password"]}@{at}"]
[services.s9]
health = "/?token={c["query-value"]}"
instances.p = ["http://{at}"]
[services.s10]
health = {{ path = "/", method = "POST", body = "{c["body-text"]}" }}
instances.p = ["http://{at}"]
[services.s11]
health = {{ send = "SEND {c["tcp-send"]}\\r\\n", expect = "never" }}
instances.p = ["tcp://{at}"]
[services.s12]
health = {{ path = "/", tls = {{ certificate_file = "client.pem", key_file = "client.pem", key_password = "{c["key-password"]}" }} }}
instances.p = ["https://{at}"]
[services.s13]
health = {{ proxy = "http://me:{c["proxy-password"]}@{at}" }}
instances.p = ["https://shop.test", "http://shop.test/plain"]
"""
    )
    path.chmod(0o644)
    return path


def run(folder: Path, *words: str, **env: str) -> bytes:
    """Give every byte that a run writes."""
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(folder), "CANARY": CANARIES["bearer-from-env"], **env}
    done = subprocess.run(
        [sys.executable, "-m", "platformpm", *words],
        capture_output=True, check=False, env=surroundings, cwd=folder, stdin=subprocess.DEVNULL, timeout=90,
    )  # fmt: skip
    return done.stdout + done.stderr


def leaks(written: bytes) -> list[str]:
    """Name the slots whose canary is in `written`, as it is or in base64."""
    text = written.decode("utf-8", "replace")
    found = [slot for slot, canary in CANARIES.items() if canary in text]
    packed = [slot for slot, canary in CANARIES.items() if base64.b64encode(f"me:{canary}".encode()).decode() in text]
    return found + packed


def test_there_are_thirteen_slots(planted: Path) -> None:
    text = planted.read_text() + (planted.parent / "token").read_text()
    assert len(CANARIES) == 13
    assert sum(canary in text for canary in CANARIES.values()) == 12  # the environment holds the other


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--all", "-v", "--attempts", "1"),
        *(("check", "--format", one.name, "--all", "--attempts", "1") for one in FORMATS),
        ("inventory", "show"),
        ("inventory", "validate"),
        ("inventory", "schema"),
    ],
    ids=" ".join,
)
def test_no_canary_is_written(planted: Path, words: tuple[str, ...]) -> None:
    written = run(planted.parent, *words, "-i", str(planted)) if words[-1] != "schema" else run(planted.parent, *words)
    assert len(written) > 100
    assert leaks(written) == []


def test_a_broken_inventory_tells_its_problems_without_the_values(planted: Path) -> None:
    broken = re.sub(r"auth = \{ (\w+) = ", r"auth = { nonsense = 1, \1 = ", planted.read_text())
    broken = (
        broken.replace("path =", "patth =").replace("timeout", "timeot").replace('health = "/?', 'health = "http://[/?')
    )
    planted.write_text(broken)
    written = run(planted.parent, "check", "-v", "-i", str(planted))
    assert b"nonsense" in written
    assert leaks(written) == []


def test_history_holds_no_canary(planted: Path) -> None:
    state = planted.parent / "state"
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(planted.parent), "XDG_STATE_HOME": str(state)}
    process = subprocess.Popen(
        [sys.executable, "-m", "platformpm", "watch", "-v", "--listen", "0", "--log", "watch.log", "-i", str(planted)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=planted.parent, env={**surroundings, "CANARY": CANARIES["bearer-from-env"]},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    seen = b""
    while not (found := re.search(rb"listening on (http://\S+)\n", seen)):
        seen += process.stderr.readline()
    while b"s7@p" not in seen or b"s11@p" not in seen:
        seen += process.stdout.readline()
    for page in ("metrics", "healthz"):
        with urllib.request.urlopen(f"{found[1].decode()}/{page}", timeout=30) as answer:
            seen += answer.read()
    assert b'service="s12"' in seen
    files = [path for path in state.rglob("*") if path.is_file()]
    live = b"".join(path.read_bytes() for path in files)
    run(
        planted.parent,
        "mute",
        "s7",
        "--reason",
        CANARIES["plain-header"],
        "-i",
        str(planted),
        XDG_STATE_HOME=str(state),
    )
    while b"muted until" not in seen:
        seen += process.stdout.readline()
    process.terminate()
    seen += b"".join(process.communicate(timeout=60))
    (mutes,) = state.rglob("mutes.json")
    seen += mutes.read_bytes() + (log := planted.parent / "watch.log").read_bytes()
    assert b"debug   platformpm.engine.asker: s7@p/" in seen
    assert log.stat().st_mode & 0o777 == 0o600
    closed = b"".join(path.read_bytes() for path in files)
    events = run(planted.parent, "events", "--format", "json", "-i", str(planted), XDG_STATE_HOME=str(state))
    exports = [
        run(
            planted.parent,
            "history",
            "export",
            "--what",
            what,
            "--format",
            form,
            "-i",
            str(planted),
            XDG_STATE_HOME=str(state),
        )
        for what in What
        for form in ("csv", "jsonl")
    ]
    assert len(files) == 5, "the database, its log, its shared memory, the lock and the claim"
    assert b"HTTP 500" in closed
    assert b"s7@p" in events
    assert sum(b"s7" in export for export in exports if not export.startswith(b"platformpm:")) >= 6, (
        "readings, failures and changes in two formats"
    )
    assert leaks(live + seen + closed + events + b"".join(exports)) == []
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in state.rglob("*") if path.is_dir()} == {0o700}


def test_a_crash_tells_nothing(planted: Path) -> None:
    (planted.parent / "sitecustomize.py").write_text(
        "import platformpm.net.network as n\n"
        "def boom(self, *a, **k):\n    secret = repr([x.reveal() for x in vars(a[0]).values()]) if a else 1/0\n"
        "    raise RuntimeError('crash ' + str(a) + str(k))\n"
        "n.Network.__init__ = boom\n"
    )
    written = run(planted.parent, "check", "-v", "-i", str(planted), PYTHONPATH=str(planted.parent))
    assert b"defect" in written
    assert leaks(written) == []


def test_probing_an_address_shows_no_credential_of_it(planted: Path, echo: int) -> None:
    c = CANARIES
    url = f"http://me:{c['url-password']}@127.0.0.1:{echo}/?token={c['query-value']}"
    written = run(planted.parent, "probe", url, "--header", f"X-Api-Key: {c['api-key-header']}", "-v")
    assert b"127.0.0.1" in written
    assert leaks(written) == []


def test_the_screen_shows_no_canary(planted: Path, terminal: Callable[..., Any]) -> None:
    window = terminal(
        sys.executable, "-m", "platformpm", "-i", str(planted), size=(200, 50), CANARY=CANARIES["bearer-from-env"]
    )
    window.wait("s12")
    window.press("2")
    window.wait("s11")
    seen = window.screen()
    for _ in range(12):
        window.press("Enter")
        seen += window.screen()
        window.press("Escape")
        window.wait("Instances ·", gone=True)
        window.press("Down")
        seen += window.screen()
    assert leaks(seen.encode()) == []
