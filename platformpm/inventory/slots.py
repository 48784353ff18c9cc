"""The places of an inventory that hold secrets: what is in them is masked, and should not stand in a readable file."""

from __future__ import annotations

import base64
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems, SourceFile
from platformpm.model.secret import MASK

_SECRET_NAME = re.compile(
    r"authorization|cookie|token|secret|password|passwd|pwd|credential|signature|session|api-?_?key|access-?_?key|(^|[-_])(auth|key|sig)$",
    re.IGNORECASE,
)
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)@")
_MAYBE_USER = re.compile(r"//[^/\s\"']{0,500}@|\\[uU]")
_SIGNING_IN = re.compile(
    r"""(?:password|passwd|secret|token|api[-_]?key)"?\s*[=:]\s*"?([^\s"&,;}<]+)|^(?:AUTH|PASS)[ \t]+(?:\S+[ \t]+)?(\S+)[ \t\r]*$""",
    re.IGNORECASE | re.MULTILINE,
)
"""What tells of a password in a text that is sent: its name in a form or JSON, or the command of Redis, POP3, FTP."""
_PAIR = re.compile(r"([^=:\s]{1,100}(?:=|:\s*))(.+)", re.DOTALL)
"""A word of a command line that carries a name and a value, as options and headers do."""
_AUTH = ("bearer", "basic", "password", "value")


@dataclass(frozen=True, slots=True)
class Slot:
    """One place that holds a secret: its texts in every form they may turn up in, and how the place is shown."""

    path: KeyPath
    secrets: tuple[str, ...]
    masked: str


def may_hold_users(texts: Iterable[str]) -> bool:
    """Tell whether any address in these TOML texts may hold a user: saves a walk over thousands of addresses."""
    return any(_MAYBE_USER.search(text) for text in texts)


def slots(tree: Mapping[str, object], *, users: bool = True) -> Iterator[Slot]:
    """Give every filled place of a tree; those of addresses only with `users`."""
    defaults = tree.get("defaults")
    if isinstance(defaults, dict):
        yield from _layer(defaults, ("defaults",))
        yield from _pages(defaults, ("defaults",))
    watch = tree.get("watch")
    if isinstance(watch, dict):
        yield from _plain(watch.get("token"), ("watch", "token"))
    for section in ("environments", "services", "hosts"):
        entries = tree.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict):
                yield from _layer(entry, (section, name))
                yield from _pages(entry, (section, name))
                if not users or section == "hosts":
                    continue
                yield from _addresses(entry.get("url"), (section, name, "url"))
                yield from _addresses(entry.get("instances"), (section, name, "instances"))


def _pages(table: Mapping[str, object], path: KeyPath) -> Iterator[Slot]:
    """Give the pages for people and of hosts whose addresses carry a key."""
    links = table.get("links")
    named = [(("links", title), url) for title, url in links.items()] if isinstance(links, dict) else []
    for where, url in [(("runbook",), table.get("runbook")), (("url",), table.get("url")), *named]:
        if isinstance(url, str) and "?" in url:
            yield from _query(url, (*path, *where))


def spoken(tree: Mapping[str, object]) -> Iterator[str]:
    """Give every text that checks send: a target may echo what only it should read. Shown places keep them."""
    entries = [tree.get("defaults")]
    for section in ("environments", "services"):
        named = tree.get(section)
        entries += list(named.values()) if isinstance(named, dict) else []
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        for table in (entry, entry.get("health"), entry.get("version")):
            texts = (table.get("send"), table.get("body")) if isinstance(table, dict) else ()
            for text in texts:
                if isinstance(text, str):
                    yield text.strip()


def warn_of_literals(found: Iterable[Slot], resolved: Mapping[KeyPath, object], problems: Problems) -> None:
    """Warn of each secret that stands in a file which others on this machine can read."""
    readable: dict[SourceFile, bool] = {}
    for slot in found:
        source = problems.owner(slot.path)
        if source is None or slot.path in resolved:
            continue
        if source not in readable:
            readable[source] = _others_can_read(source)
        if readable[source]:
            message = "a secret in a file that others can read: use ${env:NAME} or ${file:PATH}, or chmod 600 the file"
            problems.warn(slot.path, message)


