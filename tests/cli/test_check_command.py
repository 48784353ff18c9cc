import json
import os
import re
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.cli.conftest import Answer, Platform, Program, on_a_terminal

SCHEMA = json.loads((Path(__file__).parents[2] / "config" / "check.schema.json").read_text(encoding="utf-8"))
DOWN = Answer(503, '{"status": "DOWN", "components": {"db": {"status": "DOWN"}}}')
WARN = Answer(200, '{"status": "degraded"}')


def shop(program: Program, platform: Platform, **paths: str) -> Path:
    """Write an inventory with one service in production for each name."""
    tables = [
        f'[services.{name}]\nhealth = "{path}"\n[services.{name}.instances]\nproduction = {{ eu-1 = "{platform.url}" }}\n'
        for name, path in paths.items()
    ]
    return program.inventory('[platform]\nname = "Shop"\n' + "\n".join(tables))


@pytest.mark.parametrize(
    ("answer", "verdict", "code"),
    [(Answer(), "ok", 0), (WARN, "warning", 1), (DOWN, "critical", 2), (Answer(401, "who are you?", {}), "unknown", 3)],
)
def test_the_exit_code_is_the_verdict(
    program: Program, platform: Platform, answer: Answer, verdict: str, code: int
) -> None:
    platform.on("/health", answer)
    shop(program, platform, web="/health")
    done = program("check", "--attempts", "1")
    assert (done.code, done.err) == (code, "")
    assert f" {verdict} · Shop · " in done.out


def test_json_is_the_contract_and_nothing_else(program: Program, platform: Platform) -> None:
    platform.on("/up")
    platform.on("/down", DOWN)
    shop(program, platform, catalog="/up", ledger="/down?token=hunter2-in-query")
    done = program("check", "--format", "json", "--attempts", "1")
    assert (done.code, done.err) == (2, "")
    document = json.loads(done.out)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["platform"] == "Shop"
    assert document["counts"] == {"up": 1, "degraded": 0, "down": 1, "unknown": 0, "muted": 0}
    assert [entry["service"] for entry in document["services"]] == ["catalog", "ledger"]
    bad = document["services"][1]["instances"][0]
    assert (bad["status"], bad["attempts"], bad["failing_components"]) == ("down", 1, ["db"])
    assert bad["url"] == f"{platform.url}/down?token=…"
    assert bad["latency_ms"] > 0
    assert "hunter2" not in done.out


def test_text_tells_problems_and_is_silent_about_what_is_up(program: Program, platform: Platform) -> None:
    platform.on("/up")
    platform.on("/down", DOWN)
    shop(program, platform, catalog="/up", ledger="/down")
    brief = program("check", "--attempts", "1").out
    assert brief.startswith("✖ down  ledger@production  0/1 serving")
    assert "catalog" not in brief
    assert re.search(r"^    ✖ down  eu-1 ", brief, re.MULTILINE)
    full = program("check", "--attempts", "1", "--all").out
    assert full.index("ledger@") < full.index("catalog@")


def test_selectors_choose_and_what_is_not_chosen_is_not_asked(program: Program, platform: Platform) -> None:
    platform.on("/up")
    platform.on("/down", DOWN)
    shop(program, platform, catalog="/up", ledger="/down")
    done = program("check", "cat*", "env:production", "--format", "json")
    assert done.code == 0
    assert [entry["service"] for entry in json.loads(done.out)["services"]] == ["catalog"]
    assert platform.count("/down") == 0


def test_a_selector_that_matches_nothing_exits_3_and_asks_nobody(program: Program, platform: Platform) -> None:
    platform.on("/up")
    shop(program, platform, catalog="/up")
    done = program("check", "catalgo")
    assert (done.code, done.out) == (3, "")
    assert "catalog" in done.err
    assert platform.asked == []


def test_a_selection_with_nothing_to_ask_is_unknown_and_says_so(program: Program) -> None:
    program.inventory("[services.bank]\nexternal = true\n[hosts.local]\n")
    done = program("check", "bank")
    assert (done.code, done.err) == (3, "")
    assert done.out.startswith("? unknown · platform · nothing to ask: ")


def test_attempts_are_made_until_one_is_up(program: Program, platform: Platform) -> None:
    platform.on("/flaps", lambda n: Answer() if n >= 2 else DOWN)
    shop(program, platform, web="/flaps")
    done = program("check", "--format", "json")
    assert done.code == 0
    assert json.loads(done.out)["services"][0]["instances"][0]["attempts"] == 2
    assert platform.count("/flaps") == 2


