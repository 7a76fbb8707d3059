"""One file here is one subcommand, by its name."""
