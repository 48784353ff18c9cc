"""How the detail shares its room, and which addresses it gives to a browser."""

from __future__ import annotations

import pytest

from platformpm.tui.actions import Where, at_foot
from platformpm.tui.layout import Layout
from platformpm.tui.screens.detail_layout import PANES, TABS, Rows, head_height, pane_heights, tab_of
from platformpm.tui.web import has_browser, is_web_page


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("room", [0, 3, 9, 18, 28, 40, 110])
@pytest.mark.parametrize("rows", [Rows(1, 1, 0), Rows(4, 3, 6), Rows(200, 12, 900)])
def test_every_list_keeps_some_lines_and_leaves_some_to_the_rest(layout: Layout, room: int, rows: Rows) -> None:
    heights = pane_heights(layout, rows, room)
    assert all(height >= 4 for height in heights.values())
    if room >= 18:
        assert room - heights["instances"] >= room // 2
    if room >= 18 and layout is not Layout.NARROW:
        assert room - heights["environments"] - heights["neighbours"] >= 4


def test_a_list_is_no_higher_than_its_rows_need() -> None:
    heights = pane_heights(Layout.WIDE, Rows(3, 2, 5), 100)
    assert heights == {"instances": 6, "environments": 5, "neighbours": 8}


def test_a_list_takes_what_those_below_it_do_not_want() -> None:
    assert pane_heights(Layout.MEDIUM, Rows(1, 12, 0, 0), 28)["environments"] == 15
    assert pane_heights(Layout.MEDIUM, Rows(1, 12, 0, 50), 28)["environments"] == 7
    assert pane_heights(Layout.MEDIUM, Rows(1, 1, 30, 2), 40)["neighbours"] == 31


def test_a_low_terminal_has_a_short_head() -> None:
    assert [head_height(Layout.NARROW, height) for height in (15, 24, 40)] == [2, 4, 7]
    assert head_height(Layout.MEDIUM, 24) == 5


def test_every_pane_stands_under_one_tab() -> None:
    assert [tab_of(pane) for pane in PANES] == ["instances", "instances", "environments", "neighbours", "events"]
    assert {pane for panes in TABS.values() for pane in panes} == set(PANES)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://wiki.example/run", True),
        ("http://10.0.0.1:8080/x?y#z", True),
        ("HTTPS://WIKI.EXAMPLE", True),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("--version", False),
        ("https:///x", False),
        ("https://[::1", False),
        ("https://a.example/\x1b[2J", False),
        ("https://a.example/ --flag", False),
        ("", False),
    ],
)
def test_only_a_web_page_is_given_to_a_browser(url: str, expected: bool) -> None:
    assert is_web_page(url) is expected


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"BROWSER": "code --open"}, True),
        ("linux", {"DISPLAY": ""}, False),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_browser_needs_a_window_of_its_own(platform: str, environ: dict[str, str], expected: bool) -> None:
    assert has_browser(environ, platform) is expected


def test_the_footer_of_the_detail_has_its_own_actions_and_no_filter() -> None:
    ids = [action.id for action in at_foot("detail")]
    assert ids[0] == "step_back"
    assert {"filter", "faults"}.isdisjoint(ids)
    assert all(action.where is not Where.DETAIL for action in at_foot("overview"))
