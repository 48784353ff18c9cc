"""Widgets: they draw, they do not decide."""
