"""What is not a signature: a background that is white once it is whitened, and motion that no signature is of.

Numbers of a recogniser, and how it learns what is usual: the layout of its arrays is told in `recognition`.
"""

from math import log

from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import REGISTER, fma, lane, load, mask, pattern, splat, store
from midstream_cli.compiled.vectors import bits as lanes_of

TILE = 4 * REGISTER
"""Numbers that go through a loop at once."""

(
    CLOCK, SKIPPED, DIMS, COUNT, NAMES, KNOWN, EQUAL, OTHER, LEVEL, USED, WEIGHT, ENTER, LIMIT, CAP, PATIENCE, SLOW, BLOCK, ROOM, DUE,
    ODD_ROOM, ODD_DUE, SHAPED,
) = range(22)  # fmt: skip
"""Vectors so far, and of them passed over; numbers in a vector, signatures; whether numbers are names, whether the background
is known; the ratios of names that are equal and that are not; the median energy of idle vectors over the usual one, and the one
that rows are made for; what a vector counts that is not the first of a path; what unknown motion costs to begin with; evidence
at which something is told, and the most there is; how long a motion may last; the least share of a vector in the baseline;
vectors of a block; how many idle vectors the ring holds, and after how many the model is made anew; the same of odd vectors; and
whether the shape of those is known."""
(
    ODDS, AGE, LEARNT, SINCE, ACTIVE, QUIET, STRETCH, STRETCHED, PLACE, FILLED, ODD_PLACE, ODD_FILLED, ODD_SINCE, SUPPRESSED, FROZEN,
    COHERENT, MOVING, USUAL, EXCESS, ENERGY, BEFORE, STEP, BLOCKED, BUSY, TURN,
    OVER,
) = range(22, 48)  # fmt: skip
"""The odds of unknown motion; vectors since the baseline learnt, idle ones learnt from in all, and since the model was made; how
long something moves, quiet vectors in that; vectors and energy of its latest stretch; places in both rings, vectors in them, odd
ones since their shape was made; whether matches are held back, whether the baseline is frozen; evidence of coherent motion and of
energy that lasts; the usual coherence and excess of energy of idle vectors; energy of the latest vector, and as it was whitened of
the one before, and what it was divided by; vectors of the block, those of them in which something moved, and the block's place; how much better
unknown motion explains the latest vector."""
MATCHED, BEST, EVIDENCE, MARGIN, START, UNKNOWN = range(48, 54)
"""What came of the latest vector."""
BLOCKS = 16
UNSTEADY = 54
"""Of the latest blocks, whether they were steady."""
NUMBERS = UNSTEADY + BLOCKS

MEAN, INVERSE, SCALED, WHITE, SUMMED, WHITENED, EARLIER, SHAPE, DRIFT, WHITENING = range(10)
"""The baseline, one over each unit; the latest displacement in units, and whitened; sums of both over a stretch; the whitened
displacement before; the latest in the shape of odd vectors; the sum of those of a block. The matrix of that shape follows the
whitening one."""

ONWARD, BACK = 0.5, 3.0
"""What each vector of unknown motion costs, and what it costs to end."""
FAR, GREATEST = 1e6, 1e250
"""Units beyond which a displacement is as good as this; numbers beyond that are passed over."""
MANY = 8
"""Dimensions from which on direction tells motion."""
DOUBT, ALIKE = 2.0, 8.0
"""How much more alike than usual directions must be, and the sum of what is beyond that at which something moves."""
LASTS = 5.0
"""The same of energy."""
MILD = 4.0
"""Times the usual energy, beyond which no vector counts for more."""
OFF = 16.0
"""How much farther than by chance the mean of a block may be from the baseline, in squares."""
PERSISTS, RESTLESS = 64, 2.5
"""Vectors of a level that is there to stay, and the energy about it, over the usual one, at most."""


@inline
def padded(dims: int) -> int:
    """Numbers that a vector takes."""
    return (dims + TILE - 1) // TILE * TILE


@inline
def take_in(frames: F1, first: int, s: F1, m: F1) -> bool:
    """Displacement from the baseline in units; whether all of it is finite."""
    dims = int(s[DIMS])
    size = padded(dims)
    sign = splat(0x7FFFFFFFFFFFFFFF, REGISTER)
    limit = pattern(splat(GREATEST, REGISTER))
    beyond = mask(0, REGISTER)
    for d in range(dims):
        x = frames[first + d]
        beyond = beyond | ((pattern(splat(x, REGISTER)) & sign) > limit)
    if lanes_of(beyond) != 0:
        return False
    for d in range(dims):
        m[SCALED * size + d] = max(-FAR, min(FAR, (frames[first + d] - m[MEAN * size + d]) * m[INVERSE * size + d]))
    return True


@inline
def whiten(s: F1, m: F1) -> float:
    """Whiten the latest displacement; its energy, in units of the level."""
    dims = int(s[DIMS])
    size = padded(dims)
    total = splat(0.0, TILE)
    for tile in range(0, dims, TILE):
        store(m, EARLIER * size + tile, load(m, WHITE * size + tile, TILE))
        z = splat(0.0, TILE)
        for d in range(min(dims, tile + TILE)):
            row = load(m, (WHITENING + d) * size + tile, TILE)
            z = fma(row, splat(m[SCALED * size + d], TILE), z)
        store(m, WHITE * size + tile, z)
        total = fma(z, z, total)
    found = 0.0
    for each in range(TILE):
        found += lane(total, each)
    s[BEFORE] = s[ENERGY] * s[STEP]
    s[ENERGY] = found / s[USED]
    s[STEP] = s[USED]
    return float(s[ENERGY])


