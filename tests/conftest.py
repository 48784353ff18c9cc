"""What holds for every test: no clock of a busy machine judges a property, and no background job is deaf to Ctrl-C."""

from __future__ import annotations

import signal

from hypothesis import settings

settings.register_profile("platformpm", deadline=None)
settings.load_profile("platformpm")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell starts what runs in the background so, and every program under test would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
