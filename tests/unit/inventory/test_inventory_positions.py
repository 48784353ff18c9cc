from __future__ import annotations

from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from platformpm.inventory.positions import KeyPath, scan
from platformpm.inventory.toml import dumps

TEXT = (
    '''\
# comment with [services.x] and "quotes
[platform]
name = """a
[not.a.table]
key = "no"
"""
other = 1   # after a text of several lines

[services."odd name".health]
path = '/x' ; '''.replace(" ; ", "\n")
    + """
expect = { status = [200,
  "3xx"], json = { "a.b" = 1 } }
a.b.c = 2024-01-01 10:00:00
[[list]]
x = 1
[[list]]
x = 2
  [list.inner]
  y = [ # comment ]
    { z = 1 },
    { z = [1, 2,
       3] },
  ]
"caf\\u00e9" = true
"""
)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("platform",), 2),
        (("platform", "name"), 3),
        (("platform", "other"), 7),
        (("services",), 9),
        (("services", "odd name", "health"), 9),
        (("services", "odd name", "health", "path"), 10),
        (("services", "odd name", "health", "expect"), 12),
        (("services", "odd name", "health", "expect", "status", 0), 12),
        (("services", "odd name", "health", "expect", "status", 1), 13),
        (("services", "odd name", "health", "expect", "json", "a.b"), 13),
        (("services", "odd name", "health", "a", "b", "c"), 14),
        (("list", 0, "x"), 16),
        (("list", 1, "x"), 18),
        (("list", 1, "inner", "y", 0, "z"), 21),
        (("list", 1, "inner", "y", 1, "z", 2), 23),
        (("list", 1, "inner", "café"), 25),
    ],
)
def test_the_line_of_each_key_is_found(path: KeyPath, line: int) -> None:
    tomli.loads(TEXT)
    assert scan(TEXT).lines[path] == line


def test_the_line_of_what_is_missing_is_that_of_its_table() -> None:
    assert scan(TEXT).line_of(("platform", "nothing", 3)) == 2
    assert scan(TEXT).line_of(("nothing",)) is None


def test_keys_and_tables_set_twice_are_found() -> None:
    text = "a = 1\nb = 2\na = 3\n[t]\n[u]\n[t]\n"
    assert scan(text).twice == [(("a",), 1, 3), (("t",), 4, 6)]


def test_windows_line_ends_count_once() -> None:
    assert scan("a = 1\r\n\r\nb = 2\r\n").lines == {("a",): 1, ("b",): 3}


KEYS = st.text(min_size=1, max_size=6).filter(lambda t: t.isprintable())
TREES = st.recursive(
    st.one_of(st.integers(-9, 9), st.booleans(), st.text(max_size=8).filter(lambda t: t.isprintable())),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_every_key_of_any_written_tree_has_a_line_that_holds_it(tree: dict[str, Any]) -> None:
    text = dumps(tree)
    assert tomli.loads(text) == tree
    lines = scan(text).lines
    assert set(_paths(tree, ())) == set(lines)
    rows = text.split("\n")
    assert all(1 <= line <= len(rows) and rows[line - 1] for line in lines.values())


def _paths(value: Any, path: KeyPath) -> list[KeyPath]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[KeyPath] = []
    for key, child in items:
        found += [(*path, key), *_paths(child, (*path, key))]
    return found


@given(st.text(alphabet="ab.\"'[]{}=,#\n \\1", max_size=60))
def test_no_text_makes_the_scanner_fail(text: str) -> None:
    scan(text)
