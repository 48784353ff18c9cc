"""Questions of `probe`: to one address without any inventory, or to instances as the inventory declares them."""

from __future__ import annotations

import asyncio
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from platformpm.assembly import SystemClock, at_addresses, remembered
from platformpm.cli.context import Context
from platformpm.cli.logs import listen
from platformpm.cli.values import did_you_mean, header
from platformpm.errors import UsageError
from platformpm.formats.health import DIALECTS
from platformpm.formats.payload import Payload
from platformpm.formats.version import refused_version
from platformpm.inventory import selectors
from platformpm.inventory.addresses import Address, AddressError, parse_address
from platformpm.inventory.checks import REQUESTED, WEB
from platformpm.inventory.interpolate import interpolate
from platformpm.inventory.naming import named_instances
from platformpm.inventory.problems import Problems
from platformpm.inventory.slots import encoded_basic
from platformpm.model.check import SCHEMES, Check, Instance, InstanceKey, TlsSettings
from platformpm.model.exchange import Response
from platformpm.model.heartbeat import SCHEME
from platformpm.model.secret import Masker, Secret
from platformpm.model.spellings import spellings
from platformpm.model.status import Reason
from platformpm.net import Network
from platformpm.probes import Examination, Heartbeats, examiners


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """What to ask, as it stands on the command line; it may hold secrets. `timeout` is seconds."""

    url: str
    timeout: float = 5.0
    headers: tuple[tuple[str, str], ...] = ()
    dialect: str = "auto"
    verify: bool = True
    record: str = "A"
    http2: bool = False
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What one instance answered; `no_version` says why it tells no version, where more is known than that."""

    instance: Instance
    examination: Examination
    no_version: str = ""


def address_of(url: str) -> Address:
    """Give the address that a URL of the command line names. Raises `UsageError`."""
    try:
        return parse_address(url)
    except AddressError as error:
        hint = f" (did you mean {error.suggestion}?)" if error.suggestion else ""
        raise UsageError(f"URL: {error}{hint}") from None


def filled(headers: Iterable[tuple[str, str]], context: Context) -> tuple[tuple[str, str], ...]:
    """Put `${env:NAME}` and `${file:PATH}` into the values of headers. Raises `UsageError`."""
    full: list[tuple[str, str]] = []
    for name, text in headers:
        problems = Problems()
        value = interpolate({name: text}, context.environ, problems).tree[name]
        for problem in problems.listed(lambda _, message: message):
            raise UsageError(f"--header {name}: {problem.message}")
        try:
            full.append(header(f"{name}: {value}"))
        except ArgumentTypeError as error:
            raise UsageError(f"--header {name}: {error}") from None
    return tuple(full)


def ask(question: Question, context: Context) -> Asked:
    """Ask, and mask in all that is written from now on what the question kept secret. Raises `UsageError`."""
    url, _, query = question.url.partition("#")[0].partition("?")
    address = address_of(url)
    if address.scheme == "exec":
        raise UsageError("URL: a program is run only as an inventory declares it: name its service instead")
    if address.scheme == SCHEME:
        raise UsageError("URL: a heartbeat is awaited, not asked: probe the SERVICE that has it")
    if query and address.scheme not in WEB:
        raise UsageError("URL: only a web address has a query: --record says what a dns URL asks for")
    if question.http2 and address.scheme != "https":
        raise UsageError("--http2 is for an https URL: without TLS nobody is asked for it")
    if question.proxy and address.scheme not in REQUESTED:
        raise UsageError(f"--proxy is for a URL of {', '.join(sorted(REQUESTED))}")
    if question.dialect not in (known := ("auto", "none", *DIALECTS)):
        raise UsageError(f"there is no dialect {question.dialect}{did_you_mean(question.dialect, known)}")
    mask = Masker(secrets_of(question, address, query))
    context.output.mask = context.diagnostics.mask = mask
    listen(context.diagnostics)
    full = address.url + (f"?{query}" if query else "")
    check = Check(
        timeout=question.timeout,
        headers=tuple((name, Secret(value)) for name, value in question.headers),
        tls=TlsSettings(verify=question.verify),
        dialect=question.dialect,
        record=question.record,
        http2=question.http2,
        proxy=Secret(question.proxy) if question.proxy else None,
    )
    instance = Instance(
        key=InstanceKey("probe", "here", address.name),
        scheme=address.scheme,
        url=address.url,
        health=check,
        health_url=full,
        credentials=Secret(address.user) if address.user else None,
    )
    seen = asyncio.run(_ask(instance, check, mask))
    return Asked(instance, seen, _refused(seen, urlsplit(full).path))


def is_selector(word: str) -> bool:
    """Tell whether a word names what is declared and not an address, which may lack its scheme by mistake."""
    if "://" in word:
        return False
    text = word.strip().lower()
    head, at, _ = text.removeprefix("not:").removeprefix("!").partition("@")
    key, colon, rest = head.partition(":")
    if not colon:
        return "/" not in head
    return key in selectors.KEYS or not (at or "/" in rest or rest[:1].isdigit())


def ask_declared(word: str, path: str | None, context: Context) -> Iterator[Asked]:
    """Ask the instances that a selector names, one after another, each with its whole check and its version check.

    Nothing is repeated: one answer each. Raises `InventoryError`, and `UsageError` for a word that names nothing.
    """
    listen(context.diagnostics)
    try:
        inventory, notices = at_addresses(context.load(context.find(path)).inventory)
        found = named_instances(inventory, word)
    except UsageError as error:
        if "@" in word or ":" in word:
            raise
        known = f"{'://, '.join(SCHEMES[:-1])}:// or {SCHEMES[-1]}://"
        raise UsageError(f"{error}\nan address begins with {known}") from None
    for notice in notices:
        context.diagnostics.note(notice)
    heard = remembered(inventory, context.environ, SystemClock())
    for instance in found:
        yield asyncio.run(_ask_both(instance, inventory.mask, heard))


async def _ask_both(instance: Instance, mask: Masker, heard: Heartbeats | None) -> Asked:
    health = await _ask(instance, instance.health, mask, heard)
    if instance.version is None:
        path = urlsplit(instance.health_url).path.removeprefix(urlsplit(instance.url).path.rstrip("/"))
        return Asked(instance, health, _refused(health, path))
    told = (await _ask(instance, instance.version, mask)).reading
    reading = replace(health.reading, version=told.version, version_source=told.version_source)
    why = f"not read: {told.reason}: {told.detail}" if told.reason and told.version is None else ""
    if why and (told.reason, told.detail) == (health.reading.reason, health.reading.detail):
        why = "not read either, for the same reason"
    return Asked(instance, replace(health, reading=reading), why)


def _refused(seen: Examination, path: str) -> str:
    """Say what stands in an answer and is not believed to be its version; empty where one was read."""
    reading = seen.reading
    if reading.version is not None or reading.reason is Reason.UNAUTHORIZED or not isinstance(seen.exchange, Response):
        return ""
    return refused_version(Payload(seen.exchange), path or "/")


async def _ask(instance: Instance, check: Check, mask: Masker, heard: Heartbeats | None = None) -> Examination:
    network = Network()
    try:
        probe = examiners(network, mask, SystemClock(), heard)[_scheme(instance, check)]
        return await probe.examine(instance, check, asyncio.get_running_loop().time() + check.timeout)
    finally:
        await network.close()


def _scheme(instance: Instance, check: Check) -> str:
    try:
        return urlsplit(instance.url_of(check)).scheme or instance.scheme
    except ValueError:
        return instance.scheme


def secrets_of(question: Question, address: Address, query: str) -> set[str]:
    """Give what must not be shown, as written, encoded and decoded.

    That is the password, what is sent of it, the values of headers, and those in the query whose names speak of a
    secret: the others are ordinary words, and a mask over `status` would spoil the answer.
    """
    users = [one for one in (address.user, _proxy_user(question.proxy)) if one]
    pairs = [pair.partition("=") for pair in query.split("&")]
    told = {value for name, _, value in pairs if any(word in name.lower() for word in _SECRETIVE)}
    sent = {value for name, value in question.headers if name.lower() not in _PUBLIC}
    texts = {*users, *told, *sent, *(value.rpartition(" ")[2] for value in sent)}
    for name, _, password in (user.partition(":") for user in users):
        texts |= {password, encoded_basic(name, password)}
    return {form for text in texts if text for decoded in (text, unquote(text)) for form in spellings(decoded)}


def _proxy_user(proxy: str | None) -> str | None:
    """Give user and password of a proxy. Raises `UsageError` for what is none."""
    if proxy is None:
        return None
    try:
        found = parse_address(proxy)
    except AddressError as error:
        raise UsageError(f"--proxy: {error}") from None
    if found.scheme != "http":
        raise UsageError("--proxy: must be an http URL: the way to a proxy is not encrypted")
    return found.user


_SECRETIVE = ("key", "token", "secret", "pass", "pwd", "auth", "sig", "cred", "code", "session")
_PUBLIC = frozenset({"host", "accept", "accept-language", "content-type", "user-agent", "origin", "referer"})
"""Headers whose values are no secret; masking a host's name would hide the certificate's."""
