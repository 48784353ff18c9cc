"""Random values at every key give an inventory or problems, nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platformpm.errors import InventoryError
from platformpm.inventory import load, show
from platformpm.inventory.check_tables import Table
from platformpm.inventory.tables import InventoryTable
from platformpm.inventory.toml import dumps
from platformpm.inventory.validate import model_in
from platformpm.model.inventory import Inventory

WORDS = st.sampled_from(
    ["a", "b", "", "15s", "1h", "0s", "/x", "http://h:1", "https://u:p@h/x", "tcp://h:1", "tls://h:1", "dns:///h", "icmp://h", "x://", "2xx", "GET",
     "auto", "(", "a..b", "${env:A}", "${env:B}", "$${x}", "${file:x}", "{service}", "http://{service}", "50%", "\x1b[0m", "\u202e", "ü", "1.2"]
)  # fmt: skip
SCALARS = st.one_of(
    WORDS,
    WORDS.map(str.upper),
    WORDS.map(lambda word: word + "x"),
    st.text(max_size=12),
    st.integers(-10, 100_000),
    st.integers(),
    st.booleans(),
    st.floats(),
    st.just(2**64),
    st.just(10**30),
)
KEYS = st.one_of(st.sampled_from(["a", "b", "p", "X-A", "eu-1", "http://h"]), st.text(max_size=5))
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


def plausible(model: type[Table]) -> st.SearchStrategy[dict[str, Any]]:
    """Give tables with the right keys, right or wrong tables below, and mostly wrong values."""
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        inner = model_in(field.annotation)
        if inner is None:
            fields[field.alias or name] = ANYTHING
        elif "dict[" in str(field.annotation):
            fields[field.alias or name] = st.dictionaries(KEYS, plausible(inner), max_size=2)
        else:
            fields[field.alias or name] = st.one_of(plausible(inner), ANYTHING)
    return st.fixed_dictionaries({}, optional=fields)


INVENTORIES = plausible(InventoryTable)


def outcome(path: Path) -> Inventory | InventoryError:
    try:
        return load(path, {"A": "secret-value"}).inventory
    except InventoryError as error:
        return error


def survives(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.toml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        result = outcome(path)
        if isinstance(result, InventoryError):
            assert any(not problem.warning for problem in result.problems)
            assert all(line.isprintable() and line.startswith(folder) for line in str(result).split("\n"))
            return
        assert result.services or result.hosts
        assert "secret-value" not in show(path, {"A": "secret-value"})[1]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(INVENTORIES)
def test_any_values_at_the_known_keys_give_an_inventory_or_problems(tree: dict[str, Any]) -> None:
    survives(dumps(tree))


ONE_SERVICE = {"instances": {"production": ["http://h:1"]}}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_value_at_one_key_of_a_good_service_gives_an_inventory_or_problems(data: st.DataObject) -> None:
    services = InventoryTable.model_fields["services"]
    model = model_in(services.annotation)
    assert model is not None
    path, table = [], dict(ONE_SERVICE)
    place: dict[str, Any] = table
    while True:
        names = {field.alias or name: field for name, field in model.model_fields.items()}
        name = data.draw(st.sampled_from(sorted(names)))
        path.append(name)
        inner = model_in(names[name].annotation)
        if inner is None or data.draw(st.booleans()):
            place[name] = data.draw(ANYTHING)
            break
        place[name] = {}
        place, model = place[name], inner
    survives(dumps({"services": {"a": table}}))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.text(max_size=200), st.text(alphabet="[]{}=.\"'\n#ab1,\\", max_size=60)))
def test_any_text_gives_an_inventory_or_problems(text: str) -> None:
    survives(text)


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a = '\x00'", "[services.a]\ntitle = '\ud800'", "\r", "\ufeff\ufeff", "[[services]]", "services = []", "[services.a.instances.p]\n", "[[services.a.instances.p]]\nurl = 1"])  # fmt: skip
def test_odd_texts_are_survived(text: str) -> None:
    survives(text)
