"""The types of the values of a command: its words, and the variables it finds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from platformpm.inventory.faults import kind_of, text_of, wrong
from platformpm.inventory.problems import shown
from platformpm.model.secret import Secret

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")


def _words(value: object) -> tuple[Secret, ...]:
    """Give the words of a command. A text would need a shell to become words, which is what nobody wants."""
    if isinstance(value, str):
        raise wrong('must be a list of words, such as ["check_disk", "-w", "10%"]: no shell reads it')
    if not isinstance(value, list):
        raise wrong(f"must be a list of words, not {kind_of(value)}")
    words = tuple(map(_word, value))
    if not words or not words[0]:
        raise wrong("must begin with the name of a program")
    return words


def _word(value: object) -> Secret:
    text = text_of(value)
    if "\x00" in text:
        raise wrong("must not hold NUL")
    return Secret(text)


def _variable(value: object) -> str:
    text = text_of(value)
    if not _VARIABLE.fullmatch(text):
        raise wrong(f"{shown(text)} cannot be the name of a variable")
    return text


_SCHEMA = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 1,
    "examples": [["/usr/lib/nagios/plugins/check_disk", "-w", "10%", "-c", "5%", "-p", "/"]],
}

CommandWords = Annotated[tuple[Secret, ...], PlainValidator(_words), WithJsonSchema(_SCHEMA)]
VariableName = Annotated[str, PlainValidator(_variable), WithJsonSchema({"type": "string"})]
VariableValue = Annotated[Secret, PlainValidator(_word), WithJsonSchema({"type": "string"})]
