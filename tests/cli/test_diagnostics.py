import asyncio
import logging
from collections.abc import Callable, Iterator

import pytest

from platformpm.assembly import SystemClock
from platformpm.cli.diagnostics import Diagnostics
from platformpm.cli.logs import listen
from platformpm.errors import InventoryError, PlatformpmError, Problem, UsageError
from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.exchange import Failure, Response
from platformpm.model.secret import MASK, NO_MASK, Masker
from platformpm.net import Network
from platformpm.probes import registry

SECRET = "hunter2-canary"
Written = pytest.CaptureFixture[str]


def made() -> Diagnostics:
    """Give new diagnostics; pytest gives each phase of a test its own stream, so no fixture can."""
    diagnostics = Diagnostics({})
    diagnostics.mask = Masker([SECRET])
    return diagnostics


def raising(error: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


CASES = [
    (UsageError("no such thing\nsee: --help"), 3, "platformpm: no such thing\nplatformpm: see: --help\n"),
    (
        InventoryError([Problem("a.toml", 3, "x", "bad"), Problem("b.toml", None, "", "worse")]),
        3,
        "a.toml:3: x: bad\nb.toml: worse\n",
    ),
    (PlatformpmError(f"it said {SECRET}\x1b[31m"), 3, f"platformpm: it said {MASK}\N{REPLACEMENT CHARACTER}[31m\n"),
    (InventoryError([Problem("a.toml", 3, SECRET, SECRET)]), 3, f"a.toml:3: {MASK}: {MASK}\n"),
    (KeyboardInterrupt(), 130, "platformpm: interrupted\n"),
]


@pytest.mark.parametrize(("error", "code", "told"), CASES, ids=lambda value: type(value).__name__)
def test_every_ending_has_its_exit_code_and_its_lines(
    capsys: Written, error: BaseException, code: int, told: str
) -> None:
    assert made().guard(raising(error)) == code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", told)


def test_the_exit_code_of_work_that_ends_well_is_its_own(capsys: Written) -> None:
    diagnostics = made()
    assert diagnostics.guard(lambda: 2) == 2
    assert capsys.readouterr().err == ""


def test_a_defect_in_a_group_of_tasks_is_told_by_its_cause(capsys: Written) -> None:
    diagnostics = made()
    cause = ExceptionGroup("tasks", [ExceptionGroup("more", [ValueError(f"broke on {SECRET}")])])
    assert diagnostics.guard(raising(cause)) == 3
    told = capsys.readouterr().err
    assert f"ValueError: broke on {MASK}\n" in told
    assert "-v" in told


def test_a_trace_is_masked_and_has_no_locals(capsys: Written) -> None:
    diagnostics = made()

    def work() -> int:
        local = "kept-to-itself"
        raise RuntimeError(SECRET + local[:0])

    diagnostics.verbose = True
    diagnostics.guard(work)
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert f"RuntimeError: {MASK}" in told
    assert SECRET not in told


def test_quiet_leaves_errors_only(capsys: Written) -> None:
    diagnostics = made()
    diagnostics.quiet = True
    diagnostics.note("by the way")
    diagnostics.warnings([Problem("a.toml", 1, "x", "odd", warning=True)])
    diagnostics.error("wrong")
    assert capsys.readouterr().err == "platformpm: wrong\n"


def test_details_are_for_the_verbose(capsys: Written) -> None:
    diagnostics = made()
    diagnostics.detail("unseen")
    diagnostics.verbose = True
    diagnostics.detail(f"  seen {SECRET}\x07")
    assert capsys.readouterr().err == f"  seen {MASK}\N{REPLACEMENT CHARACTER}\n"


def test_progress_is_silent_without_a_terminal(capsys: Written) -> None:
    diagnostics = made()
    diagnostics.progress("1 of 2", at_once=True)
    diagnostics.done()
    assert capsys.readouterr().err == ""


@pytest.fixture
def quiet_root() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("platformpm")
    before, own = list(root.handlers), list(ours.handlers)
    yield
    root.handlers[:], ours.handlers[:] = before, own
    ours.setLevel(logging.NOTSET)


@pytest.mark.usefixtures("quiet_root")
def test_what_libraries_log_is_masked_and_for_the_verbose(capsys: Written) -> None:
    diagnostics = made()
    listen(diagnostics)
    logging.getLogger("somewhere").error("unseen %s", SECRET)
    assert capsys.readouterr().err == ""
    diagnostics.verbose = True
    logging.getLogger("somewhere").error("sent %s\n\x1b[2J", SECRET)
    logging.getLogger("somewhere").info("too small to tell")
    assert capsys.readouterr().err == f"somewhere: sent {MASK} \N{REPLACEMENT CHARACTER}[2J\n"


class Broken(Network):
    async def fetch(self, request: object, deadline: float) -> Response | Failure:
        raise KeyError(f"\x1b{SECRET}")


@pytest.mark.usefixtures("quiet_root")
@pytest.mark.parametrize("verbose", [False, True])
def test_the_trace_of_a_defect_in_a_probe_is_for_the_verbose(capsys: Written, *, verbose: bool) -> None:
    diagnostics = made()
    diagnostics.verbose = verbose
    listen(diagnostics)
    check = Check()
    probe = registry(Broken(), NO_MASK, SystemClock())["http"]
    instance = Instance(InstanceKey("s", "e", "i"), "http", "http://h/", check, "http://h/")
    assert asyncio.run(probe(instance, check, 0.0)).detail == "internal error: KeyError"
    shown = capsys.readouterr().err
    assert SECRET not in shown
    assert "\x1b" not in shown
    assert ("Traceback (most recent call last):\n" in shown) is verbose
    assert ("registry.py" in shown) is verbose
