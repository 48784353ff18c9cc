"""History in SQLite: one thread writes, anyone reads."""
