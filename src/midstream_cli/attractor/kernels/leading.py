"""The channels of a window of vectors about their means, and the one direction that they move along most.

The direction is found by power iteration from the liveliest channel.
"""

from midstream_cli.attractor.kernels.channels import total as summed
from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import REGISTER, absolute, fma, lane, load, maximum, splat, store

ROUNDS = 24
"""Of the power iteration for the leading component."""
FEW = 8
"""Channels are few where a window has so many times as many vectors."""
SIDE = 4 * REGISTER
STEADY, TINY = 1e-12, 1e-290
"""What deviates by no more than this part of its size, or by this, does not move: that much is rounding."""


@inline
def row_length(channels: int) -> int:
    """Numbers of a centred vector: whole registers, the rest of the last one zero."""
    return (channels + REGISTER - 1) // REGISTER * REGISTER


@inline
def leading_room(n: int, channels: int) -> int:
    """Numbers that the vectors about their means take, the way, and the products of few channels."""
    wide = row_length(channels)
    return (n + 1 + (wide if FEW * wide <= n else 0)) * wide


@inline
def centre(window: F1, n: int, channels: int, scratch: F1, rows: int, wide: int) -> float:
    """All channels without their means, in units of the greatest deviation, into the rows; that unit, or 0 if nothing moves."""
    far, greatest = 0.0, 0.0
    whole = channels // REGISTER * REGISTER
    most, longest = splat(0.0, REGISTER), splat(0.0, REGISTER)
    for c in range(0, whole, REGISTER):
        # from the first number on: the mean of equal numbers is that number, without an error of rounding
        begin = load(window, c, REGISTER)
        total = splat(0.0, REGISTER)
        for t in range(n):
            total = total + (load(window, t * channels + c, REGISTER) - begin)
        total = total / splat(float(n), REGISTER)
        for t in range(n):
            number = load(window, t * channels + c, REGISTER)
            off = number - begin - total
            store(scratch, rows + t * wide + c, off)
            most = maximum(most, absolute(off))
            longest = maximum(longest, absolute(number))
    for each in range(REGISTER):
        greatest, far = max(greatest, lane(most, each)), max(far, lane(longest, each))
    for c in range(whole, channels):
        first = window[c]
        mean = 0.0
        for t in range(n):
            mean += window[t * channels + c] - first
        mean /= n
        for t in range(n):
            d = window[t * channels + c] - first - mean
            scratch[rows + t * wide + c] = d
            greatest = max(greatest, abs(d))
            far = max(far, abs(window[t * channels + c]))
    if greatest <= max(STEADY * far, TINY):
        return 0.0
    inverse = splat(1.0 / greatest, REGISTER)
    for t in range(n):
        for c in range(channels, wide):
            scratch[rows + t * wide + c] = 0.0
    for at in range(rows, rows + n * wide, REGISTER):
        store(scratch, at, load(scratch, at, REGISTER) * inverse)
    return greatest


@inline
def leading(scratch: F1, x: int, n: int, channels: int, rows: int, wide: int, way: int) -> None:
    """The leading component of all channels, n numbers from `x` on.

    Few channels are multiplied with one another once, many with the vectors in each round. Behind the `way`, which takes a row, is
    room for the products.
    """
    best = _liveliest(scratch, n, channels, rows, wide)
    for c in range(wide):
        scratch[way + c] = 1.0 if c == best else 0.0
    if channels > 1:
        products = way + wide
        few = FEW * wide <= n
        for c in range(wide if few else 0):
            summed_up(scratch, rows + c, wide, n, rows, wide, products + c * wide)
        for _ in range(ROUNDS):
            if few:
                for c in range(wide):
                    scratch[x + c] = scratch[way + c]
                summed_up(scratch, x, 1, wide, products, wide, way)
            else:
                project(scratch, x, n, rows, wide, way)
                summed_up(scratch, x, 1, n, rows, wide, way)
            length = 0.0
            for c in range(0, wide, REGISTER):
                here = load(scratch, way + c, REGISTER)
                length += summed(here * here)
            unit = splat(length**-0.5, REGISTER)
            for c in range(0, wide, REGISTER):
                store(scratch, way + c, load(scratch, way + c, REGISTER) * unit)
    project(scratch, x, n, rows, wide, way)


@inline
def _liveliest(scratch: F1, n: int, channels: int, rows: int, wide: int) -> int:
    """The channel of the greatest variance."""
    most, best = -1.0, 0
    for c in range(0, wide, REGISTER):
        total = splat(0.0, REGISTER)
        for t in range(n):
            here = load(scratch, rows + t * wide + c, REGISTER)
            total = fma(here, here, total)
        for each in range(REGISTER):
            if c + each < channels and lane(total, each) > most:
                most, best = lane(total, each), c + each
    return best


@inline
def summed_up(scratch: F1, weights: int, stride: int, n: int, rows: int, wide: int, out: int) -> None:
    """The sum of n rows, each as often as its weight says; weights are `stride` numbers apart.

    Four registers side by side, as a sum waits for the one before it; the last four may be summed in part again.
    """
    if wide >= SIDE:
        for begin in range(0, wide, SIDE):
            c = min(begin, wide - SIDE)
            sums = splat(0.0, SIDE)
            for t in range(n):
                sums = fma(load(scratch, rows + t * wide + c, SIDE), splat(scratch[weights + t * stride], SIDE), sums)
            store(scratch, out + c, sums)
    else:
        for c in range(0, wide, REGISTER):
            total = splat(0.0, REGISTER)
            for t in range(n):
                weight = splat(scratch[weights + t * stride], REGISTER)
                total = fma(load(scratch, rows + t * wide + c, REGISTER), weight, total)
            store(scratch, out + c, total)


@inline
def project(scratch: F1, x: int, n: int, rows: int, wide: int, way: int) -> None:
    """What all vectors are in a direction, n numbers from `x` on."""
    for t in range(n):
        total = splat(0.0, REGISTER)
        for c in range(0, wide, REGISTER):
            total = fma(load(scratch, rows + t * wide + c, REGISTER), load(scratch, way + c, REGISTER), total)
        scratch[x + t] = summed(total)


@inline
def whiteness(scratch: F1, n: int, newest: int, rows: int, wide: int) -> float:
    """Of the newest vectors: the mean square of successive differences over twice the variance; 1 where nothing moves."""
    first = max(0, n - newest)
    steps, spread = splat(0.0, REGISTER), splat(0.0, REGISTER)
    for c in range(0, wide, REGISTER):
        total = splat(0.0, REGISTER)
        for t in range(first, n):
            total = total + load(scratch, rows + t * wide + c, REGISTER)
        mean = total * splat(1.0 / (n - first), REGISTER)
        before = load(scratch, rows + first * wide + c, REGISTER)
        for t in range(first, n):
            here = load(scratch, rows + t * wide + c, REGISTER)
            spread = fma(here - mean, here - mean, spread)
            steps = fma(here - before, here - before, steps)
            before = here
    both = summed(spread)
    return summed(steps) / (2.0 * both) if both > STEADY * STEADY else 1.0
