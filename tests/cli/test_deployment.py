"""What config/ offers to keep `watch` running: a unit of systemd, and an image with its health check."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import PATIENCE, Answer, Platform, Program

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "config" / "platformpm.service"
IMAGE = (ROOT / "config" / "Containerfile").read_text(encoding="utf-8")
HEALTH = {"Content-Type": "application/health+json"}
TOKEN = "/run/secrets/watch"


def verified(unit: Path, home: Path) -> tuple[int, str]:
    """Let systemd read a unit of a user who lives in `home`."""
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--recursive-errors=no", str(unit)],
        env={"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed (Debian: apt install systemd)"
)
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    program = tmp_path / ".local/share/platformpm/bin/platformpm"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    assert verified(UNIT, tmp_path) == (0, "")
    wrong = tmp_path / UNIT.name
    wrong.write_text(UNIT.read_text(encoding="utf-8").replace("RestartSec", "RestartSecs"), encoding="utf-8")
    assert "RestartSecs" in verified(wrong, tmp_path)[1]


def test_unit_and_image_start_what_there_is(program: Program) -> None:
    (started,) = re.findall(
        r"^ExecStart=%h/\.local/share/platformpm/bin/platformpm (.+)$", UNIT.read_text(), re.MULTILINE
    )
    (command,) = re.findall(r"^CMD (\[.+\])$", IMAGE, re.MULTILINE)
    for words in (started.split(), json.loads(command)):
        assert program(*words, "--help").code == 0
    copied = re.findall(r"^COPY (?!--from)(.+) /src/", IMAGE, re.MULTILINE)
    assert all((ROOT / name).exists() for line in copied for name in line.split())


def health_check(url: str, token: Path) -> str:
    """Give the health check of the image, which asks `url` here and finds its token there."""
    (_, _, command) = IMAGE.replace("\\\n", "").partition("HEALTHCHECK ")[2].partition(" CMD ")
    for place, here in (("platformpm probe", "$PM probe"), ("http://127.0.0.1:9464/healthz", url), (TOKEN, str(token))):
        assert place in command
        command = command.replace(place, here)
    return f"sh -c {shlex.quote(command)}"


@pytest.mark.parametrize(("status", "code"), [("pass", 0), ("warn", 0), ("fail", 1)])
def test_the_image_is_healthy_unless_watch_fails(
    program: Program, platform: Platform, tmp_path: Path, status: str, code: int
) -> None:
    url = platform.on("/healthz", Answer(503 if status == "fail" else 200, f'{{"status": "{status}"}}', HEALTH))
    done = program.shell(health_check(url, tmp_path / "none"))
    assert (done.code, done.out) == (code, "")
    assert "Authorization" not in platform.asked[0][1]


def test_the_image_is_not_healthy_where_nobody_listens(program: Program, tmp_path: Path) -> None:
    assert program.shell(health_check("http://127.0.0.1:1/healthz", tmp_path / "none")).code == 1


def test_the_health_check_of_the_image_sends_the_token(program: Program, platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2-token\n", encoding="utf-8")
    url = platform.on("/healthz", Answer(200, '{"status": "pass"}', HEALTH))
    assert program.shell(health_check(url, tmp_path / "token")).code == 0
    assert platform.asked[0][1]["Authorization"] == "Bearer hunter2-token"
