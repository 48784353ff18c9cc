"""`platformpm inventory validate`: every problem of an inventory at once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.cli.options import inventory_option
from platformpm.errors import ExitCode, InventoryError

DESCRIPTION = """\
Read the inventory and list every problem as FILE:LINE: KEY: what is wrong (did you mean …).
No service is asked. Exit 3 when there is an error; warnings alone exit 0."""
EXAMPLES = (
    ("platformpm inventory validate", "the inventory that counts here"),
    ("platformpm inventory validate -i platform.toml", "before a commit, or in CI"),
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    inventory_option(parser)


def run(arguments: Namespace, context: Context) -> int:
    """Write the problems, or in one line what the inventory holds."""
    path = context.find(arguments.inventory)
    try:
        loaded = context.read(path)
    except InventoryError as error:
        context.output.lines(map(str, error.problems))
        errors = sum(not problem.warning for problem in error.problems)
        warnings = len(error.problems) - errors
        more = f", {_count(warnings, 'warning')}" if warnings else ""
        context.diagnostics.note(f"{path}: {_count(errors, 'error')}{more}")
        return ExitCode.UNKNOWN
    context.output.lines(map(str, loaded.warnings))
    inventory = loaded.inventory
    held = (
        _count(len(inventory.services), "service"),
        _count(len(list(inventory.instances())), "instance"),
        _count(len(inventory.environments), "environment"),
        _count(len(inventory.hosts), "host"),
    )
    context.output.lines([f"{path}: valid: {', '.join(held)}"])
    return ExitCode.OK


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
