"""Nearest neighbours in space that are not neighbours in time: a wide tree of boxes over points, built and searched.

Points are halved along the widest side of their bounding box (Friedman, Bentley, Finkel 1977) until a leaf holds a few
registers of them; of three halvings each, only the eight boxes that come out are kept, side by side, so that one step looks
at eight children at once. Boxes are as tight as the points, for attractors fill little of the space that they are
embedded in. Each box also knows its earliest point, so that ties are broken in favour of the earliest without looking at
all of them. Bounds and distances are computed by the same operations, in the same order: no bound ever exceeds a distance.
"""

from midstream_cli.compiled.kernel import F1, F2, I1, I2, inline, kernel
from midstream_cli.compiled.vectors import Lanes, absolute, bits, fma, load, maximum, splat, store

WIDE = 8
"""Children of a box, and points looked at together."""

INF = float("inf")
NOBODY = 1 << 62
"""The index of a neighbour that was not found yet."""

STACK = 256
"""Room for boxes that are still to be visited: eight a level, and no tree has more than 20 levels."""

QUICK = 64
"""Parts longer than this choose their pivot among three times three points."""


@inline
def _before(rows: F2, i: int, value: float, index: float, side: int) -> bool:
    """Whether a row comes before another in the order of one coordinate, and of time where that is equal."""
    mine = rows[i, side]
    return mine < value or (mine == value and rows[i, rows.shape[1] - 1] < index)


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


@kernel
def build(rows: F2, halvings: int, room: int, nodes: F1, leaves: F1, box: F1) -> None:
    """Sort points into a tree.

    Args:
        rows: shape (n, dims + 1), each with its index as the last number; reordered leaf by leaf.
        halvings: there are 2 to this power leaves, each with a point at least.
        room: points that a leaf has room for, a multiple of WIDE.
        nodes: infinite; shape (nodes, 2 * dims + 1, WIDE): least and greatest of each coordinate, then the earliest index.
        leaves: infinite; shape (leaves, dims + 1, room): each coordinate, then the indices.
        box: scratch, 2 * dims + 2.
    """
    n, width = rows.shape[0], rows.shape[1]
    first = 1 << (halvings % 3 if halvings % 3 else 3)
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
                node = 0
                # what lies above: the root, its `first` children, eight times as many a level
                if (1 << level) > first:
                    node = 1
                    row = first
                    while row * 8 < 1 << level:
                        node += row
                        row *= 8
                    node += j // 8
                    slot = j % 8
                else:
                    slot = j
                at = node * (2 * width - 1) * WIDE + slot
                for c in range(2 * width - 1):
                    nodes[at + c * WIDE] = box[c]
            if level < halvings:
                _halve(rows, begin, end, n * (2 * j + 1) >> (level + 1), side)
            else:
                for i in range(begin, end):
                    for c in range(width):
                        leaves[(leaf * width + c) * room + i - begin] = rows[i, c]
            level += 1


@inline
def _add(total: Lanes, apart: Lanes, squares: int) -> Lanes:
    """A coordinate's part in the distance."""
    return fma(apart, apart, total) if squares else maximum(total, absolute(apart))


@inline
def _to_boxes(nodes: F1, at: int, points: F2, q: int, squares: int) -> Lanes:
    """How far the nearest corner, edge or inside of each of eight boxes is."""
    total = splat(0.0, WIDE)
    for c in range(points.shape[1]):
        here = splat(points[q, c], WIDE)
        below = load(nodes, at + 2 * c * WIDE, WIDE) - here
        above = here - load(nodes, at + (2 * c + 1) * WIDE, WIDE)
        total = _add(total, maximum(maximum(below, above), splat(0.0, WIDE)), squares)
    return total


@inline
def _to_points(leaves: F1, at: int, room: int, points: F2, q: int, squares: int) -> Lanes:
    """How far each of eight points of a leaf is."""
    total = splat(0.0, WIDE)
    for c in range(points.shape[1]):
        total = _add(total, load(leaves, at + c * room, WIDE) - splat(points[q, c], WIDE), squares)
    return total


@inline
def _insert(index: I2, distance: F2, row: int, found: int, apart: float) -> None:
    """Put a neighbour where it belongs; the last one falls out."""
    at = distance.shape[1] - 1
    while at > 0:
        before = distance[row, at - 1]
        if before < apart or (before == apart and index[row, at - 1] < found):
            break
        distance[row, at] = before
        index[row, at] = index[row, at - 1]
        at -= 1
    distance[row, at] = apart
    index[row, at] = found


