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
    OVER, TRUST, STRANGE, STIRRED, IMPULSES,
) = range(22, 52)  # fmt: skip
"""The odds of unknown motion; vectors since the baseline learnt, idle ones learnt from in all, and since the model was made; how
long something moves, quiet vectors in that; vectors and energy of its latest stretch; places in both rings, vectors in them, odd
ones since their shape was made; whether matches are held back, whether the baseline is frozen; evidence of coherent motion and of
energy that lasts; the usual coherence and excess of energy of idle vectors; energy of the latest vector, and as it was whitened of
the one before, and what it was divided by; vectors of the block, those of them in which something moved, and the block's place; how much better
unknown motion explains the latest vector; vectors that the first background explains, those that it does not before it
is trusted, whether something is known to move, and the share of idle vectors that
are beyond what noise brings."""
MATCHED, BEST, EVIDENCE, MARGIN, START, UNKNOWN = range(52, 58)
"""What came of the latest vector."""
BLOCKS = 16
UNSTEADY = 58
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
DOUBT, ALIKE = 2.0, 0.65
"""How much more alike than usual directions must be, and the sum of what is beyond that for a nat of evidence of motion."""
TRUSTED = 8
"""Vectors that a background must explain before it is trusted; twice as many that it does not are enough to give it up."""
MOST_USUAL = 1.0
"""How alike directions are in an idle stream, at most: in one that begins with a motion they are more."""
LASTS = 5.0
"""The same of energy."""
MILD = 4.0
"""Times the usual energy, beyond which no vector counts for more."""


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
    most = 2.0 * ALIKE * s[LIMIT]
    s[COHERENT] = min(most, max(0.0, s[COHERENT] + found - max(0.0, min(MOST_USUAL, s[USUAL])) - DOUBT))
    if s[COHERENT] < 0.25 * most:
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
def motion(s: F1) -> float:
    """Evidence that something moves, in nats."""
    return float(s[COHERENT] / ALIKE if by_direction(s) else s[MOVING])


@inline
def moves(s: F1) -> bool:
    """Whether something moves."""
    return bool(s[COHERENT] > ALIKE * s[LIMIT] if by_direction(s) else s[MOVING] > LASTS)
