"""Run by the gate with the Python of an empty venv that holds only the wheel: does what a new user gets work?"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
PROGRAM = str(BIN / "platformpm")


def run(*words: str, allowed: tuple[int, ...] = (0,)) -> str:
    """Run platformpm without a terminal and give its standard output; any other exit code than allowed is an error."""
    done = subprocess.run(
        [PROGRAM, *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=120
    )
    if done.returncode not in allowed:
        raise SystemExit(f"platformpm {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


async def open_the_screen() -> None:
    """Start the terminal UI headless on the demo platform: every style sheet must be in the wheel."""
    from platformpm import assembly
    from platformpm.demo import DemoPlatform
    from platformpm.tui.app import PlatformApp

    with DemoPlatform() as demo, assembly.Running.of(demo.inventory, os.environ) as session:
        app = PlatformApp(session)
        async with app.run_test(size=(160, 48)) as pilot:
            for _ in range(100):
                await pilot.pause(0.1)
                snapshot = session.board.latest()
                if snapshot is not None and snapshot.counts.up > 20:
                    return
    raise SystemExit("the screen never showed the demo platform")


def main() -> None:
    """Run every part."""
    assert "check" in run("--help")
    run("--version")
    run("inventory", "validate", "-i", "config/minimal.toml")
    document = json.loads(run("demo", "--check", "--format", "json", allowed=(0, 1)))
    assert document["counts"]["up"] > 20, document["counts"]
    run("check", "-i", "config/minimal.toml", allowed=(0, 1, 2, 3))
    asyncio.run(open_the_screen())
    installed = subprocess.run([BIN / "pip", "list"], capture_output=True, text=True, check=True).stdout
    assert "pytest" not in installed
    sys.stdout.write("the wheel works\n")


if __name__ == "__main__":
    main()
