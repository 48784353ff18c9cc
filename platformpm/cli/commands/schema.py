"""`platformpm inventory schema`: the JSON Schema of the inventory."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.errors import ExitCode

DESCRIPTION = """\
Print the JSON Schema of the inventory. Editors complete and check TOML with it: put the line
#:schema ./inventory.schema.json on top of the file."""
EXAMPLES = (("platformpm inventory schema > inventory.schema.json", "beside your inventory"),)


def configure(parser: ArgumentParser) -> None:
    """Add nothing: the schema depends on nothing."""


def run(_arguments: Namespace, context: Context) -> int:
    """Write the schema."""
    from platformpm import inventory  # pydantic is slow to import, --help must not pay for it

    context.output.document(inventory.schema())
    return ExitCode.OK
