"""Which of two versions is newer, where both are written in one known scheme.

Three schemes are known, read by the libraries that define them for Python:

* SemVer 2.0 (https://semver.org/spec/v2.0.0.html), by `semver`;
* PEP 440 (https://packaging.python.org/en/latest/specifications/version-specifiers/), by `packaging`: numbers of any
  number of parts;
* CalVer (https://calver.org): dates such as 2026.11.22, 2026-11-22, 20261122, each with an optional counter. They are
  ordered by `packaging`, so that 2026.11.22-3 is the third build of that day and not, as in SemVer, one before it.

`2.5.0` and `2.5.0-rc.1` mean the same in all of them and may be compared with either kind. Other SemVer pre-releases
are compared with PEP 440 by their release alone, which both order alike: `3.72.0-10` is older than `3.73.0-04`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from packaging.version import InvalidVersion
from packaging.version import Version as Pep440
from semver import Version as SemVer

from platformpm.model.version import bare

Scheme = Literal["semver", "pep440", "calver"]

LONGEST = 100
"""Characters; anything longer is no version, so that hostile texts cost nothing."""

_TEXT = re.compile(r"[0-9][0-9A-Za-z.!:_-]*(?:\+[0-9A-Za-z._-]+)?", re.ASCII)
_HASH = re.compile(r"[0-9a-fA-F]{7,64}", re.ASCII)
_BOTH = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:-(?:alpha|beta|rc)\.[0-9]+)?", re.ASCII)
"""What SemVer and PEP 440 understand alike."""
_COMMIT_LAST = re.compile(r"[-._]g?(?=[0-9]*[a-f])[0-9a-f]{7,40}(?:-dirty)?\Z", re.ASCII)
_DESCRIBED = re.compile(r"-[0-9]+-g[0-9a-f]{7,40}(?:-dirty)?", re.ASCII)
"""What `git describe` adds for commits after a tag; SemVer would read it as something before the tag."""
_CLOCK = r"T?(?P<time>[0-9]{2}[:-]?[0-9]{2}(?:[:-]?[0-9]{2})?)Z?"
_DATES = (
    re.compile(
        r"(?P<year>(?:19|20)[0-9]{2})(?P<mark>[.-])(?P<month>1[0-2]|0?[1-9])"
        rf"(?:(?P=mark)(?P<day>[12][0-9]|3[01]|0?[1-9])(?:{_CLOCK})?)?(?P<rest>(?:[.+_-].*)?)",
        re.ASCII,
    ),
    re.compile(
        r"(?P<year>(?:19|20)[0-9]{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01])"
        rf"(?:{_CLOCK})?(?P<rest>(?:[.+_-].*)?)",
        re.ASCII,
    ),
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A version as each scheme reads it; `build` is what stands after the plus sign.

    `alike` says that PEP 440 orders it as the scheme it is written in does.
    """

    name: Scheme
    semver: SemVer | None
    pep440: Pep440 | None
    build: str
    described: bool = False
    alike: bool = True


@lru_cache(maxsize=8192)
def order(a: str, b: str) -> int | None:
    """Give -1, 0 or 1 as `a` is older than, level with or newer than `b`; None where no one scheme fits both.

    A leading `v` does not count. Nor does build metadata: SemVer gives it no order, so two versions that differ only in
    it are level when one has none (`2.4.1` asks for no particular build of `2.4.1+c279299`) and cannot be ordered
    (None) when both have one. `1.2.3-4-gabcdef0` (`git describe`: four commits after 1.2.3) is ordered only against
    other releases. Commit hashes and words have no order, but a hash is level with its own abbreviation. Never raises,
    whatever the text.
    """
    if bare(a) == bare(b) or _same_commit(a.lower(), b.lower()):
        return 0
    left, right = _read(a), _read(b)
    if left is None or right is None:
        return None
    compared = _compared(left, right)
    if compared == 0 and left.build and right.build and left.build != right.build:
        return None
    return compared


def _compared(left: _Reading, right: _Reading) -> int | None:
    if left.semver is not None and right.semver is not None:
        if (left.described or right.described) and left.semver.to_tuple()[:3] == right.semver.to_tuple()[:3]:
            return None
        return left.semver.compare(right.semver)
    if left.pep440 is not None and right.pep440 is not None:
        return _by_pep440(left.pep440, right.pep440, alike=left.alike and right.alike)
    return None


def _by_pep440(left: Pep440, right: Pep440, *, alike: bool) -> int | None:
    if not alike:
        if left == right:
            return None if left.pre is None else 0
        left, right = Pep440(left.base_version), Pep440(right.base_version)
        if left == right:
            return None
    return (left > right) - (left < right)


def _same_commit(a: str, b: str) -> bool:
    """Say whether one is a commit hash and the other its beginning; digits alone may be the number of a build."""
    if not (a.startswith(b) or b.startswith(a)) or not (_HASH.fullmatch(a) and _HASH.fullmatch(b)):
        return False
    return not (a.isdigit() and b.isdigit())


def scheme_of(version: str) -> Scheme | None:
    """Give the scheme `version` is written in, None for commit hashes, words and everything else."""
    reading = _read(version)
    return None if reading is None else reading.name


@lru_cache(maxsize=8192)
def _read(version: str) -> _Reading | None:
    text = bare(version)
    if len(text) > LONGEST or not _TEXT.fullmatch(text):
        return None
    core, _, build = text.partition("+")
    dated = _dated(core)
    if dated is not None:
        date, commit = dated
        return _Reading("calver", _semver(text) if _BOTH.fullmatch(core) else None, date, build or commit)
    if _HASH.fullmatch(text):
        return None
    semver = _semver(text)
    pep440 = _pep440(core)
    if semver is None and (pep440 is None or not ("." in core or core.isdigit())):
        return None
    described = _DESCRIBED.search(core) is not None
    alike = semver is None or _BOTH.fullmatch(core) is not None
    return _Reading("pep440" if semver is None else "semver", semver, pep440, build, described, alike)


def _dated(core: str) -> tuple[Pep440, str] | None:
    """Give the date, ordered as PEP 440 orders, and the commit that follows it, as in `20261122-1a2b3c4`."""
    date = _DATES[0].fullmatch(core) or _DATES[1].fullmatch(core)
    if date is None:
        return None
    parts = [part for part in date.group("year", "month", "day") if part]
    if date["time"]:
        parts.append(re.sub("[:-]", "", date["time"]).ljust(6, "0"))
    commit = _COMMIT_LAST.search(date["rest"])
    rest = date["rest"][: commit.start()] if commit else date["rest"]
    read = _pep440(".".join(parts) + rest)
    return None if read is None else (read, commit[0] if commit else "")


def _semver(text: str) -> SemVer | None:
    try:
        return SemVer.parse(text)
    except ValueError:
        return None


def _pep440(text: str) -> Pep440 | None:
    try:
        return Pep440(text)
    except InvalidVersion:
        return None
