"""The command reference of the README, made from the parsers themselves."""

from __future__ import annotations

from platformpm.cli.parser import command_parser, top_parser
from platformpm.cli.registry import COMMANDS

_COLUMNS = 100


def reference() -> str:
    """Give every command's help as Markdown: a heading of level 3 and a text block for each, one blank line between."""
    parsers = [top_parser(_COLUMNS), *(command_parser(command, command.load(), _COLUMNS) for command in COMMANDS)]
    return (
        "\n\n".join(f"### `{parser.prog}`\n\n```text\n{parser.format_help().rstrip()}\n```" for parser in parsers)
        + "\n"
    )
