"""The limit of open files: raised as far as it goes, and never a reason to call a healthy platform unknown."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from platformpm import assembly
from platformpm.assembly import affordable, checking
from platformpm.model.check import Check, Instance
from platformpm.model.inventory import EngineSettings
from platformpm.model.reading import Reading
from platformpm.model.status import Status
from tests.unit.engine.platforms import inventory, many

resource = pytest.importorskip("resource", reason="Windows has no such limit")

Limit = tuple[int, int]


@pytest.mark.parametrize(
    ("given", "places", "left"),
    [
        ((1024, 4096), 200, (1024, 4096)),
        ((64, 4096), 200, (432, 4096)),
        ((64, 64), 16, (64, 64)),
        ((24, 24), 1, (24, 24)),
        ((64, resource.RLIM_INFINITY), 200, (432, resource.RLIM_INFINITY)),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), 200, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
    ],
)
def test_as_many_checks_are_in_flight_as_there_are_files_for(
    monkeypatch: pytest.MonkeyPatch, given: Limit, places: int, left: Limit
) -> None:
    limit = [given]
    monkeypatch.setattr(resource, "getrlimit", lambda _: limit[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: limit.append(new))
    assert affordable(inventory(engine=EngineSettings(concurrency=200))).engine.concurrency == places
    assert limit[-1] == left


@pytest.mark.parametrize("count", [1, 100])
@pytest.mark.parametrize("limit", [9, 10, 12, 20])
def test_too_few_files_for_even_one_check_are_told_in_one_line(tmp_path: Path, limit: int, count: int) -> None:
    file = tmp_path / "platform.toml"
    file.write_text("".join(f'[services.s{n}]\ninstances.p = ["http://127.0.0.1:9"]\n' for n in range(count)))
    program = (
        f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}));"
        f"os.execv(sys.executable, [sys.executable, '-m', 'platformpm', 'check', '-i', {str(file)!r}])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.count("\n") == 1
    assert "ulimit -n" in ran.stderr


def test_a_limit_that_cannot_be_raised_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int, new: Limit) -> None:
        raise ValueError(new)

    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 4096))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert affordable(inventory(engine=EngineSettings(concurrency=200))).engine.concurrency == 16


def test_a_check_keeps_to_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now, most, full = 0, 0, asyncio.Event()

    async def probe(_instance: Instance, _check: Check, _deadline: float) -> Reading:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == 16:
            full.set()
        await full.wait()
        await asyncio.sleep(0.001)
        now -= 1
        return Reading(Status.UP, 0.0)

    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: None)
    monkeypatch.setattr(checking, "build_probes", lambda *_: {"http": probe})
    assert assembly.check(many(100)).counts.up == 100
    assert most == 16
