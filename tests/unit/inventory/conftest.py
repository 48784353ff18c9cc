from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from platformpm.errors import InventoryError
from platformpm.inventory import Loaded, load

Write = Callable[..., Path]
Load = Callable[..., Loaded]
Complain = Callable[..., list[str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files by name under the test's folder, readable by their owner only; gives the folder."""

    def writes(**files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / (name.replace("__", "/") + ".toml")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            path.chmod(0o600)
        return tmp_path

    return writes


@pytest.fixture
def loaded(write: Write) -> Load:
    """Load one file with this text."""

    def loads(text: str, environ: Mapping[str, str] | None = None) -> Loaded:
        return load(write(platform=text) / "platform.toml", environ or {})

    return loads


@pytest.fixture
def complaints(loaded: Load) -> Complain:
    """Give the lines about a bad text, without the folder; [] when it is good."""

    def complain(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
        try:
            loaded(text, environ)
        except InventoryError as error:
            return [line.rpartition("platform.toml:")[2] for line in str(error).splitlines()]
        return []

    return complain
