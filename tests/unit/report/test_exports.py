"""Tables as CSV, JSON lines and Parquet: what was told is read back, masked, and harmless."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.errors import UsageError
from platformpm.model.exported import COLUMNS, Column, ExportRow, Kind, What
from platformpm.model.secret import NO_MASK, Masker
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text
from platformpm.report import parquet
from platformpm.report.exports import BATCH, comma_separated, json_lines, moment
from tests.unit.report.hostile import SECRET, TEXTS

MS = 1_795_330_931_007
READING = ("checkout", "production", "eu-1", MS, 12.3, Status.DOWN, Reason.STATUS, "2.4.1", True)
BLANK = ("checkout", "production", "eu-2", MS + 993, None, Status.UP, None, None, False)
COLS = COLUMNS[What.READINGS]
ODD = (Column("text"), Column("texts", Kind.TEXTS), Column("at", Kind.MOMENT), Column("flag", Kind.FLAG))


def test_csv_has_headings_times_in_utc_and_nothing_where_nothing_is_known() -> None:
    assert "".join(comma_separated(COLS, [READING, BLANK], NO_MASK)).split("\r\n") == [
        "service,environment,instance,at,latency_ms,status,reason,version,trusted",
        "checkout,production,eu-1,2026-11-22T07:02:11.007Z,12.3,down,status,2.4.1,1",
        "checkout,production,eu-2,2026-11-22T07:02:12.000Z,,up,,,0",
        "",
    ]
    assert "".join(comma_separated(COLS, [], NO_MASK)).count("\r\n") == 1


def test_json_lines_are_a_document_each() -> None:
    text = "".join(json_lines(COLS, [READING, BLANK], NO_MASK))
    first, second = map(json.loads, text.splitlines())
    assert first == {
        "service": "checkout", "environment": "production", "instance": "eu-1", "at": "2026-11-22T07:02:11.007Z",
        "latency_ms": 12.3, "status": "down", "reason": "status", "version": "2.4.1", "trusted": True,
    }  # fmt: skip
    assert (second["latency_ms"], second["reason"], second["trusted"]) == (None, None, False)
    assert list(json_lines(COLS, [], NO_MASK)) == []


@pytest.mark.parametrize("write", [comma_separated, json_lines])
def test_rows_are_asked_for_a_piece_at_a_time(write: object) -> None:
    given_out = 0

    def rows() -> Iterator[ExportRow]:
        nonlocal given_out
        while True:
            given_out += 1
            yield READING

    pieces = write(COLS, rows(), NO_MASK)  # type: ignore[operator]
    next(pieces)
    next(pieces)
    assert given_out <= 2 * BATCH + 1


@given(
    st.lists(
        st.tuples(TEXTS, st.lists(TEXTS, max_size=3).map(tuple), st.integers(0, 253_402_300_799_000), st.booleans()),
        max_size=4,
    )
)
def test_any_text_is_one_field_of_one_line(rows: list[ExportRow]) -> None:
    read = list(csv.reader(io.StringIO("".join(comma_separated(ODD, rows, NO_MASK)), newline="")))
    documents = [json.loads(line) for line in "".join(json_lines(ODD, rows, NO_MASK)).split("\n")[:-1]]
    assert len(read) - 1 == len(documents) == len(rows)
    for fields, document, (text, texts, at, flag) in zip(read[1:], documents, rows, strict=True):
        assert document == {
            "text": safe_text(str(text), 1000),
            "texts": [safe_text(one, 1000) for one in texts],  # type: ignore[union-attr]
            "at": moment(int(at)),  # type: ignore[arg-type]
            "flag": flag,
        }
        assert not any(field.startswith(("=", "+", "-", "@", "\t", "\r")) for field in fields)
        assert json.loads(fields[1] or "[]") == document["texts"]


def test_secrets_are_masked_in_every_text() -> None:
    row = (f"see {SECRET}", (f"db {SECRET}", "disk"), MS, True)
    for write in (comma_separated, json_lines):
        text = "".join(write(ODD, [row], Masker([SECRET])))
        assert text.count("•••") == 2
        assert SECRET not in text


@given(st.integers(0, 253_402_300_799_000))
def test_moments_are_exact_to_the_millisecond(at: int) -> None:
    told = datetime.fromisoformat(str(moment(at)))
    assert (told - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000 == pytest.approx(at, abs=0.01)


def test_without_the_extra_parquet_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'platformpm\[parquet\]'$"):
        parquet.need_parquet()


def test_parquet_is_typed_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(parquet, "_GROUP", 2)
    row = (f"see {SECRET}", (f"db {SECRET}", "\x1b[31m"), MS, True)
    with (tmp_path / "odd.parquet").open("wb") as file:
        parquet.write_parquet(file, ODD, [row, (None, (), None, False), row], Masker([SECRET]))
    table = pq.read_table(tmp_path / "odd.parquet")
    assert [str(field.type) for field in table.schema] == [
        "string",
        "list<element: string>",
        "timestamp[ms, tz=UTC]",
        "bool",
    ]
    first, second, _ = table.to_pylist()
    assert first["text"] == "see •••"
    assert first["texts"] == ["db •••", "\N{REPLACEMENT CHARACTER}[31m"]
    assert first["at"].timestamp() == MS / 1000
    assert second == {"text": None, "texts": [], "at": None, "flag": False}
    assert pq.ParquetFile(tmp_path / "odd.parquet").num_row_groups == 2


@pytest.mark.parametrize("what", What)
def test_every_table_without_rows_is_a_parquet_file(what: What, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    with (tmp_path / "none.parquet").open("wb") as file:
        parquet.write_parquet(file, COLUMNS[what], [], NO_MASK)
    assert pq.read_table(tmp_path / "none.parquet").column_names == [column.name for column in COLUMNS[what]]
