"""Neighbours in space that are not neighbours in time, looked up in a tree of boxes.

Bounds and distances are computed by the same operations, in the same order: no bound ever exceeds a distance. What one
point found bounds what the next one, close to it, has to look at.
"""

from midstream_cli.attractor.kernels.kd_tree import WIDE
from midstream_cli.compiled.kernel import F1, F2, I1, I2, inline, kernel
from midstream_cli.compiled.vectors import Lanes, absolute, bits, fma, load, maximum, splat, store

INF = float("inf")
NOBODY = 1 << 62
"""The index of a neighbour that was not found yet."""

STACK = 256
"""Room for boxes that are still to be visited: eight a level, and no tree has more than 20 levels."""


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
def _is_away(nodes: F1, at: int, dims: int, q: int, theiler: int) -> Lanes:
    """Which of eight boxes have points that are not too near in time."""
    earliest, latest = load(nodes, at + 2 * dims * WIDE, WIDE), load(nodes, at + (2 * dims + 1) * WIDE, WIDE)
    return (earliest < splat(float(q - theiler), WIDE)) | (latest > splat(float(q + theiler), WIDE))


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
    while at > base and far[at - 1] <= apart:
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
    first = 1 << (halvings % 3 or 3)
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
                place = 2 * node * (dims + 1) * WIDE
                apart = _to_boxes(nodes, place, points, q, squares)
                earliest = load(nodes, place + 2 * dims * WIDE, WIDE)
                most = splat(worst, WIDE)
                nearer = (apart < most) | ((apart == most) & (earliest < splat(latest, WIDE)))
                hits = bits(nearer & _is_away(nodes, place, dims, q, theiler))
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


@inline
def _sort(index: I1, distance: F1, begin: int, end: int) -> None:
    """Put neighbours in the order of time: Shell's sort, gaps of Gonnet and Baeza-Yates."""
    gap = end - begin
    while gap > 1:
        gap = max(gap * 5 // 11, 1)
        for i in range(begin + gap, end):
            who, apart = index[i], distance[i]
            at = i
            while at >= begin + gap and index[at - gap] > who:
                index[at] = index[at - gap]
                distance[at] = distance[at - gap]
                at -= gap
            index[at] = who
            distance[at] = apart


@inline
def _gather(
    leaves: F1, place: int, room: int, points: F2, q: int, index: I1, distance: F1, top: int, theiler: int, far: F1,
    reach: float, squares: int,
) -> int:  # fmt: skip
    """Write down all of a leaf that is near, as far as there is room; returns the end, beyond the room if there was none."""
    dims = points.shape[1]
    now, apart_in_time = splat(float(q), WIDE), splat(float(theiler), WIDE)
    for group in range(place, place + room, WIDE):
        apart = _to_points(leaves, group, room, points, q, squares)
        who = load(leaves, group + dims * room, WIDE)
        hits = bits((apart <= splat(reach, WIDE)) & (absolute(who - now) > apart_in_time))
        if hits == 0:
            continue
        store(far, STACK, apart)
        slot = 0
        while hits:
            if hits & 1:
                if top < index.shape[0]:
                    index[top] = int(leaves[group + dims * room + slot])
                    distance[top] = far[STACK + slot]
                top += 1
            hits >>= 1
            slot += 1
    return top


@kernel
def within(
    nodes: F1, leaves: F1, points: F2, at: I1, begin: int, start: I1, index: I1, distance: F1, todo: I1, far: F1,
    halvings: int, room: int, inner: int, theiler: int, reach: float, squares: int,
) -> int:  # fmt: skip
    """All neighbours up to a distance, in the order of time, one query after the other until there is no more room.

    Args:
        begin: the first query of this call.
        start: shape (queries + 1,); where the neighbours of each query begin, as far as they are found.
        index, distance: the neighbours; room for those of one query at least.

    Returns:
        The first query that is left.
    """
    dims = points.shape[1]
    first = 1 << (halvings % 3 or 3)
    end, done = 0, begin
    for row in range(begin, at.shape[0]):
        q = at[row]
        start[row] = end
        todo[0] = 0
        top = 1
        while top:
            top -= 1
            node = todo[top]
            if node >= inner:
                place = (node - inner) * (dims + 1) * room
                end = _gather(leaves, place, room, points, q, index, distance, end, theiler, far, reach, squares)
                continue
            place = 2 * node * (dims + 1) * WIDE
            near = _to_boxes(nodes, place, points, q, squares) <= splat(reach, WIDE)
            hits = bits(near & _is_away(nodes, place, dims, q, theiler))
            child = 1 if node == 0 else 8 * node + first - 7
            while hits:
                if hits & 1:
                    todo[top] = child
                    top += 1
                hits >>= 1
                child += 1
        if end > index.shape[0]:
            break
        _sort(index, distance, start[row], end)
        start[row + 1] = end
        done = row + 1
    return done
