"""What may come next on a command line: what the scripts of `completion` ask for at each press of the tab key."""

from __future__ import annotations

import re
import shlex
from argparse import Action
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from platformpm.cli.context import Context
from platformpm.cli.parser import Parser, command_parser, top_parser
from platformpm.cli.registry import COMMANDS
from platformpm.cli.values import OneOf
from platformpm.errors import ExitCode
from platformpm.model.text import safe_text

Choice = tuple[str, str]
"""A word and what it means, which may be empty."""
FILES = (":", "")
"""Stands for the names of files, which the shell knows itself."""
_HARMLESS = re.compile(r"[\w.@:/+-]+")
"""Nothing that means something to a shell may come from an inventory into a command line."""
_COLUMNS = 80


def complete(asked: Sequence[str], context: Context) -> int:
    """Write what may come next, one a line: the word, a tab, its meaning. What goes wrong is not told.

    `asked` is the shell and the words after the program's name, the last one unfinished; bash has the line as it is.
    """
    with suppress(Exception):
        shell, *words = asked
        words = _split(words[0])[1:] if shell == "bash" else words
        for word, meaning in _choices(words, context):
            context.output.data(f"{word}\t{meaning}\n" if meaning else f"{word}\n")
    return ExitCode.OK


def _split(line: str) -> list[str]:
    """Split a line as a shell does; where a quote is still open, at blanks. The last word is the unfinished one."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    return [*words, ""] if line[-1:].isspace() else words


def _choices(words: Sequence[str], context: Context) -> Iterator[Choice]:
    *before, word = words
    parser, rest = _parser(before)
    taker = _taker(parser, rest[-1]) if rest else None
    option, equals, value = word.partition("=")
    if taker is None and equals and option.startswith("--"):
        taker, word = _taker(parser, option), value
        yield from _starting(word, _values(taker, word, words, context), f"{option}=")
    elif taker is not None:
        yield from _starting(word, _values(taker, word, words, context))
    elif word.startswith("-"):
        yield from _starting(word, _options(parser))
    elif _is_top(parser):
        yield from _starting(word, _commands(rest))
    else:
        for action in parser.arguments:
            if not action.option_strings:
                yield from _starting(word, _values(action, word, words, context))


def _starting(word: str, choices: Iterable[Choice], lead: str = "") -> Iterator[Choice]:
    for choice, meaning in choices:
        if choice == FILES[0]:
            yield FILES
        elif choice.startswith(word):
            yield lead + choice, meaning


def _parser(before: Sequence[str]) -> tuple[Parser, Sequence[str]]:
    """Give the parser that the words so far lead to, and those of them that are for it."""
    top = top_parser(_COLUMNS)
    at = 0
    while at < len(before) and before[at].startswith("-"):
        at += 2 if _taker(top, before[at]) is not None else 1
    rest = before[at:]
    for command in COMMANDS:
        called = command.words.split()
        if list(rest[: len(called)]) == called:
            return command_parser(command, command.load(), _COLUMNS), rest[len(called) :]
    return top, before if at > len(before) else rest


def _is_top(parser: Parser) -> bool:
    return any(action.dest == "command" for action in parser.arguments)


def _taker(parser: Parser, word: str) -> Action | None:
    """Give the option that `word` is, if a value follows it."""
    found = next((action for action in parser.arguments if word in action.option_strings), None)
    return found if found is not None and found.nargs != 0 else None


def _commands(before: Sequence[str]) -> Iterator[Choice]:
    """Give the words that commands go on with, each once; a group has no meaning of its own."""
    place = len(before)
    told: dict[str, str] = {}
    for command in COMMANDS:
        called = command.words.split()
        if len(called) > place and called[:place] == list(before):
            told[called[place]] = command.summary if len(called) == place + 1 else ""
    yield from told.items()


def _options(parser: Parser) -> Iterator[Choice]:
    for action in parser.arguments:
        for name in action.option_strings[-1:]:
            yield name, safe_text(action.help or "", _COLUMNS)


def _values(action: Action | None, word: str, words: Sequence[str], context: Context) -> Iterator[Choice]:
    """Give what an option or argument takes, as far as it is known."""
    metavar = str(action.metavar or "") if action is not None else ""
    if action is not None and isinstance(action.type, OneOf):
        yield from ((one, "") for one in action.type.valid)
    elif "SELECTOR" in metavar:
        yield from _selectors(word, words, context)
    elif metavar in ("PATH", "FILE"):
        yield FILES


def _selectors(word: str, words: Sequence[str], context: Context) -> Iterator[Choice]:
    from platformpm.cli.selecting import choices  # with the reader of TOML

    named = (after for option, after in pairwise(words) if option in ("-i", "--inventory"))
    path = next((Path(name).expanduser() for name in named), None)
    negation = "!" if word.startswith("!") else ""
    for choice, meaning in choices(path, word.removeprefix("!"), context):
        if _HARMLESS.fullmatch(choice):
            yield negation + choice, meaning
