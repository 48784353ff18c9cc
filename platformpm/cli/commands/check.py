"""`platformpm check`: every service once, and a verdict for CI and cron."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.cli.options import format_option, inventory_option, log_option
from platformpm.cli.values import attempts, span
from platformpm.report.checkformats import FORMATS

DESCRIPTION = """\
Ask every service and host once, say what is wrong, and exit with the verdict:
0 ok, 1 warning (something is degraded), 2 critical (something is down), 3 unknown or an error.

A SELECTOR is a service, a glob of its name, or one of service@environment, env:NAME, owner:TEAM,
product:NAME, tier:N, tag:NAME, host:NAME; !SELECTOR leaves out. The same key twice means either of
them, different keys mean both. Where services or environments are selected, hosts are left out but
for those that carry a selected service.

One look sees a moment: memory, swap and disks over a limit count at once, the CPU with `for` never.
What is muted, or in maintenance, is shown and decides nothing (platformpm mute --list). What does
not run its target version is named, and decides nothing either."""
EXAMPLES = (
    ("platformpm check", "everything; problems first"),
    ("platformpm check checkout@production", "one service in one environment"),
    ("platformpm check tier:1 env:production '!tag:batch'", "by what the inventory says of them"),
    ("platformpm check --format json | jq .verdict", "for programs; the schema is config/check.schema.json"),
    ("platformpm check --format junit > report.xml", "for the test report of a CI server"),
    ("platformpm check checkout --wait 5m", "after a deploy: until it is healthy or time is out"),
    ("platformpm check --quiet || echo trouble", "only the exit code"),
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("selectors", nargs="*", metavar="SELECTOR", help="what to check; all without one")
    inventory_option(parser)
    format_option(parser, FORMATS)
    parser.add_argument("--all", action="store_true", help="list also what is up")
    parser.add_argument(
        "--attempts",
        type=attempts,
        metavar="N",
        help="tries for each check, 1 s apart, until one is up (default: its down_after)",
    )
    parser.add_argument(
        "--wait",
        type=span,
        metavar="TIME",
        help="repeat until all is up or TIME (30s, 5m) is out; then the last verdict; 0 is one pass",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="write nothing but errors: the exit code tells")
    log_option(parser)


def run(arguments: Namespace, context: Context) -> int:
    """Check and give the exit code of the verdict."""
    from platformpm.cli.checking import Request, check  # --help must not load the engine
    from platformpm.report.checktext import Detail

    context.output.quiet = context.diagnostics.quiet = arguments.quiet
    path = context.find(arguments.inventory)
    request = Request(
        selectors=tuple(arguments.selectors),
        attempts=arguments.attempts,
        wait=arguments.wait,
        format=arguments.format,
        detail=Detail(everything=arguments.all, verbose=arguments.verbose),
    )
    return check(path, request, context)
