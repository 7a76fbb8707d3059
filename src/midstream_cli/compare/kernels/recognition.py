"""How far signatures have been recognised after each vector of a stream: evidence along warped paths, in place.

Open begin and open end as in SPRING (Y. Sakurai et al., ICDE 2007), with a logarithm of a likelihood ratio for a cost, begun
anew where it would fall below 0 (E. S. Page, Biometrika 41, 1954):

    S_i = llr_i + max(S_i - STAY, S_{i-1} - STEP, S_{i-2} - SKIP),  S_0 = 0

What is not the signature is the better of two: the background, white and of unit variance once it is whitened; or a motion
that no signature is of, isotropic, of whatever energy it has (`usual`). All of a recogniser is in flat arrays:

- `s`: the numbers of `usual`;
- `m`: what vectors are whitened by, and what is made of them; vectors of `padded(dims)` numbers, `WHITENING` of them before
  the whitening matrix, column by column, which that of odd vectors follows;
- `t`: the whitened displacements of the signatures from their backgrounds, row by row;
- `c`: what the likelihood needs of each row; `k`: what is known of each signature; `p`: the score of each row, 0 where no
  path is under way, and where it began; `ring`: the latest idle vectors, then the latest odd ones.
"""

from math import exp

from midstream_cli.compare.kernels.adapting import (
    FIT,
    NOTHING,
    adapt,
    keep,
    rest,
)
from midstream_cli.compare.kernels.likelihood import (
    BEGUN,
    ENTRY,
    FIRST,
    GREW,
    LAST,
    LENGTH,
    REACHED,
    SIGNATURE,
    THRESHOLD,
    TOLD,
    ratio,
    refit,
)
from midstream_cli.compare.kernels.usual import (
    BEST,
    CAP,
    CLOCK,
    COUNT,
    DIMS,
    DUE,
    EVIDENCE,
    IMPULSES,
    KNOWN,
    LIMIT,
    MARGIN,
    MATCHED,
    NAMES,
    OVER,
    SINCE,
    SKIPPED,
    START,
    SUPPRESSED,
    TRUST,
    TRUSTED,
    UNKNOWN,
    WEIGHT,
    WHITE,
    cohere,
    exceed,
    motion,
    null,
    padded,
    take_in,
    whiten,
)
from midstream_cli.compiled.kernel import F1, inline, kernel

STEP, STAY, SKIP = 0.45, 1.5, 2.0
"""Of a path that goes on, what it costs to: together the probabilities of these are one."""
APART = 4.59511985013459
"""Evidence beyond the second best at which a signature is told: ninety-nine to one."""
LONGEST = 4.0
"""A path of more than so many times the signature's length is none."""
EARLY = 4
"""Rows that a path may leave out at its beginning, at SKIP each: an impulse may hide them. One where nothing is unusual."""
OFTEN, ALONE = 1e-2, 2.0
"""Where more idle vectors are impulses, a single vector that is to tell a signature needs so much more evidence, in thresholds."""
FALLEN = 0.5
"""Part of the threshold below which evidence must fall, for a signature to be told again."""


@inline
def advance_paths(s: F1, m: F1, t: F1, c: F1, k: F1, p: F1, which: int, energy: float, rise: float, size: int) -> None:
    """Let the paths of a signature go on by the latest vector; from the last row up, so that each still sees what was."""
    at = which * SIGNATURE
    first, length, entry = int(k[at + FIRST]), int(k[at + LENGTH]), int(k[at + ENTRY])
    weight, clock = s[WEIGHT], s[CLOCK] - 1.0
    latest = entry + (EARLY if s[OVER] > 1.0 else 1)
    top = min(length - 1, max(int(k[at + LAST]) + 2, latest))
    best, begun, last = 0.0, -1.0, -1
    for i in range(top, -1, -1):
        cell = 2 * (first + i)
        came, start = 0.0, -1.0
        if p[cell] > 0.0 and clock - p[cell + 1] < LONGEST * length + 16.0:
            came, start = p[cell] - STAY * weight, p[cell + 1]
        if i > 0 and p[cell - 2] > 0.0 and (start < 0.0 or p[cell - 2] - STEP * weight > came):
            came, start = p[cell - 2] - STEP * weight, p[cell - 1]
        if i > 1 and p[cell - 4] > 0.0 and (start < 0.0 or p[cell - 4] - SKIP * weight > came):
            came, start = p[cell - 4] - SKIP * weight, p[cell - 3]
        if start < 0.0 and i > latest:
            continue
        found = ratio(s, m, t, c, first + i, energy, rise, size)
        score = 0.0
        if start >= 0.0:
            score = came + weight * found
        if i <= latest:
            anew = found - SKIP * max(0, i - entry)
            if anew > score or start < 0.0:
                score, start = anew, clock
        p[cell] = max(0.0, score)
        p[cell + 1] = start
        if score > 0.0:
            last = max(last, i)
            if score > best:
                best, begun = score, start
    k[at + GREW] = 1.0 if begun < clock and best > k[at + REACHED] else 0.0
    k[at + LAST], k[at + REACHED], k[at + BEGUN] = last, best, begun
    if best < FALLEN * k[at + THRESHOLD]:
        k[at + TOLD] = 0.0


