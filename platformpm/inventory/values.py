"""The types of single values: each checks one kind of text or number and says what is wrong with it in one sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from platformpm.inventory import durations, languages
from platformpm.inventory.addresses import AddressError, is_absolute, is_host, parse_address, parse_link
from platformpm.inventory.faults import kind_of, text_of, wrong
from platformpm.inventory.problems import near, shown
from platformpm.model.check import RECORD_TYPES, StatusRange
from platformpm.model.secret import Secret
from platformpm.model.status import MinUp
from platformpm.model.text import safe_text

NAME_PATTERN = r"[a-z0-9][a-z0-9._-]{0,62}"
NAME_HELP = "names are lower-case letters, digits, '.', '_' and '-', at most 63, starting with a letter or digit"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TLS_VERSIONS = ("TLSv1.2", "TLSv1.3")

_NAME = re.compile(NAME_PATTERN)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}")
_STATUS_CLASS = re.compile(r"([1-5])xx", re.IGNORECASE)
_STATUS_RANGE = re.compile(r"([1-5][0-9]{2}) ?- ?([1-5][0-9]{2})")
_PERCENT = re.compile(r"([0-9]{1,3}) ?%")
_LONGEST_TEXT = 500


def is_name(text: str) -> bool:
    """Tell whether `text` can name a service, an environment, a team, a host or an instance."""
    return _NAME.fullmatch(text) is not None


def _label(value: object) -> str:
    text = text_of(value)
    if _CONTROL.search(text):
        raise wrong("must not hold control characters")
    if not text.strip():
        raise wrong("must not be empty")
    if len(text) > _LONGEST_TEXT:
        raise wrong(f"is longer than {_LONGEST_TEXT} characters")
    return safe_text(text, _LONGEST_TEXT)


def _name(value: object) -> str:
    text = text_of(value)
    if not is_name(text):
        fixed = re.sub(r"[^a-z0-9._-]+", "-", text[:63].lower()).strip("-._")
        raise wrong(f"{shown(text)} is not a name: {NAME_HELP}", fixed if is_name(fixed) else None)
    return text


def _duration(least: float) -> Callable[[object], float]:
    def check(value: object) -> float:
        try:
            seconds = durations.parse_duration(value)
        except ValueError as error:
            raise wrong(f"{shown(value)} {error}" if isinstance(value, str) else str(error)) from None
        if seconds < least:
            raise wrong(f"must be at least {durations.format_duration(least)}")
        return seconds

    return check


def _size(value: object) -> int:
    try:
        return durations.parse_size(value)
    except ValueError as error:
        raise wrong(f"{shown(value)} {error}" if isinstance(value, str) else str(error)) from None


def _whole(low: int, high: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(f"must be a whole number, not {kind_of(value)}")
        if not low <= value <= high:
            raise wrong(f"must be from {low} to {high}")
        return value

    return check


def _number(low: float, high: float) -> Callable[[object], float]:
    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(f"must be a number, not {kind_of(value)}")
        if not math.isfinite(value):
            raise wrong("must be a finite number")
        if not low <= value <= high:
            raise wrong(f"must be from {low:g} to {high:g}")
        return float(value)

    return check


def _choice(names: tuple[str, ...]) -> Callable[[object], str]:
    def check(value: object) -> str:
        text = text_of(value)
        if text not in names:
            raise wrong(f"{shown(text)} is not one of {', '.join(names)}", near(text, names))
        return text

    return check


def _tls_version(value: object) -> str:
    text = text_of(value)
    full = f"TLSv{text}" if text[:1].isdigit() else text
    if full not in TLS_VERSIONS:
        raise wrong(f"{shown(text)} is not one of {', '.join(TLS_VERSIONS)}")
    return full


def _family(value: object) -> int:
    if isinstance(value, bool) or value not in (4, 6):
        raise wrong("must be 4 or 6")
    return int(value)


def _header_name(value: object) -> str:
    text = text_of(value)
    if not _TOKEN.fullmatch(text):
        raise wrong(f"{shown(text)} cannot be the name of a header")
    return text


def _metric_name(value: object) -> str:
    text = text_of(value)
    if not _METRIC.fullmatch(text):
        raise wrong(f"{shown(text)} is not the name of a Prometheus metric or label")
    return text


def _file_name(value: object) -> str:
    text = text_of(value)
    if not text or "\x00" in text:
        raise wrong("must be the name of a file")
    return text


def _host_name(value: object) -> str:
    text = text_of(value)
    if not (text.isascii() and is_host(f"[{text}]" if ":" in text else text)):
        raise wrong(f"{shown(text)} is not a host name")
    return text


def _json_value(value: object) -> object:
    values = value if isinstance(value, list) else [value]
    for item in values:
        if not isinstance(item, str | int | float | bool):
            raise wrong("must be text, a number, true or false, or a list of these (any of)")
        if isinstance(item, float) and not math.isfinite(item):
            raise wrong("must be a finite number")
    if not values:
        raise wrong("is an empty list: nothing could match")
    return tuple(values) if isinstance(value, list) else value


def _instances(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(f'must be a table of environments, such as production = ["http://host:8080"], not {kind_of(value)}')
    return value


def _header_value(value: object) -> Secret:
    """Give the value of a header out of sight; a line break in it would start another header."""
    text = text_of(value)
    if _CONTROL.search(text.replace("\t", " ")):
        raise wrong("must not hold control characters")
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        raise wrong("must be Latin-1 text, as HTTP headers are") from None
    return Secret(text)


def _status_range(value: object) -> StatusRange:
    if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599:
        return StatusRange(value, value)
    if isinstance(value, str):
        text = value.strip()
        if match := _STATUS_CLASS.fullmatch(text):
            return StatusRange(int(match[1]) * 100, int(match[1]) * 100 + 99)
        if (match := _STATUS_RANGE.fullmatch(text)) and match[1] <= match[2]:
            return StatusRange(int(match[1]), int(match[2]))
        if re.fullmatch(r"[1-5][0-9]{2}", text):
            return StatusRange(int(text), int(text))
    raise wrong('must be a status code such as 200, a class such as "2xx" or a range such as "200-299"')


def _min_up(value: object) -> MinUp:
    if isinstance(value, str) and (match := _PERCENT.fullmatch(value.strip())) and int(match[1]) <= 100:
        return MinUp(int(match[1]), percent=True)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000:
        return MinUp(value)
    raise wrong('must be a number of instances such as 2, or a percentage such as "50%"')


def _proxy(value: object) -> Secret:
    text = text_of(value)
    try:
        address = parse_address(text)
    except AddressError as error:
        raise wrong(str(error), error.suggestion) from None
    if address.scheme != "http":
        raise wrong("must be an http URL: the way to a proxy is not encrypted")
    if address.path not in ("", "/"):
        raise wrong("must not have a path")
    return Secret(text)


def _link(value: object) -> str:
    text = text_of(value)
    try:
        parse_link(text)
    except AddressError as error:
        raise wrong(str(error), error.suggestion) from None
    return text


def _check_path(value: object) -> str:
    text = text_of(value)
    if any(char <= " " or char == "\x7f" for char in text) or not text.isascii():
        raise wrong("must hold neither white space, control characters nor others than ASCII: percent-encode them")
    if is_absolute(text):
        return _link(text)
    return text


def _secret(value: object) -> Secret:
    return Secret(text_of(value))


def _typed(check: Callable[[Any], Any], **schema: object) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(check), WithJsonSchema(dict(schema))


_DURATION: dict[str, Any] = {
    "type": ["string", "number"],
    "pattern": durations.DURATION_PATTERN,
    "minimum": 0,
    "examples": ["15s", "2m", "800ms", "1h30m", 30],
}
_STATUS: dict[str, Any] = {"type": ["integer", "string"], "examples": [200, "2xx", "200-299"]}

_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_JSON_VALUE: dict[str, Any] = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR, "minItems": 1}]}
_URL: dict[str, Any] = {"type": "string", "examples": ["http://10.0.1.7:8080", "tcp://10.0.2.9:6379"]}
_INSTANCES: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [_URL, {"type": "array", "items": _URL}, {"type": "object", "additionalProperties": _URL}]
    },
}

Label = Annotated[str, *_typed(_label, type="string", minLength=1)]
Name = Annotated[str, *_typed(_name, type="string", pattern=f"^{NAME_PATTERN}$")]
Duration = Annotated[float, *_typed(_duration(0.01), **_DURATION)]
Span = Annotated[float, *_typed(_duration(0.0), **_DURATION)]
Size = Annotated[int, *_typed(_size, type=["string", "integer"], minimum=0, examples=["500MB", "2GiB"])]
Port = Annotated[int, *_typed(_whole(1, 65535), type="integer", minimum=1, maximum=65535)]
Redirects = Annotated[int, *_typed(_whole(0, 20), type="integer", minimum=0, maximum=20)]
Count = Annotated[int, *_typed(_whole(1, 100), type="integer", minimum=1, maximum=100)]
Tier = Annotated[int, *_typed(_whole(1, 9), type="integer", minimum=1, maximum=9)]
Concurrency = Annotated[int, *_typed(_whole(1, 10_000), type="integer", minimum=1, maximum=10_000)]
Days = Annotated[float, *_typed(_number(0, 3650), type="number", minimum=0, maximum=3650)]
Percentage = Annotated[float, *_typed(_number(0, 100), type="number", minimum=0, maximum=100)]
Method = Annotated[str, *_typed(_choice(METHODS), enum=list(METHODS))]
TlsVersion = Annotated[str, *_typed(_tls_version, enum=[*TLS_VERSIONS, "1.2", "1.3"])]
Resolve = Annotated[str, *_typed(_choice(("any", "all")), enum=["any", "all"])]
RecordType = Annotated[str, *_typed(_choice(RECORD_TYPES), enum=list(RECORD_TYPES))]
Family = Annotated[int, *_typed(_family, enum=[4, 6])]
Pattern = Annotated[str, *_typed(languages.pattern, type="string", format="regex")]
JmesPath = Annotated[str, *_typed(languages.expression, type="string")]
Status = Annotated[StatusRange, *_typed(_status_range, **_STATUS)]
MinimumUp = Annotated[MinUp, *_typed(_min_up, type=["integer", "string"], examples=[1, "50%"])]
Link = Annotated[str, *_typed(_link, type="string", format="uri")]
Proxy = Annotated[Secret, *_typed(_proxy, type="string", format="uri", examples=["http://10.0.0.1:3128"])]
CheckPath = Annotated[str, *_typed(_check_path, type="string", examples=["/health"])]
HiddenText = Annotated[Secret, *_typed(_secret, type="string")]
HeaderName = Annotated[str, *_typed(_header_name, type="string")]
HeaderValue = Annotated[Secret, *_typed(_header_value, type="string")]
Token = Annotated[Secret, *_typed(languages.token, type="string")]
Zone = Annotated[str, *_typed(languages.time_zone, type="string", examples=["Europe/Berlin"])]
DialectName = Annotated[str, *_typed(languages.dialect, type="string", examples=["auto", "none", "spring-boot"])]
MetricName = Annotated[str, *_typed(_metric_name, type="string")]
FileName = Annotated[str, *_typed(_file_name, type="string")]
HostName = Annotated[str, *_typed(_host_name, type="string")]
PlainText = Annotated[str, *_typed(text_of, type="string")]
JsonValue = Annotated[object, *_typed(_json_value, **_JSON_VALUE)]
Instances = Annotated[dict[str, Any], *_typed(_instances, **_INSTANCES)]
