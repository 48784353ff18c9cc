"""The one way a value says that it is wrong."""

from __future__ import annotations

from pydantic_core import PydanticCustomError


def wrong(message: str, suggestion: str | None = None) -> PydanticCustomError:
    """Give the error of a value, with what may have been meant."""
    return PydanticCustomError("wrong", "{message}", {"message": message, "suggestion": suggestion})


def text_of(value: object) -> str:
    """Give `value` when it is a text that UTF-8 can carry."""
    if not isinstance(value, str):
        raise wrong(f"must be text, not {kind_of(value)}")
    return value


def kind_of(value: object) -> str:
    """Name the TOML type of a value."""
    if isinstance(value, bool):
        return "true or false"
    names = {str: "text", int: "an integer", float: "a fraction", list: "a list", dict: "a table"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a date or time")
