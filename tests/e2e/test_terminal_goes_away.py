"""The whole program, when its terminal is taken away."""

import sys
from pathlib import Path

from tests.tui.terminal import Terminal


def test_a_terminal_that_hangs_up_is_129_and_no_failure(tmp_path: Path) -> None:
    inventory = tmp_path / "platform.toml"
    inventory.write_text('[services.a]\ninstances.production = ["http://127.0.0.1:9"]\n')
    env = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "LC_ALL": "C.UTF-8"}
    window = Terminal("-i", str(inventory), program=(sys.executable, "-m", "platformpm"), env=env)
    try:
        window.wait(b"live")
        window.hang_up()
        assert window.ended(reading=False) == 129
    finally:
        window.close()
