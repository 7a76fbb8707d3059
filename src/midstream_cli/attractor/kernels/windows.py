"""What a short window of a stream looks like: how white, how periodic, how well the past tells what comes; and keeping them.

- Whiteness: the mean square of successive differences over twice the variance, over all channels (J. von Neumann, Annals
  of Mathematical Statistics 12, 1941): 1 for white noise, near 0 for what moves slowly.
- Periodicity (`rhythm`): the first peak of the autocorrelation of the leading component that is nearly as high as the highest.
- Foretelling, divergence and dimension (`foretelling`): what the nearest states of that component tell.
"""

from midstream_cli.attractor.kernels.foretelling import foretell, room
from midstream_cli.attractor.kernels.leading import centre, leading, leading_room, row_length, whiteness
from midstream_cli.attractor.kernels.rhythm import SIDE, correlate, divided, evenness, peak
from midstream_cli.compiled.kernel import F1, I1, kernel

WHITENESS, PERIOD, HEIGHT, LINEAR, NEAREST, TWICE, MOVES, EVENNESS, EXPONENT, DIMENSION = range(10)
"""Places of the findings: TWICE is the autocorrelation after two periods, MOVES is the greatest deviation, 0 where nothing
moves at all; EVENNESS is what repeats after a period in the first rounds over that in the last, or the other way round;
EXPONENT is in nats a vector of the window, and like DIMENSION 0 where it is not known."""
FINDINGS = 10


def scratch_size(vectors: int, channels: int) -> int:
    """Numbers that a window of so many vectors needs beside it."""
    return leading_room(vectors, channels) + 3 * vectors + 2 * SIDE + room(vectors)


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
    wide = row_length(channels)
    rows, way = 0, n * wide
    x = leading_room(n, channels)
    a = x + n + SIDE
    sums = a + n + SIDE
    out[PERIOD], out[HEIGHT], out[TWICE], out[EVENNESS] = 0.0, 0.0, 0.0, 0.0
    out[LINEAR], out[NEAREST], out[WHITENESS] = 1.0, 1.0, 1.0
    out[EXPONENT], out[DIMENSION] = 0.0, 0.0
    out[MOVES] = centre(window, n, channels, scratch, rows, wide)
    if out[MOVES] > 0.0:
        out[WHITENESS] = whiteness(scratch, n, newest, rows, wide)
        leading(scratch, x, n, channels, rows, wide, way)
        energy = 0.0
        for t in range(n):
            energy += scratch[x + t] * scratch[x + t]
        unit = (energy / n) ** -0.5
        for t in range(n):
            scratch[x + t] *= unit
        for t in range(n, n + SIDE):
            scratch[x + t] = 0.0
        correlate(scratch, x, a, sums, n)
        period, height, again = peak(scratch, x, a, sums, n)
        out[HEIGHT], out[TWICE] = height, again
        out[EVENNESS] = evenness(scratch, x, n, period)
        out[PERIOD] = divided(scratch, x, n, period, height)
        nearest, linear, exponent, dimension = foretell(scratch, x, a, n, sums + n)
        out[NEAREST], out[LINEAR], out[EXPONENT], out[DIMENSION] = nearest, linear, exponent, dimension


@kernel
def keep(vector: F1, kept: F1, means: F1, places: I1, window: int) -> int:
    """Put a vector onto each time scale that it completes a vector of; how many of them have one more, the finest first.

    Args:
        kept: the latest vectors of each scale, finest first; twice as many rows of each as a window has.
        means: of each scale the vector that waits for another, and one more.
        places: of each scale rows that are filled, and vectors so far.
        window: vectors of a window.
    """
    channels = len(vector)
    scales = len(places) // 2
    came = scales * channels
    for c in range(channels):
        means[came + c] = vector[c]
    for at in range(scales):
        rows = places[2 * at]
        own = at * 2 * window * channels
        if rows == 2 * window:
            for c in range(window * channels):
                kept[own + c] = kept[own + window * channels + c]
            rows = 0 + window
        here, mean = own + rows * channels, at * channels
        second = places[2 * at + 1] & 1
        for c in range(channels):
            number = means[came + c]
            kept[here + c] = number
            means[came + c] = 0.5 * (means[mean + c] + number)
            means[mean + c] = number
        places[2 * at] = rows + 1
        places[2 * at + 1] += 1
        if second == 0:
            return at + 1
    return scales
