"""Which kind of motion it is, and how sure that is."""
