"""Time warping where each vector of the first sequence is used once: no cell depends on its own row.

Rows are computed one after the other, the compiler finds the vectors.
"""

from midstream_cli.compare.kernels.costs import INF, OTHERWISE, fill, is_ordinary, read
from midstream_cli.compare.kernels.table import BANDED, KEEP, OPEN_BEGIN, OPEN_END, SQUARED, TRUSTED
from midstream_cli.compiled.kernel import B1, F1, I1, inline, kernel


def room(m: int, dims: int) -> int:
    """Numbers of scratch that `asymmetric` needs."""
    return 3 * m + 128 + dims * m


@inline
def _row_costs(a: F1, i: int, b: F1, dims: int, m: int, low: int, high: int, out: F1, squared: int) -> None:
    """Local costs of row i in columns low to high; b has one row a dimension."""
    for j in range(low, high + 1):
        out[j] = 0.0
    for k in range(dims):
        mine = a[i * dims + k]
        theirs = b[k * m : (k + 1) * m]
        for j in range(low, high + 1):
            d = mine - theirs[j]
            out[j] += d * d
    if not squared:
        for j in range(low, high + 1):
            out[j] = out[j] ** 0.5


@inline
def _row(above: F1, costs: F1, now: F1, steps: B1, at: int, low: int, high: int, keep: int) -> None:
    """The row below another: what stands above it, or up to two columns before that, the nearer of equals."""
    for j in range(low, high + 1):
        now[j + 2] = costs[j] + min(above[j + 2], above[j + 1], above[j])
    if keep:
        for j in range(low, high + 1):
            best = min(above[j + 2], above[j + 1], above[j])
            steps[at + j] = 0 if above[j + 2] == best else 1 if above[j + 1] == best else 2


@inline
def _end(above: F1, m: int) -> int:
    """The column where the last row is least, the first of equals."""
    best, found = INF, m - 1
    for j in range(m):
        if above[j + 2] < best:
            best, found = above[j + 2], j
    return found


@inline
def _across(b: F1, m: int, dims: int, out: F1) -> None:
    """Vectors (frames, dims) as one row a dimension."""
    for j in range(m):
        for k in range(dims):
            out[k * m + j] = b[j * dims + k]


@kernel
def asymmetric(a: F1, b: F1, dims: int, first: I1, final: I1, w: F1, steps: B1, path: I1, how: int) -> float:
    """Accumulated cost at the end of the path, of vectors (frames, dims) laid flat.

    Args:
        first: the first column of each row that a path may visit; never decreasing.
        final: the last one.
        w: scratch of `room` numbers.
        steps: with KEEP, n * m bytes.
        path: the columns, one a row of a, with KEEP; else one number. The last is the column where it ends.
        how: flags of `table`.

    Returns:
        Infinite where the window allows no path; OTHERWISE where a number is out of the ordinary.
    """
    if not how & TRUSTED and not (is_ordinary(a) and is_ordinary(b)):
        return OTHERWISE
    n, m = a.shape[0] // dims, b.shape[0] // dims
    fill(w, 0, 3 * (m + 16), INF)
    above, now, costs = w[0 : m + 2], w[m + 16 : 2 * m + 18], w[2 * m + 32 : 3 * m + 32]
    across = w[3 * m + 96 : 3 * m + 96 + dims * m]
    _across(b, m, dims, across)
    # the row above the first: the first pair, or any with an open begin, begins with nothing
    above[2] = 0.0
    if how & OPEN_BEGIN:
        fill(w, 2, m, 0.0)
    for i in range(n):
        low, high = 0, m - 1
        if how & BANDED:
            low, high = first[i], final[i]
        if i == 0 and not how & OPEN_BEGIN:
            high = min(high, 0)
        _row_costs(a, i, across, dims, m, low, high, costs, how & SQUARED)
        for j in range(m + 2):
            now[j] = INF
        _row(above, costs, now, steps, i * m, low, high, how & KEEP)
        above, now = now, above
    j = _end(above, m) if how & OPEN_END else m - 1
    distance: float = read(above, j + 2)
    path[path.shape[0] - 1] = j
    if how & KEEP and distance < INF:
        for i in range(n - 1, 0, -1):
            path[i] = j
            # never out of the table, even where somebody changes numbers meanwhile
            j = max(j - int(steps[i * m + j]), 0)
        path[0] = j
    return distance
