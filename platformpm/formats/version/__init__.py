"""Versions that services tell: by a rule of the inventory, or recognised in known formats."""

from platformpm.formats.version.finding import VersionFinding, VersionFormat, VersionMiss
from platformpm.formats.version.refused import refused_version
from platformpm.formats.version.registry import ASKED_FORMATS, FORMATS, recognise_version
from platformpm.formats.version.rules import read_version

__all__ = [
    "ASKED_FORMATS",
    "FORMATS",
    "VersionFinding",
    "VersionFormat",
    "VersionMiss",
    "read_version",
    "recognise_version",
    "refused_version",
]
