"""`platformpm mute`: hold alerts back for a while, and tell what is held back."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.cli.options import format_option, inventory_option
from platformpm.cli.values import duration
from platformpm.errors import ExitCode, UsageError

DESCRIPTION = """\
Hold back the alerts of services and hosts for a while. They are asked and recorded as before, and
shown as muted, but they are no alerts and decide no verdict: not in the screen, in watch, nor in
check on this machine. What is still wrong when the time is over is an alert again.

SELECTORs are those of `check`; '*' is every service, host:* every host. Times that come again each
week, or are known long before, belong into the inventory as [[maintenance]]."""
EXAMPLES = (
    ("platformpm mute checkout@production --for 2h --reason 'deploy 2.5'", "while you work on it"),
    ("platformpm mute tier:3 '!reports' --until 18:00", "until the evening, by the clock of the platform"),
    ("platformpm mute --list", "what is muted, and the maintenance that is declared"),
)
_HOUR = 3600.0


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("selectors", nargs="*", metavar="SELECTOR", help="whose alerts to hold back")
    inventory_option(parser)
    parser.add_argument("--for", dest="length", type=duration, metavar="TIME", help="how long: 30m, 2h, 1d (1h)")
    parser.add_argument("--until", metavar="TIME", help="until then: 18:00, 2026-12-01, 2026-12-01T18:00+01:00")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for those who see it")
    parser.add_argument("--list", action="store_true", help="tell what is held back, now or later; change nothing")
    format_option(parser)


def run(arguments: Namespace, context: Context) -> int:
    """Mute, or tell what is muted."""
    from platformpm.cli.muting import mute, tell  # --help must not load the inventory

    if arguments.list:
        if arguments.selectors or arguments.length or arguments.until or arguments.reason:
            raise UsageError("--list tells of everything and changes nothing: it takes no SELECTOR and no time")
        tell(arguments, context)
        return ExitCode.OK
    if not arguments.selectors:
        raise UsageError("say whose alerts to hold back: platformpm mute SELECTOR…; '*' is every service")
    if arguments.length and arguments.until:
        raise UsageError("--for and --until exclude each other")
    mute(arguments, arguments.length or _HOUR, context)
    return ExitCode.OK
