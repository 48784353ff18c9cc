"""An environment as a user has it: the wheel and its dependencies, nothing of the dev extra."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.bench.rows import ROOT


@functools.cache
def lean_bin() -> Path:
    """Build the wheel, install it into a new environment with the uvloop extra, give the folder of its programs."""
    folder = Path(tempfile.mkdtemp(prefix="platformpm-bench-"))
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)], check=True, capture_output=True
    )
    venv.create(folder / "venv", with_pip=True)
    wheel = next(folder.glob("*.whl"))
    programs = folder / "venv" / "bin"
    subprocess.run([str(programs / "pip"), "install", "-q", f"{wheel}[uvloop]"], check=True, capture_output=True)
    subprocess.run([str(programs / "python"), "-m", "compileall", "-q", str(folder / "venv" / "lib")], check=False)
    return programs
