"""The dependency graph: who needs whom."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]
"""Service name to the names it depends on."""


def dependents(graph: Graph) -> dict[str, list[str]]:
    """Turn the graph round: each service with those that depend on it directly, in the order of `graph`."""
    out: dict[str, list[str]] = {name: [] for name in graph}
    for name, needs in graph.items():
        for need in needs:
            out.setdefault(need, []).append(name)
    return out


def reachable(graph: Graph, start: str) -> list[str]:
    """Give everything that can be reached from `start`, nearest first, without `start` itself."""
    seen = {start}
    out: list[str] = []
    queue = deque([start])
    while queue:
        for name in graph.get(queue.popleft(), ()):
            if name not in seen:
                seen.add(name)
                out.append(name)
                queue.append(name)
    return out


def cycles(graph: Graph) -> Iterator[list[str]]:
    """Give each dependency cycle once, as the path `a, b, …, a`. No recursion: a chain may be thousands long."""
    done: set[str] = set()
    for root in graph:
        path: list[str] = []
        on_path: dict[str, int] = {}
        stack: list[tuple[str, Iterator[str]]] = []
        if root not in done:
            stack.append((root, iter(graph[root])))
            on_path[root] = 0
            path.append(root)
        while stack:
            name, needs = stack[-1]
            need = next(needs, None)
            if need is None:
                stack.pop()
                path.pop()
                del on_path[name]
                done.add(name)
            elif need in on_path:
                yield [*path[on_path[need] :], need]
            elif need not in done and need in graph:
                on_path[need] = len(path)
                path.append(need)
                stack.append((need, iter(graph[need])))
