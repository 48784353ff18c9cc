"""What a filter keeps, and how it bears text that is none."""

from dataclasses import replace

import pytest

from platformpm.errors import UsageError
from platformpm.inventory import selectors
from platformpm.tui.empty import no_alerts
from platformpm.tui.filtering import RowFilter
from tests.tui.synthetic import believable

ROWS = believable().services


def kept(rows: RowFilter) -> list[tuple[str, str]]:
    predicate = rows.predicate()
    return [row.key for row in ROWS if predicate is None or predicate(row)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 90),
        ("   ", 90),
        ("ledger", 3),
        ("pay", 3),
        ("ledger@production", 1),
        ("env:production", 30),
        ("owner:payments env:dev", 5),
        ("status:down", 2),
        ("status:down status:degraded", 5),
        ("ledger down", 1),
        ("DOWN", 2),
        ("down degraded", 5),
        ("!up !unknown", 5),
        ("ledger production", 1),
        ("production ledger owner:payments", 1),
        ("ledger checkout", 6),
        ("ledger checkout down", 1),
        ("ledger check", 0),
        ("led* checko*", 6),
        ("env:dev env:staging ledger", 2),
        ("ledger@dev checkout@dev", 2),
        ("dow", 0),
        ("!env:dev", 60),
        ("owner:", 90),
        ("ledger !", 3),
        ("nosuchthing", 0),
    ],
)
def test_a_filter_keeps_what_its_words_say(text: str, count: int) -> None:
    rows = RowFilter()
    rows.know(believable().inventory)
    rows.type(text)
    assert len(kept(rows)) == count
    assert rows.error is None


def test_faults_only_and_a_filter_hold_together() -> None:
    rows = RowFilter()
    rows.faults_only = True
    assert len(kept(rows)) == 6
    rows.type("env:production")
    assert set(kept(rows)) == {(name, "production") for name in ("ledger", "checkout", "elasticsearch", "tracking")}


def test_text_that_is_no_selector_keeps_the_last_filter_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = RowFilter()
    rows.type("ledger")

    def refuse(words: list[str], *, loose: bool, names: frozenset[str]) -> None:
        raise UsageError(f"{words[0]!r} is no selector\nsecond line")

    monkeypatch.setattr(selectors, "parse", refuse)
    rows.type("nonsense")
    assert rows.error == "'nonsense' is no selector"
    assert len(kept(rows)) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nosuchthing", "No service matches.\nesc clears the filter."),
        ("ownr:payments", "(did you mean owner?)"),
        ("foo:bar", 'There is no key "foo"; keys are service, env, owner'),
        ("!status:dwon", 'There is no status "dwon" (did you mean down?).'),
        ("tier:high", "A tier is a number"),
    ],
)
def test_a_filter_that_finds_nothing_says_what_is_odd_about_it(text: str, said: str) -> None:
    rows = RowFilter()
    rows.type(text)
    assert said in rows.when_empty()
    assert "more than faults" not in rows.when_empty()
    rows.faults_only = True
    assert "o shows more than faults" in rows.when_empty()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("env:prod", 'There is no env "prod" (did you mean production?).'),
        ("owner:paymnets", 'There is no owner "paymnets" (did you mean payments?).'),
        ("payments env:dev", '"payments" is looked for in names; there is owner:payments.'),
    ],
)
def test_a_filter_that_finds_nothing_knows_what_there_is(text: str, said: str) -> None:
    rows = RowFilter()
    rows.type(text)
    assert said in rows.when_empty(believable())


def test_only_faults_does_not_say_that_all_is_well_while_a_host_is_not() -> None:
    rows = RowFilter()
    rows.faults_only = True
    well = replace(believable(faults=False), hosts=())
    assert rows.when_empty(well).startswith("No faults: everything that was checked is up.")
    assert no_alerts(replace(well, alerts=())).startswith("All calm")
    ill = believable(faults=False)
    assert rows.when_empty(ill).startswith("No service is at fault, but a host is not well: 5 shows the hosts.")
    assert no_alerts(replace(ill, alerts=())) == "No alerts."
