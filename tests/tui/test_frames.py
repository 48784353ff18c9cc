"""How many frames a second the toolkit may make is read from the environment as it is imported."""

import os
import subprocess
import sys

import pytest

_SHOW = """
from platformpm import tui
try:
    tui.run(None)  # no session: it ends where the app would begin
except AttributeError:
    from textual.constants import MAX_FPS
    print(MAX_FPS)
"""


@pytest.mark.parametrize(("given", "frames"), [(None, 240), ("30", 30)])
def test_a_key_waits_four_milliseconds_for_its_frame_unless_the_user_says_otherwise(
    given: str | None, frames: int
) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "TEXTUAL_FPS"}
    done = subprocess.run(
        [sys.executable, "-c", _SHOW],
        env=environ | ({"TEXTUAL_FPS": given} if given else {}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == frames
