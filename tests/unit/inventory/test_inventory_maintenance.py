"""`[[maintenance]]`: windows as they are written, what is wrong with them, and what silences select."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from platformpm.errors import InventoryError
from platformpm.inventory import Loaded, load, schema, show
from platformpm.inventory.durations import DURATION_HELP
from platformpm.inventory.maintenance import subjects_of
from platformpm.model.silence import Once, Silence, Weekly

PLATFORM = """\
[platform]
timezone = "Europe/Berlin"
[services.shop]
tier = 1
instances = { staging = ["http://h:80"], production = ["http://h:81", "http://h:82"] }
[services.ledger]
tier = 2
instances.production = ["http://h:83"]
[services.mail]
external = true
[hosts.local]
[hosts.db-1]
"""
HEAD = PLATFORM + "[[maintenance]]\n"
FIRST = HEAD.count("\n")
"""Line of the heading."""

Load = Callable[..., Loaded]
Complain = Callable[..., list[str]]


def only(loaded: Loaded) -> Silence:
    (silence,) = loaded.inventory.maintenance
    return silence


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def once(begin: str, end: str, more: str = "") -> str:
    return f'{HEAD}selectors = ["shop"]\nfrom = {begin}\nto = {end}\n{more}'


@pytest.mark.parametrize(
    ("begin", "end", "window"),
    [
        # times of the platform
        ("2026-12-01T22:00:00", "2026-12-02T02:00:00", ("2026-12-01T21:00", "2026-12-02T01:00")),
        ("2026-07-01 22:00:00", '"2026-07-01 23:30"', ("2026-07-01T20:00", "2026-07-01T21:30")),
        ("2026-12-01", "2026-12-02", ("2026-11-30T23:00", "2026-12-01T23:00")),
        # times with an offset
        ("2026-12-01T22:00:00Z", "2026-12-01T22:00:00-05:00", ("2026-12-01T22:00", "2026-12-02T03:00")),
        ('"2026-12-01T22:00:00+08:00"', '"2026-12-01T22:00Z"', ("2026-12-01T14:00", "2026-12-01T22:00")),
        # the clocks change in between: 02:30 is skipped in March, and comes twice in October
        ("2026-03-29T02:30:00", "2026-03-29T04:00:00", ("2026-03-29T01:30", "2026-03-29T02:00")),
        ("2026-10-25T02:30:00", "2026-10-25T03:00:00", ("2026-10-25T00:30", "2026-10-25T02:00")),
    ],
)
def test_a_window_that_comes_once(loaded: Load, begin: str, end: str, window: tuple[str, str]) -> None:
    assert only(loaded(once(begin, end))).schedule == Once(*map(utc, window))


def test_a_window_of_another_time_zone(loaded: Load) -> None:
    silence = only(loaded(once("2026-12-01T22:00:00", "2026-12-01T23:00:00", 'timezone = "Asia/Shanghai"\n')))
    assert silence.schedule == Once(utc("2026-12-01T14:00"), utc("2026-12-01T15:00"))


@pytest.mark.parametrize(
    ("every", "day", "minute"),
    [("sun 02:00", 6, 120), ("Monday 0:05", 0, 5), (" FRI  23:59 ", 4, 1439), ("wednesday 12:30", 2, 750)],
)
def test_a_window_that_comes_each_week(loaded: Load, every: str, day: int, minute: int) -> None:
    text = f'{HEAD}selectors = ["shop@production", "ledger"]\nevery = "{every}"\nfor = "2h"\nreason = "patches"\n'
    silence = only(loaded(text))
    assert silence == Silence(
        "maintenance-1",
        ("shop@production", "ledger"),
        Weekly(day, minute, 7200.0, ZoneInfo("Europe/Berlin")),
        "patches",
        declared=True,
    )


def test_without_any_time_zone_it_is_the_clock_of_the_machine(loaded: Load) -> None:
    text = (
        '[services.a]\ninstances.p = ["http://h"]\n[[maintenance]]\nselectors = ["a"]\nevery = "sun 02:00"\nfor = 60\n'
    )
    assert only(loaded(text)).schedule == Weekly(6, 120, 60.0, None)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", '0: maintenance[0]: needs selectors, such as ["checkout@production"]; ["*", "host:*"] is everything'),
        ('selectors = ["shop"]', "0: maintenance[0]: must have from and to (once), or every and for (each week)"),
        ('selectors = ["shop"]\nfrom = 2026-12-01\nfor = "2h"', "0: maintenance[0]: must have from and to (once), or every and for (each week)"),
        ('selectors = ["shop"]\nevery = "sun 02:00"\nfor = "2h"\nto = 2026-12-01', "0: maintenance[0]: must have from and to (once), or every and for (each week)"),
        ('selectors = ["shop"]\nfrom = 2026-12-01\nto = 2026-12-01', "3: maintenance[0].to: must be after from"),
        ('selectors = ["shop"]\nfrom = 2026-03-29T02:30:00\nto = 2026-03-29T03:15:00', "3: maintenance[0].to: must be after from"),
        ('selectors = ["shop"]\nfrom = 22:00:00\nto = 2026-12-01', "2: maintenance[0].from: must be a date and time, not a time of day"),
        ('selectors = ["shop"]\nfrom = "soon"\nto = 2026-12-01', '2: maintenance[0].from: "soon" is not a date and time: write it like 2026-12-01T22:00:00, or with an offset as in 2026-12-01T22:00:00+01:00'),
        ('selectors = ["shop"]\nfrom = true\nto = 2026-12-01', "2: maintenance[0].from: must be a date and time, not true or false"),
        ('selectors = ["shop"]\nfrom = 0001-01-01\nto = 2026-12-01', "2: maintenance[0].from: must be a year from 1971 to 8999"),
        ('selectors = ["shop"]\nfrom = 2026-12-01\nto = 9999-12-31T23:59:59-12:00', "3: maintenance[0].to: must be a year from 1971 to 8999"),
        ('selectors = ["shop"]\nevery = "sonday 2:00"\nfor = "2h"', '2: maintenance[0].every: "sonday" is not one of mon, tue, wed, thu, fri, sat, sun (did you mean sunday?)'),
        ('selectors = ["shop"]\nevery = "sun 24:00"\nfor = "2h"', '2: maintenance[0].every: "sun 24:00" is not a day and time such as "sun 02:00"'),
        ('selectors = ["shop"]\nevery = 02:00:00\nfor = "2h"', '2: maintenance[0].every: must be a day and time such as "sun 02:00", not a date or time'),
        ('selectors = ["shop"]\nevery = "sun 2:00"\nfor = "8d"', "3: maintenance[0].for: must be at most a week"),
        ('selectors = ["shop"]\nevery = "sun 2:00"\nfor = 0', "3: maintenance[0].for: must be at least 10ms"),
        ('selectors = ["shop"]\nevery = "sun 2:00"\nfor = "2h"\nreson = ""', "4: maintenance[0].reson: unknown key (did you mean reason?)"),
        ('selectors = ["shop"]\nevery = "sun 2:00"\nfor = "2h"\ntimezone = "Berlin"', '4: maintenance[0].timezone: "Berlin" is not an IANA time zone (did you mean Europe/Berlin?)'),
        ('selectors = "shop"\nevery = "sun 2:00"\nfor = "2h"', "1: maintenance[0].selectors: must be a list, not text"),
        ('selectors = ["shop", "tier:x"]\nevery = "sun 2:00"\nfor = "2h"', '1: maintenance[0].selectors[1]: "tier:x": a tier is a number'),
        ('selectors = [""]\nevery = "sun 2:00"\nfor = "2h"', '1: maintenance[0].selectors[0]: "" is not a selector: write SERVICE, SERVICE@ENVIRONMENT or KEY:VALUE'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_once_with_its_line(complaints: Complain, text: str, complaint: str) -> None:
    line, _, rest = complaint.partition(":")
    assert complaints(f"{HEAD}{text}\n") == [f"{int(line) + FIRST}:{rest}"]


@pytest.mark.parametrize("text", ["[maintenance]\nselectors = []", 'maintenance = "sunday"', "maintenance = 3"])
def test_a_table_must_be_one_of_a_list(complaints: Complain, text: str) -> None:
    (line,) = complaints(f"{text}\n" + PLATFORM)
    assert line == "1: maintenance: must be a list of tables: write [[maintenance]]"


def test_a_word_that_selects_nothing_is_a_warning(loaded: Load) -> None:
    text = f'{HEAD}selectors = ["shpo", "shop@staging", "!archive", "host:db-1"]\nevery = "sun 2:00"\nfor = "2h"\n'
    told = [f"{one.key}: {one.message}" for one in loaded(text).warnings if "maintenance" in one.key]
    assert told == ['maintenance[0].selectors[0]: nothing is selected by "shpo" (did you mean shop?)']


def test_every_file_may_declare_its_own_and_is_named_in_its_problems(write: Callable[..., Path]) -> None:
    window = '[[maintenance]]\nselectors = ["{}"]\nevery = "sun 2:00"\nfor = "{}"\n'
    folder = write(
        platform='include = ["teams/*.toml"]\n' + PLATFORM + window.format("shop", "1h"),
        teams__a=window.format("ledger", "2h") + window.format("ledger", "3h"),
    )
    inventory = load(folder / "platform.toml", {}).inventory
    assert [(one.id, one.selectors) for one in inventory.maintenance] == [
        ("maintenance-1", ("shop",)),
        ("maintenance-2", ("ledger",)),
        ("maintenance-3", ("ledger",)),
    ]
    write(teams__a=window.format("ledger", "2h") + window.format("ledgr", "soon"))
    with pytest.raises(InventoryError) as caught:
        load(folder / "platform.toml", {})
    told = [str(problem).rpartition("/")[2] for problem in caught.value.problems if "maintenance" in problem.key]
    assert told == [
        'a.toml:6: warning: maintenance[1].selectors[0]: nothing is selected by "ledgr" (did you mean ledger?)',
        f'a.toml:8: maintenance[1].for: "soon" is not a duration: {DURATION_HELP}',
    ]


def test_what_is_shown_loads_again_and_means_the_same(write: Callable[..., Path]) -> None:
    text = once("2026-12-01T22:00:00", "2026-12-02", 'reason = "Umzug \\"B\\""\n')
    text += '[[maintenance]]\nselectors = ["host:*"]\nevery = "sun 2:00"\nfor = "2h"\n'
    folder = write(platform=text)
    first = load(folder / "platform.toml", {}).inventory
    (folder / "shown.toml").write_text(show(folder / "platform.toml", {})[1])
    assert load(folder / "shown.toml", {}).inventory.maintenance == first.maintenance
    assert len(first.maintenance) == 2


def test_the_schema_knows_it() -> None:
    editor = jsonschema.Draft202012Validator(schema())
    assert editor.is_valid({"maintenance": [{"selectors": ["a"], "every": "sun 02:00", "for": "2h"}]})
    assert not editor.is_valid({"maintenance": [{"selectors": "a"}]})


@pytest.mark.parametrize(
    ("words", "subjects"),
    [
        (["shop"], {"shop@staging", "shop@production"}),
        (["shop@production"], {"shop@production"}),
        (["tier:2"], {"ledger@production"}),
        (["env:production", "!ledger"], {"shop@production"}),
        (["host:db-1"], {"host:db-1"}),
        (["*"], {"shop@staging", "shop@production", "ledger@production"}),
        (["*", "host:*"], {"shop@staging", "shop@production", "ledger@production", "host:local", "host:db-1"}),
        (["ledger", "host:local"], {"ledger@production", "host:local"}),
        (["gone"], set()),
        (["tier:x"], set()),
        (["tier:1", ""], set()),
    ],
)
def test_what_a_silence_selects(loaded: Load, words: list[str], subjects: set[str]) -> None:
    assert subjects_of(loaded(PLATFORM).inventory, words) == subjects


def test_what_the_readme_shows_is_right(loaded: Load) -> None:
    text = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(\[\[maintenance\]\]\n.*?)```", text, re.DOTALL)
    weekly, once = loaded(PLATFORM.replace("tier = 1", 'tier = 1\ntags = ["batch"]') + example).inventory.maintenance
    assert weekly.schedule == Weekly(6, 120, 7200.0, ZoneInfo("Europe/Berlin"))
    assert isinstance(once.schedule, Once)
