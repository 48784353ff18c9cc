from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from platformpm.errors import InventoryError, UsageError
from platformpm.inventory import find, load

Write = Callable[..., Path]


def one(name: str, host: str = "h") -> str:
    return f'[services.{name}]\ninstances.production = ["http://{host}:80"]\n'


def names(path: Path) -> list[str]:
    return [service.name for service in load(path, {}).inventory.services]


def problems(path: Path, **environ: str) -> list[str]:
    with pytest.raises(InventoryError) as caught:
        load(path, environ)
    folder = path if path.is_dir() else path.parent
    return str(caught.value).replace(f"{folder}{os.sep}", "").splitlines()


def test_a_folder_is_read_in_the_order_of_names_and_not_deeper(write: Write) -> None:
    folder = write(b=one("two"), a=one("one"), sub__c=one("three"))
    (folder / "readme.txt").write_text("no toml [")
    (folder / ".hidden.toml").write_text("no toml [")
    assert names(folder) == ["one", "two"]
    assert load(folder, {}).files == (folder / "a.toml", folder / "b.toml")
    assert folder in load(folder, {}).watched


def test_includes_are_relative_to_the_including_file_and_globs_are_sorted(write: Write) -> None:
    write(platform='include = ["teams/*.toml"]\n' + one("root"), teams__b=one("b"))
    folder = write(teams__a='include = ["../more.toml"]\n' + one("a"), more=one("more"))
    assert names(folder / "platform.toml") == ["root", "a", "more", "b"]


def test_a_file_included_twice_is_read_once(write: Write) -> None:
    folder = write(
        platform='include = ["a.toml", "b.toml"]', a='include = ["c.toml"]', b='include = ["c.toml"]', c=one("c")
    )
    assert names(folder / "platform.toml") == ["c"]


def test_an_include_loop_is_shown_as_a_path(write: Write) -> None:
    folder = write(platform='include = ["b.toml"]\n' + one("a"), b='\n\ninclude = ["platform.toml"]\n')
    assert problems(folder / "platform.toml") == [
        "b.toml:3: include[0]: include loop: platform.toml -> b.toml -> platform.toml"
    ]


def test_a_long_chain_of_includes_ends_in_a_problem(write: Write) -> None:
    files = {f"f{i}": f'include = ["f{i + 1}.toml"]' for i in range(400)}
    folder = write(**files)
    assert "nested more than 20 deep" in problems(folder / "f0.toml")[0]


@pytest.mark.parametrize(
    ("include", "line"),
    [
        ('"none.toml"', 'platform.toml:1: include[0]: no such file: "none.toml"'),
        ('"sub"', 'platform.toml:1: include[0]: is a folder: write "sub/*.toml"'),
        ("3", "platform.toml:1: include[0]: must be a file name or a pattern"),
        ('""', "platform.toml:1: include[0]: must be a file name or a pattern"),
    ],
)
def test_an_include_that_leads_nowhere_is_told(write: Write, include: str, line: str) -> None:
    folder = write(platform=f"include = [{include}]\n" + one("a"), sub__x=one("x"))
    assert problems(folder / "platform.toml") == [line]


def test_a_glob_that_matches_nothing_yet_is_a_warning(write: Write) -> None:
    folder = write(platform='include = [\n"more*.toml",\n"teams/*.toml"]\n' + one("a"), more=one("b"))
    loaded = load(folder / "platform.toml", {})
    where = folder / "platform.toml"
    assert [str(w) for w in loaded.warnings] == [f'{where}:3: warning: include[1]: matches no file: "teams/*.toml"']
    assert folder / "teams" in loaded.watched


def test_the_same_entry_in_two_files_is_told_with_both_places(write: Write) -> None:
    folder = write(a="\n" + one("x"), b=one("y") + one("x"), c="[teams.t]\n[services.z]\nexternal = true\n")
    assert problems(folder) == ["b.toml:3: services.x: is declared twice, first in a.toml:2"]


@pytest.mark.parametrize("section", ["platform", "defaults", "engine", "history"])
def test_some_sections_belong_to_the_first_file(write: Write, section: str) -> None:
    folder = write(a=one("x"), b=f"[{section}]\n")
    assert problems(folder) == [f"b.toml:1: {section}: may only stand in the first file, a.toml"]


def test_problems_of_all_files_come_together_even_when_one_cannot_be_parsed(write: Write) -> None:
    folder = write(a="[services.x]\ntier = 'one'\ndepends_on = ['elsewhere']\nexternal = true", b="[", c=b"\n\xff")
    lines = problems(folder)
    assert [line.partition(": ")[0] for line in lines] == ["a.toml:2", "b.toml:1", "c.toml:2"]


