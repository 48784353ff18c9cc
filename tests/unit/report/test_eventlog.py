"""The log of events as text, JSON, CSV and Markdown: newest first, aligned, and harmless whatever was recorded."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from platformpm.model.event import Event, EventKind
from platformpm.model.secret import NO_MASK
from platformpm.model.status import Status
from platformpm.model.text import safe_text
from platformpm.model.zone import zone_of
from platformpm.report import eventlog
from platformpm.report.table import Style
from platformpm.report.words import zone_name
from tests.unit.report.hostile import SECRET, TEXTS

SCHEMA = json.loads((Path(__file__).parents[3] / "config" / "events.schema.json").read_text(encoding="utf-8"))
AT = 1_795_330_931.0
EVENTS = [
    Event(AT + 60, EventKind.ALERT_OPENED, "ledger@production", "ledger down: refused (1 of 3 instances)", Status.DOWN),
    Event(AT, EventKind.VERSION, "checkout@production/eu-1", "checkout version 2.4.1 → 2.5.0"),
    Event(AT - 86400, EventKind.RELOADED, "", "inventory read: 30 services"),
]
ANY = st.builds(
    Event, st.floats(0, 4e9), st.sampled_from(EventKind), TEXTS, TEXTS, st.one_of(st.none(), st.sampled_from(Status))
)


def test_text_is_a_line_for_each_with_day_and_time_where_the_platform_is() -> None:
    assert eventlog.text(EVENTS, Style(), zone_of("Asia/Shanghai")) == [
        "2026-11-22 15:03:11  ✖  ledger@production         ledger down: refused (1 of 3 instances)",
        "2026-11-22 15:02:11     checkout@production/eu-1  checkout version 2.4.1 → 2.5.0",
        "2026-11-21 15:02:11     platformpm                inventory read: 30 services",
    ]


def test_the_document_keeps_its_contract() -> None:
    document = eventlog.document(EVENTS, "Acme", AT - 86400, AT + 61)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
    assert document["since"] == "2026-11-21T07:02:11Z"
    assert document["events"][0] == {  # type: ignore[index]
        "at": "2026-11-22T07:03:11Z",
        "kind": "alert_opened",
        "subject": "ledger@production",
        "status": "down",
        "text": "ledger down: refused (1 of 3 instances)",
    }


@given(st.lists(ANY, max_size=4))
def test_csv_is_read_back_field_by_field_and_holds_no_formula(events: list[Event]) -> None:
    rows = list(csv.reader(io.StringIO(eventlog.comma_separated(events, NO_MASK), newline="")))
    assert rows[0] == list(eventlog.HEADINGS)
    assert len(rows) == 1 + len(events)
    for row, event in zip(rows[1:], events, strict=True):
        assert row[2].removeprefix("'") == safe_text(event.subject, 1000).removeprefix("'")
        assert not any(field.startswith(("=", "+", "-", "@", "\t", "\r")) for field in row)


@given(st.lists(ANY, max_size=4))
def test_markdown_keeps_its_three_columns(events: list[Event]) -> None:
    for line in eventlog.markdown(events, NO_MASK, None, "a|b").splitlines():
        assert line.replace("\\|", "").count("|") == 4


def test_the_head_of_the_markdown_names_the_clock() -> None:
    zone = zone_of("America/New_York")
    head, _, row, *_ = eventlog.markdown(EVENTS, NO_MASK, zone, zone_name(zone, AT)).splitlines()
    assert head == "| time (America/New_York) | where | what happened |"
    assert row.startswith("| 2026-11-22 02:03:11 |")


def _markdown(events: list[Event], say: Callable[[str], str]) -> str:
    return eventlog.markdown(events, say, None, "UTC")


@pytest.mark.parametrize("render", [eventlog.comma_separated, _markdown])
def test_secrets_are_masked_before_they_are_escaped(render: Callable[..., str]) -> None:
    events = [Event(AT, EventKind.STATUS, f"a@{SECRET}", f"seen {SECRET}", Status.DOWN)]
    assert render(events, lambda text: text.replace(SECRET, "•••")).count("•••") == 2
