"""What holds for every test: no clock of a busy machine judges a property, no background job is deaf to signals, and
none writes into the history of who runs it."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# Who develops meets new examples in every run; the gate (CI is set there) judges a change by the same ones each time.
settings.register_profile("platformpm", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("platformpm")

# What a shell or nohup starts in the background ignores these, and every program under test would inherit it.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let every program that a test starts remember in a folder of the tests."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Give two workers more than there are cores: the tests of real programs wait as much as they compute."""
    return (os.cpu_count() or 1) + 2
