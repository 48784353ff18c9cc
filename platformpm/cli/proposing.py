"""What `init` writes for addresses: looks at them, tells what it finds, and gives the text of an inventory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from platformpm.cli.context import Context
from platformpm.cli.discovering import found_here, identify, is_here
from platformpm.cli.logs import listen
from platformpm.cli.probing import Question, address_of, secrets_of
from platformpm.cli.scouting import Wanted, scout
from platformpm.errors import PlatformpmError, UsageError
from platformpm.hosts.listening import Listener
from platformpm.inventory.addresses import Address
from platformpm.inventory.proposal import Found, grouped, proposal
from platformpm.model.heartbeat import SCHEME
from platformpm.model.secret import Masker

_MOST = 1000


def propose(urls: Sequence[str], context: Context, *, here: bool) -> str:
    """Look at the addresses, and with `here` at what listens on this machine, and give the inventory for them.

    Raises UsageError for what is no address, and PlatformpmError where nothing is found.
    """
    listen(context.diagnostics)
    addresses = list(dict.fromkeys(map(_address, urls)))
    if len(addresses) > _MOST:
        raise UsageError(f"{len(addresses)} addresses are too many: at most {_MOST}")
    users = [one for one in addresses if one.user]
    secrets = [secret for one in users for secret in secrets_of(Question(one.url), one, "")]
    mask = context.output.mask = context.diagnostics.mask = Masker(secrets)
    near, far = found_here() if here else ([], [])
    given = {one.port for one in addresses if is_here(one.host)}
    near = [one for one in near if one.port not in given]
    context.diagnostics.progress(f"looking at {len(addresses) + len(near)} addresses", at_once=True)
    found = {one.address.url: one for one in (*far, *reversed(asyncio.run(_look(addresses, near, mask))))}
    context.diagnostics.done()
    if not found:
        raise PlatformpmError("nothing listens on this machine")
    ordered = list(reversed(found.values()))
    services = grouped([one for one in ordered if one.metrics is None])
    machines = [one for one in ordered if one.metrics is not None]
    hosts = grouped([one for one in machines if not (here and is_here(one.address.host))])
    for name, instances in services.items():
        for one in instances:
            context.diagnostics.note(f"{name}@{one.environment} {one.address.url}: {one.said}")
    for name, (one, *_) in hosts.items():
        context.diagnostics.note(f"host {name}: {one.said}")
    for one in machines:
        if here and is_here(one.address.host):
            context.diagnostics.note(f"host local: {one.said}, which is not needed: this machine is asked itself")
    for address in users:
        context.diagnostics.note(f"{address.url}: user and password are not written down: give the service auth")
    return mask(proposal(services, hosts, machine=here))


async def _look(addresses: Sequence[Address], near: Sequence[Listener], mask: Masker) -> list[Found]:
    return await scout([*map(Wanted, addresses), *await identify(near)], mask)


def _address(url: str) -> Address:
    if "?" in url or "#" in url:
        raise UsageError("URL: leave out the query and the fragment, which may hold a secret: add them by hand")
    address = address_of(url)
    if address.scheme == "exec":
        raise UsageError("URL: what a program looks at cannot be guessed: write its command by hand")
    if address.scheme == SCHEME:
        raise UsageError("URL: when a heartbeat is due cannot be guessed: write it by hand, with health.every")
    return replace(address, path=address.path.rstrip("/"))
