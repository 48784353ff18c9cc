"""Every command in one list; a new one is a file in `commands/` and a line here. No command is imported to list it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from platformpm.cli.context import Context


class CommandModule(Protocol):
    """What the file of a command holds. `EXAMPLES` pairs a command line with what it does."""

    DESCRIPTION: str
    EXAMPLES: Sequence[tuple[str, str]]

    def configure(self, parser: ArgumentParser) -> None:
        """Add the arguments."""

    def run(self, arguments: Namespace, context: Context, /) -> int:
        """Do it and give the exit code."""


class Command(NamedTuple):
    """The words that call a command, the file it lives in, and what it is for."""

    words: str
    file: str
    summary: str

    def load(self) -> CommandModule:
        """Import the command's file."""
        return cast("CommandModule", import_module(f"platformpm.cli.commands.{self.file}"))


GROUPS = {
    "history": "Use what was recorded on this machine.",
    "inventory": "Look at an inventory without asking any service.",
}
"""Words that several commands begin with, or may one day, and what these have in common."""
COMMANDS = (
    Command("check", "check", "ask every service once and exit with the verdict (CI, cron)"),
    Command("probe", "probe", "everything about an address or instance: status, why, phases, certificate, version"),
    Command("watch", "watch", "poll and record without a screen, until stopped"),
    Command("events", "events", "what happened: changes of status and version, alerts; from the recorded history"),
    Command("mute", "mute", "hold alerts back for a while, or list what is held back"),
    Command("unmute", "unmute", "let alerts go again that were muted"),
    Command("history export", "export", "the recorded history as CSV, JSON lines or Parquet, for other programs"),
    Command("inventory validate", "validate", "list every problem of an inventory"),
    Command("inventory show", "show", "print the inventory as it is understood, secrets masked"),
    Command("inventory schema", "schema", "print the JSON Schema of the inventory, for editors"),
    Command("completion", "completion", "print a script that completes command lines in bash, zsh or fish"),
    Command("init", "init", "write an inventory to start from: an example, or what answers at addresses or here"),
    Command("demo", "demo", "watch a whole made-up platform live its life, on this machine only"),
)
