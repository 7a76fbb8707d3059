"""Timed sequences and a comparator that remembers: the interface of temporal-compare."""