def test_a_file_beyond_the_cap_is_refused_and_one_at_the_cap_is_not(write: Write) -> None:
    text = one("a")
    pad = "#" * (8 * 1024 * 1024 - len(text) - 1) + "\n"
    folder = write(fits=text + pad, large=text + pad + "#" * 2_000_000)
    assert names(folder / "fits.toml") == ["a"]
    assert problems(folder / "large.toml") == ["large.toml: is larger than 8 MiB, the most a file may have"]


def test_what_cannot_be_read_is_one_line(write: Write, tmp_path: Path) -> None:
    folder = write(a__b=one("x"))
    (folder / "empty").mkdir()
    (folder / "dangling.toml").symlink_to(folder / "nowhere")
    (folder / "folder.toml").mkdir()
    assert problems(folder / "none.toml") == ["none.toml: no such file"]
    assert problems(folder / "dangling.toml") == ["dangling.toml: no such file"]
    assert str(problems(folder / "empty")[0]).endswith("the folder holds no *.toml file")
    assert problems(Path("a\0b")) == ["a�b: no such file"] or "null" in problems(Path("a\0b"))[0]
    included = write(platform='include = ["dangling.toml"]\n' + one("a"))
    assert len(problems(included / "platform.toml")) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders there")
def test_a_pipe_in_a_folder_is_told_and_not_waited_for(write: Write) -> None:
    folder = write(platform='include = ["more/*.toml"]\n' + one("a"), more__b=one("b"))
    os.mkfifo(folder / "more" / "pipe.toml")
    os.mkfifo(folder / "z.toml")
    assert problems(folder / "platform.toml") == ["more/pipe.toml: is a pipe, not a file"]
    assert problems(folder) == ["more/pipe.toml: is a pipe, not a file", "z.toml: is a pipe, not a file"]


@contextmanager
def nobody() -> Iterator[None]:
    """Have the rights of nobody, for whom permissions count even when root runs the tests."""
    mine = os.geteuid()
    try:
        if mine == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(mine)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions there are not modes")
def test_what_may_not_be_read_is_told_and_not_taken_for_nothing() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "closed").mkdir()
        for name in ("secret.toml", "closed/b.toml"):
            (folder / name).write_text(one("b"))
            (folder / name).chmod(0)
        include = 'include = ["closed/*.toml", "closed/b.toml", "secret.toml"]\n'
        (folder / "platform.toml").write_text(include + one("a"))
        problems(folder / "platform.toml")  # what is imported late must be readable
        (folder / "closed").chmod(0)
        with nobody():
            assert problems(folder / "secret.toml") == ["secret.toml: cannot be read: Permission denied"]
            assert "cannot be read: Permission denied" in problems(folder / "closed")[0]
            assert problems(folder / "platform.toml") == [
                'platform.toml:1: include[0]: cannot be read: Permission denied: "closed/*.toml"',
                'platform.toml:1: include[1]: cannot be read: Permission denied: "closed/b.toml"',
                "secret.toml: cannot be read: Permission denied",
            ]
            assert find(folder / "closed" / "b.toml", {}, folder) == folder / "closed" / "b.toml"
        (folder / "closed").chmod(0o700)


def test_the_inventory_is_found_in_the_designed_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    here = tmp_path / "here"
    here.mkdir()
    with pytest.raises(UsageError, match="platformpm init"):
        find(None, {}, here)
    import platformdirs  # asks the environment set above

    own = platformdirs.user_config_path("platformpm", appauthor=False) / "platform.toml"
    own.parent.mkdir(parents=True)
    for path in (own, here / "platform.toml", here / "named.toml", here / "given.toml"):
        path.write_text("")
    environ = {"PLATFORMPM_INVENTORY": "named.toml"}
    assert find(Path("given.toml"), environ, here) == here / "given.toml"
    assert find(None, environ, here) == here / "named.toml"
    assert find(None, {}, here) == here / "platform.toml"
    (here / "platform.toml").unlink()
    assert find(None, {}, here) == own
    monkeypatch.chdir(here)
    assert find(Path("given.toml"), {}, here) == Path("given.toml")


def test_an_inventory_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--inventory: no such file or folder: none\.toml"):
        find(Path("none.toml"), {}, tmp_path)
    with pytest.raises(UsageError, match="PLATFORMPM_INVENTORY"):
        find(None, {"PLATFORMPM_INVENTORY": "none.toml"}, tmp_path)
