"""The live tap: what is known of a stream after each of its frames."""
