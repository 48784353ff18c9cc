"""What the README says is true: its generated parts are up to date, its inventory loads, its commands run."""

import os
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from platformpm.cli.reference import reference
from platformpm.formats.health import DIALECTS
from platformpm.formats.health.words import GENERIC
from platformpm.history.schema import migrate
from platformpm.history.views import RELIED_ON
from platformpm.inventory import load
from platformpm.report.checkformats import FORMATS
from platformpm.report.monitor import WATCH_METRICS
from platformpm.report.prometheus import METRICS
from platformpm.report.told import Told
from platformpm.tui.actions import key_table
from tests.unit.report.pictures import DOWN, SLOW, UP, instance, picture, service

README = Path(__file__).resolve().parents[2] / "README.md"
UPDATE = "PLATFORMPM_UPDATE_DOCS"


def dialects() -> str:
    return ", ".join(sorted((dialect.title for dialect in DIALECTS.values()), key=str.casefold)) + "."


def words() -> str:
    """Give the closed table of the generic dialect."""
    told = {
        status: [word for word, meant in GENERIC.items() if meant is status]
        for status in dict.fromkeys(GENERIC.values())
    }
    return "; ".join(f"**{status}** when {', '.join(of)}" for status, of in told.items()) + "."


def formats() -> str:
    """Give what each format is and what it makes of a service that is up, one that is slow and one that is down."""
    seen = {"catalog": UP, "checkout": SLOW, "ledger": DOWN}
    told = Told(picture(service(name, [instance(name, "eu-1", one)]) for name, one in seen.items()), took=1.26)
    parts = []
    for one in FORMATS:
        if one.file is None:
            continue
        lines = one.load()(told).splitlines()
        if one.name == "prometheus":  # a few lines of it say enough
            lines = [line for line in lines if "service_status" in line and ("#" in line or "ledger" in line)]
        parts.append(
            f"`{one.name}`: {one.purpose}\n\n```{'xml' if one.name == 'junit' else 'text'}\n{chr(10).join(lines)}\n```"
        )
    return "\n\n".join(parts)


def metrics() -> str:
    rows = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in METRICS.items())
    return f"| metric (all are gauges) | meaning |\n| --- | --- |\n{rows}"


def watch() -> str:
    """Give the metrics of the monitor itself."""
    kinds = {name: "counter" if name.endswith("_total") else "gauge" for name in WATCH_METRICS}
    rows = "\n".join(f"| `{name}` | {kinds[name]} | {meaning} |" for name, meaning in WATCH_METRICS.items())
    return f"| metric | kind | meaning |\n| --- | --- | --- |\n{rows}"


def history() -> str:
    """Give the views and tables of the history that may be relied on, views first."""
    database = sqlite3.connect(":memory:")
    migrate(database)
    kinds = dict(database.execute("SELECT name, type FROM sqlite_master"))
    rows = ["| name | columns | a row is |", "| --- | --- | --- |"]
    for name, meaning in sorted(RELIED_ON.items(), key=lambda item: kinds[item[0]] == "table"):
        columns = ", ".join(column for _, column, *_ in database.execute(f"PRAGMA table_info({name})"))
        rows.append(f"| {kinds[name]} `{name}` | {columns} | {meaning} |")
    database.close()
    return "\n".join(rows)


GENERATED = {
    "dialects": dialects, "words": words, "keys": key_table, "commands": reference, "formats": formats, "metrics": metrics,
    "history": history, "watch": watch,
}  # fmt: skip


@pytest.mark.parametrize("part", GENERATED)
def test_the_generated_parts_of_the_readme_are_up_to_date(part: str) -> None:
    text = README.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- generated: {part} -->\n)(.*?)(<!-- end -->)", re.DOTALL)
    written = pattern.search(text)
    assert written is not None
    wanted = f"\n{GENERATED[part]().strip()}\n\n"
    if os.environ.get(UPDATE):
        README.write_text(pattern.sub(lambda m: m[1] + wanted + m[3], text), encoding="utf-8")
        return
    assert written[2] == wanted, f"run the tests once with {UPDATE}=1"


def test_the_inventory_of_the_readme_loads(tmp_path: Path) -> None:
    block = re.search(r"<!-- inventory -->\n```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    path = tmp_path / "platform.toml"
    path.write_text(block[1])
    loaded = load(path, {})
    assert [service.name for service in loaded.inventory.services] == ["checkout", "redis"]
    assert loaded.warnings == ()


def test_the_hosts_of_the_readme_load_with_it(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- (?:inventory|hosts) -->\n```toml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "platform.toml"
    path.write_text("".join(blocks))
    loaded = load(path, {"SCRAPER_PASSWORD": "pass-word"})
    assert [host.name for host in loaded.inventory.hosts] == ["local", "db-1", "web-1"]
    assert loaded.warnings == ()


def test_the_commands_of_the_readme_are_ones(tmp_path: Path) -> None:
    block = re.search(r"<!-- inventory: exec -->\n```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    path = tmp_path / "platform.toml"
    path.write_text(block[1])
    loaded = load(path, {"LEDGER_DB_PASSWORD": "hidden-word"})
    assert [one.scheme for one in loaded.inventory.instances()] == ["exec", "exec", "exec"]
    assert loaded.warnings == ()


def test_the_other_inventories_of_the_readme_load(tmp_path: Path) -> None:
    blocks = re.findall(r"<!-- inventory: \w+ -->\n```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        path = tmp_path / "platform.toml"
        path.write_text(block)
        assert load(path, {"LEDGER_DB_PASSWORD": "hidden-word", "BACKUP_TOKEN": "t0ken-of-backup"}).warnings == ()


def test_the_heartbeats_of_the_readme_load(tmp_path: Path) -> None:
    block = re.search(
        r"<!-- inventory: heartbeats -->\n```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )
    assert block is not None
    path = tmp_path / "platform.toml"
    path.write_text(block[1])
    loaded = load(path, {"BACKUP_TOKEN": "t0ken-of-backup"})
    assert [instance.scheme for instance in loaded.inventory.instances()] == ["heartbeat", "heartbeat"]
    assert loaded.warnings == ()


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line for line in lines if line != "platformpm"]  # that one needs a terminal: tests/e2e opens it


def watch_once(words: list[str], folder: Path, environ: dict[str, str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        assert any(line.startswith(b"first pass") for line in process.stderr)
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_every_command_of_the_readme_runs(tmp_path: Path) -> None:
    assert len(commands()) >= 6
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    for line in commands():
        words = shlex.split(line.replace("--wait 5m", "--wait 1s"))
        assert words[0] == "platformpm"
        if words[1] == "watch":
            watch_once(words, tmp_path, environ)
            continue
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=tmp_path, env=environ, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        asks = words[1] not in (
            "init",
            "inventory",
            "events",
            "mute",
            "unmute",
        )  # nothing listens on the addresses of the starter
        assert done.returncode == (2 if asks else 0), f"{line}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr


def test_the_readme_begins_with_a_sentence_a_picture_and_two_commands() -> None:
    text = README.read_text(encoding="utf-8")
    picture = re.search(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert picture is not None
    assert (README.parent / picture[1]).stat().st_size > 10_000
    first_screen = text.splitlines()[:30]
    assert sum(line.startswith("```sh") for line in first_screen) == 2
