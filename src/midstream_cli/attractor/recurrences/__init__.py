"""When a series comes back to where it was: recurrence plots and their measures."""
