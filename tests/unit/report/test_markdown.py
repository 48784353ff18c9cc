import html
import re

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.text import safe_text
from platformpm.model.version import Drift
from platformpm.report.checktext import Detail
from platformpm.report.markdown import escaped, render
from platformpm.report.told import Told
from tests.unit.report.hostile import NASTY, TEXTS, pictures
from tests.unit.report.pictures import UP, instance, picture, service, troubled

GITHUB = MarkdownIt("gfm-like", {"html": True})
"""CommonMark with the tables, struck text and bare links that GitHub adds; raw HTML passes, so that it would show."""
assert GITHUB.linkify is not None
GITHUB.linkify.set({"fuzzy_link": False})  # GitHub makes no link of a mere host name such as 0.al


def cells(text: str) -> list[list[str]]:
    """Render a text and give the rows of its only table as they are seen."""
    rows = re.findall(r"<tr>(.*?)</tr>", GITHUB.render(text), re.DOTALL)
    return [[_seen(cell) for cell in re.findall(r"<t[dh]>(.*?)</t[dh]>", row, re.DOTALL)] for row in rows]


def _seen(shown: str) -> str:
    plain = shown.replace("<code>@</code>", "@")
    assert "<" not in plain, plain
    return html.unescape(plain)


def test_a_heading_a_table_and_the_counts() -> None:
    assert (
        render(Told(troubled(), took=1.26))
        == """\
### ✖ Acme Commerce: critical

|  | service | environment | serving | version | what was seen |
| --- | --- | --- | --- | --- | --- |
| ◐ degraded | checkout | production | 1/1 | 2.4.0 (behind, target 2.4.1) | slow: 812 ms, limit 500 ms |
| ◐ degraded | ledger | production | 1/3 | 2.4.1 | status: HTTP 503, expected 2xx (2 of 3 instances) |
| ✖ down | host local |  |  |  | limit: disk /var 97 %, limit 95 % |

1 up, 2 degraded, 0 down, 0 unknown · 1 off target · hosts: 1 down · 1.3 s
"""
    )


def test_a_healthy_platform_has_no_table_unless_everything_is_wanted() -> None:
    snapshot = picture([service("a", [instance("a", "1", UP)])])
    assert render(Told(snapshot, took=1)) == (
        "### ● Acme Commerce: ok\n\n1 up, 0 degraded, 0 down, 0 unknown · 1.0 s\n"
    )
    full = render(Told(snapshot, Detail(everything=True)))
    assert cells(full)[1] == ["● up", "a", "production", "1/1", "2.4.1", ""]


def test_what_is_off_target_has_a_row_though_it_is_up() -> None:
    rows = [
        service("a", [instance("a", "1", UP)]),
        service("b", [instance("b", "1", UP)], target="2|5", drift=Drift.BEHIND),
    ]
    found = cells(render(Told(picture(rows))))
    assert found[1:] == [["● up", "b", "production", "1/1", "2.4.1 (behind, target 2|5)", ""]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b", r"a\|b"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("timeout_response _x_", r"timeout_response \_x\_"),
        ("`x` *y* ~~z~~ $m$", r"\`x\` \*y\* \~\~z\~\~ \$m\$"),
        ("[a](b) ![c](d)", r"\[a\](b) \!\[c\](d)"),
        ("a\\", "a\\\\"),
        ("https://h www.h mailto:x", r"https\://h www\.h mailto\:x"),
        ("ask @org/team", "ask `@`org/team"),
    ],
)
def test_what_markdown_would_read_is_escaped(text: str, expected: str) -> None:
    assert escaped(text) == expected


@given(text=TEXTS.map(safe_text).filter(bool))
def test_a_text_is_seen_as_it_is(text: str) -> None:
    assert cells(f"| a | b |\n| --- | --- |\n| {escaped(text)} | x |\n")[1] == [text, "x"]


@given(snapshot=pictures())
def test_whatever_names_hold_every_row_keeps_its_cells(snapshot: PlatformSnapshot) -> None:
    told = Told(snapshot, Detail(everything=True))
    rows = cells(render(told))[1:]
    assert len(rows) == len(snapshot.services) + len(snapshot.hosts)
    assert all(len(row) == 6 for row in rows)
    assert sorted(row[1] for row in rows if row[3]) == sorted(
        told.say(state.service.name) for state in snapshot.services
    )


def test_none_of_the_nasty_makes_a_link_or_a_picture() -> None:
    for text in NASTY:
        shown = GITHUB.render(f"### x {escaped(safe_text(text))}: ok\n")
        assert "<a" not in shown, text
        assert "<img" not in shown
