from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from platformpm.errors import InventoryError
from platformpm.inventory import Loaded, load, show
from platformpm.model.secret import MASK, Secret

Write = Callable[..., Path]
Load = Callable[..., Loaded]
Complain = Callable[..., list[str]]

SERVICE = '[services.a]\ninstances.production = ["http://h:80"]\n'


def value_of(loaded: Load, text: str, **environ: str) -> str:
    return (
        loaded(SERVICE + f"headers = {{ X-Test = '{text}' }}", environ)
        .inventory.services[0]
        .instances[0]
        .health.headers[0][1]
        .reveal()
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${env:A}", "one"),
        ("x-${env:A}-${env:B}-y", "x-one-two-y"),
        ("$${env:A}", "${env:A}"),
        ("$$${env:A}", "$${env:A}"),
        ("$ {env:A} $A", "$ {env:A} $A"),
        ("${env:NESTED}", "${env:A}"),
        ("${env:EMPTY}", ""),
    ],
)
def test_variables_are_put_in_once(loaded: Load, text: str, value: str) -> None:
    assert value_of(loaded, text, A="one", B="two", NESTED="${env:A}", EMPTY="") == value


def test_files_are_relative_to_the_inventory_and_lose_one_line_end(write: Write) -> None:
    folder = write(platform=SERVICE + "auth.bearer = '${file:secret.txt}'")
    (folder / "secret.txt").write_text("hidden-word\n")
    loaded = load(folder / "platform.toml", {})
    check = loaded.inventory.services[0].instances[0].health
    assert check.auth is not None
    assert check.auth.reveal() == "Bearer hidden-word"
    assert folder / "secret.txt" in loaded.watched
    assert loaded.inventory.mask("so hidden-word it is") == f"so {MASK} it is"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${env:LEDGER_KEI}", "environment variable LEDGER_KEI is not set (did you mean LEDGER_KEY?)"),
        ("${file:none.txt}", "No such file or directory"),
        ("${file:/}", "Is a directory"),
        ("${vault:x}", 'unknown source "vault": only env and file can be read'),
        ("${HOME}", "is not ${env:NAME} or ${file:PATH}; $${ gives a plain ${ (did you mean ${env:HOME}?)"),
        ("${env:}", "is not ${env:NAME}"),
        ("${env:A", "${ is never closed"),
    ],
)
def test_what_cannot_be_put_in_is_one_problem(complaints: Complain, text: str, message: str) -> None:
    for key in ("interval", "health.path", "title"):
        (line,) = complaints(SERVICE + f"{key} = '{text}'", {"LEDGER_KEY": "x"})
        assert line.startswith(f"3: services.a.{key}: ")
        assert message in line


CANARY = "c4n4ry-{}"
SLOTS = {
    "bearer": "auth.bearer = '{}'",
    "basic": "auth.basic = 'user:{}'",
    "password": "auth = {{ username = 'user', password = '{}' }}",
    "header": "auth = {{ header = 'X-Anything', value = '{}' }}",
    "named": "headers.X-Api-Key = '{}'",
    "cookie": "health.headers.Cookie = 'session={}'",
    "query": "health = '/x?access_token={}&b=1'",
    "version": "version = {{ path = '/v', auth.bearer = '{}' }}",
    "key": "tls = {{ key_password = '{}' }}",
    "body": "health.body = '{}'",
    "form": "health.body = 'user=me&client_secret={}&scope=x'",
    "login": """health.body = '{{ "user": "me", "password": "{}" }}'""",
    "url": "instances.staging = ['http://user:{}@h:1']",
    "user": "instances.staging = {{ x = 'http://{}@h:1' }}",
    "runbook": "runbook = 'https://wiki/x?token={}'",
    "link": "links = {{ board = 'https://board/x?a=1&api_key={}' }}",
}


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("literal", [True, False])
def test_a_secret_in_any_place_is_never_shown(write: Write, slot: str, *, literal: bool) -> None:
    secret = CANARY.format(slot)
    text = SERVICE + SLOTS[slot].format(secret if literal else "${env:SECRET}")
    path = write(platform=text) / "platform.toml"
    environ = {} if literal else {"SECRET": secret}
    loaded = load(path, environ)
    assert secret not in show(path, environ)[1]
    assert MASK in show(path, environ)[1]
    assert secret not in repr(loaded.inventory.services) or slot in ("query", "runbook", "link")
    if not (literal and slot == "body"):
        assert secret not in loaded.inventory.mask(f"said {secret}!")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions there are not modes")
@pytest.mark.parametrize("slot", [slot for slot in SLOTS if slot != "body"])
def test_a_literal_secret_in_a_readable_file_gets_a_warning(write: Write, slot: str) -> None:
    path = write(platform=SERVICE + SLOTS[slot].format("s3cret-word")) / "platform.toml"
    assert load(path, {}).warnings == ()
    for mode in (0o604, 0o640):
        path.chmod(mode)
        (warning,) = load(path, {}).warnings
        assert warning.warning
        assert warning.line == 3
        assert "a secret in a file that others can read" in warning.message
    path.write_text(SERVICE + SLOTS[slot].format("${env:SECRET}"))
    assert load(path, {"SECRET": "s3cret-word"}).warnings == ()


