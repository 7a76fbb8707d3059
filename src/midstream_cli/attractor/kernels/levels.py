"""Whether a level that came with a change is there to stay, and taking it for the usual one."""

from midstream_cli.attractor.kernels.channels import (
    BIAS,
    DEEP,
    FAR,
    INPUT,
    INVERSE,
    LEVEL,
    MEAN,
    REAL,
    RING,
    RIPPLE,
    ROWS,
    SCORE,
    SPREAD,
    TREMOR,
    VARIANCE,
    kept,
    total,
)
from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import REGISTER, fma, load, splat, store


@inline
def stretch(c: F1, at: int, blocks: int, n: int) -> None:
    """Mean and variance of the latest `n` frames, and of their scores."""
    one = splat(1.0, REGISTER)
    share = splat(1.0 / n, REGISTER)
    past = splat(0.0 if n == 1 else 1.0, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        inverse = load(c, row + INVERSE * REGISTER, REGISTER)
        for number, mean, variance, unit in (
            (INPUT, LEVEL, RIPPLE, inverse),
            (SCORE, BIAS, TREMOR, one),
        ):
            came = load(c, row + number * REGISTER, REGISTER)
            level = past * load(c, row + mean * REGISTER, REGISTER)
            off = came - level
            level = fma(share, off, level)
            store(c, row + mean * REGISTER, level)
            moved = kept(off * unit, FAR) * kept((came - level) * unit, FAR)
            found = past * load(c, row + variance * REGISTER, REGISTER)
            store(c, row + variance * REGISTER, fma(share, moved - found, found))


@inline
def unrest(c: F1, at: int, blocks: int, dims: int) -> float:
    """The variance of the scores of the latest stretch; or, if it is more, that of the stretch over one and a half times the usual."""
    moved = splat(0.0, REGISTER)
    trembled = splat(0.0, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        real = load(c, row + REAL * REGISTER, REGISTER)
        ratio = load(c, row + RIPPLE * REGISTER, REGISTER) / load(c, row + SPREAD * REGISTER, REGISTER)
        moved = fma(ratio, real, moved)
        trembled = fma(load(c, row + TREMOR * REGISTER, REGISTER), real, trembled)
    return max(total(moved) / 1.5, total(trembled)) / dims


@inline
def adopt(c: F1, at: int, blocks: int, factor: float) -> None:
    """Take the level of the latest stretch for the usual one; residuals vary by a factor more."""
    more = splat(factor, REGISTER)
    for block in range(blocks):
        row = at + block * ROWS * REGISTER
        variance = row + VARIANCE * REGISTER
        store(c, variance, load(c, variance, REGISTER) * more)
        store(c, row + MEAN * REGISTER, load(c, row + LEVEL * REGISTER, REGISTER))


@inline
def clear(c: F1, at: int, blocks: int) -> None:
    """Empty the ring."""
    for block in range(blocks):
        row = at + (block * ROWS + RING) * REGISTER
        for each in range(DEEP):
            store(c, row + each * REGISTER, splat(0.0, REGISTER))