def _others_can_read(source: SourceFile) -> bool:
    if sys.platform == "win32":
        return False
    try:
        return bool(source.path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _layer(table: Mapping[str, object], path: KeyPath) -> Iterator[Slot]:
    yield from _request(table, path)
    for name in ("health", "version"):
        check = table.get(name)
        if isinstance(check, dict):
            yield from _request(check, (*path, name))
        elif isinstance(check, str):
            yield from _query(check, (*path, name))


def _request(table: Mapping[str, object], path: KeyPath) -> Iterator[Slot]:
    auth = table.get("auth")
    if isinstance(auth, dict):
        for name in _AUTH:
            if name != "password" or "username" not in auth:
                yield from _plain(auth.get(name), (*path, "auth", name))
        yield from _basic(auth, path)
    tls = table.get("tls")
    if isinstance(tls, dict):
        yield from _plain(tls.get("key_password"), (*path, "tls", "key_password"))
    yield from _plain(table.get("token"), (*path, "token"))
    yield from _named(table.get("headers"), (*path, "headers"))
    for name in ("body", "send"):
        yield from _said(table.get(name), (*path, name))
    yield from word_slots(table.get("command"), (*path, "command"))
    yield from _named(table.get("env"), (*path, "env"))
    yield from _addresses(table.get("proxy"), (*path, "proxy"))
    if isinstance(table.get("path"), str):
        yield from _query(str(table["path"]), (*path, "path"))


def _said(text: object, path: KeyPath) -> Iterator[Slot]:
    found = [pair or command for pair, command in _SIGNING_IN.findall(text)] if isinstance(text, str) else []
    if found:
        yield Slot(path, tuple(found), MASK)


def _plain(value: object, path: KeyPath) -> Iterator[Slot]:
    """Give the slot of a whole value; in `Bearer abc` and `session=abc` abc is a secret of its own."""
    if isinstance(value, str) and value:
        user, colon, password = value.partition(":")
        texts = {value, value.rpartition(" ")[2]}
        texts |= {pair.partition("=")[2] for pair in value.split(";") if "=" in pair}
        if path[-1] == "basic" and colon:
            texts |= {password, encoded_basic(user, password)}
        yield Slot(path, tuple(texts), MASK)


def _named(table: object, path: KeyPath) -> Iterator[Slot]:
    for name, value in table.items() if isinstance(table, dict) else ():
        if _SECRET_NAME.search(name):
            yield from _plain(value, (*path, name))


def word_slots(command: object, path: KeyPath) -> Iterator[Slot]:
    """Give the words of a command whose names speak of a secret: `--token x`, `--token=x`, `-H "X-Api-Key: x"`."""
    before = ""
    for index, word in enumerate(command if isinstance(command, list) else ()):
        where = (*path, index)
        if not isinstance(word, str):
            continue
        named = _PAIR.fullmatch(word)
        if _SECRET_NAME.search(before) and not word.startswith("-"):
            yield from _plain(word, where)
        elif named is not None and _SECRET_NAME.search(named[1]):
            login = named[2].partition(":")[2]
            yield from (Slot(where, (*slot.secrets, login), named[1] + MASK) for slot in _plain(named[2], where))
        else:
            yield from _hidden(word, where)
        before = word if word.startswith("-") and named is None else ""


def _hidden(word: str, path: KeyPath) -> Iterator[Slot]:
    """Give the slot of a word that holds a secret somewhere inside."""
    found = [*_addresses(word, path), *_query(word, path)]
    texts = tuple(text for slot in (*found, *_said(word, path)) for text in slot.secrets)
    shown = found[0].masked if len(found) == 1 else MASK
    if texts:
        yield Slot(path, texts, MASK if any(text in shown for text in texts) else shown)


def _basic(auth: Mapping[str, object], path: KeyPath) -> Iterator[Slot]:
    user, password = auth.get("username"), auth.get("password")
    if isinstance(user, str) and isinstance(password, str) and password:
        yield Slot((*path, "auth", "password"), (password, encoded_basic(user, password)), MASK)


def encoded_basic(user: str, password: str) -> str:
    """Give the credentials of basic authentication as the header carries them (RFC 7617, UTF-8)."""
    return base64.b64encode(f"{user}:{password}".encode("utf-8", "replace")).decode("ascii")


def _query(text: str, path: KeyPath) -> Iterator[Slot]:
    base, mark, query = text.partition("?")
    if not mark:
        return
    pairs = [pair.partition("=") for pair in query.split("&")]
    found = [value for name, _, value in pairs if value and _SECRET_NAME.search(name)]
    if found:
        shown = "&".join(
            name + (f"={MASK}" if value and _SECRET_NAME.search(name) else eq + value) for name, eq, value in pairs
        )
        yield Slot(path, (*found, *(unquote(value) for value in found)), f"{base}?{shown}")


def _addresses(value: object, path: KeyPath) -> Iterator[Slot]:
    if isinstance(value, str):
        match = _USER.match(value) if "@" in value else None
        if match is not None:
            user, _, password = match[2].partition(":")
            texts = {password or user, match[2]}
            texts |= {unquote(text) for text in texts} | {encoded_basic(unquote(user), unquote(password))}
            masked = f"{match[1]}{user if password else MASK}{f':{MASK}' if password else ''}@{value[match.end() :]}"
            yield Slot(path, tuple(texts), masked)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _addresses(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _addresses(item, (*path, index))
