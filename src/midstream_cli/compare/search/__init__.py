"""Where a short sequence occurs in a long one."""
