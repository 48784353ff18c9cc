"""Readers of machines: this one through psutil."""
