"""`history export` as a subprocess, over a small real history."""

import csv
import io
import json
import os
import stat
import time
from argparse import Namespace
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from platformpm.cli.commands import export
from platformpm.cli.context import Context
from platformpm.history import History
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.exported import ExportRow
from platformpm.model.reading import Reading
from platformpm.model.record import Record, StatusChange, Taken, VersionChange
from platformpm.model.secret import NO_MASK
from platformpm.model.status import Reason, Status
from tests.cli.conftest import Program
from tests.unit.history.records import HandClock, opened

SECRET = "s3cr3t-token-of-the-ledger"
INVENTORY = """
[platform]
name = "Acme"
[history]
path = "history.db"
[services.checkout]
instances.production = ["http://127.0.0.1:1"]
[services.ledger]
instances.production = ["http://127.0.0.1:2"]
[services.ledger.health]
auth = { bearer = "${env:LEDGER}" }
"""
CHECKOUT = InstanceKey("checkout", "production", "127.0.0.1:1")
LEDGER = InstanceKey("ledger", "production", "127.0.0.1:2")


def record(folder: Path, records: list[Record]) -> None:
    history: History = opened(folder / "history.db", clock=HandClock(time.time()))
    for one in records:
        history.put(one)
    assert history.flush(10)
    history.close()


@pytest.fixture
def past(program: Program) -> float:
    """Write a minute of two instances; gives its first second."""
    program.inventory(INVENTORY.replace("history.db", str(program.folder / "history.db")))
    program.extra["LEDGER"] = SECRET
    start = float(int(time.time()) - 3600)
    detail = f"HTTP 503: =token {SECRET}"
    record(
        program.folder,
        [
            *(Taken(CHECKOUT, Reading(Status.UP, start + n, latency=0.01), "2.4.1") for n in range(60)),
            Taken(LEDGER, Reading(Status.DOWN, start, Reason.STATUS, detail, 0.25), None),
            StatusChange(LEDGER, start, Status.DOWN, Reason.STATUS, detail),
            VersionChange(CHECKOUT, start, "-2.4.1", "body"),
            Event(start, EventKind.STATUS, str(LEDGER), f"ledger down: {SECRET}", Status.DOWN),
        ],
    )
    return start


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_readings_of_the_last_day_are_csv_on_standard_output(program: Program, past: float) -> None:
    done = program("history", "export")
    assert (done.code, done.err) == (0, "")
    rows = read(done.out)
    assert len(rows) == 61
    assert rows[-1]["at"] == time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(past + 59))
    assert {row["service"] for row in rows} == {"checkout", "ledger"}


@pytest.mark.parametrize(
    ("what", "count"),
    [("failures", 1), ("five_minutes", 2), ("hours", 2), ("days", 2), ("changes", 1), ("versions", 1), ("events", 1)],
)
def test_every_table_is_written_as_json_lines_and_masked(program: Program, past: float, what: str, count: int) -> None:
    done = program("history", "export", "--what", what, "--format", "jsonl", "--since", "25h")
    assert (done.code, done.err) == (0, "")
    assert len(set(map(str, map(json.loads, done.out.splitlines())))) >= count
    assert SECRET not in done.out
    assert ("•••" in done.out) == (what in ("failures", "changes", "events"))


def test_csv_holds_no_formula_and_no_secret(program: Program, past: float) -> None:
    assert read(program("history", "export", "--what", "versions").out)[0]["version"] == "'-2.4.1"
    (row,) = read(program("history", "export", "--what", "failures").out)
    assert row["detail"] == "HTTP 503: =token •••"


def test_selectors_and_the_stretch_choose(program: Program, past: float) -> None:
    assert len(read(program("history", "export", "ledger").out)) == 1
    assert len(read(program("history", "export", "checkout@production", "env:production").out)) == 60
    since, until = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(past + n)) for n in (10, 20))
    assert len(read(program("history", "export", "checkout", "--since", since, "--until", until).out)) == 10


