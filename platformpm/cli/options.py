"""Options that several commands share."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from platformpm.cli.values import OneOf, moment
from platformpm.errors import UsageError
from platformpm.report.checkformats import COMMON, Format

if TYPE_CHECKING:
    from datetime import tzinfo

_DAY = 86400.0
_SOON = 1.0
"""Seconds beyond now: the end of a stretch does not belong to it."""


def inventory_option(parser: ArgumentParser) -> None:
    """Add `--inventory`."""
    parser.add_argument("-i", "--inventory", metavar="PATH", help="the inventory: a TOML file or a folder of them")


def verbose_option(parser: ArgumentParser) -> None:
    """Add `--verbose`."""
    parser.add_argument("-v", "--verbose", action="store_true", help="say more; show the trace of a crash")


def log_option(parser: ArgumentParser) -> None:
    """Add `--log`."""
    parser.add_argument("--log", metavar="FILE", help="write a log there too, with -v in detail; rotated, masked")


def format_option(parser: ArgumentParser, formats: Sequence[Format] = COMMON) -> None:
    """Add `--format` with these formats; the first is the default."""
    names = [one.name for one in formats]
    meanings = "; ".join(f"{one.name}: {one.purpose}" for one in formats)
    parser.add_argument("--format", type=OneOf(*names), default=names[0], metavar="FORMAT", help=meanings)


def stretch_options(parser: ArgumentParser, clock: str) -> None:
    """Add `--since` and `--until`; `clock` says how a time without an offset is meant."""
    parser.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help=f"how far back: 24h, 7d, or a time {clock} unless it has an offset: 07:30, 2026-11-26, "
        "2026-11-26T07:30, 2026-11-26T07:30Z (default: 24h)",
    )
    parser.add_argument("--until", type=moment, metavar="TIME", help="up to then, written alike (default: now)")


def stretch(arguments: Namespace, zone: tzinfo | None) -> tuple[float, float]:
    """Give the wall times from which and up to which is asked, by the clock of `zone`, None for the machine's own.

    Raises `UsageError` where there is no time in between.
    """
    from platformpm.cli.moments import wall  # --help must not pay for it

    now = time.time()
    since = now - _DAY if arguments.since is None else wall(arguments.since, now, zone)
    until = now + _SOON if arguments.until is None else wall(arguments.until, now, zone)
    if since >= until:
        raise UsageError("--since is in the future" if arguments.until is None else "--since is not before --until")
    return since, until
