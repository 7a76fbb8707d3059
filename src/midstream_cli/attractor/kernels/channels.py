"""What each channel is expected to be next, and by how much it is not: autoregression by recursive least squares.

Lanes are channels, REGISTER to a block; the state of a block is ROWS vectors of lanes, one block after another. Numbers
are in units of the channel's own deviation while it was gathered, about its mean. S. Haykin, "Adaptive Filter Theory",
chapter on recursive least squares: exponentially forgetting, but never more than to what was known at first.
"""

from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import (
    REGISTER,
    absolute,
    fma,
    lane,
    load,
    maximum,
    minimum,
    root,
    select,
    splat,
    store,
)

ORDER = 4
"""Of the autoregression."""

SHORT, LAGS, DEEP = 8, 12, 32
"""The likelihood ratio looks back 1 to SHORT frames, then 12, 16, 24 and DEEP: so many lags in all."""

INPUT, MEAN, INVERSE, WEIGHT, REAL, PAST = 0, 1, 2, 3, 4, 5
"""What came; its mean, one over its unit, one over what a gain is weighed in, 1 for channels that are there; what came before."""
MODEL = PAST + ORDER
"""Coefficients."""
CERTAIN = MODEL + ORDER
"""Their covariance over the variance of the residual: the upper triangle, row by row."""
REACH = CERTAIN + ORDER * (ORDER + 1) // 2
"""That covariance times what came before."""
RESIDUAL, LEVERAGE, VARIANCE, SPREAD, SCORE = range(REACH + ORDER, REACH + ORDER + 5)
"""What was not expected; how uncertain it was for the model's sake; variances of the residual and of the whole;
the residual over its deviation."""
LEVEL, RIPPLE, BIAS, TREMOR = range(SCORE + 1, SCORE + 5)
"""Mean and variance of a stretch of a change, and those of its scores."""
RING = TREMOR + 1
"""The latest scores."""
ROWS = RING + DEEP

FORGET = 0.998
FAR = 1e6
"""Units beyond which a number is as good as this."""
OUTLYING = 4.0
"""Units beyond which a single channel says no more about the gain."""
TINY = 1e-290
"""The least unit."""
STEADY = 1e-9
"""A channel that never moves has this part of its mean as its unit."""
FLOOR = 1e-6
"""The least variance of a residual: a channel is at most a thousand times better known than it moves."""


@inline
def total(x: F1) -> float:
    """The sum of the lanes."""
    found = 0.0
    for each in range(REGISTER):
        found += lane(x, each)
    return found


@inline
def kept(x: F1, most: float) -> F1:
    """Each lane, or where it is beyond, the bound."""
    return maximum(minimum(x, splat(most, REGISTER)), splat(-most, REGISTER))


