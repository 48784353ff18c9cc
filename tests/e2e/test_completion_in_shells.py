"""The scripts of `completion` where they are used: a person types in a real shell and presses the tab key."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_completion import MORE, PLATFORM

KEYS = [
    ("platformpm che", "platformpm check "),
    ("platformpm check checkout@p", "platformpm check checkout@production"),
    ("platformpm check owner:p", "platformpm check owner:payments"),
    ("platformpm mute --reason x led", "platformpm mute --reason x ledger"),
    ("platformpm check -i mo", "platformpm check -i more.toml"),
]
STARTS = {
    "bash": ("bash", "--norc"),
    "zsh": ("zsh", "-f"),
    "fish": ("fish", "--no-config"),
}
SETUP = {
    "bash": 'PS1="> "; eval "$(platformpm completion bash)"; clear',
    "zsh": 'PS1="> "; autoload -U compinit; compinit -D -u; eval "$(platformpm completion zsh)"; clear',
    "fish": "function fish_prompt; echo '> '; end; set -g fish_autosuggestion_enabled 0; "
    "platformpm completion fish | source; clear",
}


def opened(tmp_path: Path, terminal: Callable[..., Any], name: str) -> Any:
    """Open a shell that completes the program, in a folder with an inventory."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed (Debian: apt install {name})")
    (tmp_path / "platform.toml").write_text(PLATFORM)
    (tmp_path / "more.toml").write_text(MORE)
    program = tmp_path / "bin" / "platformpm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m platformpm "$@"\n')
    program.chmod(0o755)
    window = terminal(*STARTS[name], size=(100, 30), PATH=f"{program.parent}:{os.environ['PATH']}")
    window.type(f"cd {tmp_path}; {SETUP[name]}; echo re''ady")
    window.press("Enter")
    window.wait("ready")
    return window


@pytest.mark.parametrize("name", STARTS)
def test_the_tab_key_completes_in_a_real_shell(tmp_path: Path, terminal: Callable[..., Any], name: str) -> None:
    window = opened(tmp_path, terminal, name)
    for typed, wanted in KEYS:
        window.type(typed)
        window.press("Tab")
        window.wait(wanted.strip())
        window.press("C-u")
        window.press("Enter")
    assert not (tmp_path / "owned").exists()


def test_zsh_shows_no_word_as_its_own_meaning(tmp_path: Path, terminal: Callable[..., Any]) -> None:
    window = opened(tmp_path, terminal, "zsh")
    window.type("platformpm check --format ")
    window.press("Tab")
    shown = window.wait("github", "junit", "prometheus")
    assert "--" not in shown.replace("--format", "")
    window.press("C-u")
    window.press("Enter")
    window.type("platformpm inventory ")
    window.press("Tab")
    window.wait("validate  -- ")
