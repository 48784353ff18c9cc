import re
from pathlib import Path

import pytest

from platformpm.cli.parser import parse
from platformpm.cli.reference import reference
from platformpm.cli.registry import COMMANDS
from platformpm.cli.values import OneOf, attempts, did_you_mean, duration
from platformpm.errors import UsageError
from tests.cli.conftest import Program

MISTAKES = [
    (["chek"], "there is no command chek (did you mean check?)"),
    (["inventroy", "show"], "there is no command inventroy (did you mean inventory?)"),
    (["xyzzy"], "there is no command xyzzy\n"),
    (["inventory"], "inventory wants one of validate, show, schema, not nothing"),
    (["inventory", "shaw"], "not shaw (did you mean show?)"),
    (["--inventroy", "x", "check"], "unknown option --inventroy (did you mean --inventory?)"),
    (["check", "--atempts", "3"], "unknown option --atempts (did you mean --attempts?)"),
    (["check", "--formt=json"], "unknown option --formt=json (did you mean --format?)"),
    (["check", "--form", "json"], "unknown option --form (did you mean --format?)"),
    (
        ["check", "--format", "jsno"],
        "'jsno' is not one of text, json, junit, nagios, prometheus, github, markdown (did you mean json?)",
    ),
    (["check", "--format"], "expected one argument"),
    (["check", "--attempts", "0"], "'0' is not a whole number from 1 to 100"),
    (["check", "--attempts", "two"], "'two' is not a whole number"),
    (["check", "--wait", "soon"], "'soon' is not a duration such as"),
    (["probe", "http://h", "--timeout", "0s"], "'0s' is not a duration"),
    (["check", "--wait", "-5m"], "--wait"),
    (["probe"], "URL"),
]


@pytest.mark.parametrize(
    ("words", "message"), MISTAKES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_mistake_is_named_with_the_nearest_valid_word(words: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert message in f"{caught.value}\n"
    assert "see: platformpm" in str(caught.value)


def test_words_and_options_may_be_mixed_in_any_order() -> None:
    asked = parse(["-i", "a.toml", "check", "one", "--all", "two", "--format", "json", "!three"])
    assert asked.arguments.selectors == ["one", "two", "!three"]
    assert (asked.arguments.inventory, asked.arguments.all, asked.arguments.format) == ("a.toml", True, "json")


@pytest.mark.parametrize("words", [["-i", "a", "-v", "check"], ["check", "-vi", "a"], ["-v", "check", "--inventory=a"]])
def test_options_that_all_share_stand_before_or_behind_the_command(words: list[str]) -> None:
    arguments = parse(words).arguments
    assert (arguments.inventory, arguments.verbose) == ("a", True)


def test_what_stands_behind_the_command_wins() -> None:
    assert parse(["-i", "a", "check", "-i", "b"]).arguments.inventory == "b"


def test_no_command_asks_for_the_terminal_interface() -> None:
    asked = parse(["-i", "a"])
    assert (asked.command, asked.text, asked.arguments.inventory) == (None, None, "a")


@pytest.mark.parametrize("words", [[], *([*command.words.split()] for command in COMMANDS), ["inventory"]])
def test_every_command_explains_itself_within_the_given_columns(words: list[str]) -> None:
    text = parse([*words, "--help"], 80).text
    assert text is not None
    assert text.startswith(f"usage: platformpm {' '.join(words)}".rstrip())
    laid_out = text.partition("examples:")[0].partition("commands:")[0]
    assert max(map(len, laid_out.splitlines())) <= 100


def test_every_command_stands_in_the_overview() -> None:
    overview = parse(["-h"], 100).text or ""
    for command in COMMANDS:
        assert re.search(rf"^  {command.words} +{re.escape(command.summary)}$", overview, re.MULTILINE)


def test_the_reference_holds_the_help_of_every_command() -> None:
    text = reference()
    headings = re.findall(r"^### `platformpm ?(.*)`$", text, re.MULTILINE)
    assert headings == ["", *(command.words for command in COMMANDS)]
    assert "--attempts N" in text
    assert text == reference()


def test_examples_are_command_lines_that_parse() -> None:
    import shlex

    for command in COMMANDS:
        for line, _ in command.load().EXAMPLES:
            words = shlex.split(re.split(r" [|>]| \|\|", line)[0])
            assert words[0] == "platformpm"
            assert parse(words[1:]).command is not None, line


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("30s", 30), ("5m", 300), ("1h30m", 5400), ("2.5s", 2.5), ("45", 45), ("1.5", 1.5)],
)
def test_durations_are_read_as_in_the_inventory_and_bare_numbers_are_seconds(text: str, seconds: float) -> None:
    assert duration(text) == seconds


def test_values_say_what_would_be_right() -> None:
    assert attempts("100") == 100
    assert OneOf("a", "b")("b") == "b"
    assert did_you_mean("zzzz", ["check"]) == ""


def test_usage_errors_exit_3_with_everything_on_standard_error(program: Program) -> None:
    done = program("check", "--atempts", "3")
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        "platformpm: unknown option --atempts (did you mean --attempts?)\nplatformpm: see: platformpm check --help\n"
    )


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("check", "--help"), ("inventory", "-h"), ("--version",)])
def test_help_and_version_are_data_and_exit_0(program: Program, words: tuple[str, ...]) -> None:
    done = program(*words)
    assert (done.code, done.err) == (0, "")
    assert "platformpm" in done.out


def test_without_a_terminal_the_screen_is_refused_with_a_pointer_to_check(program: Program) -> None:
    done = program()
    assert (done.code, done.out) == (3, "")
    assert "platformpm check" in done.err


def test_help_imports_nothing_heavy(program: Program) -> None:
    done = program.shell("${PM/-m/-X importtime -m} --help")
    assert done.code == 0
    loaded = set(re.findall(r"\| +(\S+)$", done.err, re.MULTILINE))
    assert "platformpm.cli.main" in loaded
    heavy = {
        "asyncio",
        "ssl",
        "socket",
        "json",
        "httpx",
        "httptools",
        "pydantic",
        "psutil",
        "tomli",
        "textual",
        "rich",
        "difflib",
        "re2",
    }
    assert loaded & heavy == set()


def test_only_the_two_writers_touch_the_standard_streams() -> None:
    package = Path(__file__).parents[2] / "platformpm" / "cli"
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found = set(re.findall(r"sys\.(?:__)?(stdout|stderr)|\b(print)\(|(input)\(", text))
        words = {word for groups in found for word in groups if word}
        allowed = {"output.py": {"stdout"}, "diagnostics.py": {"stderr"}}.get(path.name, set())
        assert words <= allowed, path
