"""Every format of `check` in one table; a new one is a file and a line here. No format is imported to list it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from platformpm.report.told import Told

    Render = Callable[[Told], str]


class Format(NamedTuple):
    """The word that asks for it, for what it is, and the file in `report/` whose function `render` makes it.

    Without a file it is one of the two that every command has, which are written by other rules: text suits the
    place it is written to, JSON is masked as a document.
    """

    name: str
    purpose: str
    file: str | None = None

    def load(self) -> Render:
        """Import the file and give what makes the whole output, lines ended, masked and in UTF-8."""
        return cast("Render", import_module(f"platformpm.report.{self.file}").render)


COMMON = (
    Format("text", "for people"),
    Format("json", "for programs"),
)
"""What every command that has formats can write."""
FORMATS = (
    *COMMON,
    Format("junit", "test report for Jenkins, GitLab and others", "junit"),
    Format("nagios", "one line with performance data, as plugins write it", "nagios"),
    Format("prometheus", "text exposition, for node_exporter's textfile collector", "prometheus"),
    Format("github", "annotations of a GitHub workflow", "github"),
    Format("markdown", "a table to paste into a pull request", "markdown"),
)
BY_NAME = {format_.name: format_ for format_ in FORMATS}
