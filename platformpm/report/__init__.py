"""What both faces say: words, glyphs, durations, columns, documents. Pure."""
