"""What every command gets: the two streams, the surroundings, and the way to the inventory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platformpm.cli.diagnostics import Diagnostics
from platformpm.cli.output import Output
from platformpm.errors import UsageError

if TYPE_CHECKING:
    from platformpm.inventory import Loaded

Keep = Callable[["Loaded"], None]
Face = Callable[[Path, "Loaded", Keep, Callable[[str], None]], int]
"""Opens the terminal face on the inventory at a path, already read once, and gives its exit code.

It tells the third of each inventory that it reads later, and the last, when it is closed, of an error.
"""


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one run. `interactive` tells whether a person sits at a terminal, both ways."""

    output: Output
    diagnostics: Diagnostics
    environ: Mapping[str, str]
    folder: Path
    interactive: bool
    face: Face

    def find(self, explicit: str | None) -> Path:
        """Give the path of the inventory that counts here. Raises `UsageError` when there is none."""
        from platformpm import inventory  # pydantic is slow to import, --help must not pay for it

        if explicit is not None and not explicit.strip():  # a variable that a pipeline forgot to set
            raise UsageError("--inventory: the path is empty")
        path = inventory.find(Path(explicit) if explicit is not None else None, self.environ, self.folder)
        self.diagnostics.detail(f"inventory: {path}")
        return path

    def read(self, path: Path) -> Loaded:
        """Read an inventory and mask its secrets in everything written from now on.

        Raises `InventoryError` with every problem.
        """
        from platformpm import inventory  # the same

        loaded = inventory.load(path, self.environ)
        self.keep(loaded)
        return loaded

    def keep(self, loaded: Loaded) -> None:
        """Keep the secrets of an inventory out of everything written from now on."""
        self.output.mask = self.diagnostics.mask = loaded.inventory.mask

    def open(self, path: Path) -> int:
        """Open the terminal face on an inventory; its problems are told before the screen is."""
        return self.face(path, self.load(path), self.keep, self.diagnostics.error)

    def load(self, path: Path) -> Loaded:
        """Read an inventory as `read` does, and tell its warnings."""
        loaded = self.read(path)
        self.diagnostics.warnings(loaded.warnings)
        return loaded
