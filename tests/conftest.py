"""What holds for every test: no clock of a busy machine judges a property, no background job is deaf to signals, none
writes into the history of who runs it, and what was compiled once is not compiled again by each process."""

from __future__ import annotations

import gc
import itertools
import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.faults.rows")

# Who develops meets new examples in every run; the gate (CI is set there) judges a change by the same ones each time.
settings.register_profile("platformpm", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("platformpm")

# What a shell or nohup starts in the background ignores these, and every program under test would inherit it.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# As the program does for itself: a look for garbage after each 700 containers was a third of the tests' time.
gc.set_threshold(50_000)

_NUMBERS = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let every program that the tests start remember in a folder of theirs."""
    folder = tmp_path_factory.mktemp("state")
    os.environ["XDG_STATE_HOME"] = str(folder)
    return folder


@pytest.fixture(autouse=True)
def _state_of_one_test(_own_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be remembered from one test to the next, whichever that is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(_own_state / str(next(_NUMBERS))))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Give two workers more than there are cores: the tests of real programs wait as much as they compute."""
    return (os.cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest: they wait more than they compute, and the others compute meanwhile."""
    items.sort(key=lambda item: not item.nodeid.startswith(("tests/e2e/", "tests/contracts/test_docs.py")))
