"""When a stream begins to do something else, told at once."""