@pytest.mark.parametrize("send", ["AUTH {}\\r\\nPING\\r\\n", "USER me\\r\\nPASS {}\\r\\n", "AUTH default {}"])
def test_a_password_in_what_is_sent_is_one(write: Write, send: str) -> None:
    path = write(platform=f'[services.a]\ninstances.p = "tcp://h:1"\nhealth.send = "{send.format("s3cret-word")}"\n')
    path = path / "platform.toml"
    assert load(path, {}).inventory.mask("bad s3cret-word, default") == f"bad {MASK}, default"
    path.chmod(0o644)
    (warning,) = load(path, {}).warnings
    assert (warning.line, warning.key) == (3, "services.a.health.send")


def test_the_key_in_the_address_of_a_host_is_not_shown(write: Write) -> None:
    path = write(platform=SERVICE + "[hosts.db]\nurl = 'http://h:9100/metrics?token=s3cret-word'\n") / "platform.toml"
    loaded, text = show(path, {})
    assert f"metrics?token={MASK}" in text
    assert loaded.inventory.mask("s3cret-word") == MASK


def test_how_a_host_is_signed_in_to_is_masked_too(write: Write) -> None:
    text = "[hosts.db]\nurl = 'http://h:9100/metrics'\nauth.bearer = '${env:T}'\nheaders.X-Api-Key = 'k3y-word'\n"
    path = write(platform=SERVICE + text) / "platform.toml"
    path.chmod(0o644)
    loaded, shown = show(path, {"T": "t0ken-word"})
    assert "t0ken-word" not in shown
    assert "k3y-word" not in shown
    assert loaded.inventory.mask("t0ken-word k3y-word") == f"{MASK} {MASK}"
    assert [warning.key for warning in loaded.warnings] == ["hosts.db.headers.X-Api-Key"]


def test_the_encoded_form_of_basic_credentials_is_masked_too(loaded: Load) -> None:
    inventory = loaded(SERVICE + "auth.basic = 'user:${env:P}'", {"P": "pass-word"}).inventory
    encoded = base64.b64encode(b"user:pass-word").decode()
    auth = inventory.services[0].instances[0].health.auth
    assert auth is not None
    assert auth.reveal() == f"Basic {encoded}"
    assert inventory.mask(f"Authorization: Basic {encoded}") == f"Authorization: Basic {MASK}"


@pytest.mark.parametrize("echo", ['Val\\"ue&1', "Val&quot;ue&amp;1", "Val%22ue%261", 'Val"ue&1'])
def test_a_secret_that_is_echoed_in_another_spelling_is_masked_too(loaded: Load, echo: str) -> None:
    inventory = loaded(SERVICE + "headers.X-Api-Key = '${env:S}'", {"S": 'Val"ue&1'}).inventory
    assert inventory.mask(f"got {echo}.") == f"got {MASK}."


@pytest.mark.parametrize("secret", ["t0p-secret-value", "abc"])
@pytest.mark.parametrize(
    "line",
    ["interval = '${env:S}'", "tier = '${env:S}'", "health.expect.body = '(${env:S}'", "method = '${env:S}'", "owner = '${env:S}'", "depends_on = ['${env:S}']", "runbook = 'x://${env:S}'", "instances.staging = ['${env:S}']", "instances.staging = ['http://u:${env:S}@h:x']", "target.p = '${env:S}'\ntimeout = 'x'"],
)  # fmt: skip
def test_problems_do_not_quote_secrets(write: Write, secret: str, line: str) -> None:
    path = write(platform=SERVICE + line + "\n[teams.t]\n") / "platform.toml"
    with pytest.raises(InventoryError) as caught:
        load(path, {"S": secret})
    assert secret not in str(caught.value).replace(str(path), "")


def test_a_proxy_is_checked_and_kept_secret(tmp_path: Path) -> None:
    path = tmp_path / "platform.toml"
    service = 'instances.production = ["http://127.0.0.1:9"]\n'
    path.write_text(f'[services.a]\nproxy = "http://me:hunter22x@10.0.0.1:3128"\n{service}')
    path.chmod(0o600)
    loaded = load(path, {})
    assert loaded.warnings == ()
    (instance,) = loaded.inventory.services[0].instances
    assert instance.health.proxy == Secret("http://me:hunter22x@10.0.0.1:3128")
    assert "hunter22x" not in repr(instance)
    assert loaded.inventory.mask("Basic bWU6aHVudGVyMjJ4, hunter22x") == "Basic •••, •••"
    assert 'proxy = "http://me:•••@10.0.0.1:3128"' in show(path, {})[1]


@pytest.mark.parametrize(
    ("proxy", "problem"),
    [
        ("tcp://10.0.0.1:3128", "must be an http URL: the way to a proxy is not encrypted"),
        ("https://10.0.0.1:3128", "must be an http URL: the way to a proxy is not encrypted"),
        ("http://10.0.0.1:3128/x", "must not have a path"),
        ("10.0.0.1:3128", "did you mean http://10.0.0.1:3128?"),
    ],
)
def test_what_is_no_proxy_is_refused(tmp_path: Path, proxy: str, problem: str) -> None:
    path = tmp_path / "platform.toml"
    path.write_text(f'[services.a]\nproxy = "{proxy}"\ninstances.production = ["http://127.0.0.1:9"]\n')
    with pytest.raises(InventoryError) as caught:
        load(path, {})
    assert "services.a.proxy: " in str(caught.value)
    assert problem in str(caught.value)
