"""How a series is laid out as points of a space: delay, dimension, what is too near in time."""
