"""Serve every fault from a process of its own: `python -m tests.faults FOLDER`, until standard input ends.

Prints one line of JSON: the ports by fault, and the file of the authority that signs the good certificates.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tests.faults.body_faults import BODY_FAULTS
from tests.faults.http_faults import HTTP_FAULTS
from tests.faults.redirect_faults import REDIRECT_FAULTS
from tests.faults.server import FaultServer, unanswering
from tests.faults.tcp_faults import TCP_FAULTS
from tests.faults.tls_faults import make_tls_table


def main() -> None:
    """Serve until nobody listens to us any more."""
    if hasattr(os, "nice"):
        os.nice(10)  # floods must not take the processor from the probes that are measured
    table = make_tls_table(Path(sys.argv[1]))
    faults = {**HTTP_FAULTS, **BODY_FAULTS, **REDIRECT_FAULTS, **TCP_FAULTS, **table.faults}
    with FaultServer(faults) as server, unanswering() as others:
        sys.stdout.write(json.dumps({"ports": server.ports | others, "ca_file": table.ca_file}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
