"""One file for each command: `DESCRIPTION`, `EXAMPLES`, `configure(parser)` and `run(arguments, context)`."""
