"""What a recogniser learns from a vector: the baseline and the level while nothing moves, and how steady they are."""

from midstream_cli.compare.kernels.likelihood import (
    BEGUN,
    FIRST,
    LAST,
    REACHED,
    SIGNATURE,
    TOLD,
    refit,
)
from midstream_cli.compare.kernels.usual import (
    ACTIVE,
    AGE,
    BLOCK,
    BLOCKED,
    BLOCKS,
    BUSY,
    COHERENT,
    COUNT,
    DIMS,
    DRIFT,
    DUE,
    ENERGY,
    ENTER,
    EVIDENCE,
    FILLED,
    FROZEN,
    IMPULSES,
    INVERSE,
    LEARNT,
    LEVEL,
    LIMIT,
    MARGIN,
    MEAN,
    MILD,
    MOVING,
    ODD_DUE,
    ODD_FILLED,
    ODD_PLACE,
    ODD_ROOM,
    ODD_SINCE,
    ODDS,
    OVER,
    PATIENCE,
    PLACE,
    QUIET,
    ROOM,
    SCALED,
    SINCE,
    SLOW,
    START,
    STIRRED,
    STRANGE,
    STRETCH,
    STRETCHED,
    SUMMED,
    SUPPRESSED,
    TRUST,
    TRUSTED,
    TURN,
    UNKNOWN,
    UNSTEADY,
    USED,
    WEIGHT,
    WHITE,
    WHITENED,
    motion,
    moves,
)
from midstream_cli.compiled.kernel import F1, inline

OFF = 0.5
"""How far the mean of a block may be from the baseline, in squares of deviations."""
INDEPENDENT = 8.0
"""A block lasts until it has so many vectors that are independent of one another."""
UNSETTLED, SETTLED = 6, 2
"""Of the latest blocks, those that are not steady, for matches to be held back, and for them not to be any more."""
MOSTLY = 0.4
"""Part of a block that may be motion."""
PERSISTS, RESTLESS = 64, 2.5
"""Vectors of a level that is there to stay, and the energy about it, over the usual one, at most."""
EVIDENT, SUSPECT = 0.5, 0.25
"""Part of the threshold from which a path holds the baseline, and from which a vector tells nothing of the covariance."""
IMPULSE = 8.0
"""Thresholds by which unknown motion explains a vector better than the background does, if that is an impulse."""
BEFOREHAND = 12
"""Vectors before something is seen to move that tell nothing of it either."""
CALM, BRIEF = 4, 8
"""Quiet vectors that end a motion, and vectors of one that may be none."""
NOTHING, FIT, RELEARN = range(3)


@inline
def keep(s: F1, ring: F1, frames: F1, first: int, m: F1, size: int, centred: float) -> None:
    """Put a vector into the ring, without the baseline once that is known."""
    dims = int(s[DIMS])
    to = int(s[PLACE]) * dims
    for d in range(dims):
        ring[to + d] = frames[first + d] - centred * m[MEAN * size + d]
    s[PLACE] = 0.0 if s[PLACE] + 1.0 >= s[ROOM] else s[PLACE] + 1.0
    s[FILLED] = min(s[ROOM], s[FILLED] + 1.0)
    s[LEARNT] += 1.0
    s[SINCE] += 1.0


@inline
def take_back(s: F1) -> None:
    """Let the next vectors take the place of the latest: something had begun to move by then."""
    count = min(BEFOREHAND, s[FILLED], s[SINCE])
    s[PLACE] = s[PLACE] - count if s[PLACE] >= count else s[PLACE] - count + s[ROOM]
    s[SINCE] -= count
    if s[FILLED] < s[ROOM]:
        s[FILLED] -= count


