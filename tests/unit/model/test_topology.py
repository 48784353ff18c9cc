from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.topology import cycles, dependents, reachable

NAMES = "abcdef"
GRAPHS = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES + "x"), unique=True, max_size=4), max_size=6
)


def closure(graph: dict[str, list[str]], start: str) -> set[str]:
    """Everything reachable from `start` in one or more steps, by repeated widening."""
    found: set[str] = set(graph.get(start, ()))
    while True:
        wider = found | {need for name in found for need in graph.get(name, ())}
        if wider == found:
            return found
        found = wider


@given(GRAPHS)
def test_a_cycle_is_told_exactly_when_there_is_one(graph: dict[str, list[str]]) -> None:
    told = list(cycles(graph))
    on_a_cycle = {name for name in graph if name in closure(graph, name)}
    assert bool(told) == bool(on_a_cycle)
    for path in told:
        assert path[0] == path[-1]
        assert len(set(path[:-1])) == len(path) - 1
        assert all(need in graph[name] for name, need in pairwise(path))
    kinds = {frozenset(pairwise(path)) for path in told}
    assert len(kinds) == len(told)


@given(GRAPHS)
def test_every_group_of_services_that_need_each_other_is_named(graph: dict[str, list[str]]) -> None:
    named = {name for path in cycles(graph) for name in path}
    for name in graph:
        circle = {other for other in closure(graph, name) if name in closure(graph, other)}
        assert not circle or circle & named


def test_a_cycle_is_a_path_a_person_can_follow() -> None:
    assert list(cycles({"a": ["b"], "b": ["c"], "c": ["a"]})) == [["a", "b", "c", "a"]]
    assert list(cycles({"a": ["a"]})) == [["a", "a"]]
    assert list(cycles({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []})) == []


def test_a_chain_of_thousands_is_no_recursion() -> None:
    count = 20_000
    chain = {str(number): [str(number + 1)] for number in range(count)}
    assert list(cycles(chain)) == []
    chain[str(count)] = ["0"]
    (path,) = cycles(chain)
    assert len(path) == count + 2
    assert len(reachable(chain, "0")) == count


@given(GRAPHS, st.sampled_from(NAMES))
def test_reachable_is_everything_behind_nearest_first(graph: dict[str, list[str]], start: str) -> None:
    found = reachable(graph, start)
    assert set(found) == closure(graph, start) - {start}
    assert len(found) == len(set(found))


def test_reachable_is_nearest_first() -> None:
    assert reachable({"a": ["b", "c"], "b": ["d"], "c": [], "d": ["a"]}, "a") == ["b", "c", "d"]


@given(GRAPHS)
def test_dependents_is_the_graph_turned_round(graph: dict[str, list[str]]) -> None:
    turned = dependents(graph)
    there = {(name, need) for name, needs in graph.items() for need in needs}
    back = {(name, need) for need, names in turned.items() for name in names}
    assert back == there
    assert set(graph) <= set(turned)
