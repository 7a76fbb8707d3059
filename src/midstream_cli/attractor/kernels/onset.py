"""Whether what comes is no longer what was: residuals of each channel, their energy over the latest frames, a threshold.

A generalised likelihood ratio over LAGS frames for a change of the mean of the residuals of all channels: D. O. Siegmund,
E. S. Venkatraman, "Using the generalized likelihood ratio statistic for sequential detection of a change-point", Ann.
Statist. 23, 1995. Energies are compared by their cube roots, which are nearly normal (E. B. Wilson, M. M. Hilferty, 1931),
each lag with the mean and the deviation that it has on this site. All of a detector is in two flat arrays:

- `c`: the channels (`channels`), then one block for the gain that all channels have in common;
- `s`: the numbers below, then those of two watches, one over the channels and one over the logarithm of the gain.
"""

from math import exp, log, sqrt

from midstream_cli.attractor.kernels import tails
from midstream_cli.attractor.kernels.channels import (
    DEEP,
    INPUT,
    LAGS,
    ROWS,
    SHORT,
    begin,
    divide,
    gain,
    gather,
    keep,
    learn,
    pass_on,
    predict,
)
from midstream_cli.attractor.kernels.levels import adopt, clear, stretch, unrest
from midstream_cli.attractor.kernels.tails import as_normal, beyond, fit, seen
from midstream_cli.compiled.kernel import F1, inline, kernel
from midstream_cli.compiled.vectors import REGISTER, mask, pattern, splat
from midstream_cli.compiled.vectors import bits as lanes_of

CLOCK, SKIPPED, DIMS, SPLIT, FACTOR, HEAD = range(6)
"""Frames so far, and of them not finite; channels; whether the gain is split off; and what it was last."""

(
    LEARNT, STATE, AGE, QUIET, CURSOR, STATISTIC, LAG, THRESHOLD, TABLE, WARM, TARGET, UNIT, MOST, STRETCH, PATIENCE,
    RARE, HIGHEST, BRIEF, SINCE, RECENT,
) = range(20)  # fmt: skip
"""Of a watch: frames learnt from, its state and for how long, frames far enough below the threshold; place in the ring; the latest
statistic, the lag that had it, the threshold; the threshold of normal numbers, frames before it watches, the logarithm of
the share of frames that may exceed it, the least unit, the most deviations of a channel; frames of the latest stretch, and
how long it may be restless; the greatest energy and statistic of a change; the statistic of short lags alone; frames behind the mean, where it is that
of a new level; and how rare the latest frames were."""
LASTING = 64
"""Frames over which a change may build up that has no direction: motion that makes every frame a little rare."""
SPANS = 6
"""Spans of LASTING, half of it, and so on, over which that is summed."""
KINDS = LAGS + SPANS
HEIGHT = RECENT + LASTING
AVERAGE = HEIGHT + KINDS
DEVIATION = AVERAGE + KINDS
LEAST = DEVIATION + KINDS
"""What is compared with the threshold: by lag the cube root of the energy, then by span the sum; the mean and the deviation
of each, and the least deviation of the former."""
RAREST = 4.0
"""No frame alone counts for more in such a sum."""
FRAMES = LEAST + 1
"""The tail of the energies of single frames,"""
HEIGHTS = FRAMES + tails.SIZE
"""and of statistics."""
WATCH = HEIGHTS + tails.SIZE

LEARNING, IDLE, TRANSIENT = range(3)
NOTHING, CHANGED, SETTLED, ADOPTED, ANEW = range(5)

GATHERED = 32
"""Frames that tell the units."""
PERSISTS = 64
"""Frames of a level that is there to stay."""
RESTLESS = 2.0
"""Variance over the usual one, beyond which a stretch is not quiet."""
FALLEN, CALM = 0.7, 16
"""Part of the threshold, below which the short lags must be for so many frames, for a change to be over."""
ISOLATED = 40
"""A change that has settled in so many frames was an outlier, of which the tails must know."""
CAREFUL = 1.5
"""The threshold is so much higher until the tails are known."""
AGES = 1e9
"""Frames behind a mean that was never that of a new level."""
GREATEST = 1e250


