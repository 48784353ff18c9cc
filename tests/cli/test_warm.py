"""A run that is forked from an interpreter which runs already is the run that a shell would start."""

import sys
from dataclasses import replace

import pytest

from tests.cli.conftest import Platform, Program
from tests.cli.warm import Warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="every run starts from nothing there")


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["check", "--attempts", "1", "--format", "json", "-v"],
        ["chek"],
        ["check", "nobody"],
        ["inventory", "show"],
    ],
    ids=" ".join,
)
def test_it_ends_and_writes_as_one_from_a_shell(program: Program, platform: Platform, words: list[str]) -> None:
    program.inventory(
        f'[platform]\nname = "Sh\N{LATIN SMALL LETTER O WITH DIAERESIS}p"\n'
        f'[services.a]\ninstances = {{ p = ["{platform.on("/a", lambda _: None)}"] }}\n'
    )
    cold, warm = replace(program, warm=None)(*words), program(*words)
    assert (warm.code, warm.err.count("\n")) == (cold.code, cold.err.count("\n"))
    assert warm.out.splitlines()[:3] == cold.out.splitlines()[:3]


def test_one_that_hangs_is_killed_and_the_next_runs(program: Program, platform: Platform, warm: Warm) -> None:
    words = ["probe", platform.hang("/"), "--timeout", "60s"]
    with pytest.raises(TimeoutError):
        warm.run(words, program.folder, program.environ, 0.5)
    assert program("--version").code == 0


def test_nothing_of_one_is_left_for_the_next(program: Program) -> None:
    program.inventory('[services.a]\nexternal = true\ntitle = "${env:TITLE}"\n', "one.toml")
    assert program("inventory", "show", "-i", "one.toml", TITLE="First").code == 0
    assert "TITLE" in program("inventory", "show", "-i", "one.toml").err
