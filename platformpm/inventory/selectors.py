"""Selectors: the words by which people name services, environments and hosts, the same in every face.

    checkout   checkout@production   pay*   owner:payments   tier:1   tag:pci   env:production   product:shop
    status:down (where states are known)   host:db-1   !word or not:word

The same key twice means or, different keys mean and, a negation takes away. Values may be globs; case does not count.
In a filter that is typed (`loose`) a word that is a status stands for `status:` of it, and a word without a key that is
no name of a service and no glob is a part of a name, title or environment, of which each one narrows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from platformpm.errors import UsageError
from platformpm.inventory.problems import near, shown
from platformpm.model.inventory import Host, Inventory, Service
from platformpm.model.status import Status

KEYS = ("service", "env", "owner", "product", "tier", "tag", "status", "host")
_NAMED = ("owner", "env", "product", "tag")
_GLOB = re.compile(r"[*?\[]")
_STATES = [status.value for status in Status]


@dataclass(frozen=True, slots=True)
class Term:
    """One word: key, pattern in lower case, and for `service` perhaps the pattern of an environment (`svc@env`).

    A `loose` one was typed without a key; a `whole` one is all of a name, or a glob.
    """

    word: str
    key: str
    pattern: str
    environment: str | None = None
    negated: bool = False
    loose: bool = False
    whole: bool = False

    @property
    def narrows(self) -> bool:
        """Tell whether it must hold whatever else is asked for."""
        return self.loose and not self.whole and self.environment is None

    def holds(self, service: Service, environment: str, status: Status | None) -> bool:
        """Tell whether a service in an environment fits, before negation."""
        if self.key == "service":
            place = environment.lower()
            return (self.narrows and self.pattern in place) or (self._in(place) and self._named(service))
        return any(fnmatchcase(value, self.pattern) for value in _VALUES[self.key](service, environment, status))

    def _in(self, environment: str) -> bool:
        if self.environment is None or fnmatchcase(environment, self.environment):
            return True
        return self.loose and self.environment in environment

    def _named(self, service: Service) -> bool:
        if fnmatchcase(service.name.lower(), self.pattern):
            return True
        return self.loose and (self.pattern in service.name.lower() or self.pattern in service.title.lower())


def _owner(service: Service, _environment: str, _status: Status | None) -> Iterable[str]:
    return () if service.owner is None else (service.owner.lower(),)


def _product(service: Service, _environment: str, _status: Status | None) -> Iterable[str]:
    return () if service.product is None else (service.product.lower(),)


def _tier(service: Service, _environment: str, _status: Status | None) -> Iterable[str]:
    return () if service.tier is None else (str(service.tier),)


def _tags(service: Service, _environment: str, _status: Status | None) -> Iterable[str]:
    return (tag.lower() for tag in service.tags)


def _environment(_service: Service, environment: str, _status: Status | None) -> Iterable[str]:
    return (environment.lower(),)


def _status(_service: Service, _environment: str, status: Status | None) -> Iterable[str]:
    return () if status is None else (status.value,)


_VALUES: dict[str, Callable[[Service, str, Status | None], Iterable[str]]] = {
    "owner": _owner,
    "product": _product,
    "tier": _tier,
    "tag": _tags,
    "env": _environment,
    "status": _status,
}


@dataclass(frozen=True, slots=True)
class Selector:
    """What was asked for. Without words everything is selected."""

    terms: tuple[Term, ...] = ()

    def matches(self, service: Service, environment: str, *, status: Status | None = None) -> bool:
        """Tell whether a service in an environment is selected. Without a status, `status:` fits nothing."""
        wanted: dict[str, bool] = {}
        for term in self.terms:
            if term.key == "host":
                continue
            holds = term.holds(service, environment, status)
            if term.negated and holds:
                return False
            if not term.negated:
                group = term.word if term.narrows else term.key
                wanted[group] = wanted.get(group, False) or holds
        return all(wanted.values()) if wanted else not any(t.key == "host" and not t.negated for t in self.terms)

    def matches_host(self, host: Host) -> bool:
        """Tell whether a host is selected by its own name; one that carries a selected service is so by `select`."""
        named = [term for term in self.terms if term.key == "host" and fnmatchcase(host.name.lower(), term.pattern)]
        if any(term.negated for term in named):
            return False
        return bool(named) or all(term.key == "host" and term.negated for term in self.terms)

    def excludes_host(self, host: Host) -> bool:
        """Tell whether a host is taken away by name."""
        return any(t.negated and t.key == "host" and fnmatchcase(host.name.lower(), t.pattern) for t in self.terms)


EVERYTHING = Selector()


def parse(words: Sequence[str], *, loose: bool = False, names: Collection[str] = ()) -> Selector:
    """Read selector words. Raises UsageError for one that makes no sense.

    `loose` is for filters people type while they look at states: substrings count, `status:` is known, and what makes
    no sense yet is taken as a part of a name, unless it is one of `names`, those of all services; nothing at all is no
    word there, and no selector elsewhere: a variable that a pipeline forgot to set must not select everything.
    """
    terms = (_term(word, loose=loose) for word in words if word.strip() or not loose)
    return Selector(tuple(replace(one, whole=one.pattern in names or bool(_GLOB.search(one.pattern))) for one in terms))


def doubt(words: Iterable[str], services: Sequence[Service] = ()) -> str | None:
    """Tell what is probably wrong with words of a loose filter that found nothing; None when nothing is odd."""
    for word in words:
        text = word.strip().lower().removeprefix("not:").removeprefix("!")
        key, colon, pattern = text.partition(":")
        said = _doubt_of(key, pattern, services) if colon and pattern else _doubt_of_name(text, services)
        if said is not None:
            return said
    return None


def _doubt_of(key: str, pattern: str, services: Sequence[Service]) -> str | None:
    if key not in KEYS:
        return f"There is no key {shown(key)}{hint(key, KEYS)}; keys are {', '.join(KEYS)}."
    if key == "tier":
        return "A tier is a number, 1 the most critical." if pattern.isalpha() else None
    known = _STATES if key == "status" else _known_in(key, services) if key in _NAMED else ()
    if not known or any(fnmatchcase(value.lower(), pattern) for value in known):
        return None
    return f"There is no {key} {shown(pattern)}{hint(pattern, known)}."


def _doubt_of_name(text: str, services: Sequence[Service]) -> str | None:
    key = next((key for key in _NAMED if text in map(str.lower, _known_in(key, services))), None)
    return None if key is None else f"{shown(text)} is looked for in names; there is {key}:{text}."


def _known_in(key: str, services: Sequence[Service]) -> Sequence[str]:
    return sorted({value for service in services for value in _known(key, service)})


def _term(word: str, *, loose: bool) -> Term:
    text = word.strip().lower()
    negated = text.startswith(("!", "not:"))
    if negated:
        text = text.removeprefix("!") if text.startswith("!") else text.removeprefix("not:")
    key, colon, pattern = text.partition(":")
    if loose and (not pattern or key not in KEYS):
        colon = ""
    if loose and text in _STATES:
        return Term(word, "status", text, None, negated)
    if not colon:
        name, at, environment = text.partition("@")
        if not loose and (not name or (at and not environment)):
            raise UsageError(f"{shown(word)} is not a selector: write SERVICE, SERVICE@ENVIRONMENT or KEY:VALUE")
        return Term(word, "service", name or "*", environment or None, negated, loose)
    _check_key(word, key, pattern, loose=loose)
    return Term(word, key, pattern, None, negated)


def _check_key(word: str, key: str, pattern: str, *, loose: bool) -> None:
    if key not in KEYS:
        keys = KEYS if loose else tuple(known for known in KEYS if known != "status")
        raise UsageError(f"{shown(word)}: unknown key {shown(key)}{hint(key, keys)}; keys are {', '.join(keys)}")
    if not pattern:
        raise UsageError(f"{shown(word)}: nothing follows the colon")
    if key == "tier" and not pattern.isdigit() and not loose:
        raise UsageError(f"{shown(word)}: a tier is a number")
    if key == "status" and not loose:
        raise UsageError(f"{shown(word)}: status cannot select here, where it is still to be found out")
    if key == "status" and pattern not in _STATES and not loose:
        raise UsageError(f"{shown(word)}: a status is one of {', '.join(_STATES)}{hint(pattern, _STATES)}")


def select(inventory: Inventory, selector: Selector) -> Inventory:
    """Give the part of an inventory that is selected.

    A host is selected when it is named or carries a selected service. Raises UsageError when a word, or all words
    together, select nothing.
    """
    if not selector.terms:
        return inventory
    for term in selector.terms:
        if not term.negated:
            _check_found(inventory, term)
    services = tuple(part for service in inventory.services if (part := _part(service, selector)) is not None)
    names = {service.name for service in services}
    hosts = tuple(
        host
        for host in inventory.hosts
        if selector.matches_host(host) or (not names.isdisjoint(host.services) and not selector.excludes_host(host))
    )
    if not services and not hosts:
        words = " ".join(term.word for term in selector.terms)
        raise UsageError(f"nothing is selected by {shown(words)}: each word fits something, all together nothing")
    used = {instance.key.environment for service in services for instance in service.instances}
    environments = tuple(environment for environment in inventory.environments if environment.name in used)
    return replace(inventory, services=services, hosts=hosts, environments=environments)


def subjects(inventory: Inventory, selector: Selector) -> Callable[[str], bool]:
    """Give what tells whether an event's subject (`service@environment[/instance]`, `host:NAME`) is selected.

    What is no longer in the inventory is known by its name only; the platform itself is nobody's without words.
    """
    services = {service.name: service for service in inventory.services}
    hosts = {host.name: host for host in inventory.hosts}

    def selected(subject: str) -> bool:
        name, at, place = subject.partition("@")
        if at:
            return selector.matches(services.get(name) or Service(name), place.partition("/")[0])
        name = subject.removeprefix("host:")
        return name != subject and selector.matches_host(hosts.get(name) or Host(name))

    return selected if selector.terms else lambda _subject: True


def _part(service: Service, selector: Selector) -> Service | None:
    environments = dict.fromkeys(instance.key.environment for instance in service.instances)
    if not environments:
        return service if selector.matches(service, "") else None
    wanted = {name for name in environments if selector.matches(service, name)}
    if not wanted:
        return None
    if len(wanted) == len(environments):
        return service
    return replace(service, instances=tuple(i for i in service.instances if i.key.environment in wanted))


def _check_found(inventory: Inventory, term: Term) -> None:
    if term.key == "host":
        if not any(fnmatchcase(host.name.lower(), term.pattern) for host in inventory.hosts):
            _refuse(term, term.pattern, [host.name for host in inventory.hosts], "host:")
        return
    alone = Selector((replace(term, negated=False),))
    if any(_part(service, alone) is not None for service in inventory.services):
        return
    if term.key == "service":
        name_only = Selector((replace(term, environment=None),))
        parts = [part for service in inventory.services if (part := _part(service, name_only)) is not None]
        if term.environment is not None and parts:
            known = list(dict.fromkeys(i.key.environment for part in parts for i in part.instances))
            _refuse(term, term.environment, known, f"{term.pattern}@")
        _refuse(term, term.pattern, [service.name for service in inventory.services], "")
    _refuse(term, term.pattern, _known_in(term.key, inventory.services), f"{term.key}:")


def _known(key: str, service: Service) -> Iterable[str]:
    if key == "env":
        return {instance.key.environment for instance in service.instances}
    return _VALUES[key](service, "", None)


def _refuse(term: Term, pattern: str, known: Sequence[str], prefix: str) -> None:
    raise UsageError(f"nothing is selected by {shown(term.word)}{hint(pattern, known, prefix)}")


def hint(word: str, known: Sequence[str], prefix: str = "") -> str:
    """Give ` (did you mean …?)` with the known word that was probably meant, all of them where they are few."""
    meant = near(word, known)
    if meant is not None:
        return f" (did you mean {prefix}{meant}?)"
    return f" (there is {', '.join(prefix + name for name in known[:5])})" if 0 < len(known) <= 5 else ""
