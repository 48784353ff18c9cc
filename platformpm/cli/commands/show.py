"""`platformpm inventory show`: the inventory as it is understood."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.cli.options import inventory_option
from platformpm.errors import ExitCode

DESCRIPTION = """\
Print the inventory as it is understood: includes read, defaults and short forms written out,
every secret masked. The text is TOML."""
EXAMPLES = (("platformpm inventory show", "which interval does this service really have?"),)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    inventory_option(parser)


def run(arguments: Namespace, context: Context) -> int:
    """Write the resolved inventory."""
    from platformpm import inventory  # pydantic is slow to import, --help must not pay for it

    path = context.find(arguments.inventory)
    loaded, text = inventory.show(path, context.environ)
    context.keep(loaded)
    context.diagnostics.warnings(loaded.warnings)
    context.output.text(text)
    return ExitCode.OK
