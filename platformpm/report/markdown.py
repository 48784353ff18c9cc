"""The table of `check` for a pull request or a chat, in GitHub Flavored Markdown."""

from __future__ import annotations

import re

from platformpm.model.state import HostState, ServiceState
from platformpm.model.status import Status
from platformpm.report import words
from platformpm.report.checktext import tallies, version_words
from platformpm.report.table import STATUS_OF
from platformpm.report.told import Told, why_not_up

_HEAD = ("", "service", "environment", "serving", "version", "what was seen")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"[\\`*\[\]~|$!]|(?<![^\W_])_|_(?![^\W_])")
"""What could begin a code span, emphasis, a link, an image, a formula or the next cell."""
_LINK = re.compile(r"(?i)(://|\bwww\.|\b(?:mailto|xmpp):)")
_MENTION = re.compile(r"@(?=\w)")


def render(told: Told) -> str:
    """Give a heading with the verdict, a table of what is not up (of everything with `--all`), and the counts."""
    lines = [f"### {words.GLYPHS[STATUS_OF[told.verdict]]} {escaped(told.platform)}: {told.verdict}", ""]
    rows = [_service(told, one) if isinstance(one, ServiceState) else _host(told, one) for one in told.listed()]
    if rows:
        lines += [_row(_HEAD), _row(("---",) * len(_HEAD)), *map(_row, rows), ""]
    lines.append(" · ".join((*tallies(told.snapshot), f"{told.took:.1f} s")))
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Give one line of text so that Markdown shows it as it is: no markup, HTML, link or mention comes of it."""
    text = _MARKUP.sub(r"\\\g<0>", text).translate(_ENTITIES)
    text = _LINK.sub(lambda found: re.sub(r"([:.])", r"\\\1", found[0], count=1), text)
    return _MENTION.sub("`@`", text)


def _service(told: Told, state: ServiceState) -> tuple[str, ...]:
    texts = (
        state.service.name,
        state.environment.name,
        f"{state.serving}/{len(state.instances)}",
        version_words(state),
        _seen(told, state),
    )
    return _state(state), *(escaped(told.say(text)) for text in texts)


def _host(told: Told, state: HostState) -> tuple[str, ...]:
    name = escaped(told.say(f"host {state.host.name}"))
    return _state(state), name, "", "", "", escaped(told.say(_seen(told, state)))


def _state(state: ServiceState | HostState) -> str:
    return f"{words.MUTED if state.muted else words.GLYPHS[state.status]} {state.status}"


def _seen(told: Told, state: ServiceState | HostState) -> str:
    return " · ".join(filter(None, (told.muted(state), "" if state.status is Status.UP else why_not_up(state))))


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
