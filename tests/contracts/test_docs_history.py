"""The examples of the README for analysts run on a small real history, where the README says that it lies."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from platformpm.history import history_path
from platformpm.model.check import InstanceKey
from platformpm.model.host import HostReading
from platformpm.model.inventory import HistorySettings
from platformpm.model.record import HostTaken, VersionChange
from platformpm.model.status import Status
from tests.cli.conftest import Program
from tests.contracts.test_docs import README
from tests.unit.history.records import QUICK, HandClock, opened, rows, taken, until

INVENTORY = (
    '[platform]\nname = "Acme Commerce"\n[services.checkout]\ntier = 1\ninstances.production = ["http://127.0.0.1:1"]\n'
)
LEDGER = InstanceKey("ledger", "production", "a")


def example(kind: str) -> str:
    found = re.search(rf"<!-- history: {kind} -->\n```\w+\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Write two hours ago what is rolled up now, through the history itself."""
    path = history_path("Acme Commerce", HistorySettings(), {"XDG_STATE_HOME": str(tmp_path / ".local" / "state")})
    assert path == tmp_path / ".local" / "state" / "platformpm" / "acme-commerce" / "history.db"
    then = float(int(time.time()) - 7200)
    clock = HandClock(then)
    history = opened(path, clock=clock, pace=QUICK)
    for second in range(60):
        history.put(taken(then + second, version="2.4.1" if second < 30 else "2.5.0", latency=0.01 + second / 1000))
        history.put(taken(then + second, Status.DOWN if second % 3 == 0 else Status.UP, key=LEDGER, version=None))
    history.put(HostTaken("local", HostReading(then, cpu_percent=12.5), Status.UP, then))
    history.put(VersionChange(InstanceKey("checkout", "production", "eu-1"), then, "2.4.1"))
    history.put(VersionChange(InstanceKey("checkout", "production", "eu-1"), then + 30, "2.5.0"))
    assert history.flush(10)
    clock.now += 7200
    until(lambda: rows(history, "SELECT count(*) FROM fresh") == [(0,)], "rolled up")
    history.close()
    return tmp_path


def environ(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs the command line of SQLite")
def test_the_example_in_sql(home: Path) -> None:
    done = subprocess.run(["sh", "-c", example("sql")], env=environ(home), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "service,environment,down,up_percent",
        "ledger,production,20,66.667",
        "checkout,production,0,100.0",
    ]


def test_the_example_in_python(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", example("python")], env=environ(home), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[2:] for line in done.stdout.splitlines()] == [
        ["checkout@production", "2.4.1"],
        ["checkout@production", "2.5.0"],
    ]


def test_the_question_of_the_example_in_r_has_an_answer(home: Path) -> None:
    """Run its SQL without R, which few machines have that run these tests."""
    asked = re.search(r'dbGetQuery\(history, "(.*?)"\)', example("r"), re.DOTALL)
    assert asked is not None
    path = home / ".local/state/platformpm/acme-commerce/history.db"
    history = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    answer = history.execute(asked[1])
    assert [column[0] for column in answer.description] == ["version", "latency_ms"]
    assert len(answer.fetchall()) == 60
    history.close()


def has_r() -> bool:
    if shutil.which("Rscript") is None:
        return False
    return subprocess.run(["Rscript", "-e", "library(RSQLite)"], capture_output=True, check=False).returncode == 0


def test_the_example_in_r(home: Path) -> None:
    if not has_r():
        pytest.skip("needs R with RSQLite")
    done = subprocess.run(
        ["Rscript", "-e", example("r")], env=environ(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "2.5.0" in done.stdout


def test_the_exports_of_the_readme_run(home: Path) -> None:
    program = Program(home)
    program.inventory(INVENTORY)
    block = re.search(r"## History for analysts\n.*?```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    assert len(lines) == 4
    for line in lines:
        done = program.shell(line.replace("platformpm", "$PM", 1))
        missing = "parquet" in line and find_spec("pyarrow") is None
        assert done.code == (3 if missing else 0), done.err
    assert len((home / "readings.csv").read_text().splitlines()) == 121
    (host,) = (home / "hosts.csv").read_text().splitlines()[1:]
    assert host.startswith("local,")
    assert host.endswith("Z,cpu,12.5")


def test_readers_of_the_readme_only_read() -> None:
    assert all("mode=ro" in example(kind) for kind in ("sql", "python"))
    assert "SQLITE_RO)" in example("r")
