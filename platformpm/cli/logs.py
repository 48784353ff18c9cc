"""What libraries log goes to the diagnostics, masked and only with -v, instead of raw to standard error."""

from __future__ import annotations

import logging
from traceback import format_exception

from platformpm.cli.diagnostics import Diagnostics
from platformpm.model.text import safe_text


class _Listener(logging.Handler):
    """Passes records on."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        """Pass them on to `diagnostics`."""
        super().__init__(logging.WARNING)
        self._diagnostics = diagnostics

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on the message; its trace would show locals of libraries."""
        self._diagnostics.detail(f"{record.name}: {safe_text(self._diagnostics.mask(record.getMessage()))}")


class _Traces(logging.Handler):
    """Passes on the traces of our own defects, which have no locals."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        """Pass them on to `diagnostics`."""
        super().__init__(logging.DEBUG)
        self._diagnostics = diagnostics

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on the trace, masked before it is cut into lines."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            for line in self._diagnostics.mask("".join(format_exception(error))).splitlines():
                self._diagnostics.detail(line)


def listen(diagnostics: Diagnostics) -> None:
    """Take over what is logged from now on."""
    logging.getLogger().addHandler(_Listener(diagnostics))
    if diagnostics.verbose:
        ours = logging.getLogger("platformpm")
        ours.setLevel(logging.DEBUG)
        ours.addHandler(_Traces(diagnostics))
