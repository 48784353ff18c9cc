"""Draws the picture of the README: the overview of the demo platform at two moments of its story.

Run `.venv/bin/python -m tests.e2e.picture` from the top of the repository.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path

from platformpm.assembly import Running
from platformpm.demo import DemoPlatform
from platformpm.tui.app import PlatformApp

PICTURE = Path(__file__).resolve().parents[2] / ".github" / "overview.svg"
MOMENTS = ((30.0, 16.0), (80.0, 16.0))
"""Seconds of the script at which it stands still, and for how long it is watched there."""


async def draw() -> str:
    """Give the picture as SVG text."""
    seconds = [0.0]
    with DemoPlatform(clock=lambda: seconds[0]) as demo, Running.of(demo.inventory, os.environ) as session:
        app = PlatformApp(session)
        async with app.run_test(size=(160, 44)) as pilot:
            for moment, watched in MOMENTS:
                seconds[0] = moment
                end = time.monotonic() + watched
                while time.monotonic() < end:
                    await pilot.pause(0.2)
            return app.export_screenshot(title="platformpm")


def main() -> None:
    """Draw and write the picture; fonts are the reader's own, nothing is loaded from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}", "", asyncio.run(draw()), flags=re.DOTALL)
    svg = re.sub(
        r"[ \t]+\n", "\n", svg.replace("Fira Code", "JetBrains Mono, Fira Code, DejaVu Sans Mono, Menlo, monospace")
    )
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
