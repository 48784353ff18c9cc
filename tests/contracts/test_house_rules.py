"""The rules of the house, counted: sizes, private Textual API, the top level of the repository."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "platformpm"
MODULES = sorted(PACKAGE.rglob("*.py"))
TOP_LEVEL = {"platformpm", "config", "tests", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"}
FORBIDDEN_WORDS = re.compile(r"(Manager|Helper|Utils?|Handler|Data|Info)$")


@functools.cache
def trees() -> list[tuple[Path, ast.Module]]:
    return [(path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES]


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_no_module_is_longer_than_300_lines() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    sizes = {f"{path}:{node.name}": (node.end_lineno or 0) - node.lineno + 1 for path, node in functions()}
    assert {name: count for name, count in sizes.items() if count > 40} == {}


def test_no_function_takes_more_than_six_parameters() -> None:
    def count(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        arguments = node.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        return len([name for name in names if name not in ("self", "cls")])

    assert {f"{path}:{node.name}": count(node) for path, node in functions() if count(node) > 6} == {}


def test_the_app_is_at_most_200_lines() -> None:
    sizes = {
        f"{path}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).startswith("App") for base in node.bases)
    }
    assert sizes
    assert {name: count for name, count in sizes.items() if count > 200} == {}


def test_nearly_every_function_says_what_it_returns() -> None:
    returns = [node.returns is not None for _, node in functions()]
    assert sum(returns) / len(returns) > 0.95


def test_no_class_has_an_empty_name() -> None:
    names = {
        f"{path}:{node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and FORBIDDEN_WORDS.search(node.name)
    }
    assert names == set()


def textual_private_names() -> set[str]:
    """Every private attribute that Textual's own widgets, screens and apps have."""
    from textual.app import App
    from textual.screen import Screen
    from textual.scroll_view import ScrollView

    return {
        name
        for kind in (App, Screen, ScrollView)
        for name in dir(kind)
        if name.startswith("_") and not name.startswith("__")
    }


def test_private_textual_api_is_used_in_one_file_only() -> None:
    private = textual_private_names()
    found = []
    for path in (PACKAGE / "tui").rglob("*.py"):
        if path.name == "compat.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in private:
                found.append(f"{path.name}:{node.lineno} {node.attr}")
            if isinstance(node, ast.ImportFrom) and re.search(r"(^|\.)_(?!_future__)", node.module or ""):
                found.append(f"{path.name}:{node.lineno} {node.module}")
            if isinstance(node, ast.FunctionDef) and node.name in private:
                found.append(f"{path.name}:{node.lineno} def {node.name}")
    assert found == []


@pytest.mark.parametrize(
    ("stream", "allowed"),
    [("stdout", {"cli/output.py"}), ("stderr", {"cli/diagnostics.py"})],
)
def test_each_stream_has_one_writer(stream: str, allowed: set[str]) -> None:
    writers = set()
    for path, tree in trees():
        name = path.relative_to("platformpm").as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                writers.add(name)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                f"sys.{stream}.write",
                f"sys.{stream}.buffer.write",
            ):
                writers.add(name)
    assert writers <= allowed


def test_the_top_level_holds_nothing_else() -> None:
    import subprocess

    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    if not listed:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in listed}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL
