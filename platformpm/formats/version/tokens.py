"""What a text must look like to be shown as a version.

Three grades: `clean` for what a person pointed at, `stamped` for a field that can only be the version of the software,
`evident` for fields that are also used for other things (the version of an API, of a schema, of a configuration).
"""

from __future__ import annotations

import re
from functools import lru_cache

from platformpm.model.text import safe_text

LONGEST = 100
"""Characters of a version that is shown."""

# "0.0.0" and "0.0.0-dev" are no placeholders: they are shaped as versions, and seeing them tells that a build was not
# stamped. Words that merely say so are none, because two instances that answer "dev" need not run the same build.
_PLACEHOLDERS = frozenset(
    (
        *("unknown", "undefined", "unspecified", "unset", "undef", "none", "null", "nil", "nan", "n/a", "na", "tbd"),
        *("dev", "devel", "(devel)", "development", "local", "localhost", "snapshot", "latest", "head", "master"),
        *("main", "trunk", "default", "version", "unversioned", "empty", "test", "true", "false", "todo"),
        *("notset", "not-set", "not_set", "not set", "not available", "unavailable", "(unknown)", "(none)"),
    )
)
_TEMPLATE = re.compile(
    r"\$\{|\{\{|#\{|<%|^@.+@$|^%.+%$|^<.+>$|^__.+__$|^\$[A-Za-z(]"
    r"|^\{[A-Za-z_. ]+\}$|^\[.+\]$"
)
"""Marks of a build tool that did not fill in: ${project.version}, @project.version@, {{ version }}, $Format:%H$."""

_RUNTIME = re.compile(
    r"(?:go|java|jdk|jre|openjdk|jvm|python|cpython|pypy|node|nodejs|php|ruby|perl|dotnet|net|netcoreapp|rustc?|erlang"
    r"|otp|http|tls|openapi|swagger|luajit|openssl|spring-boot|nginx|apache|tomcat|jetty)[-_/ :]?v?\d",
    re.IGNORECASE | re.ASCII,
)
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+~_:!\-]*", re.ASCII)
_EVIDENT = re.compile(
    r"""(?:(?:release|rel|version|ver|build|r)[-_.])?
    (?: [vV]?(?:\d{1,4}!)?\d{1,9}(?:\.\d{1,14})+(?:[-+._~]?[A-Za-z][0-9A-Za-z.+~_-]*|[-+_~][0-9A-Za-z.+~_-]+)?
      | (?:19|20)\d\d(?P<mark>-?)(?:0[1-9]|1[0-2])(?P=mark)(?:0[1-9]|[12]\d|3[01])(?:[-._T]?\d[0-9A-Za-z.:_-]*|[-._+]g?[0-9a-f]{7,40})?
    )""",
    re.VERBOSE | re.ASCII,
)
_COMMIT = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9]*[-_.:])?(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}(?:-dirty)?", re.ASCII
)


_HASH = re.compile(r"[0-9a-f]{7,64}(?:-dirty)?", re.ASCII | re.IGNORECASE)


def clean(value: object) -> str | None:
    """Give `value` as a version fit to be shown; None when it is no text or number, or only stands for "no version".

    Longer texts are cut to 100 characters.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = safe_text(value if isinstance(value, str) else repr(value), LONGEST).strip("\"' ")
    return None if _means_nothing(text) else text


def _means_nothing(text: str) -> bool:
    return (
        text.casefold() in _PLACEHOLDERS
        or not any(char.isalnum() for char in text)
        or _TEMPLATE.search(text) is not None
    )


def stamped(value: object) -> str | None:
    """Give `value` when it is one word that holds a digit and names no runtime or protocol, else None."""
    return _stamped(value) if isinstance(value, str) and len(value) <= LONGEST + 2 else None


@lru_cache(maxsize=4096)
def _stamped(value: str) -> str | None:
    text = clean(value)
    if text is None or _TOKEN.fullmatch(text) is None or _RUNTIME.match(text):
        return None
    return text if any(char.isdigit() for char in text) else None


def asked(value: object) -> str | None:
    """Give `value` as `stamped` does; whole numbers count too (a build number), because a person asked here."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = repr(value)
    return stamped(value)


def evident(value: object) -> str | None:
    """Give `value` when its form alone says that it is the version of a build, else None.

    That is: numbers with dots, a date, or an abbreviated commit; `1`, `v1` and `v2beta` may be the version of an API.
    """
    return _evident(value) if isinstance(value, str) and len(value) <= LONGEST + 2 else None


@lru_cache(maxsize=4096)
def _evident(value: str) -> str | None:
    text = _stamped(value)
    return text if text is not None and (_EVIDENT.fullmatch(text) or _COMMIT.fullmatch(text)) else None


def commit(value: object) -> str | None:
    """Give `value` when it is a commit, from a field that holds nothing else: of digits alone, too, as 1 in 27 is."""
    text = evident(value)
    return text or (value if isinstance(value, str) and _HASH.fullmatch(value) else None)
