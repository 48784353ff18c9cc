"""Schedule, limits, state and board: keeps asking, and keeps one picture of what was answered. No disk, no screen."""
