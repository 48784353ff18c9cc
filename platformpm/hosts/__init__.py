"""Readings of hosts: this machine through psutil, other machines through their exporters."""

from platformpm.hosts.local import LocalReader
from platformpm.hosts.machines import Machines
from platformpm.hosts.remote import RemoteReader

__all__ = ["LocalReader", "Machines", "RemoteReader"]