@inline
def _bound(points: F2, q: int, index: I2, row: int, theiler: int, reach: float, squares: int) -> float:
    """No neighbour is farther than the farthest of those that another query found; `reach` where they are too few."""
    most = 0.0
    for s in range(index.shape[1]):
        other = index[row, s]
        if other < 0 or abs(other - q) <= theiler:
            return reach
        total = 0.0
        for c in range(points.shape[1]):
            apart = abs(points[other, c] - points[q, c])
            total = total + apart * apart if squares else max(total, apart)
        most = max(most, total)
    # rounded otherwise, perhaps, than the search does
    return min(reach, most * (1.0 + 1e-12))


@inline
def _push(todo: I1, far: F1, base: int, top: int, node: int, apart: float) -> None:
    """A box to visit before those of this step that are farther."""
    at = top
    while at > base and far[at - 1] < apart:
        far[at] = far[at - 1]
        todo[at] = todo[at - 1]
        at -= 1
    far[at] = apart
    todo[at] = node


@inline
def _look(
    leaves: F1, place: int, room: int, points: F2, q: int, index: I2, distance: F2, row: int, theiler: int, far: F1,
    squares: int,
) -> None:  # fmt: skip
    """Take over what is nearer in a leaf than the neighbours found so far."""
    dims, k = points.shape[1], index.shape[1]
    now, apart_in_time = splat(float(q), WIDE), splat(float(theiler), WIDE)
    worst, latest = distance[row, k - 1], float(index[row, k - 1])
    for group in range(place, place + room, WIDE):
        apart = _to_points(leaves, group, room, points, q, squares)
        who = load(leaves, group + dims * room, WIDE)
        most = splat(worst, WIDE)
        nearer = (apart < most) | ((apart == most) & (who < splat(latest, WIDE)))
        hits = bits(nearer & (absolute(who - now) > apart_in_time))
        if hits == 0:
            continue
        store(far, STACK, apart)
        slot = 0
        while hits:
            near = far[STACK + slot]
            if hits & 1:
                found = int(leaves[group + dims * room + slot])
                if near < worst or (near == worst and found < latest):
                    _insert(index, distance, row, found, near)
                    worst, latest = distance[row, k - 1], float(index[row, k - 1])
            hits >>= 1
            slot += 1


@kernel
def nearest(
    nodes: F1, leaves: F1, points: F2, at: I1, order: I1, index: I2, distance: F2, todo: I1, far: F1,
    halvings: int, room: int, inner: int, theiler: int, reach: float, squares: int,
) -> None:  # fmt: skip
    """The nearest neighbours of some points, nearest first, of equally near ones the earliest.

    Args:
        at: the points that are asked for.
        order: in which order they are looked up: neighbours one after the other.
        index, distance: shape (queries, k); -1 and infinity where there are not so many.
        todo, far: scratch of STACK numbers, and WIDE more in `far`.
        inner: how many boxes there are that are no leaves.
        reach: none farther than this is looked for.
        squares: distances and `reach` are squared Euclidean, else of the maximum norm.
    """
    dims, k = points.shape[1], index.shape[1]
    first = 1 << (halvings % 3 if halvings % 3 else 3)
    before = -1
    for turn in range(order.shape[0]):
        row = order[turn]
        q = at[row]
        bound = reach
        if before >= 0:
            bound = _bound(points, q, index, before, theiler, reach, squares)
        for s in range(k):
            index[row, s] = NOBODY
            distance[row, s] = bound
        worst, latest = bound, float(NOBODY)
        todo[0] = 0
        far[0] = 0.0
        top = 1
        while top:
            top -= 1
            node = todo[top]
            if far[top] > worst:
                continue
            if node < inner:
                place = node * (2 * dims + 1) * WIDE
                apart = _to_boxes(nodes, place, points, q, squares)
                earliest = load(nodes, place + 2 * dims * WIDE, WIDE)
                most = splat(worst, WIDE)
                hits = bits((apart < most) | ((apart == most) & (earliest < splat(latest, WIDE))))
                store(far, STACK, apart)
                base = top
                child = 1 if node == 0 else 8 * node + first - 7
                slot = 0
                while hits:
                    if hits & 1:
                        _push(todo, far, base, top, child + slot, far[STACK + slot])
                        top += 1
                    hits >>= 1
                    slot += 1
                continue
            place = (node - inner) * (dims + 1) * room
            _look(leaves, place, room, points, q, index, distance, row, theiler, far, squares)
            worst, latest = distance[row, k - 1], float(index[row, k - 1])
        for s in range(k):
            if index[row, s] == NOBODY:
                index[row, s] = -1
                distance[row, s] = INF
        before = row
