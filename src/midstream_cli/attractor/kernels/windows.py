"""What a short window of a stream looks like: how white, how periodic, how well the past tells what comes.

- Whiteness: the mean square of successive differences over twice the variance, over all channels (J. von Neumann, Annals
  of Mathematical Statistics 12, 1941): 1 for white noise, near 0 for what moves slowly.
- Periodicity: the first peak of the autocorrelation of the leading component that is nearly as high as the highest, each
  lag normalised by the parts that overlap there.
- Foretelling: the mean square error of a forecast by the three nearest states (E. Lorenz, J. Atmospheric Sciences 26, 1969)
  and by the best linear one of the same states. Chance is told no better by neighbours than by a line; a law that bends is.
"""

import math

from midstream_cli.attractor.kernels.leading import centre, leading, row_length, whiteness
from midstream_cli.attractor.kernels.solving import solved
from midstream_cli.compiled.kernel import F1, inline, kernel

WHITENESS, PERIOD, HEIGHT, LINEAR, NEAREST, TWICE, MOVES, EVENNESS = range(8)
"""Places of the findings: TWICE is the autocorrelation after two periods, MOVES is the greatest deviation, 0 where nothing
moves at all; EVENNESS is what repeats after a period in the first rounds over that in the last, or the other way round."""
FINDINGS = 8

NEARLY = 0.02
NEIGHBOURS, LEAST_STATES = 3, 30
ENDS = 4
"""Each end of a window is a part of so many, and whole rounds."""
LEAST_SHARED = 8
"""So small a part of a window is too little to be compared with another."""
FAR = 1e300
FAST, MAIN = 32.0, 0.7
"""Samples of a period that may hold several shorter ones, and the part of the variance that such a one has."""


def scratch_size(vectors: int, channels: int) -> int:
    """Numbers that a window of so many vectors needs beside it."""
    return 3 * vectors + (vectors + 1) * row_length(channels)


@kernel
def look(window: F1, channels: int, newest: int, scratch: F1, out: F1) -> None:
    """Look at a window of vectors one after the other.

    Args:
        window: the numbers of all vectors, none beyond 1e300.
        channels: numbers of a vector.
        newest: vectors that whiteness is of.
        scratch: as many numbers as `scratch_size` says.
        out: the findings.
    """
    n = len(window) // channels
    x, a, way = 0, n, 3 * n
    wide = row_length(channels)
    rows = way + wide
    out[PERIOD], out[HEIGHT], out[TWICE], out[EVENNESS] = 0.0, 0.0, 0.0, 0.0
    out[LINEAR], out[NEAREST], out[WHITENESS] = 1.0, 1.0, 1.0
    out[MOVES] = centre(window, n, channels, scratch, rows, wide)
    if out[MOVES] > 0.0:
        out[WHITENESS] = whiteness(scratch, n, newest, rows, wide)
        leading(scratch, n, channels, rows, wide, way)
        energy = 0.0
        for t in range(n):
            energy += scratch[x + t] * scratch[x + t]
        unit = (energy / n) ** -0.5
        for t in range(n):
            scratch[x + t] *= unit
        _correlate(scratch, x, a, 2 * n, n)
        _peak(scratch, x, a, n, out)
        out[EVENNESS] = _evenness(scratch, x, n, out[PERIOD])
        _divide(scratch, x, n, out)
        _foretell(scratch, x, a, n, out)