def test_wait_polls_until_all_is_well(program: Program, platform: Platform) -> None:
    platform.on("/deploying", lambda n: Answer() if n >= 3 else DOWN)
    shop(program, platform, web="/deploying")
    done = program("check", "--wait", "50s", "--attempts", "1")
    assert (done.code, platform.count("/deploying")) == (0, 3)
    assert done.out.count("\n") == 1


@pytest.mark.parametrize("none", ["0", "0s"])
def test_no_wait_is_one_pass(program: Program, platform: Platform, none: str) -> None:
    platform.on("/down", DOWN)
    shop(program, platform, web="/down")
    done = program("check", "--wait", none, "--attempts", "1")
    assert (done.code, platform.count("/down")) == (2, 1)


def test_wait_that_ran_out_gives_the_last_verdict(program: Program, platform: Platform) -> None:
    platform.on("/down", DOWN)
    shop(program, platform, web="/down")
    done = program("check", "--wait", "2s", "--attempts", "1", "--format", "json")
    assert (done.code, json.loads(done.out)["verdict"]) == (2, "critical")
    assert platform.count("/down") >= 2


def test_quiet_writes_nothing_and_the_exit_code_still_tells(program: Program, platform: Platform) -> None:
    platform.on("/down", DOWN)
    shop(program, platform, web="/down")
    for words in (("-q",), ("--quiet", "--format", "json")):
        done = program("check", "--attempts", "1", *words)
        assert (done.code, done.out, done.err) == (2, "", "")


def test_verbose_says_how_each_instance_answered(program: Program, platform: Platform) -> None:
    platform.on("/up", Answer(headers={"Content-Type": "application/json", "X-App-Version": "2.4.1"}))
    shop(program, platform, web="/up")
    done = program("check", "-v", "--all")
    assert "connect " in done.out
    assert "version 2.4.1" in done.out
    assert "platform.toml" in done.err


def test_verbose_says_what_it_did_not_understand_of_what_is_up(program: Program, platform: Platform) -> None:
    platform.on("/odd", Answer(200, '{"status": "banana"}'))
    shop(program, platform, web="/odd")
    done = program("check", "-v")
    assert done.code == 0
    assert '· HTTP 200; status "banana" is not a word platformpm knows: the status line decides ·' in done.out


def test_a_bad_inventory_lists_every_problem_on_standard_error(program: Program) -> None:
    program.inventory('[services.a]\nhelath = "/x"\n[services.a.instances]\nproduction = ["htp://h"]\n')
    done = program("check")
    assert (done.code, done.out) == (3, "")
    assert "platform.toml:2" in done.err
    assert "health" in done.err
    assert "http" in done.err


def test_without_an_inventory_the_way_to_one_is_shown(program: Program) -> None:
    done = program("check")
    assert (done.code, done.out) == (3, "")
    assert "init" in done.err


def test_a_closed_pipe_keeps_the_verdict(program: Program, platform: Platform) -> None:
    platform.on("/down", DOWN)
    shop(program, platform, **{f"s{number}": "/down" for number in range(20)})
    done = program.shell("set -o pipefail; $PM check --attempts 1 | head -n 1; echo ${PIPESTATUS[0]} >&2")
    assert done.out.count("\n") == 1
    assert done.err == "2\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_a_check_at_once_without_a_trace(
    program: Program, platform: Platform, number: signal.Signals, code: int
) -> None:
    platform.hang("/hangs")
    path = shop(program, platform, web="/hangs")
    path.write_text(
        path.read_text(encoding="utf-8") + '[defaults]\ninterval = "60s"\ntimeout = "50s"\n', encoding="utf-8"
    )
    process = program.start("check")
    assert platform.reached.wait(30)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (code, b"")
    assert err == b"platformpm: interrupted\n"


_SWALLOWED = """
import signal
import sys
from platformpm.cli.commands import schema
from platformpm.cli.main import main

class Dropped:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

real = schema.run
def run(arguments, context):
    Dropped()
    return real(arguments, context)

schema.run = run
sys.exit(main(["inventory", "schema"], lambda *_: 0))
"""


def test_a_signal_that_python_swallows_in_a_destructor_is_still_told_by_the_exit_code() -> None:
    done = subprocess.run([sys.executable, "-c", _SWALLOWED], capture_output=True, check=False)
    assert done.returncode == 143
    assert b"Exception ignored" in done.stderr, "it was not swallowed: the test shows nothing"
    assert done.stdout.startswith(b"{")