def test_a_word_that_fits_nothing_is_told_before_anything_is_written(program: Program, past: float) -> None:
    done = program("history", "export", "chekout", "-o", "out.csv")
    assert (done.code, done.out) == (3, "")
    assert "did you mean checkout?" in done.err
    assert not (program.folder / "out.csv").exists()
    done = program("history", "export", "checkout", "--until", "2001-01-01", "--since", "2000-01-01")
    assert (done.code, len(done.out.splitlines())) == (0, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--what", "reading"], "did you mean readings?"),
        (["--format", "parket"], "did you mean parquet?"),
        (["--format", "parquet"], "name one with -o FILE"),
        (["-o", " "], "the path is empty"),
        (["-o", "."], "is a folder"),
        (["-o", "nowhere/out.csv"], "there is no folder"),
        (["-o", "/dev/null", "--force"], "is no file"),
    ],
)
def test_what_cannot_be_is_one_line_and_3(program: Program, past: float, words: list[str], said: str) -> None:
    done = program("history", "export", *words)
    assert (done.code, done.out) == (3, "")
    assert said in done.err


def test_history_wants_a_word_after_it(program: Program) -> None:
    done = program("history", "exprt")
    assert done.code == 3
    assert "did you mean export?" in done.err


def test_without_a_history_it_says_so(program: Program) -> None:
    program.inventory(INVENTORY.replace("history.db", str(program.folder / "history.db")))
    done = program("history", "export", LEDGER=SECRET)
    assert (done.code, done.out) == (3, "")
    assert "there is no history yet" in done.err


def test_a_file_is_for_its_owner_and_never_replaced_without_force(program: Program, past: float) -> None:
    out = program.folder / "out.csv"
    done = program("history", "export", "-o", "out.csv")
    assert (done.code, done.out) == (0, "")
    assert done.err == "61 rows are in out.csv\n"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(read(out.read_bytes().decode())) == 61
    out.write_text("mine")
    done = program("history", "export", "ledger", "-o", "out.csv")
    assert done.code == 3
    assert "out.csv is there already and stays as it is; --force replaces it" in done.err
    assert out.read_text() == "mine"
    assert program("history", "export", "ledger", "-o", "out.csv", "--force").code == 0
    assert len(read(out.read_bytes().decode())) == 1
    assert sorted(path.name for path in program.folder.iterdir() if path.name.startswith(".platformpm")) == []


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_force_replaces_a_link_and_not_what_it_points_to(program: Program, past: float) -> None:
    (program.folder / "else").write_text("mine")
    (program.folder / "out.csv").symlink_to("else")
    assert program("history", "export", "-o", "out.csv").code == 3
    assert program("history", "export", "-o", "out.csv", "--force").code == 0
    assert (program.folder / "else").read_text() == "mine"


def test_a_broken_history_leaves_no_half_a_file(program: Program, past: float) -> None:
    (program.folder / "history.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    done = program("history", "export", "-o", "out.csv")
    assert (done.code, done.out) == (3, "")
    assert "history cannot be read" in done.err
    assert [path.name for path in program.folder.iterdir() if "out.csv" in path.name or ".part" in path.name] == []


def test_a_closed_pipe_ends_it_quietly(program: Program, past: float) -> None:
    start = past - 40_000
    record(
        program.folder,
        [Taken(CHECKOUT, Reading(Status.UP, start + n / 4, latency=0.01), "2.4.1") for n in range(30_000)],
    )
    done = program.shell("set -o pipefail; $PM history export | head -n 1")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("service,environment")


def test_nothing_more_is_read_when_nobody_listens() -> None:
    written: list[str] = []
    output = SimpleNamespace(data=written.append, mask=NO_MASK, ended=True)
    arguments = Namespace(format="jsonl", what="events")
    endless: Iterator[ExportRow] = repeat((0, "status", "", None, "again"))
    export._print(endless, arguments, cast("Context", SimpleNamespace(output=output)))
    assert len(written) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_in_one_line_and_exits_3(program: Program, past: float) -> None:
    done = program.shell("$PM history export >/dev/full")
    assert done.code == 3
    assert done.err == "platformpm: standard output cannot be written: No space left on device\n"


def test_parquet_without_the_extra_names_it(program: Program, past: float) -> None:
    (program.folder / "pyarrow.py").write_text("raise ImportError\n")
    done = program("history", "export", "--format", "parquet", "-o", "out.parquet", PYTHONPATH=str(program.folder))
    assert (done.code, done.out) == (3, "")
    assert done.err == "platformpm: Parquet needs the extra `parquet`: pip install 'platformpm[parquet]'\n"


def test_parquet_is_written(program: Program, past: float) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert program("history", "export", "--format", "parquet", "-o", "out.parquet").code == 0
    assert parquet.read_table(program.folder / "out.parquet").num_rows == 61
