"""One screen for each question."""