@inline
def gather(c: F1, at: int, blocks: int, n: int) -> None:
    """Mean and mean absolute deviation of the first `n` frames."""
    share = splat(1.0 / n, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        off = load(c, row + INPUT * REGISTER, REGISTER) - load(c, row + MEAN * REGISTER, REGISTER)
        if n == 1:
            store(c, row + MEAN * REGISTER, load(c, row + INPUT * REGISTER, REGISTER))
            store(c, row + INVERSE * REGISTER, splat(0.0, REGISTER))
        else:
            old = load(c, row + INVERSE * REGISTER, REGISTER)
            store(c, row + INVERSE * REGISTER, fma(share, absolute(off) - old, old))
            store(c, row + MEAN * REGISTER, fma(share, off, load(c, row + MEAN * REGISTER, REGISTER)))


@inline
def begin(c: F1, at: int, blocks: int, least: float) -> None:
    """Turn deviations into units, and know nothing yet.

    Args:
        least: the least unit.
    """
    one = splat(1.0, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        size = absolute(load(c, row + MEAN * REGISTER, REGISTER))
        unit = splat(1.2533, REGISTER) * load(c, row + INVERSE * REGISTER, REGISTER)
        unit = maximum(maximum(unit, splat(STEADY, REGISTER) * size), splat(least, REGISTER))
        store(c, row + INVERSE * REGISTER, one / unit)
        store(c, row + WEIGHT * REGISTER, one / maximum(unit, splat(1e-3, REGISTER) * size))
        for each in range(MODEL, ROWS):
            store(c, row + each * REGISTER, splat(0.0, REGISTER))
        diagonal = CERTAIN
        for i in range(ORDER):
            store(c, row + diagonal * REGISTER, one)
            diagonal += ORDER - i
        store(c, row + VARIANCE * REGISTER, one)
        store(c, row + SPREAD * REGISTER, one)


@inline
def gain(c: F1, at: int, blocks: int, prior: float) -> float:
    """The factor by which all channels together are off their means; towards 1 where it hardly shows.

    By weighted least squares, then once more without what single channels are off beyond OUTLYING units.
    """
    above = splat(0.0, REGISTER)
    below = splat(0.0, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        weight = load(c, row + WEIGHT * REGISTER, REGISTER) * load(c, row + REAL * REGISTER, REGISTER)
        mean = load(c, row + MEAN * REGISTER, REGISTER) * weight
        above = fma(mean, kept(load(c, row + INPUT * REGISTER, REGISTER) * weight, FAR), above)
        below = fma(mean, mean, below)
    divisor = total(below) + prior
    first = (total(above) + prior) / divisor
    above = splat(0.0, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        weight = load(c, row + WEIGHT * REGISTER, REGISTER) * load(c, row + REAL * REGISTER, REGISTER)
        mean = load(c, row + MEAN * REGISTER, REGISTER) * weight
        came = kept(load(c, row + INPUT * REGISTER, REGISTER) * weight, FAR)
        above = fma(mean, kept(came - splat(first, REGISTER) * mean, OUTLYING), above)
    second = first + (total(above) + prior * (1.0 - first)) / divisor
    return max(0.01, min(100.0, second))


@inline
def divide(c: F1, at: int, blocks: int, factor: float) -> None:
    """Take the factor out of what came."""
    inverse = splat(1.0 / factor, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        store(c, row + INPUT * REGISTER, load(c, row + INPUT * REGISTER, REGISTER) * inverse)


@inline
def predict(c: F1, at: int, blocks: int, most: float) -> float:
    """Score what came against what was expected; the sum of squares of the scores.

    Args:
        most: no channel counts for more than this many deviations.
    """
    energy = splat(0.0, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        mean = load(c, row + MEAN * REGISTER, REGISTER)
        inverse = load(c, row + INVERSE * REGISTER, REGISTER)
        residual = kept((load(c, row + INPUT * REGISTER, REGISTER) - mean) * inverse, FAR)
        leverage = splat(0.0, REGISTER)
        for i in range(ORDER):
            own = kept((load(c, row + (PAST + i) * REGISTER, REGISTER) - mean) * inverse, FAR)
            residual = residual - own * load(c, row + (MODEL + i) * REGISTER, REGISTER)
            reach = splat(0.0, REGISTER)
            for j in range(ORDER):
                low, high = min(i, j), max(i, j)
                entry = CERTAIN + low * ORDER - low * (low - 1) // 2 + high - low
                past = kept((load(c, row + (PAST + j) * REGISTER, REGISTER) - mean) * inverse, FAR)
                reach = fma(load(c, row + entry * REGISTER, REGISTER), past, reach)
            store(c, row + (REACH + i) * REGISTER, reach)
            leverage = fma(reach, own, leverage)
        leverage = maximum(leverage, splat(0.0, REGISTER)) + splat(1.0, REGISTER)
        score = residual / root(load(c, row + VARIANCE * REGISTER, REGISTER) * leverage)
        score = kept(score, most) * load(c, row + REAL * REGISTER, REGISTER)
        store(c, row + RESIDUAL * REGISTER, residual)
        store(c, row + LEVERAGE * REGISTER, leverage)
        store(c, row + SCORE * REGISTER, score)
        energy = fma(score, score, energy)
    return total(energy)


@inline
def learn(c: F1, at: int, blocks: int, weight: float, n: int, since: float) -> None:
    """Adapt model, variances and mean to what came: less to a frame of little weight, and no channel to outliers.

    Args:
        n: frames learnt from so far; the fewer, the faster.
        since: frames behind the mean, if they are fewer.
    """
    quick = splat(weight * max(2.0 / n, 1.0 / 1024), REGISTER)
    slow = splat(weight * max(1.0 / n, 1.0 / since, 1.0 / 1024), REGISTER)
    one = splat(1.0, REGISTER)
    nine = splat(9.0, REGISTER)
    share = splat(weight, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        variance = load(c, row + VARIANCE * REGISTER, REGISTER)
        leverage = load(c, row + LEVERAGE * REGISTER, REGISTER)
        residual = load(c, row + RESIDUAL * REGISTER, REGISTER)
        bound = splat(3.0, REGISTER) * root(variance * leverage)
        residual = maximum(minimum(residual, bound), splat(0.0, REGISTER) - bound)
        step = share / fma(share, leverage - one, one)
        trace = splat(0.0, REGISTER)
        diagonal = CERTAIN
        for i in range(ORDER):
            trace = trace + load(c, row + diagonal * REGISTER, REGISTER)
            diagonal += ORDER - i
        grow = select(trace < splat(2.0, REGISTER), splat(1.0 / FORGET, REGISTER), one)
        entry = row + CERTAIN * REGISTER
        for i in range(ORDER):
            reach = step * load(c, row + (REACH + i) * REGISTER, REGISTER)
            model = row + (MODEL + i) * REGISTER
            store(c, model, fma(reach, residual, load(c, model, REGISTER)))
            for j in range(i, ORDER):
                less = load(c, entry, REGISTER) - reach * load(c, row + (REACH + j) * REGISTER, REGISTER)
                store(c, entry, less * grow)
                entry += REGISTER
        found = minimum(residual * residual / leverage, nine * variance)
        variance = maximum(fma(quick, found - variance, variance), splat(FLOOR, REGISTER))
        store(c, row + VARIANCE * REGISTER, variance)
        mean = load(c, row + MEAN * REGISTER, REGISTER)
        inverse = load(c, row + INVERSE * REGISTER, REGISTER)
        spread = load(c, row + SPREAD * REGISTER, REGISTER)
        off = (load(c, row + INPUT * REGISTER, REGISTER) - mean) * inverse
        bound = splat(3.0, REGISTER) * root(spread)
        off = maximum(minimum(off, bound), splat(0.0, REGISTER) - bound)
        store(c, row + SPREAD * REGISTER, maximum(fma(quick, off * off - spread, spread), splat(FLOOR, REGISTER)))
        store(c, row + MEAN * REGISTER, mean + slow * off / inverse)


@inline
def pass_on(c: F1, at: int, blocks: int) -> None:
    """What came becomes what came before."""
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        for each in range(PAST + ORDER - 1, PAST, -1):
            store(c, row + each * REGISTER, load(c, row + (each - 1) * REGISTER, REGISTER))
        store(c, row + PAST * REGISTER, load(c, row + INPUT * REGISTER, REGISTER))


@inline
def keep(c: F1, at: int, blocks: int, cursor: int, factor: float, energies: F1, first: int) -> None:
    """Put the scores into the ring, times a factor; for each lag k, the energy of the sum of the latest k over k.

    Args:
        cursor: place in the ring.
        energies: where those go, from `first` on.
    """
    for each in range(LAGS):
        energies[first + each] = 0.0
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        ring = row + RING * REGISTER
        store(c, ring + cursor * REGISTER, load(c, row + SCORE * REGISTER, REGISTER) * splat(factor, REGISTER))
        summed = splat(0.0, REGISTER)
        which = first
        for each in range(DEEP):
            summed = summed + load(c, ring + ((cursor - each) & (DEEP - 1)) * REGISTER, REGISTER)
            if each < SHORT or each == 11 or each == 15 or each == 23 or each == 31:  # noqa: PLR1714 - kernels know no sets
                energies[which] += total(summed * summed) / (each + 1)
                which += 1
