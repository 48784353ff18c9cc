"""`platformpm watch`: the engine without a screen."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from platformpm.cli.context import Context
from platformpm.cli.options import format_option, inventory_option, log_option
from platformpm.errors import UsageError

DESCRIPTION = """\
Poll and record until stopped, and write one line for each change of status or version, alert and
reload. A screen that is opened beside it follows what it reads. SIGTERM stops it within 5 s,
SIGHUP reads the inventory again; systemd is told when it is ready and that it is alive
(config/platformpm.service).

With --listen it answers HTTP: /metrics for Prometheus, /healthz about itself, and /heartbeat/…
where jobs report that they did their work. Only this machine can reach it, unless another address
is given; that demands a token."""
EXAMPLES = (
    ("platformpm watch", "keep recording while no screen is open"),
    (
        "platformpm watch --format json --quiet | vector --config ship.toml",
        "one JSON document a line, for a log shipper",
    ),
    ("platformpm watch --listen 9464", "metrics and health on http://127.0.0.1:9464, heartbeats of jobs too"),
    (
        "platformpm watch --listen 0.0.0.0:9464 --token-file /run/secrets/watch",
        "for other machines: they send `Authorization: Bearer …`",
    ),
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    inventory_option(parser)
    format_option(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="no notes on standard error; changes only")
    log_option(parser)
    parser.add_argument(
        "--listen",
        metavar="[ADDRESS:]PORT",
        help="answer HTTP there, on loopback without an address; port 0 takes a free one and says which",
    )
    parser.add_argument(
        "--token-file", metavar="FILE", help="what must be sent as a bearer token is in this file, read at the start"
    )


def run(arguments: Namespace, context: Context) -> int:
    """Watch and give the exit code."""
    from platformpm.assembly import Running  # --help must not load the engine
    from platformpm.cli.logs import listen
    from platformpm.cli.watching import watch

    if arguments.token_file is not None and arguments.listen is None:
        raise UsageError("--token-file is for --listen")
    context.diagnostics.quiet = arguments.quiet
    listen(context.diagnostics)
    path = context.find(arguments.inventory)
    loaded = context.load(path)
    session = Running.of(path, context.environ, loaded, leads=True, keep=context.keep)
    if arguments.listen is None:
        return watch(session, None, arguments.format, context)
    from platformpm.cli.listening import Listener, token_in, without_token  # only who listens pays for it

    token = None if arguments.token_file is None else token_in(Path(arguments.token_file), context)
    listener = Listener(arguments.listen, token, session, loaded.inventory)
    for job in without_token(token, loaded.inventory):
        context.diagnostics.note(f"warning: {job} has no token: its heartbeats are refused")
    return watch(session, listener, arguments.format, context)
