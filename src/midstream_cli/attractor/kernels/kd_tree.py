"""A wide tree of boxes over points, to look for neighbours in.

Points are halved along the widest side of their bounding box (Friedman, Bentley, Finkel 1977) until a leaf holds a few
registers of them; of three halvings each, only the eight boxes that come out are kept, side by side, so that one step looks
at eight children at once. Boxes are as tight as the points, for attractors fill little of the space that they are
embedded in. Each box also knows its earliest and its latest point: ties are broken in favour of the earliest without looking
at all of them, and boxes all of whose points are too near in time are passed over.
"""

from midstream_cli.compiled.kernel import F1, F2, inline, kernel

WIDE = 8
"""Children of a box, and points looked at together."""

QUICK = 64
"""Parts longer than this choose their pivot among three times three points."""


@inline
def _before(rows: F2, i: int, value: float, index: float, side: int) -> bool:
    """Whether a row comes before another in the order of one coordinate, and of time where that is equal."""
    mine: float = rows[i, side]
    time: float = rows[i, rows.shape[1] - 1]
    return mine < value or (mine == value and time < index)


@inline
def _swap(rows: F2, i: int, j: int) -> None:
    for c in range(rows.shape[1]):
        kept = rows[i, c]
        rows[i, c] = rows[j, c]
        rows[j, c] = kept


@inline
def _median(rows: F2, i: int, j: int, k: int, side: int) -> int:
    """Which of three rows is between the others."""
    last = rows.shape[1] - 1
    if _before(rows, j, rows[i, side], rows[i, last], side):
        i, j = j, i
    if _before(rows, k, rows[j, side], rows[j, last], side):
        j = k
        if _before(rows, j, rows[i, side], rows[i, last], side):
            j = i
    return j


@inline
def _halve(rows: F2, begin: int, end: int, middle: int, side: int) -> None:
    """Bring the rows of least value before the middle: Hoare's selection (1961)."""
    last = rows.shape[1] - 1
    end -= 1
    while begin < end:
        third = (end - begin) // 8
        centre = begin + (end - begin) // 2
        chosen = _median(rows, begin, centre, end, side)
        if end - begin > QUICK:
            chosen = _median(
                rows,
                _median(rows, begin, begin + third, begin + 2 * third, side),
                _median(rows, centre - third, centre, centre + third, side),
                _median(rows, end - 2 * third, end - third, end, side),
                side,
            )
        value, index = rows[chosen, side], rows[chosen, last]
        i, j = begin, end
        while i <= j:
            while _before(rows, i, value, index, side):
                i += 1
            while rows[j, side] > value or (rows[j, side] == value and rows[j, last] > index):
                j -= 1
            if i <= j:
                _swap(rows, i, j)
                i += 1
                j -= 1
        if middle <= j:
            end = j
        elif middle >= i:
            begin = i
        else:
            return


@inline
def _bounds(rows: F2, begin: int, end: int, box: F1) -> int:
    """The box around some rows, least and greatest in turn; returns its widest side."""
    width = rows.shape[1]
    for c in range(width):
        box[2 * c] = box[2 * c + 1] = rows[begin, c]
    for i in range(begin + 1, end):
        for c in range(width):
            box[2 * c] = min(box[2 * c], rows[i, c])
            box[2 * c + 1] = max(box[2 * c + 1], rows[i, c])
    side = 0
    for c in range(1, width - 1):
        if box[2 * c + 1] - box[2 * c] > box[2 * side + 1] - box[2 * side]:
            side = c
    return side


@inline
def _place(level: int, j: int, first: int) -> int:
    """Where among the boxes that are kept the one stands that comes j-th after so many halvings: parent * WIDE + slot."""
    if 1 << level == first:
        return j
    # what lies above: the root, its children, eight times as many a level
    node, row = 1, first
    while row * WIDE < 1 << level:
        node += row
        row *= WIDE
    return node * WIDE + j


@kernel
def build(rows: F2, halvings: int, room: int, nodes: F1, leaves: F1, box: F1) -> None:
    """Sort points into a tree.

    Args:
        rows: shape (n, dims + 1), each with its index as the last number; reordered leaf by leaf.
        halvings: there are 2 to this power leaves, each with a point at least.
        room: points that a leaf has room for, a multiple of WIDE.
        nodes: infinite; shape (nodes, 2 * dims + 1, WIDE): least and greatest of each coordinate, then
            the earliest and the latest index.
        leaves: infinite; shape (leaves, dims + 1, room): each coordinate, then the indices.
        box: scratch, 2 * dims + 2.
    """
    n, width = rows.shape[0], rows.shape[1]
    first = 1 << (halvings % 3 or 3)
    for leaf in range(1 << halvings):
        level = 0
        if leaf:
            level = halvings
            while (leaf >> (halvings - level)) & 1 == 0:
                level -= 1
        while level <= halvings:
            j = leaf >> (halvings - level)
            begin, end = n * j >> level, n * (j + 1) >> level
            side = _bounds(rows, begin, end, box)
            if level and (halvings - level) % 3 == 0:
                at = _place(level, j, first)
                at += at // WIDE * (2 * width - 1) * WIDE
                for c in range(2 * width):
                    nodes[at + c * WIDE] = box[c]
            if level < halvings:
                _halve(rows, begin, end, n * (2 * j + 1) >> (level + 1), side)
            else:
                for i in range(begin, end):
                    for c in range(width):
                        leaves[(leaf * width + c) * room + i - begin] = rows[i, c]
            level += 1