@inline
def keep_odd(s: F1, ring: F1, frames: F1, first: int, m: F1, size: int) -> None:
    """Put a vector into the ring of odd ones."""
    dims = int(s[DIMS])
    to = (int(s[ROOM]) + int(s[ODD_PLACE])) * dims
    for d in range(dims):
        ring[to + d] = frames[first + d] - m[MEAN * size + d]
    s[ODD_PLACE] = 0.0 if s[ODD_PLACE] + 1.0 >= s[ODD_ROOM] else s[ODD_PLACE] + 1.0
    s[ODD_FILLED] = min(s[ODD_ROOM], s[ODD_FILLED] + 1.0)
    s[ODD_SINCE] += 1.0


@inline
def settle(s: F1, m: F1, energy: float, size: int) -> bool:
    """Go on in a motion: whether it is one no more, as its level persists and is no more restless than usual."""
    dims = int(s[DIMS])
    if s[STRETCH] <= 0.0:
        s[STRETCHED] = 0.0
        for d in range(2 * size):
            m[SUMMED * size + d] = 0.0
    s[STRETCH] += 1.0
    s[STRETCHED] += energy * s[USED]
    about = 0.0
    for d in range(size):
        m[SUMMED * size + d] += m[SCALED * size + d]
        m[WHITENED * size + d] += m[WHITE * size + d]
        about += m[WHITENED * size + d] * m[WHITENED * size + d]
    n = s[STRETCH]
    if n < PERSISTS:
        return False
    s[STRETCH] = 0.0
    if s[STRETCHED] / n - about / (n * n) > RESTLESS * s[LEVEL] * dims:
        return False
    for d in range(dims):
        m[MEAN * size + d] += m[SUMMED * size + d] / n / m[INVERSE * size + d]
    return True


@inline
def stranger(s: F1, energy: float) -> bool:
    """Get to know whether a background that came with the signatures is the stream's; whether it is not."""
    if energy > MILD * s[DIMS]:
        s[STRANGE] += 1.0
    else:
        s[TRUST] += 1.0
    return bool(s[TRUST] < TRUSTED and s[STRANGE] >= 2 * TRUSTED)


@inline
def watch_blocks(s: F1, m: F1, energy: float, size: int, explained: bool) -> None:
    """Hold matches back where many of the latest blocks are motion or off the baseline, until hardly any is.

    Motion that a signature explains is none of that.
    """
    if s[BLOCKED] <= 0.0:
        s[BUSY] = 0.0
        for d in range(size):
            m[DRIFT * size + d] = 0.0
    if explained:
        return
    s[BLOCKED] += 1.0
    if s[FROZEN] > 0.0:
        s[BUSY] += 1.0
    else:
        share = min(1.0, (MILD * s[DIMS] / max(energy, 1e-300)) ** 0.5)
        for d in range(size):
            m[DRIFT * size + d] += share * m[WHITE * size + d]
    if s[BLOCKED] * s[WEIGHT] < INDEPENDENT or s[BLOCKED] < s[BLOCK]:
        return
    total = 0.0
    for d in range(size):
        total += m[DRIFT * size + d] * m[DRIFT * size + d]
    idle = s[BLOCKED] - s[BUSY]
    drift = total / (max(idle * idle, 1.0) * s[DIMS] * s[USED])
    # the mean of n vectors is off by chance, too, and the more so the fewer of them are independent
    off = drift > OFF + 2.0 / (max(idle, 1.0) * s[WEIGHT]) and idle >= 0.5 * s[BLOCKED]
    turn = int(s[TURN])
    s[UNSTEADY + turn] = 1.0 if off or s[BUSY] > MOSTLY * s[BLOCKED] else 0.0
    s[TURN] = 0.0 if turn + 1 == BLOCKS else turn + 1.0
    s[BLOCKED] = 0.0
    unsteady = 0.0
    for each in range(BLOCKS):
        unsteady += s[UNSTEADY + each]
    if unsteady >= UNSETTLED:
        s[SUPPRESSED] = 1.0
    elif unsteady <= SETTLED:
        s[SUPPRESSED] = 0.0