@inline
def take_in(frames: F1, first: int, dims: int, c: F1) -> bool:
    """Lay a frame out over the lanes; whether all of it is finite."""
    sign = splat(0x7FFFFFFFFFFFFFFF, REGISTER)
    limit = pattern(splat(GREATEST, REGISTER))
    beyond_all = mask(0, REGISTER)
    for d in range(dims):
        x = frames[first + d]
        c[(d // REGISTER * ROWS + INPUT) * REGISTER + d % REGISTER] = x
        beyond_all = beyond_all | ((pattern(splat(x, REGISTER)) & sign) > limit)
    return lanes_of(beyond_all) == 0


@inline
def reach(kind: int) -> int:
    """How many frames what is compared looks back."""
    if kind < SHORT:
        return kind + 1
    if kind < LAGS:
        return (3 + (kind & 1)) << (2 + (kind - SHORT) // 2)
    return 2 << (kind - LAGS)


@inline
def score(s: F1, to: int, c: F1, at: int, blocks: int) -> float:
    """Set the statistic to that of the frame that came; how rare the energy of that frame alone is, as a normal number."""
    energy = predict(c, at, blocks, s[to + MOST])
    height = exp(log(energy) / 3.0) if energy > 1e-200 else 0.0
    rare = (height - s[to + AVERAGE]) / s[to + DEVIATION]
    usual = as_normal(s, to + FRAMES, rare)
    factor = 1.0
    if usual < rare:
        factor = max(0.0, (s[to + AVERAGE] + usual * s[to + DEVIATION]) / height)
        factor *= sqrt(factor)
    cursor = (int(s[to + CURSOR]) + 1) & (LASTING - 1)
    s[to + CURSOR] = cursor
    s[to + RECENT + cursor] = max(-RAREST, min(RAREST, usual))
    keep(c, at, blocks, cursor & (DEEP - 1), factor, s, to + HEIGHT)
    for each in range(LAGS):
        energy = s[to + HEIGHT + each]
        s[to + HEIGHT + each] = exp(log(energy) / 3.0) if energy > 1e-200 else 0.0
    summed = 0.0
    span = 0
    for each in range(LASTING):
        summed += s[to + RECENT + (cursor - each & LASTING - 1)]
        if each + 1 == 2 << span:
            s[to + HEIGHT + LAGS + span] = summed / sqrt(each + 1.0)
            span += 1
    s[to + STATISTIC] = -1e300
    s[to + BRIEF] = -1e300
    for each in range(KINDS):
        found = (s[to + HEIGHT + each] - s[to + AVERAGE + each]) / s[to + DEVIATION + each]
        if found > s[to + STATISTIC]:
            s[to + STATISTIC] = found
            s[to + LAG] = reach(each)
        if found > s[to + BRIEF] and reach(each) <= SHORT:
            s[to + BRIEF] = found
    return float(rare)


@inline
def adapt(s: F1, to: int, c: F1, at: int, blocks: int, rare: float) -> None:
    """Learn from the frame that came: a rare one counts little."""
    s[to + LEARNT] += 1.0
    n = int(s[to + LEARNT])
    weight = 1.0 if rare < 3.0 else 9.0 / (rare * rare)
    s[to + SINCE] += 1.0
    learn(c, at, blocks, weight, n, s[to + SINCE])
    share = max(1.0 / n, 1.0 / 2048)
    for each in range(KINDS):
        average, deviation = s[to + AVERAGE + each], s[to + DEVIATION + each]
        off = s[to + HEIGHT + each] - average
        off = max(-3.0 * deviation, min(3.0 * deviation, off))
        s[to + AVERAGE + each] = average + share * off
        least = s[to + LEAST] if each < LAGS else 0.6
        s[to + DEVIATION + each] = max(least, sqrt(deviation * deviation * (1.0 - share) + share * off * off))
    seen(s, to + FRAMES, rare)
    if s[to + FRAMES + tails.OVER] > 0.0:
        # before, nothing was done about what is too rare
        seen(s, to + HEIGHTS, s[to + STATISTIC])
    if n % 64 == 0:
        fit(s, to + FRAMES, 0.9)
        fit(s, to + HEIGHTS, 0.2)
    own = s[to + TABLE] * (1.0 + 16.0 / n + 32.0 / s[to + SINCE])
    if s[to + HEIGHTS + tails.OVER] <= 0.0:
        own *= CAREFUL
    s[to + THRESHOLD] = max(own, beyond(s, to + HEIGHTS, s[to + TARGET]))


@inline
def enter(s: F1, to: int, state: int) -> None:
    """Be in a state from now on."""
    s[to + STATE] = state
    s[to + AGE] = 0.0
    s[to + QUIET] = 0.0
    s[to + STRETCH] = 0.0


@inline
def forget(s: F1, to: int, c: F1, at: int, blocks: int) -> None:
    """What came during a change speaks for no other."""
    clear(c, at, blocks)
    for each in range(LASTING):
        s[to + RECENT + each] = 0.0


@inline
def last_change(s: F1, to: int, c: F1, at: int, blocks: int, dims: int, rare: float) -> int:
    """Go on in a change: whether it is over, because the statistic fell or because a new level persists."""
    s[to + RARE] = max(s[to + RARE], rare)
    s[to + HIGHEST] = max(s[to + HIGHEST], s[to + STATISTIC])
    s[to + QUIET] = s[to + QUIET] + 1.0 if s[to + BRIEF] < FALLEN * s[to + THRESHOLD] else 0.0
    if s[to + QUIET] >= CALM:
        if s[to + AGE] <= ISOLATED:
            seen(s, to + FRAMES, s[to + RARE])
            seen(s, to + HEIGHTS, s[to + HIGHEST])
        forget(s, to, c, at, blocks)
        enter(s, to, IDLE)
        return SETTLED
    s[to + STRETCH] += 1.0
    stretch(c, at, blocks, int(s[to + STRETCH]))
    if s[to + STRETCH] >= PERSISTS:
        s[to + STRETCH] = 0.0
        ratio = unrest(c, at, blocks, dims)
        if ratio <= RESTLESS:
            adopt(c, at, blocks, max(1.0, ratio))
            s[to + SINCE] = PERSISTS
            forget(s, to, c, at, blocks)
            enter(s, to, IDLE)
            return ADOPTED
    if s[to + AGE] >= s[to + PATIENCE]:
        s[to + LEARNT] = 0.0
        s[to + SINCE] = AGES
        forget(s, to, c, at, blocks)
        enter(s, to, LEARNING)
        return ANEW
    return NOTHING


@inline
def watch(s: F1, to: int, c: F1, at: int, blocks: int, dims: int) -> int:
    """Take the frame that came; what it brought."""
    s[to + AGE] += 1.0
    state = int(s[to + STATE])
    if s[to + LEARNT] < GATHERED:
        s[to + LEARNT] += 1.0
        gather(c, at, blocks, int(s[to + LEARNT]))
        if s[to + LEARNT] >= GATHERED:
            begin(c, at, blocks, s[to + UNIT])
        pass_on(c, at, blocks)
        return NOTHING
    rare = score(s, to, c, at, blocks)
    found = NOTHING
    if state == TRANSIENT:
        found = last_change(s, to, c, at, blocks, dims, rare)
    elif state == IDLE and s[to + STATISTIC] > s[to + THRESHOLD]:
        enter(s, to, TRANSIENT)
        s[to + RARE] = rare
        s[to + HIGHEST] = s[to + STATISTIC]
        found = CHANGED
    else:
        adapt(s, to, c, at, blocks, rare)
        if state == LEARNING and s[to + LEARNT] >= s[to + WARM]:
            enter(s, to, IDLE)
    pass_on(c, at, blocks)
    return found


@kernel
def advance(frames: F1, s: F1, c: F1, trace: F1) -> int:
    """Take frames, flat, until one brings something or none is left; how many were taken, times 64, plus what the last brought.

    What it brought: of the channels, plus eight times that of the gain. A frame that holds what is not finite is counted
    and passed over.

    Args:
        trace: of each frame state, statistic and threshold of the channels, and the gain; or empty.
    """
    dims = int(s[DIMS])
    blocks = (dims + REGISTER - 1) // REGISTER
    count: int = frames.shape[0] // dims
    end = blocks * ROWS * REGISTER
    for each in range(count):
        s[CLOCK] += 1.0
        found = 0
        if take_in(frames, each * dims, dims, c):
            if s[SPLIT] > 0.0 and s[HEAD + LEARNT] >= GATHERED:
                s[FACTOR] = gain(c, 0, blocks, max(4.0, 0.25 * dims))
                divide(c, 0, blocks, s[FACTOR])
                c[end + INPUT * REGISTER] = log(s[FACTOR])
                found = 8 * watch(s, HEAD + WATCH, c, end, 1, 1)
            found += watch(s, HEAD, c, 0, blocks, dims)
        else:
            s[SKIPPED] += 1.0
        if trace.shape[0] > 0:
            trace[4 * each] = s[HEAD + STATE]
            trace[4 * each + 1] = s[HEAD + STATISTIC]
            trace[4 * each + 2] = s[HEAD + THRESHOLD]
            trace[4 * each + 3] = s[FACTOR]
        if found != 0:
            taken: int = 64 * (each + 1) + int(found)
            return taken
    return count * 64
