"""The three themes."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="platformpm-dark",
    primary="#8ab4f8",
    secondary="#7f93b2",
    accent="#7cc4d8",
    foreground="#c9d1d9",
    background="#12161c",
    surface="#171c24",
    panel="#1f2630",
    success="#7ec699",
    warning="#e5b567",
    error="#f07178",
    dark=True,
    variables={
        "tone-strong": "#eef2f6",
        "tone-dim": "#75808f",
        "tone-unknown": "#b59be0",
        "cursor": "#2b3b54",
        "resting": "#1d2531",
        "hover": "#1a212b",
        "frame": "#2c3542",
        "bar": "#1a2029",
        "banner": "#7a4a12",
        "footer-key-foreground": "#7cc4d8",
    },
)
LIGHT = Theme(
    name="platformpm-light",
    primary="#2457a6",
    secondary="#55657d",
    accent="#0b6e8a",
    foreground="#2b333d",
    background="#fbfbf9",
    surface="#f4f4f0",
    panel="#e9e9e4",
    success="#1d7a43",
    warning="#9a5b00",
    error="#b3202c",
    dark=False,
    variables={
        "tone-strong": "#0c1117",
        "tone-dim": "#66707c",
        "tone-unknown": "#6f42b5",
        "cursor": "#cfe0f7",
        "resting": "#e6ebf1",
        "hover": "#eef1f4",
        "frame": "#c9cdd2",
        "bar": "#eeeeea",
        "banner": "#ffdf9e",
    },
)
CONTRAST = Theme(
    name="platformpm-contrast",
    primary="#ffffff",
    secondary="#ffffff",
    accent="#00e5ff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#00ff66",
    warning="#ffd500",
    error="#ff5c5c",
    dark=True,
    variables={
        "tone-strong": "#ffffff",
        "tone-dim": "#c8c8c8",
        "tone-unknown": "#ff99ff",
        "cursor": "#0047b3",
        "resting": "#333333",
        "hover": "#262626",
        "frame": "#ffffff",
        "bar": "#000000",
        "banner": "#8a0000",
    },
)
THEMES = (DARK, LIGHT, CONTRAST)
DEFAULTS = dict(DARK.variables)
"""What the styles fall back to before a theme is chosen."""


def first(colours: str | None) -> str:
    """Give the name of the theme to begin with in a terminal of these colours, as the toolkit names them.

    Of 16 colours the soft ones of the others are mostly the same grey; the strong ones stay apart.
    """
    return CONTRAST.name if colours in ("standard", "windows") else DARK.name


def after(name: str) -> str:
    """Give the name of the theme after `name`."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


def title(name: str) -> str:
    """Give the name of a theme as a person says it."""
    return {DARK.name: "dark", LIGHT.name: "light", CONTRAST.name: "high contrast"}.get(name, name)
