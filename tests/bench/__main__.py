"""Run every bench or those named: `python -m tests.bench [cli live …]`. Prints a table; exit 1 if a bound is missed."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from tests.bench.rows import machine


def main() -> int:
    """Run the benches and give the exit code."""
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    names = sys.argv[1:] or known
    unknown = set(names) - set(known)
    if unknown:
        raise SystemExit(f"no bench {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    sys.stdout.write(f"{machine()}\n\n| what | bound | measured | |\n| --- | --- | --- | --- |\n")
    missed = False
    for name in names:
        for row in importlib.import_module(f"tests.bench.bench_{name}").run():
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()
            missed |= row.held is False
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
