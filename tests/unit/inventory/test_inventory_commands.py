"""Commands of exec checks: what is accepted, what is warned of, and that their secrets stay hidden."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from platformpm.errors import InventoryError
from platformpm.inventory import Loaded, load, show
from platformpm.model.check import Command
from platformpm.model.secret import MASK

Write = Callable[..., Path]
Load = Callable[..., Loaded]
Complain = Callable[..., list[str]]


def service(command: str, url: str = "exec://db-1.internal") -> str:
    return f'[services.a]\ninstances.production = ["{url}"]\nhealth.command = {command}\n'


def command_in(loaded: Loaded) -> Command:
    command = loaded.inventory.services[0].instances[0].health.command
    assert command is not None
    return command


def words_in(loaded: Loaded) -> tuple[str, ...]:
    return tuple(word.reveal() for word in command_in(loaded).argv)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (service('"check_disk -w 10%"'), '3: services.a.health.command: must be a list of words, such as ["check_disk", "-w", "10%"]: no shell reads it'),
        (service("[]"), "3: services.a.health.command: must begin with the name of a program"),
        (service('["", "x"]'), "3: services.a.health.command: must begin with the name of a program"),
        (service('["true", 5]'), "3: services.a.health.command: must be text, not an integer"),
        (service('["true", "\\u0000"]'), "3: services.a.health.command: must not hold NUL"),
        (service("5"), "3: services.a.health.command: must be a list of words, not an integer"),
        (service('["true"]') + 'health.env = { "A-B" = "x" }', '4: services.a.health.env.A-B: "A-B" cannot be the name of a variable'),
        (service('["true"]') + "health.env = { A = 5 }", "4: services.a.health.env.A: must be text, not an integer"),
        (service('["true"]') + 'health.expect = "OK"', "4: services.a.health.expect: the exit code of the program decides, nothing else is expected"),
        (service('["true"]') + 'health.path = "/x"', "4: services.a.health.path: only grpc, grpcs, http, https, ws and wss instances are asked like this"),
        (service('["true"]') + 'version = "/x"', "4: services.a.version: a version is read over http: no instance speaks it"),
        (service('["true"]', "http://h"), '3: services.a.health.command: only exec instances run a program, such as "exec://db-1.internal"'),
        (service('["true"]', "exec://h/path"), "2: services.a.instances.production[0]: an exec address has no path"),
        (service('["true"]', "exec://me:pw@h"), "2: services.a.instances.production[0]: an exec address has no user: give its program what it needs in env"),
        (service('["true"]', "exec://"), "2: services.a.instances.production[0]: the URL names no host"),
        (service('["check", "{port}"]'), "2: services.a.instances.production[0]: its command needs a {port}: write exec://host:1234, or give the check a port"),
        ('[services.a]\ninstances.production = ["exec://h"]', '2: services.a.instances.production[0]: needs a program to run: health = { command = ["check_disk", "-w", "10%"] }'),
        ('[environments.p]\nurl = "exec://{service}"\n[services.a]\ntier = 1', '2: environments.p.url: needs a program to run: health = { command = ["check_disk", "-w", "10%"] }'),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_a_problem_with_its_place(complaints: Complain, text: str, line: str) -> None:
    assert complaints(text) == [line]


def test_a_place_that_is_misspelt_gets_a_warning_and_other_braces_none(loaded: Load) -> None:
    (warning,) = loaded(service('["awk", "{print $1}", "{hots}", "{http_code}", "{\\"a\\": 1}"]')).warnings
    assert (warning.key, warning.line) == ("services.a.health.command[2]", 3)
    assert str(warning).endswith("{hots} is nothing that is filled in (did you mean {host}?)")


def test_a_port_may_come_from_the_check(loaded: Load) -> None:
    instance = loaded(service('["check", "{port}"]') + "health.port = 5432").inventory.services[0].instances[0]
    assert instance.health_url == "exec://db-1.internal:5432"
    assert instance.key.instance == "db-1.internal"


def test_a_command_stands_at_every_level_and_variables_add_up(loaded: Load) -> None:
    text = """
    [defaults]
    command = ["outer"]
    env = { A = "1", B = "1" }
    [environments.production]
    env = { B = "2" }
    [services.a]
    instances.production = ["exec://h", "http://web"]
    health.env = { C = "3" }
    [services.b]
    instances.production = ["exec://h"]
    health.command = ["inner"]
    """
    a, b = loaded(text).inventory.services
    check = a.instances[0].health.command
    assert check is not None
    assert [(name, value.reveal()) for name, value in check.env] == [("A", "1"), ("B", "2"), ("C", "3")]
    assert check.argv[0].reveal() == "outer"
    inner = b.instances[0].health.command
    assert inner is not None
    assert inner.argv[0].reveal() == "inner"


def test_a_program_with_a_path_is_relative_to_its_file(write: Write) -> None:
    folder = write(platform='include = ["teams/x.toml"]\n', teams__x=service('["./check.sh", "./data"]'))
    path = folder / "platform.toml"
    command = command_in(load(path, {}))
    assert command.folder == str(folder / "teams")
    assert command.argv[0].reveal() == f"{folder}/teams/./check.sh"
    assert command.shown == (f"{folder}/teams/./check.sh", "./data")
    assert f'command = ["{folder}/teams/./check.sh", "./data"]' in show(path, {})[1]
    write(platform=service('["~/check.sh"]'))
    assert command_in(load(path, {})).argv[0].reveal() == str(Path("~/check.sh").expanduser())
    write(platform=service('["check"]'))
    assert command_in(load(path, {})).argv[0].reveal() == "check"


def test_show_loads_again_and_runs_the_same(write: Write) -> None:
    path = (
        write(platform=service('["/bin/x", "{host}", "a \\"b\\"", "\\n"]') + "health.env = { A = 'b' }")
        / "platform.toml"
    )
    text = show(path, {})[1]
    first = load(path, {})
    path.write_text(text)
    assert load(path, {}).inventory.services == first.inventory.services


SECRET = "c4n4ry"
HIDING = {
    "option": ("['x', '--password', '{}']", "--password •••"),
    "equals": ("['x', '--api-key={}']", "--api-key=•••"),
    "plain": ("['x', 'password={}']", "password=•••"),
    "header": ("['x', '-k', 'X-Api-Key: {}']", "X-Api-Key: •••"),
    "bearer": ("['x', '-k', 'Authorization: Bearer {}']", "Authorization: •••"),
    "login": ("['x', '--authorization=user:{}']", "--authorization=•••"),
    "url": ("['x', 'http://user:{}@h/']", "http://user:•••@h/"),
    "query": ("['x', 'http://h/?token={}&a=1']", "http://h/?token=•••&a=1"),
    "both": ("['x', 'http://user:{}@h/?token=another-word']", "•••"),
    "inside": ("['sh', '-c', 'curl -d token={} http://h/']", "•••"),
}


@pytest.mark.parametrize("literal", [True, False])
@pytest.mark.parametrize(("words", "shown"), HIDING.values(), ids=HIDING)
def test_a_secret_in_a_command_is_never_shown(write: Write, words: str, shown: str, *, literal: bool) -> None:
    path = write(platform=service(words.format(SECRET if literal else "${env:S}"))) / "platform.toml"
    loaded = load(path, {"S": SECRET})
    command = command_in(loaded)
    assert SECRET in " ".join(words_in(loaded))
    assert " ".join(command.shown).endswith(shown)
    assert SECRET not in repr(loaded.inventory.services)
    assert SECRET not in show(path, {"S": SECRET})[1]
    assert loaded.inventory.mask(f"bad {SECRET}!") == f"bad {MASK}!"


def test_what_is_shown_of_a_command_is_one_clean_line(loaded: Load) -> None:
    shown = command_in(loaded(service('["sh", "-c", "\\u001b[2Jecho\\n  x", "' + "y" * 9000 + '"]'))).shown
    assert shown[:3] == ("sh", "-c", "�[2Jecho x")
    assert len(shown[3]) == 500


def test_a_short_secret_that_is_put_in_is_hidden_in_its_place(loaded: Load) -> None:
    inventory = loaded(service("['x', '-p', '${env:S}', '-x', '${env:EMPTY}', 'pin']"), {"S": "pin", "EMPTY": ""})
    assert command_in(inventory).shown == ("x", "-p", MASK, "-x", "", "pin")
    both = loaded(service("['x', 'http://user:${env:P}@h/${env:S}']"), {"P": "s3cret-word", "S": "pin"})
    assert command_in(both).shown == ("x", f"http://user:{MASK}@h/{MASK}")


@pytest.mark.parametrize("name", ["PGPASSWORD", "MYSQL_PWD", "API_TOKEN"])
def test_a_variable_that_is_named_like_a_secret_is_one(write: Write, name: str) -> None:
    path = (
        write(platform=service("['x']") + f"health.env = {{ {name} = '{SECRET}', PGUSER = 'monitor' }}")
        / "platform.toml"
    )
    loaded, text = show(path, {})
    assert SECRET not in text
    assert "monitor" in text
    assert loaded.inventory.mask(SECRET) == MASK
    path.chmod(0o644)
    (warning,) = load(path, {}).warnings
    assert warning.key == f"services.a.health.env.{name}"


def test_options_that_only_sound_like_secrets_hide_nothing(loaded: Load) -> None:
    text = service("['psql', '--no-password', '--host', '{host}', '--command=select 1', '-U', 'monitor']")
    assert command_in(loaded(text)).shown[1:] == (
        "--no-password",
        "--host",
        "{host}",
        "--command=select 1",
        "-U",
        "monitor",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="permissions there are not modes")
def test_a_file_with_commands_that_others_can_write_to_gets_one_warning(write: Write) -> None:
    text = service('["true"]')
    path = write(platform=text + text.replace("services.a", "services.b")) / "platform.toml"
    assert load(path, {}).warnings == ()
    path.chmod(0o602)
    (warning,) = load(path, {}).warnings
    assert (warning.key, warning.line) == ("services.a.health.command", 3)
    assert "others can write to" in warning.message
    write(platform=text.replace("health.command", "command"))
    path.chmod(0o602)
    (warning,) = load(path, {}).warnings
    assert warning.key == "services.a.command"
    path.write_text(text.replace("exec:", "http:").replace("health.command", "#"))
    path.chmod(0o602)
    assert load(path, {}).warnings == ()


def test_a_bad_command_is_not_quoted(write: Write) -> None:
    path = write(platform=service("['${env:S}', '${env:S}{port}', 5]")) / "platform.toml"
    with pytest.raises(InventoryError) as caught:
        load(path, {"S": "t0p-secret"})
    assert "t0p-secret" not in str(caught.value)