@inline
def excess(energy: float, dims: float) -> float:
    """The logarithm of how much better isotropic noise of this very energy explains a vector than the background does."""
    v = max(1.0, energy / dims)
    return float(0.5 * dims * (v - 1.0 - log(v)))


@inline
def shaped(s: F1, m: F1, energy: float) -> float:
    """The same of noise in the shape of odd vectors, the impulses of this site."""
    dims = int(s[DIMS])
    size = padded(dims)
    total = splat(0.0, TILE)
    for tile in range(0, dims, TILE):
        q = splat(0.0, TILE)
        for d in range(min(dims, tile + TILE)):
            row = load(m, (WHITENING + dims + d) * size + tile, TILE)
            q = fma(row, splat(m[WHITE * size + d], TILE), q)
        total = fma(q, q, total)
    found = 0.0
    for each in range(TILE):
        found += lane(total, each)
    return 0.5 * dims * (energy / dims - 1.0 - log(max(1.0, found / s[USED] / dims)))


@inline
def null(s: F1, m: F1, energy: float) -> float:
    """By how much the best of background and unknown motion has grown beyond the background alone, over the best path."""
    odds = s[ODDS]
    ended = max(0.0, odds - BACK)
    over = excess(energy, s[DIMS])
    if s[SHAPED] > 0.0 and over > 1.0:
        over = max(over, shaped(s, m, energy))
    s[OVER] = over
    now = over + max(-s[ENTER], odds - ONWARD) - ended
    s[ODDS] = now
    return float(ended + max(0.0, now) - max(0.0, odds))


@inline
def cohere(s: F1, m: F1, size: int) -> None:
    """Sum up how much more alike in direction successive displacements are than those of the background.

    The cosine of two independent directions times the root of their dimensions is nearly normal, however strong either is:
    an impulse is strong, and has nothing to do with the next one.
    """
    both = s[BEFORE] * s[ENERGY] * s[STEP]
    if both <= 0.0:
        return
    product = splat(0.0, TILE)
    for tile in range(0, size, TILE):
        product = fma(load(m, WHITE * size + tile, TILE), load(m, EARLIER * size + tile, TILE), product)
    found = 0.0
    for each in range(TILE):
        found += lane(product, each)
    found *= (s[DIMS] / both) ** 0.5
    s[COHERENT] = min(3.0 * ALIKE, max(0.0, s[COHERENT] + found - max(0.0, s[USUAL]) - DOUBT))
    if s[COHERENT] < 0.5 * ALIKE:
        s[USUAL] += (found - s[USUAL]) * max(1.0 / (s[LEARNT] + 1.0), 1.0 / 512)


@inline
def by_direction(s: F1) -> bool:
    """Whether motion is told by direction: where there are enough dimensions, and vectors that do not overlap in time."""
    return bool(s[DIMS] >= MANY and s[USUAL] < 0.3 * s[DIMS] ** 0.5)


@inline
def exceed(s: F1) -> None:
    """Sum up how much more energy there is than usual."""
    s[MOVING] += s[WEIGHT] * (s[OVER] - 1.0 - 2.0 * s[EXCESS])
    s[MOVING] = max(0.0, min(s[LIMIT] + 10.0, s[MOVING]))
    if s[ACTIVE] <= 0.0:
        s[EXCESS] += (min(s[OVER], 20.0) - s[EXCESS]) * max(1.0 / (s[LEARNT] + 1.0), 1.0 / 512)


@inline
def moves(s: F1) -> bool:
    """Whether something moves."""
    return bool(s[COHERENT] > ALIKE if by_direction(s) else s[MOVING] > LASTS)


@inline
def watch_blocks(s: F1, m: F1, energy: float, size: int, explained: bool) -> None:
    """Hold matches back where half of the latest blocks are all motion or off the baseline, until a quarter is at most.

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
    if s[BLOCKED] < s[BLOCK]:
        return
    total = 0.0
    for d in range(size):
        total += m[DRIFT * size + d] * m[DRIFT * size + d]
    idle = s[BLOCKED] - s[BUSY]
    drift = total * s[WEIGHT] / (max(idle, 1.0) * s[DIMS] * s[USED])
    off = drift > OFF and idle >= 0.5 * s[BLOCKED]
    turn = int(s[TURN])
    s[UNSTEADY + turn] = 1.0 if off or s[BUSY] > 0.9 * s[BLOCKED] else 0.0
    s[TURN] = 0.0 if turn + 1 == BLOCKS else turn + 1.0
    s[BLOCKED] = 0.0
    unsteady = 0.0
    for each in range(BLOCKS):
        unsteady += s[UNSTEADY + each]
    if unsteady >= BLOCKS // 2:
        s[SUPPRESSED] = 1.0
    elif unsteady <= BLOCKS // 4:
        s[SUPPRESSED] = 0.0


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
