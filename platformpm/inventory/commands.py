"""Commands of `exec` checks: mapped with their secrets hidden, and what of them cannot work or is not safe."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from platformpm.inventory.instances import Copy
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems, SourceFile, near
from platformpm.inventory.resolve import Resolved
from platformpm.inventory.slots import word_slots
from platformpm.model.check import PLACES, Command
from platformpm.model.secret import MASK, Secret
from platformpm.model.text import safe_text

_BRACES = re.compile(r"\{([a-z_]+)\}")
_PORT = "{port}"
_LONGEST_SHOWN = 500
"""Characters of a word; a whole script may be one."""


def command_of(words: Sequence[Secret], path: KeyPath, resolved: Resolved) -> Command:
    """Map the command at `path`. It runs in the folder of its file; a program named by a path is relative to that."""
    folder = str(resolved.folder_of(*(str(part) for part in path)).absolute())
    texts = [word.reveal() for word in words]
    for index, text in enumerate(texts):
        for name in _BRACES.findall(text):
            hint = near(name, PLACES)
            if name not in PLACES and hint is not None:
                message = f"{{{name}}} is nothing that is filled in"
                resolved.problems.warn((*path, index), message, suggestion=f"{{{hint}}}")
    masked = {slot.path: slot.masked for slot in word_slots(texts, path)}
    put_in = resolved.interpolated.values
    shown = [_shown(masked.get((*path, i), text), put_in.get((*path, i), ())) for i, text in enumerate(texts)]
    program = Secret(located(texts[0], folder))
    named = safe_text(located(shown[0], folder), _LONGEST_SHOWN)
    return Command((program, *words[1:]), (named, *shown[1:]), folder)


def located(program: str, folder: str) -> str:
    """Give the name of a program, absolute where it is one of a file; any other is looked for on the PATH."""
    return os.path.join(folder, os.path.expanduser(program)) if "/" in program else program  # noqa: PTH111, PTH118


def check_commands(found: Iterable[Copy], command: Command | None, port: int | None, problems: Problems) -> None:
    """Note `exec` instances that have no command, or no port where theirs asks for one."""
    for copy in found:
        if copy.address.scheme != "exec":
            continue
        if command is None and problems.has_within(copy.path[:2]):
            continue  # what is wrong there may be the command
        if command is None:
            problems.add(copy.path, 'needs a program to run: health = { command = ["check_disk", "-w", "10%"] }')
        elif copy.address.port is None and port is None and any(_PORT in word.reveal() for word in command.argv):
            problems.add(copy.path, f"its command needs a {_PORT}: write exec://host:1234, or give the check a port")


def _shown(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    return safe_text(text, _LONGEST_SHOWN)


def warn_of_writers(resolved: Resolved) -> None:
    """Warn of each file with a command that others can write to, at its first command."""
    seen: set[SourceFile | None] = {None}
    for path in _commands(resolved.interpolated.tree):
        source = resolved.problems.owner(path)
        if source not in seen:
            seen.add(source)
            if source is not None and _others_can_write(source.path):
                message = "a command in a file that others can write to: they could run anything as you; chmod go-w it"
                resolved.problems.warn(path, message)


def _commands(tree: Mapping[str, object]) -> Iterator[KeyPath]:
    """Give the place of each command."""
    tables: list[tuple[KeyPath, object]] = [(("defaults",), tree.get("defaults"))]
    for section in ("environments", "services"):
        entries = tree.get(section)
        tables += [((section, name), entry) for name, entry in entries.items()] if isinstance(entries, dict) else []
    for path, table in tables:
        if isinstance(table, dict):
            health = table.get("health")
            if "command" in table:
                yield (*path, "command")
            if isinstance(health, dict) and "command" in health:
                yield (*path, "health", "command")


def _others_can_write(file: Path) -> bool:
    """Tell whether anyone else may write to a file; a group with its owner's number is the owner's alone."""
    if sys.platform == "win32":
        return False
    try:
        status = os.stat(file)  # noqa: PTH116  # follows links, as reading does
    except OSError:
        return False
    return bool(status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and status.st_gid != status.st_uid))
