from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.errors import UsageError
from platformpm.inventory import Loaded
from platformpm.inventory.selectors import parse, select
from platformpm.model.inventory import Inventory
from platformpm.model.status import Status

TEXT = """
[environments.staging]
[environments.production]
[teams.payments]
[teams.search]
[services.checkout]
title = "Till"
owner = "payments"
product = "Online Store"
tier = 1
tags = ["pci", "public"]
instances.staging = ["http://c"]
instances.production = ["http://c", "http://d"]
[services.ledger]
owner = "payments"
tier = 1
instances.production = ["http://l"]
[services.find]
owner = "search"
tier = 2
tags = ["public"]
instances.staging = ["http://f"]
instances.production = ["http://f"]
[services.mail]
external = true
[hosts.local]
[hosts.db-1]
services = ["ledger"]
"""


@pytest.fixture
def inventory(loaded: Callable[..., Loaded]) -> Inventory:
    return loaded(TEXT).inventory


def rows(inventory: Inventory) -> str:
    found = [f"{s.name}@{e}" for s in inventory.services for e in dict.fromkeys(i.key.environment for i in s.instances)]
    found += [s.name for s in inventory.services if not s.instances]
    return " ".join([*found, *(f"host:{host.name}" for host in inventory.hosts)])


ALL = "checkout@staging checkout@production ledger@production find@staging find@production"


@pytest.mark.parametrize(
    ("words", "selected"),
    [
        ("", ALL + " mail host:local host:db-1"),
        ("checkout", "checkout@staging checkout@production"),
        ("CHECKOUT", "checkout@staging checkout@production"),
        ("checkout@production", "checkout@production"),
        ("*@staging", "checkout@staging find@staging"),
        ("c*", "checkout@staging checkout@production"),
        ("checkout ledger", "checkout@staging checkout@production ledger@production host:db-1"),
        ("checkout@staging ledger", "checkout@staging ledger@production host:db-1"),
        ("owner:payments", "checkout@staging checkout@production ledger@production host:db-1"),
        ("owner:payments owner:search", ALL + " host:db-1"),
        ("owner:payments env:production", "checkout@production ledger@production host:db-1"),
        ("tier:1 tag:public", "checkout@staging checkout@production"),
        ("tag:p*", "checkout@staging checkout@production find@staging find@production"),
        ("product:online*", "checkout@staging checkout@production"),
        ("service:ledger", "ledger@production host:db-1"),
        ("!checkout", "ledger@production find@staging find@production mail host:db-1"),
        ("not:env:staging", "checkout@production ledger@production find@production mail host:db-1"),
        ("owner:payments !ledger", "checkout@staging checkout@production"),
        ("find !find@staging", "find@production"),
        ("!nothing-like-this tier:2", "find@staging find@production"),
        ("mail", "mail"),
        ("host:local", "host:local"),
        ("host:*", "host:local host:db-1"),
        ("host:local checkout@staging", "checkout@staging host:local"),
        ("!host:db-1", ALL + " mail host:local"),
        ("ledger !host:db-1", "ledger@production"),
    ],
)
def test_words_select(inventory: Inventory, words: str, selected: str) -> None:
    assert rows(select(inventory, parse(words.split()))) == selected


def test_a_selected_part_keeps_only_its_environments(inventory: Inventory) -> None:
    part = select(inventory, parse(["*@staging"]))
    assert [e.name for e in part.environments] == ["staging"]
    assert part.platform == inventory.platform


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("chekout", 'nothing is selected by "chekout" (did you mean checkout?)'),
        ("checkout chekout", 'nothing is selected by "chekout" (did you mean checkout?)'),
        ("checkout@prodution", 'nothing is selected by "checkout@prodution" (did you mean checkout@production?)'),
        ("ledger@staging", 'nothing is selected by "ledger@staging" (there is ledger@production)'),
        ("owner:payment", 'nothing is selected by "owner:payment" (did you mean owner:payments?)'),
        ("env:prod", 'nothing is selected by "env:prod" (did you mean env:production?)'),
        ("tier:9", 'nothing is selected by "tier:9" (there is tier:1, tier:2)'),
        ("host:lokal", 'nothing is selected by "host:lokal" (did you mean host:local?)'),
        (
            "owner:search tier:1",
            'nothing is selected by "owner:search tier:1": each word fits something, all together nothing',
        ),
    ],
)
def test_what_selects_nothing_is_refused_with_what_was_meant(inventory: Inventory, words: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(inventory, parse(words.split()))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("statu:x", '"statu:x": unknown key "statu"; keys are service, env, owner, product, tier, tag, host'),
        ("onwer:x", '"onwer:x": unknown key "onwer" (did you mean owner?)'),
        ("owner:", '"owner:": nothing follows the colon'),
        ("tier:one", '"tier:one": a tier is a number'),
        ("status:down", '"status:down": status cannot select here'),
        ("checkout@", '"checkout@" is not a selector'),
        ("!", '"!" is not a selector'),
        ("", '"" is not a selector'),
        ("  ", '"" is not a selector'),
        ("\x1b[31m:x", '"�[31m:x": unknown key'),
    ],
)
def test_a_word_without_sense_is_refused(word: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse([word])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("words", "status", "fits"),
    [
        ("check", None, True),
        ("TILL", None, True),
        ("heck@prod", None, True),
        ("heck@stag", None, False),
        ("status:down", Status.DOWN, True),
        ("status:down", Status.UP, False),
        ("status:down status:up", Status.UP, True),
        ("status:d*", Status.DEGRADED, True),
        ("status:down", None, False),
        ("!status:up", Status.UP, False),
        ("owner:", None, False),
        ("owner:pay", None, False),
        ("owner:pay*", None, True),
        ("nonsense:key", None, False),
        ("down", Status.DOWN, True),
        ("!down", Status.DOWN, False),
        ("checkout down", Status.UP, False),
        ("check prod", None, True),
        ("check stag", None, False),
        ("check ledger", None, False),
        ("checkout@prod ledger@prod", None, True),
        ("!", None, False),
    ],
)
def test_a_filter_takes_parts_of_names_and_states(
    inventory: Inventory, words: str, status: Status | None, *, fits: bool
) -> None:
    selector = parse(words.split(), loose=True)
    assert selector.matches(inventory.services[0], "production", status=status) is fits


def test_hosts_are_matched_by_name_and_all_without_words(inventory: Inventory) -> None:
    local, db = inventory.hosts
    assert [parse([]).matches_host(host) for host in (local, db)] == [True, True]
    assert [parse(["host:l*"]).matches_host(host) for host in (local, db)] == [True, False]
    assert [parse(["checkout"]).matches_host(host) for host in (local, db)] == [False, False]
