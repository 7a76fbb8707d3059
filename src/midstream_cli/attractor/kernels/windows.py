"""What a short window of a stream looks like: how white, how periodic, how well the past tells what comes.

- Whiteness: the mean square of successive differences over twice the variance, over all channels (J. von Neumann, Annals
  of Mathematical Statistics 12, 1941): 1 for white noise, near 0 for what moves slowly.
- Periodicity: the first peak of the autocorrelation of the leading component that is nearly as high as the highest, each
  lag normalised by the parts that overlap there.
- Foretelling: the mean square error of a forecast by the three nearest states (E. Lorenz, J. Atmospheric Sciences 26, 1969)
  and by the best linear one of the same states. Chance is told no better by neighbours than by a line; a law that bends is.
"""

import math

from midstream_cli.attractor.kernels.solving import solved
from midstream_cli.compiled.kernel import F1, inline, kernel

WHITENESS, PERIOD, HEIGHT, LINEAR, NEAREST, TWICE, MOVES = range(7)
"""Places of the findings: TWICE is the autocorrelation after two periods, MOVES is 0 where nothing moves at all."""
FINDINGS = 8

ROUNDS = 24
"""Of the power iteration for the leading component."""
NEARLY = 0.02
NEIGHBOURS, LEAST_STATES = 3, 30
FAR = 1e300
FAST, MAIN = 32.0, 0.7
"""Samples of a period that may hold several shorter ones, and the part of the variance that such a one has."""


@kernel
def look(window: F1, channels: int, newest: int, scratch: F1, out: F1) -> None:
    """Look at a window of vectors one after the other.

    Args:
        window: the numbers of all vectors.
        channels: numbers of a vector.
        newest: vectors that whiteness is of.
        scratch: 3 numbers a vector, and 2 a channel.
        out: the findings.
    """
    n = len(window) // channels
    x, a = 0, n
    _leading(window, n, channels, scratch, 3 * n)
    out[WHITENESS] = _whiteness(window, n, channels, newest)
    energy = 0.0
    for t in range(n):
        energy += scratch[x + t] * scratch[x + t]
    out[MOVES] = energy
    out[PERIOD], out[HEIGHT], out[TWICE] = 0.0, 0.0, 0.0
    out[LINEAR], out[NEAREST] = 1.0, 1.0
    if energy > 0.0:
        unit = (energy / n) ** -0.5
        for t in range(n):
            scratch[x + t] *= unit
        _correlate(scratch, x, a, 2 * n, n)
        _peak(scratch, a, n, out)
        _divide(scratch, x, n, out)
        _foretell(scratch, x, a, n, out)


@inline
def _leading(window: F1, n: int, channels: int, scratch: F1, at: int) -> None:
    """The leading component of all channels, without its mean, into the first n numbers of the scratch."""
    best = _liveliest(window, n, channels, scratch, at)
    way = at + channels
    for c in range(channels):
        scratch[way + c] = 1.0 if c == best else 0.0
    _project(window, n, channels, scratch, at)
    if channels > 1:
        for _ in range(ROUNDS):
            length = 0.0
            for c in range(channels):
                total = 0.0
                for t in range(n):
                    total += (window[t * channels + c] - scratch[at + c]) * scratch[t]
                scratch[way + c] = total
                length += total * total
            unit = length**-0.5 if length > 0.0 else 0.0
            for c in range(channels):
                scratch[way + c] *= unit
            _project(window, n, channels, scratch, at)


@inline
def _liveliest(window: F1, n: int, channels: int, scratch: F1, at: int) -> int:
    """The channel of the greatest variance; the means of all go into the scratch."""
    most, best = -1.0, 0
    for c in range(channels):
        mean = 0.0
        for t in range(n):
            mean += window[t * channels + c]
        mean /= n
        scratch[at + c] = mean
        spread = 0.0
        for t in range(n):
            d = window[t * channels + c] - mean
            spread += d * d
        if spread > most:
            most, best = spread, c
    return best


@inline
def _project(window: F1, n: int, channels: int, scratch: F1, at: int) -> None:
    """What all vectors are in a direction, which stands behind their means."""
    for t in range(n):
        total = 0.0
        for c in range(channels):
            total += (window[t * channels + c] - scratch[at + c]) * scratch[at + channels + c]
        scratch[t] = total


@inline
def _whiteness(window: F1, n: int, channels: int, newest: int) -> float:
    first = max(0, n - newest)
    count = n - first
    steps = 0.0
    spread = 0.0
    for c in range(channels):
        mean = 0.0
        for t in range(first, n):
            mean += window[t * channels + c]
        mean /= count
        for t in range(first, n):
            d = window[t * channels + c] - mean
            spread += d * d
            if t > first:
                e = window[t * channels + c] - window[(t - 1) * channels + c]
                steps += e * e
    return steps / (2.0 * spread) if spread > 0.0 else 1.0


@inline
def _correlate(scratch: F1, x: int, a: int, sums: int, n: int) -> None:
    """Autocorrelation at lags up to half the window, each by the energies of the two parts that overlap."""
    total = 0.0
    for t in range(n):
        total += scratch[x + t] * scratch[x + t]
        scratch[sums + t] = total
    for lag in range(n // 2 + 1):
        product = 0.0
        for t in range(n - lag):
            product += scratch[x + t] * scratch[x + t + lag]
        early = scratch[sums + n - 1 - lag]
        late = total - (scratch[sums + lag - 1] if lag > 0 else 0.0)
        both = (early * late) ** 0.5
        scratch[a + lag] = product / both if both > 0.0 else 0.0


@inline
def _peak(scratch: F1, a: int, n: int, out: F1) -> None:
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
            out[TWICE] = scratch[a + twice] if twice <= half else here
            return


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
    """Where the three states nearest to one go, on average; those near in time do not count."""
    ahead = dims * delay
    d0, d1, d2 = FAR, FAR, FAR
    y0, y1, y2 = 0.0, 0.0, 0.0
    for j in range(states):
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
