import json
import os
import tomllib

import pytest
from jsonschema import Draft202012Validator

from tests.cli.conftest import Program

GOOD = """
[platform]
name = "Shop"
[environments.staging]
[environments.production]
promotes_from = "staging"
[services.web]
health = { path = "/health", headers = { X-Key = "${env:KEY}" } }
[services.web.instances]
staging = ["http://127.0.0.1:1"]
production = ["http://127.0.0.1:2", "http://127.0.0.1:3"]
[hosts.local]
"""
BAD = """
[services.a]
helath = "/x"
interval = "soon"
depends_on = ["b"]
[services.a.instances]
production = ["htp://h"]
"""
WARNED = """
[services.slow]
timeout = "20s"
instances.production = ["http://127.0.0.1:4"]
"""


def test_a_good_inventory_is_summed_up_in_one_line(program: Program) -> None:
    program.inventory(GOOD)
    done = program("inventory", "validate", KEY="hunter2-key")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("platform.toml: valid: 1 service, 3 instances, 2 environments, 1 host\n")


def test_every_problem_is_listed_at_once_with_its_place(program: Program) -> None:
    program.inventory(BAD, "bad.toml")
    done = program("inventory", "validate", "-i", "bad.toml")
    assert done.code == 3
    lines = done.out.splitlines()
    assert any(line.startswith("bad.toml:3: ") and "did you mean" in line and "health" in line for line in lines)
    assert any(line.startswith("bad.toml:4: ") and "interval" in line for line in lines)
    assert any("depends_on" in line for line in lines)
    assert any("htp" in line for line in lines)
    assert done.err == f"bad.toml: {len(lines)} errors\n"


def test_errors_and_warnings_are_counted_apart(program: Program) -> None:
    program.inventory(BAD + WARNED, "bad.toml")
    done = program("inventory", "validate", "-i", "bad.toml")
    warnings = done.out.count("warning: ")
    assert done.code == 3
    assert warnings == 1
    assert done.err == f"bad.toml: {done.out.count(chr(10)) - 1} errors, 1 warning\n"


def test_warnings_alone_are_listed_and_exit_0(program: Program) -> None:
    program.inventory(GOOD + WARNED)
    done = program("inventory", "validate", KEY="hunter2-key")
    assert done.code == 0
    assert "warning: " in done.out
    assert "platform.toml: valid: " in done.out


def test_the_inventory_is_shown_as_toml_with_secrets_masked(program: Program) -> None:
    program.inventory(GOOD)
    done = program("inventory", "show", KEY="hunter2-key")
    assert done.code == 0
    assert "hunter2" not in done.out + done.err
    assert tomllib.loads(done.out)["platform"]["name"] == "Shop"


@pytest.mark.skipif(os.name == "nt", reason="no /dev/fd there")
def test_an_inventory_that_can_be_read_only_once_is_shown_too(program: Program) -> None:
    program.inventory(GOOD, "source.toml")
    done = program.shell("$PM inventory show -i <(cat source.toml)", KEY="hunter2-key")
    assert (done.code, done.err) == (0, "")
    assert tomllib.loads(done.out)["platform"]["name"] == "Shop"


def test_a_path_that_a_script_forgot_to_set_is_not_the_working_folder(program: Program) -> None:
    program.inventory(GOOD)
    done = program("inventory", "validate", "-i", "", KEY="hunter2-key")
    assert (done.code, done.out, done.err) == (3, "", "platformpm: --inventory: the path is empty\n")


def test_the_schema_is_one_and_needs_no_inventory(program: Program) -> None:
    done = program("inventory", "schema")
    assert (done.code, done.err) == (0, "")
    Draft202012Validator.check_schema(json.loads(done.out))


@pytest.mark.parametrize("command", ["validate", "show"])
def test_a_missing_file_is_one_clear_line(program: Program, command: str) -> None:
    done = program("inventory", command, "-i", "nowhere.toml")
    assert done.code == 3
    told = done.out + done.err
    assert "nowhere.toml" in told
    assert "Traceback" not in told


def test_a_folder_is_an_inventory(program: Program) -> None:
    (program.folder / "parts").mkdir()
    program.inventory(GOOD, "parts/one.toml")
    assert program("inventory", "validate", "-i", "parts", KEY="hunter2-key").code == 0


def test_the_environment_names_an_inventory_too(program: Program) -> None:
    program.inventory(GOOD, "other.toml")
    done = program("inventory", "validate", PLATFORMPM_INVENTORY="other.toml", KEY="hunter2-key")
    assert (done.code, "other.toml" in done.out) == (0, True)


def test_init_writes_a_starter_that_is_valid_and_never_overwrites(program: Program) -> None:
    done = program("init")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[1:] == ["  platformpm # look at them", "  platformpm check # ask them once"]
    written = (program.folder / "platform.toml").read_bytes()
    assert written.count(b"#") > 5
    assert program("inventory", "validate").code == 0
    again = program("init")
    assert (again.code, again.out) == (3, "")
    assert "platform.toml is there already" in again.err
    assert (program.folder / "platform.toml").read_bytes() == written


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("shop.toml", "Shop"),
        ("ops/acme_eu-west.toml", "Acme Eu West"),
        ("Shop-API.toml", "Shop API"),
        ("back office/platform.toml", "Back Office"),
        ("läden.toml", "My Platform"),
        ('a"b.toml', "My Platform"),
    ],
)
def test_two_files_of_init_have_names_of_their_own(program: Program, path: str, name: str) -> None:
    assert program("init", path).code == 0
    assert tomllib.loads((program.folder / path).read_text(encoding="utf-8"))["platform"]["name"] == name


def test_a_disk_that_is_full_keeps_no_half_a_file(program: Program) -> None:
    done = program.shell("ulimit -f 1; $PM init")
    assert done.code == 3
    assert "platform.toml cannot be written: File too large" in done.err
    assert not (program.folder / "platform.toml").exists()


def test_init_writes_where_it_is_told_or_says_why_not(program: Program) -> None:
    done = program("init", "ops/shop.toml")
    assert done.code == 0
    assert "-i ops/shop.toml" in done.err
    assert (program.folder / "ops" / "shop.toml").exists()
    nowhere = program("init", "ops/shop.toml/shop.toml")
    assert nowhere.code == 3
    assert nowhere.err == "platformpm: ops/shop.toml/shop.toml cannot be written: ops/shop.toml is no folder\n"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "PATH is empty: name the file, as in platformpm init platform.toml"),
        ("  ", "PATH is empty: name the file, as in platformpm init platform.toml"),
        (".", ". is a folder: name a file in it, as in platformpm init platform.toml"),
        ("my ops/", "my ops is a folder: name a file in it, as in platformpm init 'my ops/platform.toml'"),
    ],
)
def test_init_says_what_to_name_where_no_file_is_named(program: Program, path: str, says: str) -> None:
    (program.folder / "my ops").mkdir()
    done = program("init", path)
    assert (done.code, done.err) == (3, f"platformpm: {says}\n")
    assert list(program.folder.rglob("*.toml")) == []


def test_init_quotes_a_name_for_the_shell(program: Program) -> None:
    assert "  platformpm check -i 'my shop.toml' # ask" in program("init", "my shop.toml").err


def test_init_does_not_follow_a_link_to_a_file_that_is_there(program: Program) -> None:
    program.inventory("precious", "precious.txt")
    (program.folder / "platform.toml").symlink_to("precious.txt")
    assert program("init").code == 3
    assert (program.folder / "precious.txt").read_text(encoding="utf-8") == "precious"
