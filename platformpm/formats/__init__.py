"""Bytes to meaning: health dialects, version formats and schemes, expectations. No I/O."""
