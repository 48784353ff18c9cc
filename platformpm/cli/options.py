"""Options that several commands share."""

from __future__ import annotations

from argparse import ArgumentParser

from platformpm.cli.values import one_of


def inventory_option(parser: ArgumentParser) -> None:
    """Add `--inventory`."""
    parser.add_argument("-i", "--inventory", metavar="PATH", help="the inventory: a TOML file or a folder of them")


def verbose_option(parser: ArgumentParser) -> None:
    """Add `--verbose`."""
    parser.add_argument("-v", "--verbose", action="store_true", help="say more; show the trace of a crash")


def format_option(parser: ArgumentParser) -> None:
    """Add `--format`."""
    parser.add_argument(
        "--format", type=one_of("text", "json"), default="text", metavar="text|json", help="for people or for programs"
    )
