"""`platformpm watch`: the engine without a screen."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.cli.options import format_option, inventory_option, log_option

DESCRIPTION = """\
Poll and record until stopped, and write one line for each change of status or version, alert and
reload. A screen that is opened beside it follows what it reads. SIGTERM stops it within 5 s,
SIGHUP reads the inventory again; systemd is told when it is ready and that it is alive
(config/platformpm.service)."""
EXAMPLES = (
    ("platformpm watch", "keep recording while no screen is open"),
    (
        "platformpm watch --format json --quiet | vector --config ship.toml",
        "one JSON document a line, for a log shipper",
    ),
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    inventory_option(parser)
    format_option(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="no notes on standard error; changes only")
    log_option(parser)


def run(arguments: Namespace, context: Context) -> int:
    """Watch and give the exit code."""
    from platformpm.assembly import Running  # --help must not load the engine
    from platformpm.cli.logs import listen
    from platformpm.cli.watching import watch

    context.diagnostics.quiet = arguments.quiet
    listen(context.diagnostics)
    path = context.find(arguments.inventory)
    session = Running.of(path, context.environ, context.load(path), leads=True, keep=context.keep)
    return watch(session, arguments.format, context)