@inline
def _correlate(scratch: F1, x: int, a: int, sums: int, n: int) -> None:
    """Autocorrelation at lags up to half the window."""
    total = 0.0
    for t in range(n):
        total += scratch[x + t] * scratch[x + t]
        scratch[sums + t] = total
    for lag in range(n // 2 + 1):
        scratch[a + lag] = _alike(scratch, x, sums, n, lag)


@inline
def _alike(scratch: F1, x: int, sums: int, n: int, lag: int) -> float:
    """Autocorrelation at a lag, by the energies of the two parts that overlap."""
    product = 0.0
    for t in range(n - lag):
        product += scratch[x + t] * scratch[x + t + lag]
    early = scratch[sums + n - 1 - lag]
    late = scratch[sums + n - 1] - (scratch[sums + lag - 1] if lag > 0 else 0.0)
    both = (early * late) ** 0.5 if early * late > 0.0 else 0.0
    return product / both if both > 0.0 else 0.0


@inline
def _peak(scratch: F1, x: int, a: int, n: int, out: F1) -> None:
    """The period between samples, by a parabola through the peak and its neighbours."""
    half = n // 2
    begin = 1
    while begin < half and scratch[a + begin] >= 0.0:
        begin += 1
    highest = 0.0
    for lag in range(begin, half):
        highest = max(highest, scratch[a + lag])
    # noise lowers all peaks alike; one that it does not tell from the highest is as good, and comes first
    least = NEARLY + (1.0 - highest)
    for lag in range(max(begin, 2), half):
        here, before, after = scratch[a + lag], scratch[a + lag - 1], scratch[a + lag + 1]
        if here > 0.0 and here >= highest - least and here >= before and here >= after:
            bend = before - 2.0 * here + after
            off = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
            out[PERIOD], out[HEIGHT] = lag + off, here - 0.25 * (before - after) * off
            twice = int(2.0 * (lag + off) + 0.5)
            # two outliers are alike once
            out[TWICE] = _alike(scratch, x, 2 * n, n, twice) if twice < n - n // LEAST_SHARED else 0.0
            return


@inline
def _evenness(scratch: F1, x: int, n: int, period: float) -> float:
    """Of the products of what is a period apart, over whole rounds at both ends, the less over the more; 0 where one is none."""
    lag = int(period + 0.5)
    if lag < 1 or 2 * lag > n:
        return 0.0
    count = int((n // ENDS // lag + 1) * period + 0.5)
    count = min(count, n - lag)
    first, last = 0.0, 0.0
    for t in range(count):
        first += scratch[x + lag + t] * scratch[x + t]
        last += scratch[x + n - 1 - t] * scratch[x + n - 1 - t - lag]
    return max(0.0, min(first, last)) / max(first, last, 1e-300)


@inline
def _divide(scratch: F1, x: int, n: int, out: F1) -> None:
    """Of a rhythm faster than samples show peak by peak, the period: the part of what was found that nearly all is in."""
    period = out[PERIOD]
    if period >= FAST or period < 2.0:
        return
    for k in range(2, int(0.5 * period) + 1):
        turn = 2.0 * math.pi * k / period
        even, odd = 0.0, 0.0
        for t in range(n):
            even += scratch[x + t] * math.cos(turn * t)
            odd += scratch[x + t] * math.sin(turn * t)
        if 2.0 * (even * even + odd * odd) > MAIN * n * n:
            out[PERIOD] = period / k
            return


@inline
def _foretell(scratch: F1, x: int, a: int, n: int, out: F1) -> None:
    """How far forecasts are off, in parts of the variance: by the nearest states, and by a line."""
    jumps = scratch[a + 1] < 0.5
    delay = 1
    while not jumps and delay < n // 8 and scratch[a + delay] > 0.36787944117144233:
        delay += 1
    dims = 2 if jumps else 3
    ahead = dims * delay
    states = n - ahead
    if states < LEAST_STATES:
        return
    mean = 0.0
    for i in range(states):
        mean += scratch[x + i + ahead]
    mean /= states
    spread = 0.0
    missed = 0.0
    for i in range(states):
        truth = scratch[x + i + ahead]
        spread += (truth - mean) * (truth - mean)
        error = truth - _as_neighbours_go(scratch, x, i, states, dims, delay, delay if jumps else 2 * delay)
        missed += error * error
    if spread > 0.0:
        out[NEAREST] = missed / spread
        rest = _linear(scratch, x, states, dims, delay, ahead, n + n // 2 + 1)
        out[LINEAR] = rest / spread * states / (states - dims - 1.0)


@inline
def _as_neighbours_go(scratch: F1, x: int, i: int, states: int, dims: int, delay: int, apart: int) -> float:
    """Where the three states of the other half of the window that are nearest to one go, on average.

    A law holds in both halves; and of those near in time, none counts.
    """
    ahead = dims * delay
    half = states // 2
    begin, end = (half, states) if i < half else (0, half)
    d0, d1, d2 = FAR, FAR, FAR
    y0, y1, y2 = 0.0, 0.0, 0.0
    for j in range(begin, end):
        if abs(i - j) <= apart:
            continue
        d = 0.0
        for k in range(dims):
            e = scratch[x + i + k * delay] - scratch[x + j + k * delay]
            d += e * e
        if d >= d2:
            continue
        y = scratch[x + j + ahead]
        if d < d0:
            d2, y2, d1, y1, d0, y0 = d1, y1, d0, y0, d, y
        elif d < d1:
            d2, y2, d1, y1 = d1, y1, d, y
        else:
            d2, y2 = d, y
    return (y0 + y1 + y2) / NEIGHBOURS


@inline
def _linear(scratch: F1, x: int, states: int, dims: int, delay: int, ahead: int, at: int) -> float:
    """What the best linear forecast leaves: normal equations of up to four unknowns, in the scratch behind the lags."""
    size = dims + 1
    for p in range(size):
        for q in range(size + 1):
            total = 0.0
            for i in range(states):
                left = scratch[x + i + p * delay] if p < dims else 1.0
                right = 1.0
                if q < dims:
                    right = scratch[x + i + q * delay]
                elif q == size:
                    right = scratch[x + i + ahead]
                total += left * right
            scratch[at + p * (size + 1) + q] = total
        scratch[at + p * (size + 1) + p] *= 1.0 + 1e-9
    solved(scratch, at, size)
    rest = 0.0
    for i in range(states):
        told = scratch[at + dims * (size + 1) + size]
        for p in range(dims):
            told += scratch[at + p * (size + 1) + size] * scratch[x + i + p * delay]
        error = scratch[x + i + ahead] - told
        rest += error * error
    return rest
