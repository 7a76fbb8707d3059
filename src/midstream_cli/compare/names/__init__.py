"""Sequences of names, such as tokens: edit distance, longest common subsequence, and the operations between them."""
