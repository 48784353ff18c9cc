"""`platformpm demo`: a whole made-up platform on this machine."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.cli.options import format_option
from platformpm.errors import ExitCode
from platformpm.report.checkformats import FORMATS

DESCRIPTION = """\
Serve a made-up platform on the loopback interface and watch it live: a canary goes out, a new
version is slow, a dependency goes down and takes others with it, and all of it recovers.
Without a terminal it makes one check and exits 0."""
EXAMPLES = (
    ("platformpm demo", "two minutes of a platform's life"),
    ("platformpm demo --check", "one check of it, with the verdict as the exit code"),
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--check", action="store_true", help="one check instead of the screen; exit with its verdict")
    format_option(parser, FORMATS)


def run(arguments: Namespace, context: Context) -> int:
    """Serve the platform for as long as it is looked at."""
    from platformpm.demo import DemoPlatform  # --help must not load the servers

    with DemoPlatform() as demo:
        if context.interactive and not arguments.check:
            return context.open(demo.inventory)
        from platformpm.cli.checking import Request, check  # the screen has its own engine
        from platformpm.report.checktext import Detail

        request = Request(format=arguments.format, detail=Detail(verbose=arguments.verbose))
        code = check(demo.inventory, request, context)
        return code if arguments.check else ExitCode.OK