@inline
def learn(s: F1, c: F1, k: F1, energy: float) -> None:
    """Let the level follow the median of the energy, and the rows the level."""
    dims = s[DIMS]
    ninth = 1.0 - 2.0 / (9.0 * dims)
    share = max(1.0 / (s[SINCE] + 32.0), 1.0 / 512)
    more = energy * s[USED] > s[LEVEL] * dims * ninth * ninth * ninth
    s[LEVEL] = max(0.25, s[LEVEL] * (1.0 + share if more else 1.0 - share))
    if s[LEVEL] > 1.05 * s[USED] or s[LEVEL] < 0.95 * s[USED]:
        s[USED] = s[LEVEL]
        refit(s, c, k)


@inline
def rest(s: F1, k: F1, p: F1) -> None:
    """Nothing moves, and no path is under way."""
    s[ACTIVE], s[QUIET], s[STRETCH], s[COHERENT], s[ENERGY], s[FROZEN] = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    s[EVIDENCE], s[MARGIN], s[START], s[UNKNOWN] = 0.0, 0.0, -1.0, 0.0
    s[ODDS], s[MOVING], s[STIRRED] = -s[ENTER], 0.0, 0.0
    for each in range(int(s[COUNT])):
        at = each * SIGNATURE
        first = int(k[at + FIRST])
        for row in range(first, first + int(k[at + LAST]) + 1):
            p[2 * row] = 0.0
        k[at + REACHED], k[at + BEGUN], k[at + TOLD], k[at + LAST] = 0.0, -1.0, 0.0, -1.0


@inline
def follow(s: F1) -> None:
    """How long something has moved, and whether that is known."""
    if moves(s):
        if s[ACTIVE] <= 0.0:
            take_back(s)
        s[ACTIVE] += 1.0
        s[QUIET] = 0.0
    elif s[ACTIVE] > 0.0:
        s[ACTIVE] += 1.0
        s[QUIET] += 1.0
        if s[QUIET] >= CALM:
            s[ACTIVE], s[STRETCH] = 0.0, 0.0
    if motion(s) >= s[LIMIT]:
        s[STIRRED] = 1.0
    elif s[ACTIVE] <= 0.0:
        s[STIRRED] = 0.0


@inline
def adapt(s: F1, m: F1, c: F1, k: F1, p: F1, frames: F1, first: int, energy: float, ring: F1, size: int) -> int:
    """Learn from the latest vector if nothing moves; else see how long it does."""
    if s[TRUST] < TRUSTED and stranger(s, energy):
        return RELEARN
    follow(s)
    evident = s[EVIDENCE] > EVIDENT * s[LIMIT]
    s[FROZEN] = 1.0 if evident or s[ACTIVE] > 0.0 else 0.0
    if s[ACTIVE] < BRIEF and not evident:
        learn(s, c, k, energy)
    watch_blocks(s, m, energy, size, evident)
    if s[FROZEN] <= 0.0:
        share = max(1.0 / (s[LEARNT] + 1.0), s[SLOW]) * min(1.0, MILD * s[DIMS] / max(energy, 1e-300))
        for d in range(int(s[DIMS])):
            m[MEAN * size + d] += share * m[SCALED * size + d] / m[INVERSE * size + d]
        s[AGE] = 0.0
        odd = s[OVER] > s[ENTER]
        s[IMPULSES] += ((1.0 if s[OVER] > IMPULSE * s[LIMIT] else 0.0) - s[IMPULSES]) / 4096.0
        if s[EVIDENCE] <= SUSPECT * s[LIMIT] and 2.0 * motion(s) <= s[LIMIT]:
            keep(s, ring, frames, first, m, size, 1.0)
            if odd:
                keep_odd(s, ring, frames, first, m, size)
        return FIT if s[SINCE] >= s[DUE] or s[ODD_SINCE] >= s[ODD_DUE] else NOTHING
    s[AGE] = s[AGE] + 1.0 if s[AGE] >= 0.0 else -1.0
    if s[ACTIVE] > 0.0 and settle(s, m, energy, size):
        rest(s, k, p)
    if s[ACTIVE] >= s[PATIENCE]:
        s[ACTIVE] = 0.0
        return RELEARN
    return NOTHING
