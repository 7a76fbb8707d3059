"""The textbook tables of edit distance and longest common subsequence, cell by cell."""

from collections.abc import Hashable, Sequence

Table = list[list[int]]
"""Cell (i, j) is of the first i elements of one sequence, and the first j of the other."""


def edit_table(a: Sequence[Hashable], b: Sequence[Hashable]) -> Table:
    """Wagner and Fischer's table."""
    table = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        above, row = table[-1], [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
        table.append(row)
    return table


def lcs_table(a: Sequence[Hashable], b: Sequence[Hashable]) -> Table:
    """Lengths of longest common subsequences."""
    table = [[0] * (len(b) + 1)]
    for x in a:
        above, row = table[-1], [0]
        for j, y in enumerate(b, 1):
            row.append(above[j - 1] + 1 if x == y else max(above[j], row[j - 1]))
        table.append(row)
    return table
