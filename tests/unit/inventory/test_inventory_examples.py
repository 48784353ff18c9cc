from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli

from platformpm.inventory import STARTER, load, schema, show
from platformpm.inventory.check_tables import Table
from platformpm.inventory.tables import InventoryTable
from platformpm.inventory.validate import model_in

CONFIG = Path(__file__).parents[3] / "config"
COMMITTED = CONFIG / "platform.schema.json"
EXAMPLES = sorted(CONFIG.rglob("*.toml"))
ENVIRON = {"LEDGER_TOKEN": "ledger-token-1", "REPORTS_LOGIN": "monitor:word", "REPORTS_KEY": "reports-key-1"}
ENVIRON |= {"BACKUP_TOKEN": "backup-token-1", "WATCH_TOKEN": "watch-token-1"}
REGENERATE = """\
The committed schema is not that of the tables. Write it again:
python -c 'import json, pathlib, platformpm.inventory as i; pathlib.Path("config/platform.schema.json").write_text(\
json.dumps(i.schema(), indent=2, ensure_ascii=False) + "\\n", encoding="utf-8")'
"""


def test_the_committed_schema_is_that_of_the_tables() -> None:
    wanted = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    assert COMMITTED.read_text(encoding="utf-8") == wanted, REGENERATE


def test_the_schema_is_a_schema_and_every_key_has_a_sentence() -> None:
    made: Any = schema()
    jsonschema.Draft202012Validator.check_schema(made)
    tables = [made, *made["$defs"].values()]
    assert all(table["description"] for table in tables)
    bare = [(t["description"], k) for t in tables for k, v in t["properties"].items() if not v.get("description")]
    assert bare == []


def test_editors_are_content_with_a_placeholder_for_a_duration() -> None:
    editor = jsonschema.Draft202012Validator(schema())
    assert editor.is_valid({"defaults": {"interval": "${env:INTERVAL}", "timeout": "1m30s"}})
    assert not editor.is_valid({"defaults": {"interval": "soon"}})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_each_example_loads_and_fits_the_schema(path: Path) -> None:
    loaded = load(path, ENVIRON)
    assert loaded.inventory.services
    assert [w.message for w in loaded.warnings] == []
    jsonschema.validate(tomli.loads(path.read_text(encoding="utf-8")), schema())
    assert show(path, ENVIRON)[1]


def test_the_complete_example_says_in_its_head_how_to_try_it() -> None:
    text = (CONFIG / "complete.toml").read_text(encoding="utf-8")
    head, _, body = text.partition("\n\n")
    tried = dict(re.findall(r"\b([A-Z_]+)=(\S+)", head))
    lines = [line for line in body.splitlines() if not line.startswith("#")]
    assert set(tried) == set(re.findall(r"\$\{env:(\w+)\}", "\n".join(lines)))
    assert load(CONFIG / "complete.toml", tried).inventory.services


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_each_example_tells_editors_its_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("#:schema ")
    assert (path.parent / first.removeprefix("#:schema ")).resolve() == COMMITTED.resolve()


def test_no_example_is_found_by_accident() -> None:
    assert EXAMPLES
    assert all(path.name != "platform.toml" for path in EXAMPLES)


def test_a_folder_of_examples_loads_as_one_inventory() -> None:
    assert {service.name for service in load(CONFIG / "teams", {}).inventory.services} == {"payments", "search"}


def test_the_complete_example_names_every_key() -> None:
    text = (CONFIG / "complete.toml").read_text(encoding="utf-8")
    words = set(re.findall("[a-z_][a-z_0-9]*", text))
    assert sorted(name for name in _keys(InventoryTable) if name not in words) == []


def _keys(model: type[Table]) -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(field.alias or name)
        inner = model_in(field.annotation)
        if inner is not None:
            found |= _keys(inner)
    return found - {"warning"}  # limits are written [warning, critical]


def test_the_starter_loads_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "platform.toml"
    path.write_text(STARTER, encoding="utf-8")
    loaded = load(path, {})
    assert loaded.warnings == ()
    assert [host.name for host in loaded.inventory.hosts] == ["local"]
    assert len(loaded.inventory.services) >= 3
    send = loaded.inventory.services[2].instances[0].health.send
    assert send is not None
    assert send.reveal() == "PING\r\n"
    jsonschema.validate(tomli.loads(STARTER), schema())
