"""One question to one address, without any inventory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import unquote

from platformpm.assembly import SystemClock
from platformpm.cli.context import Context
from platformpm.cli.logs import listen
from platformpm.cli.values import did_you_mean
from platformpm.errors import UsageError
from platformpm.formats.health import DIALECTS
from platformpm.inventory.addresses import Address, AddressError, parse_address
from platformpm.inventory.slots import encoded_basic
from platformpm.model.check import Check, Instance, InstanceKey, TlsSettings
from platformpm.model.secret import Masker, Secret
from platformpm.model.spellings import spellings
from platformpm.net import Network
from platformpm.probes import Examination, examiners


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """What to ask, as it stands on the command line; it may hold secrets. `timeout` is seconds."""

    url: str
    timeout: float
    headers: tuple[tuple[str, str], ...] = ()
    dialect: str = "auto"
    verify: bool = True


def ask(question: Question, context: Context) -> Examination:
    """Ask, and mask in all that is written from now on what the question kept secret. Raises `UsageError`."""
    url, _, query = question.url.partition("#")[0].partition("?")
    try:
        address = parse_address(url)
    except AddressError as error:
        hint = f" (did you mean {error.suggestion}?)" if error.suggestion else ""
        raise UsageError(f"URL: {error}{hint}") from None
    if question.dialect not in (known := ("auto", "none", *DIALECTS)):
        raise UsageError(f"there is no dialect {question.dialect}{did_you_mean(question.dialect, known)}")
    mask = Masker(_secrets(question, address, query))
    context.output.mask = context.diagnostics.mask = mask
    listen(context.diagnostics)
    full = address.url + (f"?{query}" if query else "")
    check = Check(
        timeout=question.timeout,
        headers=tuple((name, Secret(value)) for name, value in question.headers),
        tls=TlsSettings(verify=question.verify),
        dialect=question.dialect,
    )
    instance = Instance(
        key=InstanceKey("probe", "here", address.name),
        scheme=address.scheme,
        url=address.url,
        health=check,
        health_url=full,
        credentials=Secret(address.user) if address.user else None,
    )
    return asyncio.run(_ask(instance, check, mask))


async def _ask(instance: Instance, check: Check, mask: Masker) -> Examination:
    network = Network()
    try:
        probe = examiners(network, mask, SystemClock())[instance.scheme]
        return await probe.examine(instance, check, asyncio.get_running_loop().time() + check.timeout)
    finally:
        await network.close()


def _secrets(question: Question, address: Address, query: str) -> set[str]:
    """Give what must not be shown, as written, encoded and decoded.

    That is the password, what is sent of it, the values of headers, and those in the query whose names speak of a
    secret: the others are ordinary words, and a mask over `status` would spoil the answer.
    """
    user = address.user or ""
    pairs = [pair.partition("=") for pair in query.split("&")]
    told = {value for name, _, value in pairs if any(word in name.lower() for word in _SECRETIVE)}
    sent = {value for name, value in question.headers if name.lower() not in _PUBLIC}
    name, _, password = user.partition(":")
    texts = {user, password, *told, *sent, *(value.rpartition(" ")[2] for value in sent)}
    if user:
        texts.add(encoded_basic(name, password))
    return {form for text in texts if text for decoded in (text, unquote(text)) for form in spellings(decoded)}


_SECRETIVE = ("key", "token", "secret", "pass", "pwd", "auth", "sig", "cred", "code", "session")
_PUBLIC = frozenset({"host", "accept", "accept-language", "content-type", "user-agent", "origin", "referer"})
"""Headers whose values are no secret; masking a host's name would hide the certificate's."""
