"""`platformpm probe`: everything about one address, or about what the inventory declares."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from platformpm.cli.context import Context
from platformpm.cli.options import format_option, inventory_option
from platformpm.cli.values import duration, header
from platformpm.errors import UsageError
from platformpm.model.check import RECORD_TYPES

if TYPE_CHECKING:
    from platformpm.model.reading import Reading
    from platformpm.report.documents import Document

DESCRIPTION = """\
Ask one address once and say everything: the status and why, what to do about it, the status line,
redirects, the health dialect and by what it was recognised, the version and where it was read, the
certificate, and how long each phase took.

A URL may be http, https, tcp, tls, dns (dns://server/name, or dns:///name for this system's
resolvers), icmp, ws, wss, grpc or grpcs, and needs no inventory. Of a WebSocket the upgrade is
asked for, of a gRPC server its health service about the service that the path names.

A SELECTOR is a declared service: service, service@environment, service@environment/instance or any
other that check takes. Each of its instances is asked as the inventory says, one after another:
credentials, certificates, expectations, limits, proxy, and the version check where there is one.

The exit code is the verdict: 0 ok, 1 warning, 2 critical, 3 unknown or an error."""
EXAMPLES = (
    ("platformpm probe https://shop.example/health", "why is this one not up?"),
    ("platformpm probe checkout@production/eu-1", "the same, as the inventory asks it"),
    ("platformpm probe tcp://127.0.0.1:6379", "does anybody listen?"),
    ("platformpm probe tls://mail.example:993", "whose certificate, and until when?"),
    ("platformpm probe dns://10.0.0.53/shop.example --record MX", "what does this name server say?"),
    ("platformpm probe icmp://10.0.0.7", "is the machine there?"),
    ("platformpm probe wss://live.example/socket", "does it upgrade?"),
    ("platformpm probe grpc://127.0.0.1:50051/shop.Cart", "is this gRPC service serving?"),
    ("platformpm probe https://10.0.0.7/health --insecure --header 'Host: shop.example'", "past the proxy"),
    ("platformpm probe http://127.0.0.1:8080/health --format json", "for programs"),
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("target", metavar="URL|SELECTOR", help="the full address, path included, or what is declared")
    inventory_option(parser)
    format_option(parser)
    parser.add_argument("--timeout", type=duration, metavar="TIME", help="of a URL, for everything together (5s)")
    parser.add_argument(
        "--header",
        type=header,
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="send this too to a URL, with ${env:NAME} and ${file:PATH} filled in; repeatable",
    )
    parser.add_argument("--dialect", metavar="NAME", help="read the answer of a URL as this format (auto, none)")
    parser.add_argument(
        "--record",
        choices=RECORD_TYPES,
        type=str.upper,
        metavar="TYPE",
        help="ask a dns URL for this type (A): AAAA, MX, TXT, NS, SOA, SRV, PTR, CAA, …",
    )
    parser.add_argument("--insecure", action="store_true", help="accept any certificate of a URL")
    parser.add_argument("--http2", action="store_true", help="offer HTTP/2 to an https URL")
    parser.add_argument("--proxy", metavar="URL", help="ask a web URL through this HTTP proxy")


def run(arguments: Namespace, context: Context) -> int:
    """Ask, write what there is to say, and give the exit code of the verdict."""
    from platformpm.cli.probing import is_selector  # --help must not load the network

    return _declared(arguments, context) if is_selector(arguments.target) else _address(arguments, context)


def _address(arguments: Namespace, context: Context) -> int:
    from platformpm.cli.probing import Question, ask, filled
    from platformpm.report.examination import exit_code_of, probe_document, probe_text
    from platformpm.report.table import Style

    question = Question(
        arguments.target,
        arguments.timeout or 5.0,
        filled(arguments.header, context),
        arguments.dialect or "auto",
        verify=not arguments.insecure,
        record=arguments.record or "A",
        http2=arguments.http2,
        proxy=arguments.proxy,
    )
    asked = ask(question, context)
    if arguments.format == "json":
        context.output.document(probe_document(arguments.target, asked.examination, no_version=asked.no_version))
    else:
        style = Style(colour=context.output.colour, unicode=context.output.unicode)
        context.output.text(probe_text(arguments.target, asked.examination, style, no_version=asked.no_version))
    return exit_code_of(asked.examination.reading)


def _declared(arguments: Namespace, context: Context) -> int:
    """Ask what is declared. Options that would change its check are refused: then it is another question."""
    from platformpm.cli.probing import ask_declared
    from platformpm.report.examination import exit_code_of, probe_document, probe_text, probes_document
    from platformpm.report.table import Style

    for option in ("timeout", "header", "dialect", "record", "insecure", "http2", "proxy"):
        if getattr(arguments, option):
            raise UsageError(f"--{option} is for a URL: what is declared is asked as the inventory says")
    style = Style(colour=context.output.colour, unicode=context.output.unicode)
    documents: list[Document] = []
    readings: list[Reading] = []
    for asked in ask_declared(arguments.target, arguments.inventory, context):
        url, place = asked.instance.health_url, str(asked.instance.key)
        if arguments.format == "json":
            documents.append(probe_document(url, asked.examination, place=place, no_version=asked.no_version))
        else:
            text = probe_text(url, asked.examination, style, place=place, no_version=asked.no_version)
            context.output.text(("\n" if readings else "") + text)
        readings.append(asked.examination.reading)
    code = exit_code_of(*readings)
    if arguments.format == "json":
        context.output.document(probes_document(arguments.target, documents, code))
    return code
