"""Options that several commands share."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from platformpm.cli.values import one_of
from platformpm.report.checkformats import COMMON, Format


def inventory_option(parser: ArgumentParser) -> None:
    """Add `--inventory`."""
    parser.add_argument("-i", "--inventory", metavar="PATH", help="the inventory: a TOML file or a folder of them")


def verbose_option(parser: ArgumentParser) -> None:
    """Add `--verbose`."""
    parser.add_argument("-v", "--verbose", action="store_true", help="say more; show the trace of a crash")


def format_option(parser: ArgumentParser, formats: Sequence[Format] = COMMON) -> None:
    """Add `--format` with these formats; the first is the default."""
    names = [one.name for one in formats]
    meanings = "; ".join(f"{one.name}: {one.purpose}" for one in formats)
    parser.add_argument("--format", type=one_of(*names), default=names[0], metavar="FORMAT", help=meanings)
