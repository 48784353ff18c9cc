"""The headless face: one file for each command. Only `output` writes stdout, only `diagnostics` writes stderr."""