@inline
def judge(s: F1, k: F1, p: F1) -> None:
    """Which signature is best, by how much, and whether that is to be told."""
    best, second, which = 0.0, 0.0, 0
    for each in range(int(s[COUNT])):
        found = k[each * SIGNATURE + REACHED]
        if found > best:
            second, best, which = best, found, each
        elif found > second:
            second = found
    at = which * SIGNATURE
    s[BEST], s[EVIDENCE], s[MARGIN], s[START] = which, best, best - second, k[at + BEGUN]
    s[MATCHED] = -1.0
    wanted = k[at + THRESHOLD]
    if s[IMPULSES] > OFTEN and k[at + GREW] <= 0.0:
        # an impulse may look like anything for once
        wanted += ALONE * s[LIMIT]
    if (
        best >= wanted
        and best - second >= APART
        and k[at + TOLD] <= 0.0
        and s[SUPPRESSED] <= 0.0
        and s[TRUST] >= TRUSTED
    ):
        k[at + TOLD] = 1.0
        s[MATCHED] = which
    if best > s[CAP]:
        less = best - s[CAP]
        for each in range(int(s[COUNT])):
            first = int(k[each * SIGNATURE + FIRST])
            for row in range(first, first + int(k[each * SIGNATURE + LAST]) + 1):
                p[2 * row] = max(0.0, p[2 * row] - less)
    odds = motion(s) - s[LIMIT]
    odds = max(-30.0, min(30.0, odds))
    beyond = max(-30.0, min(30.0, best - k[at + THRESHOLD]))
    s[UNKNOWN] = 1.0 / (1.0 + exp(-odds)) / (1.0 + exp(beyond))


@kernel
def advance(frames: F1, s: F1, m: F1, t: F1, c: F1, k: F1, p: F1, ring: F1, trace: F1) -> int:
    """Take vectors, flat, until something is to be done about the background or none is left.

    Args:
        trace: the evidence of each signature after each vector; or empty.

    Returns:
        How many were taken, times 4, plus what is to be done: NOTHING, FIT or RELEARN.
    """
    dims = int(s[DIMS])
    size = padded(dims)
    signatures = int(s[COUNT])
    count: int = frames.shape[0] // dims
    for each in range(count):
        s[CLOCK] += 1.0
        s[MATCHED] = -1.0
        due = 0
        energy, rise, names = 0.0, 0.0, s[NAMES] > 0.0
        known = s[KNOWN] > 0.0 or names
        if not take_in(frames, each * dims, s, m):
            s[SKIPPED] += 1.0
            known = False
        elif names:
            m[WHITE * size] = frames[each]
        elif known:
            energy = whiten(s, m)
            rise = null(s, m, energy)
            cohere(s, m, size)
            exceed(s)
        else:
            keep(s, ring, frames, each * dims, m, size, 0.0)
            due = FIT if s[SINCE] >= s[DUE] else NOTHING
        if known and (names or s[TRUST] >= TRUSTED):
            for which in range(signatures):
                advance_paths(s, m, t, c, k, p, which, energy, rise, size)
            judge(s, k, p)
        if known and not names:
            due = adapt(s, m, c, k, p, frames, each * dims, energy, ring, size)
        if trace.shape[0] > 0:
            for which in range(signatures):
                trace[each * signatures + which] = k[which * SIGNATURE + REACHED]
        if due != 0 or s[MATCHED] >= 0.0:
            taken: int = 4 * (each + 1) + int(due)
            return taken
    return 4 * count


@kernel
def lay(s: F1, c: F1, k: F1) -> None:
    """Make all rows for the level of the background."""
    refit(s, c, k)


@kernel
def end_paths(s: F1, k: F1, p: F1) -> None:
    """Nothing moves, and no path is under way."""
    rest(s, k, p)


@kernel
def moved(s: F1) -> float:
    """Evidence that something moves, in nats."""
    return motion(s)
