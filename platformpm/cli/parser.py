"""The command line. Every mistake is a `UsageError` that names the nearest valid word; nothing is written here."""

from __future__ import annotations

from argparse import REMAINDER, Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from platformpm import __version__
from platformpm.cli.options import inventory_option, log_option, verbose_option
from platformpm.cli.registry import COMMANDS, GROUPS, Command, CommandModule
from platformpm.cli.values import did_you_mean
from platformpm.errors import UsageError

PROGRAM = "platformpm"
COMPLETE = "_complete"
"""The word by which the scripts of `completion` ask what may come next; it is no command for people."""
_ABOUT = """\
One terminal for the state, versions and promises of a whole platform of services.

Without a command it opens the terminal interface on your inventory."""
_EXIT_CODES = (
    "exit codes:\n  0 ok, 1 warning, 2 critical, 3 unknown or any error of usage or inventory\n"
    "  130 interrupted (SIGINT), 143 ended (SIGTERM), 129 hung up (SIGHUP)"
)
_EXAMPLES = (
    ("platformpm demo", "watch a made-up platform; nothing to set up"),
    ("platformpm init && platformpm", "write your own inventory, then open it"),
    ("platformpm check tier:1 --format json", "a verdict for CI and cron"),
    ("platformpm probe checkout@production", "why is this one not up?"),
)
_FOUND = """\
inventory:
  --inventory, else $PLATFORMPM_INVENTORY, else ./platform.toml, else platformpm/platform.toml
  in your configuration folder; a file, or a folder of *.toml files"""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the command line asks for: a text to show, else a command, else (both None) the terminal interface."""

    arguments: Namespace
    command: CommandModule | None = None
    text: str | None = None


class Parser(ArgumentParser):
    """An argparse parser that raises instead of writing and exiting, and knows its options for suggestions."""

    def __init__(self, prog: str, about: str, epilog: str, columns: int) -> None:
        """Lay texts out for `columns`."""
        self.known_options: list[str] = []
        self.arguments: list[Action] = []
        super().__init__(
            prog=prog,
            description=about,
            epilog=epilog,
            formatter_class=lambda prog: RawDescriptionHelpFormatter(prog, max_help_position=26, width=columns),
            add_help=False,
            allow_abbrev=False,
        )
        self.add_argument("-h", "--help", action=_Help, nargs=0, help="show this and exit")

    def add_argument(self, *names: Any, **settings: Any) -> Action:
        """Add an argument as argparse does."""
        self.known_options += [name for name in names if name.startswith("--")]
        self.arguments.append(super().add_argument(*names, **settings))
        return self.arguments[-1]

    def error(self, message: str) -> NoReturn:
        """Raise the mistake, with the place to read on."""
        raise UsageError(f"{message}\nsee: {self.prog} --help")

    def refuse(self, extra: Sequence[str]) -> None:
        """Raise for the first argument that no one knows."""
        if extra:
            word = extra[0]
            near = did_you_mean(word.partition("=")[0], self.known_options)
            kind = "option" if word.startswith("-") else "argument"
            self.error(f"unknown {kind} {word}{near}")


class _Shown(Exception):  # noqa: N818  # an answer, not an error
    """A text was asked for instead of work."""


class _Help(Action):
    def __call__(self, parser: ArgumentParser, *_: object) -> NoReturn:
        raise _Shown(parser.format_help())


class _Version(Action):
    def __call__(self, *_: object) -> NoReturn:
        raise _Shown(f"{PROGRAM} {__version__}\n")


def parse(argv: Sequence[str], columns: int = 80) -> Invocation:
    """Read the command line; help is laid out for `columns`. Raises `UsageError` for every mistake."""
    try:
        top = top_parser(columns)
        arguments, extra = top.parse_known_args(argv)
        top.refuse(extra)
        if not arguments.command:
            return Invocation(arguments)
        command, rest = _command(arguments.command, columns)
        module = command.load()
        parser = command_parser(command, module, columns)
        arguments, extra = parser.parse_known_intermixed_args(rest, arguments)
        parser.refuse(extra)
    except _Shown as shown:
        return Invocation(Namespace(verbose=False, log=None), text=str(shown))
    return Invocation(arguments, module)


def top_parser(columns: int) -> Parser:
    """Give the parser of what stands before the command, whose help lists the commands."""
    parts = (_listing(COMMANDS), _FOUND, _examples(_EXAMPLES), _EXIT_CODES)
    parser = Parser(PROGRAM, _ABOUT, "\n\n".join(parts), columns)
    parser.usage = f"{PROGRAM} [-i PATH] [-v] [--log FILE] [COMMAND …]"
    inventory_option(parser)
    verbose_option(parser)
    log_option(parser)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    parser.add_argument("command", nargs=REMAINDER, metavar="COMMAND", help="one of those below")
    return parser


def command_parser(command: Command, module: CommandModule, columns: int) -> Parser:
    """Give the parser of one command."""
    parser = Parser(f"{PROGRAM} {command.words}", module.DESCRIPTION, _examples(module.EXAMPLES), columns)
    module.configure(parser)
    verbose_option(parser)
    return parser


def _command(words: Sequence[str], columns: int) -> tuple[Command, Sequence[str]]:
    """Find the command that `words` begin with, and what remains of them."""
    for command in COMMANDS:
        called = command.words.split()
        if list(words[: len(called)]) == called:
            return command, words[len(called) :]
    group = [command for command in COMMANDS if command.words.startswith(f"{words[0]} ")]
    if not group:
        first = list(dict.fromkeys(command.words.split()[0] for command in COMMANDS))
        return top_parser(columns).error(f"there is no command {words[0]}{did_you_mean(words[0], first)}")
    parser = Parser(f"{PROGRAM} {words[0]}", GROUPS[words[0]], _listing(group), columns)
    parser.usage = f"{parser.prog} COMMAND …"
    parser.parse_known_args(words[1:2])
    second = [command.words.split()[1] for command in group]
    given = words[1] if len(words) > 1 else "nothing"
    return parser.error(f"{words[0]} wants one of {', '.join(second)}, not {given}{did_you_mean(given, second)}")


def _listing(commands: Iterable[Command]) -> str:
    return _columns("commands:", [(command.words, command.summary) for command in commands])


def _examples(examples: Iterable[tuple[str, str]]) -> str:
    return _columns("examples:", list(examples))


def _columns(title: str, rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(left) for left, _ in rows)
    return "\n".join([title, *(f"  {left:<{width}}   {right}" for left, right in rows)])
