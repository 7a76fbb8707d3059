"""Two sequences of numbers as a skewed sweep of their table reads them: one load a step."""

from midstream_cli.compare.kernels.costs import FAR, INF, copy, copy_backwards, fill
from midstream_cli.compare.kernels.table import DOUBLE, SQUARED
from midstream_cli.compiled.kernel import F1, inline


@inline
def lay_out(a: F1, b: F1, w: F1, groups: int, size: int, how: int) -> tuple[int, int, int, int]:
    """The sequences, and infinity around the table, into scratch of ``(groups + 6) * size + 2 * len(b)`` numbers.

    Rows that are not there come first, so that the last row is a group's last; none of them is near anything. w[0] on is
    what stands diagonally before the rows of the first group, w[size] on, before those of all others.

    Args:
        groups: of so many rows each as `size` tells.

    Returns:
        Where the numbers of the first group's rows are, that of the first column (those after it stand before it), the
        row above column 0, and where scratch is left.
    """
    n, m = a.shape[0], b.shape[0]
    missing = groups * size - n
    rows = 2 * size
    columns = rows + (groups + 1) * size
    row = columns + m + size
    fill(w, 0, rows, INF)
    # where a diagonal step counts twice, the first cell still counts once
    d = a[0] - b[0]
    w[missing] = 0.0 if not how & DOUBLE else -d * d if how & SQUARED else -abs(d)
    fill(w, rows, missing, FAR)
    copy(a, w, rows + missing)
    fill(w, columns - size, size, INF)
    fill(w, columns + m, size, INF)
    copy_backwards(b, w, columns)
    fill(w, row, m + size, INF)
    return rows, columns + m - 1, row, row + m + size
