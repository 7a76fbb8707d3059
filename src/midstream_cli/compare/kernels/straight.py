"""What a straight path through the table costs: no more than that does the best one, and whatever costs more lies off it.

D. F. Silva, G. E. A. P. A. Batista, "Speeding up all-pairwise dynamic time warping matrix calculation", SDM 2016.
"""

from midstream_cli.compare.kernels.costs import read
from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import REGISTER, absolute, fma, lane, load, splat

CHECKED = 16
"""Steps between two looks at whether any cost of a tile is within the bound."""

MARGIN = 1.0 + 2.0**-26
"""More than rounding can make of a bound."""

AT_ONCE = 4 * REGISTER


@inline
def _diagonal(a: F1, b: F1, begin: int, end: int, squared: int) -> float:
    """The sum of the local costs of equal positions."""
    sums = splat(0.0, AT_ONCE)
    whole = end - (end - begin) % AT_ONCE
    for i in range(begin, whole, AT_ONCE):
        d = load(a, i, AT_ONCE) - load(b, i, AT_ONCE)
        sums = fma(d, d, sums) if squared else sums + absolute(d)
    total: float = lane(sums, 0)
    for r in range(1, AT_ONCE):
        total += lane(sums, r)
    for i in range(whole, end):
        apart = read(a, i) - read(b, i)
        total += apart * apart if squared else abs(apart)
    return total


@inline
def _stairs(a: F1, b: F1, begin: int, end: int, squared: int, double: int) -> float:
    """The sum of costs in rows of a from `begin` to `end`; row i ends in column ``((i + 1) * m - 1) // n``."""
    n, m = a.shape[0], b.shape[0]
    total = 0.0
    j = (begin * m - 1) // n
    for i in range(begin, end):
        weight = 1.0
        if (j + 1) * n < (i + 1) * m:
            j += 1
            weight = 2.0 if double else 1.0
        apart = read(a, i) - read(b, j)
        total += weight * (apart * apart if squared else abs(apart))
        while (j + 1) * n < (i + 1) * m:
            j += 1
            apart = read(a, i) - read(b, j)
            total += apart * apart if squared else abs(apart)
    return total


@inline
def remaining(a: F1, b: F1, w: F1, at: int, groups: int, size: int, squared: int, double: int) -> float:
    """The cost of the straightest path; what of it comes after each group of so many rows, the last full, to w[at]."""
    n, m = a.shape[0], b.shape[0]
    total = 0.0
    end = n
    for k in range(groups - 1, -1, -1):
        w[at + k] = total
        begin = max(end - size, 0) if k else 0
        if n == m:
            total += _diagonal(a, b, begin, end, squared) * (2.0 if double else 1.0)
        else:
            total += _stairs(a, b, begin, end, squared, double)
        end = begin
    return total * MARGIN


@inline
def tightened(w: F1, row: int, at: int, done: int, n: int, m: int, bound: float) -> float:
    """The bound, once w[row] holds what the best paths to row `done` cost, and w[at] what comes after it."""
    best: float = min(bound, (read(w, row + (done * m - 1) // n) + read(w, at)) * MARGIN)
    return best


@inline
def within(w: F1, row: int, start: int, end: int, bound: float) -> tuple[int, int]:
    """The first and the last column, of those from `start` to `end`, that w[row] reaches within the bound."""
    while start < end and read(w, row + start) > bound:
        start += 1
    while end > start and read(w, row + end) > bound:
        end -= 1
    return start, end
