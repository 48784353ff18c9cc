"""What holds for every test: no property test is judged by the clock of a busy machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("platformpm", deadline=None)
settings.load_profile("platformpm")
