"""How many dimensions a set of points fills."""
