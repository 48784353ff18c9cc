"""Screens kept as text. `UPDATE_GOLDENS=1 pytest tests/tui` writes them anew; read the difference before it is kept."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).with_name("goldens")


def assert_golden(name: str, text: str) -> None:
    """Hold `text` against the file of this name."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    assert path.exists(), f"no golden {path.name}: run once with UPDATE_GOLDENS=1"
    assert text.rstrip("\n").split("\n") == path.read_text(encoding="utf-8").rstrip("\n").split("\n"), (
        f"{path.name} differs"
    )
