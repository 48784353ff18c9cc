"""Every format of `check` over a real server: streams, exit codes, encodings, secrets."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from platformpm.report.checkformats import FORMATS
from tests.cli.conftest import Answer, Platform, Program, on_a_terminal

OURS = [one.name for one in FORMATS if one.file is not None]
UP = Answer(headers={"Content-Type": "application/json", "X-App-Version": "2.4.1"})
WARN = Answer(200, '{"status": "degraded"}')
DOWN = Answer(503, '{"status": "DOWN", "components": {"db": {"status": "DOWN"}}}')
WHO = Answer(401, "who are you?", {})


def shop(program: Program, platform: Platform, *, name: str = "Shop", **answers: Answer) -> Path:
    """Write an inventory with one service in production for each answer."""
    tables = []
    for service, answer in answers.items():
        url = platform.on(f"/{service}", answer)
        tables.append(f'[services.{service}]\n[services.{service}.instances]\nproduction = {{ eu-1 = "{url}" }}\n')
    return program.inventory(f"[platform]\nname = {json.dumps(name)}\n" + "\n".join(tables))


@pytest.mark.parametrize("format_", OURS)
def test_the_exit_code_is_that_of_the_text_whatever_the_format(
    program: Program, platform: Platform, format_: str
) -> None:
    shop(program, platform, fine=UP, warm=WARN, dead=DOWN, shut=WHO)
    for words, code in ((("fine",), 0), (("fine", "shut"), 3), (("shut", "warm"), 1), ((), 2)):
        done = program("check", *words, "--attempts", "1", "--format", format_)
        assert (done.code, done.err) == (code, "")
        assert done.out.endswith("\n")


@pytest.mark.parametrize("format_", OURS)
def test_quiet_writes_nothing_in_any_format(program: Program, platform: Platform, format_: str) -> None:
    shop(program, platform, dead=DOWN)
    done = program("check", "-q", "--attempts", "1", "--format", format_)
    assert (done.code, done.out, done.err) == (2, "", "")


@pytest.mark.parametrize("format_", OURS)
def test_a_selection_of_nothing_is_an_error_and_no_report(program: Program, platform: Platform, format_: str) -> None:
    shop(program, platform, fine=UP)
    done = program("check", "fnie", "--format", format_)
    assert (done.code, done.out) == (3, "")
    assert "fine" in done.err
    assert platform.asked == []


def test_junit_fails_for_what_is_down_and_passes_for_what_is_degraded(program: Program, platform: Platform) -> None:
    shop(program, platform, fine=UP, warm=WARN, dead=DOWN, shut=WHO)
    root = ET.fromstring(program("check", "--attempts", "1", "--format", "junit").out)
    (suite,) = root
    assert {key: suite.attrib[key] for key in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "production", "tests": "4", "failures": "1", "errors": "1", "skipped": "0",
    }  # fmt: skip
    found = {case.attrib["name"]: [child.tag for child in case] for case in suite}
    assert found == {"fine/eu-1": [], "warm/eu-1": ["system-out"], "dead/eu-1": ["failure"], "shut/eu-1": ["error"]}
    assert float(root.attrib["time"]) > 0
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "failing db" in (failure.text or "")


def test_nagios_is_one_line_with_a_figure_for_each_service(program: Program, platform: Platform) -> None:
    shop(program, platform, fine=UP, dead=DOWN)
    done = program("check", "--attempts", "1", "--format", "nagios")
    text, _, performance = done.out.partition(" | ")
    assert text.startswith("PLATFORMPM CRITICAL - Shop: 1 up, 0 degraded, 1 down, 0 unknown; dead@production down: ")
    assert re.fullmatch(
        r"up=1;;;0;2 degraded=0;0;;0;2 down=1;;0;0;2 unknown=0;;;0;2 off_target=0;;;0;2 'fine@production'=0\.\d+s;;;0 'dead@production'=0\.\d+s;;;0\n",
        performance,
    )


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt install prometheus)"
)
def test_promtool_finds_nothing_to_say(program: Program, platform: Platform) -> None:
    path = shop(program, platform, name='Sh"op\\', fine=UP, warm=WARN, dead=DOWN, shut=WHO)
    path.write_text(path.read_text(encoding="utf-8") + "[hosts.local]\n", encoding="utf-8")
    out = program("check", "--attempts", "1", "--format", "prometheus").out
    assert 'platformpm_instance_version_info{version="2.4.1",' in out
    done = subprocess.run(["promtool", "check", "metrics"], input=out.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_github_says_errors_warnings_and_the_verdict(program: Program, platform: Platform) -> None:
    shop(program, platform, name="Shop: 100%", fine=UP, warm=WARN, dead=DOWN)
    lines = program("check", "--attempts", "1", "--format", "github").out.splitlines()
    assert [line.partition("::")[2].partition("::")[0] for line in lines] == [
        "error title=dead@production is down",
        "warning title=warm@production is degraded",
        "notice title=platformpm",
    ]
    assert lines[-1].startswith("::notice title=platformpm::critical: Shop: 100%25; ")


def test_markdown_lists_problems_and_with_all_everything(program: Program, platform: Platform) -> None:
    shop(program, platform, fine=UP, dead=DOWN)
    brief = program("check", "--attempts", "1", "--format", "markdown").out
    assert brief.startswith("### ✖ Shop: critical\n\n|  | service | environment |")
    assert "| ✖ down | dead | production | 0/1 |" in brief
    assert "fine" not in brief
    assert "| ● up | fine | production | 1/1 | 2.4.1 |" in program("check", "--format", "markdown", "--all").out


@pytest.mark.parametrize("format_", OURS)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_is_utf_8_by_its_format_is_so_everywhere(
    program: Program, platform: Platform, format_: str, encoding: str
) -> None:
    path = shop(program, platform, name="Café 注文", dead=Answer(500, '{"status": "DOWN"}'))
    path.write_text(path.read_text(encoding="utf-8").replace("eu-1", '"eu.1"'), encoding="utf-8")
    done = program("check", "--attempts", "1", "--format", format_, PYTHONIOENCODING=encoding)
    assert done.code == 2
    assert "\\u" not in done.out
    assert ("Café 注文" in done.out) == (format_ != "prometheus")


@pytest.mark.parametrize("format_", OURS)
def test_no_format_has_colours_and_progress_stays_out_of_it(program: Program, platform: Platform, format_: str) -> None:
    shop(program, platform, dead=DOWN)
    code, seen = on_a_terminal(program, "check", "--attempts", "1", "--format", format_)
    assert code == 2
    assert re.search(r"\x1b\[\d*m", seen) is None


@pytest.mark.parametrize("format_", OURS)
def test_a_secret_that_a_server_tells_is_masked_however_a_format_writes_it(
    program: Program, platform: Platform, format_: str
) -> None:
    secret = 'tok&<"%:,|=\\_canary'
    answer = Answer(
        500, json.dumps({"status": "DOWN", "components": {secret: {"status": "DOWN"}}}), {"X-App-Version": secret}
    )
    url = platform.on("/leaky", answer)
    program.inventory(
        '[services.web]\nhealth = { path = "/leaky", headers = { X-Key = "${env:KEY}" } }\n'
        f'[services.web.instances]\nproduction = ["{url.removesuffix("/leaky")}"]\n'
    )
    done = program("check", "--attempts", "1", "--all", "--format", format_, KEY=secret)
    assert done.code == 2, done.err
    assert any(headers.get("X-Key") == secret for _, headers in platform.asked)
    assert "canary" not in html.unescape(done.out + done.err)


def test_the_demo_knows_every_format_and_a_wrong_one_names_the_nearest(program: Program) -> None:
    done = program("check", "--format", "junti")
    assert (done.code, done.out) == (3, "")
    assert "did you mean junit?" in done.err
    assert all(name in done.err for name in OURS)
    assert program("probe", "http://127.0.0.1:1/", "--format", "junit").code == 3
    assert all(
        f"{name}: " in " ".join(program(command, "--help").out.split())
        for command in ("check", "demo")
        for name in OURS
    )
