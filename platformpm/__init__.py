"""platformpm: one terminal for the state, versions and promises of a whole platform."""

__version__ = "0.1.0"
