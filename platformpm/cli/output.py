"""The only writer of standard output: data, masked, for people or programs, until the reader goes away."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from io import TextIOWrapper
from typing import TextIO

from platformpm.cli.streams import is_terminal, reader_has_gone, shows_colour, turn_aside
from platformpm.errors import ExitCode, PlatformpmError
from platformpm.model.secret import NO_MASK, Masker
from platformpm.model.text import safe_text

_LONGEST_LINE = 1000
_GLYPHS = "●◐✖⊘–…·×█"


class Output:
    """Standard output. `quiet` drops everything; a closed pipe ends it without a word and changes no exit code."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Find out what standard output can show."""
        self.mask: Masker = NO_MASK
        self.quiet = False
        self._stream: TextIO | None = sys.stdout  # None where there is no standard output
        self.terminal = is_terminal(self._stream)
        self.colour = shows_colour(self._stream, environ)
        self.unicode = _takes_glyphs(getattr(self._stream, "encoding", None))
        if isinstance(self._stream, TextIOWrapper):
            self._stream.reconfigure(errors="backslashreplace")

    @property
    def columns(self) -> int:
        """Give the width of the terminal, 80 where there is none."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns if self._stream else 80
        except (OSError, ValueError):
            return 80

    @property
    def ended(self) -> bool:
        """Tell whether nobody reads any more: what would be long work for nothing may stop."""
        return self._stream is None

    def text(self, text: str) -> None:
        """Write `text` as it is, masked."""
        self._write(self.mask(text))

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines, each cleaned and masked."""
        for line in lines:
            self.text(safe_text(self.mask(line), _LONGEST_LINE) + "\n")

    def document(self, document: object) -> None:
        """Write a JSON document, every text in it masked, never so that it stops being JSON."""
        from json import dumps  # only who asks for JSON pays for it

        from platformpm.report.documents import masked  # the same

        shown = masked(document, self.mask)
        self._write(dumps(shown, ensure_ascii=not self.unicode, indent=2, allow_nan=False) + "\n")

    def record(self, document: object) -> None:
        """Write a JSON document as one line, masked like any other."""
        from json import dumps  # as above

        from platformpm.report.documents import masked  # the same

        self._write(dumps(masked(document, self.mask), ensure_ascii=not self.unicode, allow_nan=False) + "\n")

    def data(self, text: str) -> None:
        """Write data whose format is UTF-8 with bare line feeds, wherever it goes. It is masked already."""
        if isinstance(self._stream, TextIOWrapper):
            self._stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
        self._write(text)

    def close(self) -> ExitCode:
        """Flush what is left; the interpreter's own flush at the end then has nothing to fail on."""
        self._write("")
        return ExitCode.OK

    def _write(self, text: str) -> None:
        if self._stream is None or self.quiet:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError as error:
            turn_aside(self._stream)
            self._stream = None
            if not reader_has_gone(error, terminal=self.terminal):
                raise PlatformpmError(f"standard output cannot be written: {error.strerror}") from None


def _takes_glyphs(encoding: str | None) -> bool:
    try:
        _GLYPHS.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
