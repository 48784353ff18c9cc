import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from platformpm.model.secret import MASK, Masker
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift
from platformpm.report.documents import Document, check_document, masked
from platformpm.report.words import rfc3339
from tests.unit.report.pictures import AT, DOWN, SLOW, UP, host, instance, picture, service, troubled

SCHEMA = json.loads((Path(__file__).parents[3] / "config" / "check.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
UNREAD = picture(
    [service("new", [instance("new", "eu-1", None)])], [host(Status.UNKNOWN, Reason.INTERNAL, "no sensor")]
)


def first(document: Document) -> Document:
    services = document["services"]
    assert isinstance(services, list)
    found: Document = services[0]["instances"][0]
    return found


@pytest.mark.parametrize("snapshot", [picture(), troubled(), UNREAD], ids=["empty", "troubled", "unread"])
def test_the_document_keeps_its_schema(snapshot: PlatformSnapshot) -> None:
    VALIDATOR.validate(check_document(snapshot))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_refuses_a_document_that_lost_a_key() -> None:
    document = check_document(troubled())
    del first(document)["trusted"]
    with pytest.raises(ValidationError, match="trusted"):
        VALIDATOR.validate(document)


def test_the_schema_lets_new_keys_pass() -> None:
    VALIDATOR.validate({**check_document(troubled()), "weather": "fine"})


def keys_of(value: object, schema: dict[str, object]) -> None:
    """Compare, all the way down, the keys that were written with those the schema names."""
    while "$ref" in schema:
        schema = SCHEMA["$defs"][str(schema["$ref"]).rpartition("/")[2]]
    if isinstance(value, dict) and "properties" in schema:
        properties = schema["properties"]
        assert isinstance(properties, dict)
        assert list(value) == list(properties) == schema["required"]
        for key, item in value.items():
            keys_of(item, properties[key])
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value:
            keys_of(item, schema["items"])  # type: ignore[arg-type]  # just seen to be a dict


def test_document_and_schema_name_the_same_keys_in_the_same_order() -> None:
    keys_of(check_document(troubled()), SCHEMA)


def test_the_schema_knows_every_reason_and_drift() -> None:
    assert SCHEMA["$defs"]["reason"]["enum"] == [*map(str, Reason), None]
    assert SCHEMA["$defs"]["service"]["properties"]["drift"]["enum"] == [*map(str, Drift)]


def test_what_was_seen_of_an_instance_is_told_in_milliseconds_and_words() -> None:
    document = check_document(picture([service("ledger", [instance("ledger", "eu-1", DOWN)])]))
    assert first(document) == {
        "instance": "eu-1",
        "url": "http://10.0.2.7:8080/eu-1?token=…",
        "status": "down",
        "reason": "status",
        "detail": "HTTP 503, expected 2xx",
        "attempts": 2,
        "version": "2.4.1",
        "version_reason": None,
        "dialect": "spring-boot",
        "failing_components": ["db"],
        "latency_ms": 12.3,
        "phases_ms": {"dns": None, "connect": 0.4, "tls": None, "first_byte": 11.2, "transfer": 0.6},
        "certificate_expires": None,
        "trusted": True,
    }


def test_hosts_are_told_to_the_tenth_of_a_percent() -> None:
    assert check_document(picture(hosts=[host()]))["hosts"] == [
        {
            "host": "local",
            "status": "up",
            "reason": None,
            "detail": "",
            "cpu_percent": 12.0,
            "memory_percent": 40.1,
            "disks": [{"mount": "/", "percent": 61.0}, {"mount": "/var", "percent": 97.0}],
            "load": [0.4, 0.3, 0.2],
            "muted": None,
        }
    ]


@pytest.mark.parametrize(
    ("snapshot", "verdict", "code"),
    [
        (picture(), "unknown", 3),
        (picture([service("a", [instance("a", "1", UP)])], [host()]), "ok", 0),
        (picture([service("a", [instance("a", "1", SLOW)])], [host()]), "warning", 1),
        (picture([service("a", [instance("a", "1", UP)])], [host(Status.DOWN)]), "critical", 2),
        (picture([service("a", [instance("a", "1", UP)])], [host(Status.UNKNOWN)]), "unknown", 3),
        (picture([service("a", [instance("a", "1", SLOW)])], [host(Status.UNKNOWN)]), "warning", 1),
        (UNREAD, "unknown", 3),
        (troubled(), "critical", 2),
    ],
)
def test_the_verdict_is_that_of_the_worst_service_or_host(snapshot: PlatformSnapshot, verdict: str, code: int) -> None:
    document = check_document(snapshot)
    assert (document["verdict"], document["exit_code"]) == (verdict, code)


def test_counts_are_services_in_environments() -> None:
    assert check_document(troubled())["counts"] == {"up": 1, "degraded": 2, "down": 0, "unknown": 0, "muted": 0}


@pytest.mark.parametrize(
    ("at", "text"),
    [(None, None), (0.0, "1970-01-01T00:00:00Z"), (AT + 0.9, "2026-11-22T07:00:00Z"), (1e15, None), (-1e15, None)],
)
def test_times_are_in_utc_or_null(at: float | None, text: str | None) -> None:
    assert rfc3339(at) == text


def test_masking_changes_texts_but_never_the_words_of_the_contract() -> None:
    document = {
        "status": "degraded",
        "detail": "token hunter2! degraded",
        "versions": {"hunter2": 1},
        "list": ["hunter2", 3],
    }
    assert masked(document, Masker(["hunter2", "degraded", "status"])) == {
        "status": "degraded",
        "detail": f"token {MASK}! {MASK}",
        "versions": {MASK: 1},
        "list": [MASK, 3],
    }