def test_a_background_job_that_ignores_ctrl_c_still_ends_on_sigterm(program: Program, platform: Platform) -> None:
    platform.hang("/hangs")
    path = shop(program, platform, web="/hangs")
    path.write_text(
        path.read_text(encoding="utf-8") + '[defaults]\ninterval = "60s"\ntimeout = "50s"\n', encoding="utf-8"
    )
    process = program.start("check")
    assert platform.reached.wait(30)
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 143


def test_colours_and_progress_are_for_terminals_only(program: Program, platform: Platform) -> None:
    platform.on("/down", DOWN)
    shop(program, platform, web="/down")
    code, seen = on_a_terminal(program, "check", "--attempts", "1")
    assert code == 2
    assert "\x1b[31m✖ critical\x1b[0m" in seen
    assert "checked 0 of 1" in seen
    _, plain = on_a_terminal(program, "check", "--attempts", "1", NO_COLOR="1")
    assert "\x1b[31m" not in plain
    assert "✖ critical" in plain
    _, dumb = on_a_terminal(program, "check", "--attempts", "1", TERM="dumb")
    assert "\x1b" not in dumb
    assert "\x1b" not in program("check", "--attempts", "1").out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_where_glyphs_cannot_be_written_ascii_stands_in(program: Program, platform: Platform, encoding: str) -> None:
    platform.on("/down", DOWN)
    path = shop(program, platform, web="/down")
    path.write_text(path.read_text(encoding="utf-8").replace('"Shop"', '"Café 注文"'), encoding="utf-8")
    done = program.shell("$PM check --attempts 1", PYTHONIOENCODING=encoding)
    assert done.code == 2
    assert done.out.startswith("x down  web@production")
    assert "x critical - Caf" in done.out
    document = program.shell("$PM check --attempts 1 --format json", PYTHONIOENCODING=encoding)
    assert json.loads(document.out)["platform"] == "Café 注文"


def test_a_check_never_loads_the_terminal_toolkit(program: Program, platform: Platform) -> None:
    platform.on("/up")
    shop(program, platform, web="/up")
    done = program.shell("${PM/-m/-X importtime -m} check")
    assert done.code == 0
    loaded = {name.partition(".")[0] for name in re.findall(r"\| +(\S+)$", done.err, re.MULTILINE)}
    assert "httptools" in loaded
    brought_by_httpx = {"click", "rich"} if "_main" in done.err and find_spec("click") else set()
    assert loaded & {"textual", "rich", "click", "typer"} <= brought_by_httpx


@pytest.mark.parametrize("command", ["check", "probe"])
def test_addresses_that_are_not_asked_are_told_on_standard_error(program: Program, command: str) -> None:
    (program.folder / "sitecustomize.py").write_text(
        "import platformpm.assembly.addresses as a, platformpm.net.resolver as r, socket\n"
        "a._MOST = 1\n"
        "r.system_lookup = lambda host, family: [r.Address(socket.AF_INET, f'127.0.0.{n}') for n in (1, 2, 3)]\n"
    )
    program.inventory('[services.a]\nresolve = "all"\ninstances.p = ["tcp://shop.test:1"]\n')
    done = program(command, "a", PYTHONPATH=os.pathsep.join([str(program.folder), os.environ.get("PYTHONPATH", "")]))
    assert done.code == 2
    assert done.err.count("shop.test: 1 of 3 addresses are taken, the others are not asked\n") == 1


def test_secrets_stay_out_of_every_stream(program: Program, platform: Platform) -> None:
    secret = "hunter2-canary"

    def echo(_: int) -> Answer:
        return Answer(500, f'{{"status": "DOWN", "error": "{secret}"}}', {"X-Echo": secret, "X-App-Version": secret})

    platform.on("/echo", echo)
    program.inventory(
        f"""
        [services.web]
        health = {{ path = "/echo?key=${{env:KEY}}", headers = {{ X-Key = "${{env:KEY}}" }} }}
        [services.web.instances]
        production = ["{platform.url.replace("//", "//user:${env:KEY}@")}"]
        """
    )
    for words in ((), ("--format", "json"), ("-v", "--all")):
        done = program("check", "--attempts", "1", *words, KEY=secret)
        assert done.code == 2, done.err
        assert secret not in done.out + done.err
    assert all(headers.get("X-Key") == secret for _, headers in platform.asked)
