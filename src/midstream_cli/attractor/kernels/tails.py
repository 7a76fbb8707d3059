"""How rare a number is on this site: a tail fitted to what was seen, and the normal number that is as rare.

Peaks over a threshold follow a generalised Pareto distribution: A. Siffer et al., "Anomaly detection in streams with
extreme value theory", KDD 2017; fitted by probability-weighted moments: J. R. M. Hosking, J. R. Wallis, "Parameter and
quantile estimation for the generalized Pareto distribution", Technometrics 29, 1987. What was seen is counted in bins
of ln(1 + y) of y = g^2 / 2, in which a normal tail is exponential.
"""

from math import exp, log, log1p, sqrt

from midstream_cli.compiled.kernel import F1, inline

INF = float("inf")

BINS, FINE = 160, 16.0
"""Bins, and how many of them a factor of e has."""

PEAKS = 0.05
"""The share of what was seen that counts as a tail."""

FEWEST = 256
"""Numbers seen, from which on a tail is fitted."""

MOST = 131_072
"""Numbers seen, from which on the older half counts half."""

PRIOR = 20.0
"""Peaks that speak for an exponential tail beforehand."""

OVER, SHARE, SHAPE, SPREAD, SEEN, COUNTS = range(6)
"""Fields of a tail: where it begins, the share beyond, shape and scale of the excess, numbers seen, and the bins."""

SIZE = COUNTS + BINS


@inline
def normal_beyond(log_share: float) -> float:
    """The normal number beyond which lies a share; M. Abramowitz, I. A. Stegun, 26.2.23, to 4.5e-4."""
    t = sqrt(-2.0 * log_share)
    above = 2.515517 + t * (0.802853 + t * 0.010328)
    return t - above / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))


@inline
def seen(s: F1, tail: int, g: float) -> None:
    """Count a number; halve what is old."""
    y = 0.5 * g * g if g > 0.0 else 0.0
    which = min(BINS - 1, int(FINE * log1p(y)))
    s[tail + COUNTS + which] += 1.0
    s[tail + SEEN] += 1.0
    if s[tail + SEEN] > MOST:
        for each in range(BINS):
            s[tail + COUNTS + each] *= 0.5
        s[tail + SEEN] *= 0.5


@inline
def fit(s: F1, tail: int, heaviest: float) -> None:
    """Fit the tail to what was seen; before that is enough, there is none.

    Args:
        heaviest: the greatest shape; 0 for an exponential tail.
    """
    total = s[tail + SEEN]
    if total < FEWEST:
        return
    which = BINS
    peaks = 0.0
    while which > 1 and peaks < PEAKS * total:
        which -= 1
        peaks += s[tail + COUNTS + which]
    if peaks <= 0.0:
        # nothing was above the usual, as of a rhythm without noise
        return
    over = exp(which / FINE) - 1.0
    mean = 0.0
    weighted = 0.0
    above = 0.0
    for each in range(BINS - 1, which - 1, -1):
        count = s[tail + COUNTS + each]
        excess = exp((each + 0.5) / FINE) - 1.0 - over
        mean += count * excess
        weighted += count * excess * (above + 0.5 * count) / peaks
        above += count
    mean /= peaks
    weighted /= peaks
    shape = 0.0
    if mean > 2.0 * weighted:
        shape = min(heaviest, max(0.0, 2.0 - mean / (mean - 2.0 * weighted)))
    shape *= peaks / (peaks + PRIOR)
    s[tail + OVER] = over
    s[tail + SHARE] = peaks / total
    s[tail + SHAPE] = shape
    s[tail + SPREAD] = max(1e-3, mean * (1.0 - shape))


@inline
def as_normal(s: F1, tail: int, g: float) -> float:
    """The normal number that is as rare as `g` on this site; never more than `g`."""
    over = s[tail + OVER]
    if over <= 0.0 or g <= 0.0:
        return g
    y = 0.5 * g * g
    log_share = log(s[tail + SHARE])
    if y > over:
        excess = (y - over) / s[tail + SPREAD]
        shape = s[tail + SHAPE]
        log_share -= log1p(shape * excess) / shape if shape > 1e-6 else excess
    return min(g, normal_beyond(log_share))


@inline
def beyond(s: F1, tail: int, log_share: float) -> float:
    """The number that a share of what comes exceeds; 0 where no tail is fitted."""
    over = s[tail + OVER]
    if over <= 0.0:
        return 0.0
    rarer = log(s[tail + SHARE]) - log_share
    if rarer <= 0.0:
        return 0.0
    shape = s[tail + SHAPE]
    excess = (exp(shape * rarer) - 1.0) / shape if shape > 1e-6 else rarer
    return sqrt(2.0 * (over + s[tail + SPREAD] * excess))
