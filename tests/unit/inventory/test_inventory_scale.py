from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

import pytest

from platformpm.errors import InventoryError
from platformpm.inventory import Loaded
from platformpm.inventory.problems import Problems, near

Complain = Callable[..., list[str]]


def services(count: int, line: str = "") -> str:
    return "".join(f'[services.service-{i}]\n{line}\ninstances.p = ["http://h{i}"]\n' for i in range(count))


def test_guesses_end_before_they_take_long() -> None:
    problems = Problems()
    known = [f"service-{i}" for i in range(1000)]
    hints = [problems.near("servce-7", known) for _ in range(100)]
    assert hints[0] == near("servce-7", known) is not None
    assert hints[-1] is None


def test_every_service_with_a_mistake_is_listed(complaints: Complain) -> None:
    lines = complaints(services(300, "depends_on = ['servce']"))
    assert len(lines) == 300
    assert lines[-1].startswith("899: services.service-299.depends_on[0]: unknown service")


def test_where_something_is_broken_is_found_without_a_search() -> None:
    problems = Problems()
    for i in range(20_000):
        problems.add(("services", f"s{i}", "tier"), "is wrong")
    started = perf_counter()
    assert all(problems.has_within(("services", f"s{i}")) for i in range(20_000))
    assert not any(problems.has_within(("services", f"s{i}", "instances")) for i in range(20_000))
    assert perf_counter() - started < 10, "was minutes: every question went through every problem"


def test_a_file_pasted_into_itself_is_told_shortly(complaints: Complain) -> None:
    assert 1 <= len(complaints(services(200) * 2)) <= 20


def test_a_chain_of_thousands_of_dependencies_is_no_problem(loaded: Callable[..., Loaded]) -> None:
    text = "".join(
        f"[services.s{i}]\nexternal = true\ndepends_on = [{f'{chr(34)}s{i + 1}{chr(34)}' if i < 1999 else ''}]\n"
        for i in range(2000)
    )
    assert len(loaded(text).inventory.services) == 2000


@pytest.mark.parametrize("text", [services(1), "["])
def test_the_garbage_collector_runs_again_after_loading(loaded: Callable[..., Loaded], text: str) -> None:
    assert gc.isenabled()
    with suppress(InventoryError):
        loaded(text)
    assert gc.isenabled()


def test_selectors_and_durations_do_not_import_pydantic() -> None:
    code = (
        "import sys, platformpm.inventory.selectors, platformpm.inventory.durations; print('pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
