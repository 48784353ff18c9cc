"""`platformpm probe`: everything about one address."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.cli.options import format_option
from platformpm.cli.values import duration, header

DESCRIPTION = """\
Ask one address once and say everything: the status and why, what to do about it, the status line,
redirects, the health dialect and by what it was recognised, the version and where it was read, the
certificate, and how long each phase took. Needs no inventory.

The URL may be http, https, tcp or tls. The exit code is the verdict: 0 ok, 1 warning, 2 critical,
3 unknown or an error."""
EXAMPLES = (
    ("platformpm probe https://shop.example/health", "why is this one not up?"),
    ("platformpm probe tcp://127.0.0.1:6379", "does anybody listen?"),
    ("platformpm probe tls://mail.example:993", "whose certificate, and until when?"),
    ("platformpm probe https://10.0.0.7/health --insecure --header 'Host: shop.example'", "past the proxy"),
    ("platformpm probe http://127.0.0.1:8080/health --format json", "for programs"),
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("url", metavar="URL", help="the full address, path included")
    format_option(parser)
    parser.add_argument("--timeout", type=duration, default=5.0, metavar="TIME", help="for everything together (5s)")
    parser.add_argument(
        "--header", type=header, action="append", default=[], metavar="'NAME: VALUE'", help="send this too; repeatable"
    )
    parser.add_argument("--dialect", default="auto", metavar="NAME", help="read the answer as this format (auto, none)")
    parser.add_argument("--insecure", action="store_true", help="accept any certificate")


def run(arguments: Namespace, context: Context) -> int:
    """Ask, write what there is to say, and give the exit code of the verdict."""
    from platformpm.cli.probing import Question, ask  # --help must not load the network
    from platformpm.report.examination import exit_code_of, probe_document, probe_text
    from platformpm.report.table import Style

    question = Question(
        arguments.url, arguments.timeout, tuple(arguments.header), arguments.dialect, verify=not arguments.insecure
    )
    examination = ask(question, context)
    if arguments.format == "json":
        context.output.document(probe_document(arguments.url, examination))
    else:
        style = Style(colour=context.output.colour, unicode=context.output.unicode)
        context.output.text(probe_text(arguments.url, examination, style))
    return exit_code_of(examination)
