"""What must be true of a stream."""
