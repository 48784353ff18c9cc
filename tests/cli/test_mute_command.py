"""`mute` and `unmute`, and what other commands make of it."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.cli.conftest import Answer, Platform, Program
from tests.cli.test_check_command import SCHEMA as CHECK_SCHEMA
from tests.cli.test_check_command import shop

SCHEMA = json.loads((Path(__file__).parents[2] / "config" / "silences.schema.json").read_text(encoding="utf-8"))
DOWN = Answer(503, '{"status": "DOWN"}')
NIGHT = """
[[maintenance]]
selectors = ["web"]
from = 2000-01-01
to = 2100-01-01
reason = "new rack"
"""


@pytest.fixture
def ailing(program: Program, platform: Platform) -> Path:
    """A shop with one service that is up and one that is down."""
    platform.on("/up")
    platform.on("/down", DOWN)
    return shop(program, platform, web="/up", ledger="/down")


@pytest.mark.usefixtures("ailing")
def test_what_is_muted_decides_no_verdict_until_it_is_taken_back(program: Program) -> None:
    assert program("check", "--attempts", "1").code == 2
    done = program("mute", "ledger@production", "--for", "2h", "--reason", "deploy 2.5")
    assert (done.code, done.out) == (0, "")
    told = re.fullmatch(
        r"ledger@production muted until [-0-9: ]+; platformpm unmute ([0-9a-f]{4}) takes it back\n", done.err
    )
    assert told is not None
    checked = program("check", "--attempts", "1", "--format", "json")
    document = json.loads(checked.out)
    Draft202012Validator(CHECK_SCHEMA).validate(document)
    assert (checked.code, document["verdict"], document["counts"]["muted"]) == (0, "ok", 1)
    assert [one["muted"] and one["muted"]["reason"] for one in document["services"]] == [None, "deploy 2.5"]
    text = program("check", "--attempts", "1").out
    assert "⊘ down  ledger@production" in text
    assert "1 muted, not counted" in text
    assert program("check", "ledger", "--attempts", "1", "--wait", "60s").code == 0
    done = program("unmute", told[1])
    assert (done.code, done.err) == (0, f"ledger@production no longer muted ({told[1]})\n")
    assert program("check", "--attempts", "1").code == 2


def test_maintenance_of_the_inventory_holds_for_a_check_too(program: Program, ailing: Path) -> None:
    ailing.write_text(ailing.read_text() + NIGHT.replace("web", "ledger"))
    done = program("check", "--attempts", "1")
    assert (done.code, "new rack" in done.out) == (0, True)
    done = program("unmute", "ledger")
    assert (done.code, done.err) == (
        3,
        "platformpm: ledger is in [[maintenance]] of the inventory (ledger): it ends there\n",
    )


def test_the_list_tells_of_all_of_them(program: Program, ailing: Path) -> None:
    assert program("mute", "--list").out == "nothing is muted\n"
    ailing.write_text(ailing.read_text() + NIGHT)
    program("mute", "ledger", "web", "--until", "23:59", "--reason", "deploy")
    done = program("mute", "--list")
    rows = done.out.splitlines()
    assert re.fullmatch(r"times are by the clock of \S+\n", done.err)
    assert len(rows) == 2
    assert re.search(r"⊘ +maintenance-1 +until 2100-01-01 00:00 +web +once, \[\[maintenance\]\] +new rack", rows[0])
    assert re.search(r"⊘ +[0-9a-f]{4} +until .* +ledger web +deploy$", rows[1])
    document = json.loads(program("mute", "--list", "--format", "json").out)
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
    assert [one["declared"] for one in document["silences"]] == [True, False]
    assert all(one["in_force"] for one in document["silences"])


@pytest.mark.usefixtures("ailing")
def test_programs_get_what_was_made(program: Program) -> None:
    document = json.loads(program("mute", "*", "--format", "json").out)
    Draft202012Validator(SCHEMA).validate(document)
    (made,) = document["silences"]
    assert made["selectors"] == ["*"]
    assert program("unmute", made["id"]).code == 0


@pytest.mark.usefixtures("ailing")
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["mute"], "say whose alerts to hold back"),
        (["mute", "ledgr"], 'nothing is selected by "ledgr" (did you mean ledger?)'),
        (["mute", ""], '"" is not a selector'),
        (["mute", "status:down"], "status cannot select here"),
        (["mute", "web", "--for", "0s"], "'0s' is not a duration"),
        (["mute", "web", "--for", "1h", "--until", "18:00"], "--for and --until exclude each other"),
        (["mute", "web", "--until", "2020-01-01"], "'2020-01-01' is past"),
        (["mute", "web", "--until", "0001-01-01"], "'0001-01-01' is past"),
        (["mute", "web", "--until", "9999-12-31"], "or too far away"),
        (["mute", "web", "--until", "\x1b[31m"], "is no time such as 18:00"),
        (["mute", "--list", "web"], "--list tells of everything"),
        (["unmute"], "the following arguments are required: ID|SELECTOR"),
        (["unmute", "web"], "web is not muted"),
        (["unmute", "0000"], "nothing is selected"),
    ],
)  # fmt: skip
def test_a_mistake_changes_nothing_and_is_told(program: Program, words: list[str], complaint: str) -> None:
    done = program(*words)
    assert (done.code, done.out) == (3, "")
    assert complaint in done.err
    assert "\x1b" not in done.err
    assert program("mute", "--list").out == "nothing is muted\n"


@pytest.mark.usefixtures("ailing")
def test_an_end_on_another_day_is_told_with_its_date(program: Program) -> None:
    assert "web@production muted until 2099-12-31 18:00; " in program("mute", "web", "--until", "2099-12-31T18:00").err


@pytest.mark.usefixtures("ailing")
@pytest.mark.parametrize("until", ["23:59", "00:00", "00:00+08:00", "2099-12-31", "2099-12-31T18:00:00+01:00"])
def test_an_end_may_be_a_time_of_day_or_a_date(program: Program, until: str) -> None:
    document = json.loads(program("mute", "web", "--until", until, "--format", "json").out)
    (made,) = document["silences"]
    assert made["until"] > made["since"]


def test_a_secret_in_a_reason_is_not_shown(program: Program, ailing: Path) -> None:
    ailing.write_text(ailing.read_text().replace("[services.web]", '[services.web]\nhealth = { path = "/up", auth = { bearer = "${env:TOKEN}" } }', 1).replace('health = "/up"\n', ""))  # fmt: skip
    ailing.chmod(0o600)
    token = "canary-in-a-reason"
    program("mute", "ledger", "--reason", f"token {token}", TOKEN=token)
    for words in (["mute", "--list"], ["mute", "--list", "--format", "json"], ["check", "--attempts", "1"]):
        done = program(*words, TOKEN=token)
        assert "•••" in done.out or "\\u2022" in done.out
        assert token not in done.out + done.err


@pytest.mark.usefixtures("ailing")
def test_a_spoilt_file_is_told_and_mutes_nothing(program: Program) -> None:
    program("mute", "ledger")
    (file,) = program.folder.rglob("mutes.json")
    file.write_text('{"mutes": 3}')
    done = program("check", "--attempts", "1")
    assert (done.code, done.err) == (2, "nothing is muted by hand: mutes.json is spoilt: it is no file of mutes\n")
    done = program("mute", "ledger")
    assert (done.code, "no file of mutes; the file is kept as *.corrupt\n" in done.err) == (0, True)
    assert program("check", "--attempts", "1").code == 0


@pytest.mark.usefixtures("ailing")
def test_what_is_understood_of_a_file_holds_and_the_rest_is_told(program: Program) -> None:
    program("mute", "ledger")
    (file,) = program.folder.rglob("mutes.json")
    document = json.loads(file.read_text())
    document["mutes"].append({**document["mutes"][0], "id": "beef", "until": 1e308})
    file.write_text(json.dumps(document))
    told = "1 of the mutes in mutes.json is not understood and holds nothing back"
    done = program("check", "--attempts", "1")
    assert (done.code, done.err) == (0, f"{told}\n")
    assert told in program("mute", "--list").err
    assert program("unmute", "ledger").code == 0
    assert program("mute", "--list").err == ""


@pytest.mark.usefixtures("ailing")
def test_where_it_cannot_be_written_it_says_so(program: Program) -> None:
    (program.folder / "taken").touch()
    done = program("mute", "ledger", XDG_STATE_HOME=str(program.folder / "taken"))
    assert (done.code, done.err) == (3, "platformpm: mutes.json cannot be written: not a directory\n")
