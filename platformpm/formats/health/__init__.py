"""Health dialects: what the health bodies of known systems say."""

from platformpm.formats.health.generic import unknown_status
from platformpm.formats.health.registry import DIALECTS, recognise
from platformpm.formats.health.verdict import Dialect, HealthVerdict

__all__ = ["DIALECTS", "Dialect", "HealthVerdict", "recognise", "unknown_status"]
