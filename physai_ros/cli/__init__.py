"""The command line: ``physai up | …``, one module a subcommand."""
