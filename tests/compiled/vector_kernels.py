"""Kernels that use every operation on vectors once."""

import numpy as np

from midstream_cli.compiled.kernel import F1, F2, F3, I1, U1, inline, kernel
from midstream_cli.compiled.vectors import (
    absolute,
    bits,
    flat,
    fma,
    from_pattern,
    lane,
    last,
    least,
    load,
    mask,
    maximum,
    minimum,
    ones,
    pattern,
    root,
    select,
    shift_in,
    shift_out,
    splat,
    store,
    zip_high,
    zip_low,
)

L = 8
WIDE = 64


@kernel
def floating(x: F1, y: F1, z: F1, out: F1) -> None:
    """Eighteen vectors of numbers into a flat array."""
    a, b, c = load(x, 0, L), load(y, 0, L), load(z, 0, L)
    store(out, 0, a + b)
    store(out, L, a - b)
    store(out, 2 * L, a * b)
    store(out, 3 * L, a / (absolute(b) + splat(1.0, L)))
    store(out, 4 * L, minimum(a, b))
    store(out, 5 * L, maximum(a, b))
    store(out, 6 * L, fma(a, b, c))
    store(out, 7 * L, absolute(a))
    store(out, 8 * L, root(absolute(a)))
    store(out, 9 * L, select(a < b, a, c))
    store(out, 10 * L, select(a <= b, a, c))
    store(out, 11 * L, select(a > b, a, c))
    store(out, 12 * L, select(a >= b, a, c))
    store(out, 13 * L, select(a == b, a, c))
    store(out, 14 * L, select(a != b, a, c))
    store(out, 15 * L, shift_in(a, 2.5))
    store(out, 16 * L, splat(x[1], L))
    out[17 * L] = last(a)
    out[17 * L + 1] = lane(a, 3)
    out[17 * L + 2] = least(a)


@kernel
def unsigned(x: U1, y: U1, out: U1) -> None:
    """Thirteen vectors of whole numbers without a sign."""
    a, b = load(x, 0, L), load(y, 0, L)
    store(out, 0, a + b)
    store(out, L, a - b)
    store(out, 2 * L, a * b)
    store(out, 3 * L, a & b)
    store(out, 4 * L, a | b)
    store(out, 5 * L, a ^ b)
    store(out, 6 * L, ~a)
    store(out, 7 * L, a << splat(np.uint64(3), L))
    store(out, 8 * L, a >> splat(np.uint64(60), L))
    store(out, 9 * L, select(a < b, a, b))
    store(out, 10 * L, shift_in(a, y[2]))
    store(out, 11 * L, ones(a))
    store(out, 12 * L, select(mask(bits(a < b), L), a, b))


@kernel
def signed(x: I1, y: I1, out: I1) -> None:
    """Three vectors of whole numbers with a sign."""
    a, b = load(x, 0, L), load(y, 0, L)
    store(out, 0, minimum(a, b))
    store(out, L, maximum(a, b))
    store(out, 2 * L, a >> splat(2, L))


@kernel
def rearranged(x: F1, out: F1) -> None:
    """Four vectors: the lanes moved down, the last bit of each number's pattern turned over, and two mixed by halves."""
    a = load(x, 0, L)
    down, turned = shift_out(a, 2.5), from_pattern(pattern(a) ^ splat(1, L))
    store(out, 0, down)
    store(out, L, turned)
    store(out, 2 * L, zip_low(a, turned))
    store(out, 3 * L, zip_high(a, down))


@kernel
def as_bits(x: F1, y: F1) -> int:
    """Where x is less than y, as bits."""
    return bits(load(x, 0, L) < load(y, 0, L))


@kernel
def as_many_bits(x: F1, y: F1) -> int:
    """The same of 64 lanes."""
    return bits(load(x, 0, WIDE) < load(y, 0, WIDE))


@inline
def twice(x: float) -> float:
    """What a kernel calls."""
    return 2 * x


@kernel
def shapes(one: F1, two: F2, three: F3, factor: float, count: int) -> float:
    """A sum that depends on every extent and every stride."""
    total = 0.0
    for i in range(one.shape[0]):
        total += one[i]
    for i in range(two.shape[0]):
        for j in range(two.shape[1]):
            total += two[i, j] * (i + 10 * j)
    for i in range(three.shape[0]):
        for j in range(three.shape[1]):
            for k in range(three.shape[2]):
                total += three[i, j, k] * (i + 10 * j + 100 * k)
    whole = flat(three)
    for i in range(whole.shape[0]):
        total += whole[i] * i
    return twice(total) * factor + count
