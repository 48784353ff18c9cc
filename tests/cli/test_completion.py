"""Completion: what may come next, and the scripts in the shells themselves."""

import shutil
import subprocess
import sys

import pytest

from platformpm.cli.registry import COMMANDS
from tests.cli.conftest import PATIENCE, Program

PLATFORM = """\
include = ["more.toml"]
[environments.staging]
url = "https://{service}.staging.example"
[environments.production]
[defaults]
tags = ["all"]
[services.checkout]
title = "Checkout\\u001b[31m"
owner = "payments"
tier = 1
tags = ["pci", "$(touch owned)", "two words"]
instances.production = ["http://127.0.0.1:9"]
[services.catalog]
product = "shop"
instances.production = ["http://127.0.0.1:9"]
[hosts.local]
"""
MORE = '[services.ledger]\nowner = "books"\ninstances.blue = ["http://127.0.0.1:9"]\n'


@pytest.fixture
def shop(program: Program) -> Program:
    (program.folder / "more.toml").write_text(MORE)
    program.inventory(PLATFORM)
    return program


def offered(program: Program, line: str) -> list[str]:
    done = program("_complete", "bash", line)
    assert (done.code, done.err) == (0, "")
    return [one.partition("\t")[0] for one in done.out.splitlines()]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("platformpm ch", ["check"]),
        ("platformpm inventory v", ["validate"]),
        ("platformpm hist", ["history"]),
        ("platformpm -v --log x che", ["check"]),
        ("platformpm --inv", ["--inventory"]),
        ("platformpm -i ", [":"]),
        ("platformpm check --att", ["--attempts"]),
        ("platformpm check --format j", ["json", "junit"]),
        ("platformpm check --format=m", ["--format=markdown"]),
        ("platformpm check --attempts ", []),
        ("platformpm check --log ", [":"]),
        ("platformpm check c", ["checkout", "catalog"]),
        ("platformpm check catalog led", ["ledger"]),
        ("platformpm check !che", ["!checkout"]),
        ("platformpm check checkout@", ["checkout@production", "checkout@staging"]),
        ("platformpm check ledger@b", ["ledger@blue"]),
        ("platformpm mute owner:", ["owner:payments", "owner:books"]),
        ("platformpm unmute tier:", ["tier:1"]),
        ("platformpm events tag:", ["tag:pci", "tag:all"]),
        ("platformpm events env:", ["env:production", "env:blue", "env:staging"]),
        ("platformpm check host:", ["host:local"]),
        ("platformpm check host", ["host:"]),
        ("platformpm check nothing:", []),
        ("platformpm probe product:", ["product:shop"]),
        ("platformpm history export --what f", ["failures", "five_minutes"]),
        ("platformpm history export --format p", ["parquet"]),
        ("platformpm completion ", ["bash", "zsh", "fish"]),
        ("platformpm nonsense ", []),
        ("platformpm check -i nowhere.toml ", []),
    ],
)
def test_what_may_come_next(shop: Program, line: str, words: list[str]) -> None:
    assert offered(shop, line) == words


def test_every_command_is_offered_and_says_what_it_is_for(program: Program) -> None:
    done = program("_complete", "zsh", "")
    told = {line.partition("\t")[0]: line.partition("\t")[2] for line in done.out.splitlines()}
    assert list(told) == list(dict.fromkeys(command.words.split()[0] for command in COMMANDS))
    assert told["check"] == "ask every service once and exit with the verdict (CI, cron)"


@pytest.mark.parametrize(
    "text", ["[", "services = 3", "[services]\na = 1\n[hosts]\nb = []", "\x00", '[services."a\x1bb"]']
)
def test_a_bad_inventory_offers_what_it_can_and_is_silent(program: Program, text: str) -> None:
    program.inventory(text)
    for line in ("check ", "check a@", "check owner:", "check env:", "check host:"):
        done = program("_complete", "bash", f"platformpm {line}")
        assert (done.code, done.err) == (0, "")
        assert "\x1b" not in done.out


@pytest.mark.parametrize("words", [(), ("bash",), ("tcsh", "x", "y"), ("bash", ""), ("bash", "'"), ("zsh",)])
def test_a_question_that_makes_no_sense_is_answered_with_silence(program: Program, words: tuple[str, ...]) -> None:
    done = program("_complete", *words)
    assert (done.code, done.err) == (0, "")


def test_a_pipe_is_not_waited_for(program: Program) -> None:
    import os

    os.mkfifo(program.folder / "platform.toml")
    assert "owner:" in offered(program, "platformpm check ") or offered(program, "platformpm check ") == []


def test_neither_the_network_nor_the_schema_is_loaded_for_it(shop: Program) -> None:
    heavy = "{'pydantic', 'httpx', 'asyncio', 'sqlite3', 'textual'}"
    code = (
        "import sys; from platformpm.__main__ import main;"
        "sys.argv = ['platformpm', '_complete', 'bash', 'platformpm check che'];"
        f"main(); sys.exit(sorted({heavy} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=shop.folder, env=shop.environ, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_shell_is_refused(program: Program) -> None:
    done = program("completion", "tcsh")
    assert (done.code, "is not one of bash, zsh, fish" in done.err) == (3, True)


@pytest.fixture
def on_path(shop: Program) -> Program:
    """A platformpm that shells find."""
    folder = shop.folder / "bin"
    folder.mkdir()
    (folder / "platformpm").write_text(f'#!/bin/sh\nexec {sys.executable} -m platformpm "$@"\n')
    (folder / "platformpm").chmod(0o755)
    return Program(shop.folder, {"PATH": f"{folder}:{shop.environ['PATH']}"})


def shell(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (Debian: apt install {name})")
    return path


def asked(program: Program, *words: str) -> list[str]:
    done = subprocess.run(
        words, cwd=program.folder, env=program.environ, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


LINES = [
    ("platformpm che", ["check"]),
    ("platformpm inventory va", ["validate"]),
    ("platformpm check --format ju", ["junit"]),
    ("platformpm check catalog che", ["checkout"]),
]


@pytest.mark.parametrize(
    ("line", "broken_at", "words"),
    [
        *((line, " ", words) for line, words in LINES),
        ("platformpm check checkout@p", "@", ["@production"]),  # readline replaces the sign too
        ("platformpm check owner:p", ":", ["payments"]),
        ("platformpm check owner:", ":", ["payments", "books"]),
        ("platformpm check !owner:p", ":", ["payments"]),
    ],
)
def test_bash_completes(on_path: Program, line: str, broken_at: str, words: list[str]) -> None:
    """Readline breaks words at colons and such, and says what of the last one it replaces."""
    _, sign, rest = line.rpartition(broken_at)
    replaced = sign + rest if sign == "@" else rest
    script = (
        'eval "$(platformpm completion bash)"; COMP_LINE=$1 COMP_POINT=${#1}; compopt() { :; }; '
        '_platformpm platformpm "$2"; printf \'%s\\n\' "${COMPREPLY[@]}"'
    )
    assert asked(on_path, shell("bash"), "--norc", "-c", script, "bash", line, replaced) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        *LINES,
        ("platformpm check checkout@p", ["checkout@production"]),
        ("platformpm check owner:p", ["owner:payments"]),
    ],
)
def test_fish_completes(on_path: Program, line: str, words: list[str]) -> None:
    script = "platformpm completion fish | source; complete -C $argv[1]"
    lines = asked(on_path, shell("fish"), "--no-config", "-c", script, line)
    assert [one.partition("\t")[0] for one in lines] == words
