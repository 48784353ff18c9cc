"""One HTTP answer as the formats look at it: text and JSON are decoded once, when first asked for."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import urlsplit

from platformpm.formats.jsonvalue import BadJson, parse_json
from platformpm.model.exchange import Response


class Payload:
    """A response with its body as text and as JSON. Nothing in it is cleaned yet."""

    def __init__(self, response: Response) -> None:
        """Wrap `response`."""
        self.response = response
        self.status = response.status
        self.header = response.header

    @cached_property
    def path(self) -> str:
        """Give the path of the final URL, without query."""
        try:
            return urlsplit(self.response.url).path
        except ValueError:
            return ""

    @cached_property
    def content_type(self) -> str:
        """Give the media type in lower case without parameters, empty when there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def text(self) -> str:
        """Give the body as text: bytes that are not UTF-8 replaced, an ellipsis where reading stopped."""
        text = self.response.body.decode("utf-8-sig", "replace")
        return text if self.response.complete else text + "…"

    @cached_property
    def json(self) -> object:
        """Give the body as JSON, as far as it can be understood, or None when it is not JSON."""
        return self._parsed[0]

    @cached_property
    def json_error(self) -> str | None:
        """Say why the body is not JSON to the letter, None when it is."""
        return self._parsed[1]

    @cached_property
    def unread(self) -> str | None:
        """Say why a body that begins as a JSON object could not be understood, None for all others."""
        begun = self.response.complete and self.text.lstrip().startswith("{")
        return self.json_error if begun and self.json is None else None

    @cached_property
    def table(self) -> dict[str, object]:
        """Give the body as a JSON object, empty when it is none."""
        return self.json if isinstance(self.json, dict) else {}

    @cached_property
    def _parsed(self) -> tuple[object, str | None]:
        start = self.response.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start not in (b"{", b"[", b'"') and not (start and start in b"0123456789-tfn"):
            return None, "not JSON"
        if not self.response.complete:
            return None, "body larger than the cap"
        try:
            return parse_json(self.response.body)
        except BadJson as error:
            return None, str(error)
