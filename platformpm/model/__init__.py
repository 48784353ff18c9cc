"""The pure core: frozen values and functions of (state, input, now). Standard library only, no clock, no I/O."""
