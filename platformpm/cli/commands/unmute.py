"""`platformpm unmute`: let alerts go again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.cli.options import inventory_option
from platformpm.errors import ExitCode

DESCRIPTION = """\
Take mutes back before their time is over. An ID, which `mute` and `mute --list` tell, takes back
that one, SELECTORs those that they cover: checkout takes back what was muted of checkout alone, but
not tier:1. What is wrong then is an alert again."""
EXAMPLES = (
    ("platformpm unmute checkout", "whatever is muted of it"),
    ("platformpm unmute '*' 'host:*'", "everything"),
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("which", nargs="+", metavar="ID|SELECTOR", help="which to take back")
    inventory_option(parser)


def run(arguments: Namespace, context: Context) -> int:
    """Take back."""
    from platformpm.cli.muting import unmute  # --help must not load the inventory

    unmute(arguments, context)
    return ExitCode.OK
