"""The headless face, from the command line to the exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from platformpm import __version__
from platformpm.cli.context import Context, Face
from platformpm.cli.diagnostics import Diagnostics
from platformpm.cli.output import Output
from platformpm.cli.parser import COMPLETE, Invocation, parse
from platformpm.cli.signals import Termination
from platformpm.cli.streams import is_terminal
from platformpm.errors import ExitCode, UsageError

_COLLECT_AFTER = 50_000
"""New containers between two looks for garbage. Start-up makes only what stays: looking each 700 costs 60 ms of it."""
_WIDEST_HELP = 100
"""Columns; longer lines of prose are hard to read."""


def main(argv: Sequence[str], face: Face) -> int:
    """Run the command line `argv` (without the program's name) and give the exit code; `face` opens the TUI."""
    gc.set_threshold(_COLLECT_AFTER)
    output, diagnostics = Output(os.environ), Diagnostics(os.environ)
    termination = Termination()
    context = Context(
        output=output,
        diagnostics=diagnostics,
        environ=os.environ,
        folder=_folder(),
        interactive=output.terminal and is_terminal(sys.stdin),
        face=face,
    )
    code = diagnostics.guard(lambda: _run(argv, context, termination))
    ended = termination.code if termination.code is not None else code  # Python swallows what is raised in a destructor
    ended = diagnostics.guard(output.close) or ended
    if diagnostics.log is not None:
        diagnostics.log.tell(f"ended with exit code {ended}")
        diagnostics.log.close()
    return ended


def _folder() -> Path:
    """Give the working folder. One that was removed has no name, but what is named in full can still be done."""
    try:
        return Path.cwd()
    except OSError:
        return Path()


def _run(argv: Sequence[str], context: Context, termination: Termination) -> int:
    if argv[:1] == [COMPLETE]:
        from platformpm.cli.completing import complete  # a shell asks for this, no person

        return complete(argv[1:], context)
    asked = parse(argv, min(context.output.columns, _WIDEST_HELP))
    context.diagnostics.verbose = asked.arguments.verbose
    if asked.text is not None:
        context.output.text(asked.text)
        return ExitCode.OK
    if asked.arguments.log is not None:
        _open_log(asked, context)
    if asked.command is not None:
        termination.install()
        return asked.command.run(asked.arguments, context)
    if not context.interactive:
        raise UsageError("the terminal interface needs a terminal; for scripts there is: platformpm check")
    return context.open(context.find(asked.arguments.inventory))


def _open_log(asked: Invocation, context: Context) -> None:
    """Begin the log file, before anything else is done. Raises `UsageError` where it cannot be written."""
    from platformpm.cli.logfile import LogFile  # with the library, which few runs need

    name: str = asked.arguments.log
    if not name.strip():  # a variable that a script forgot to set
        raise UsageError("--log: the path is empty")
    diagnostics = context.diagnostics
    diagnostics.log = LogFile(context.folder / name, diagnostics.masked, verbose=diagnostics.verbose)
    what = getattr(asked.command, "__name__", "the terminal interface").rpartition(".")[2]
    diagnostics.log.tell(f"platformpm {__version__} begins, process {os.getpid()}: {what}")
