"""Local costs of one vector of a stream to every vector of a block of templates: lanes are templates.

A block has `rows` rows, as many as its longest template has vectors, up to a multiple of `TILE`; rows beyond the end of a
template are infinitely far from everything. It lies in a flat array: per lane the centre and the inverse unit of each
dimension (`dims` vectors of lanes each), then the templates by tile, dimension, and row of the tile.
"""

from midstream_cli.compiled.kernel import F1, inline
from midstream_cli.compiled.vectors import REGISTER, bits, fma, load, mask, pattern, root, splat, store

LANES = 2 * REGISTER
TILE = 4
"""Rows whose costs are summed at once: enough sums that none waits for another."""


@inline
def missing(vectors: F1, at: int, dims: int, greatest: float) -> bool:
    """Whether a vector holds a number that is not finite, or too great: bit patterns order numbers without their sign."""
    sign = splat(0x7FFFFFFFFFFFFFFF, REGISTER)
    limit = pattern(splat(greatest, REGISTER))
    beyond = mask(0, REGISTER)
    for d in range(dims):
        beyond = beyond | ((pattern(splat(vectors[at + d], REGISTER)) & sign) > limit)
    return bits(beyond) != 0


@inline
def measure(
    vectors: F1, at: int, dims: int, constants: F1, first: int, rows: int, state: F1, costs: int, rooted: int
) -> None:
    """Local costs of one vector to each row of a block."""
    for d in range(dims):
        centred = splat(vectors[at + d], LANES) - load(constants, first + d * LANES, LANES)
        store(state, d * LANES, centred * load(constants, first + (dims + d) * LANES, LANES))
    template = first + 2 * dims * LANES
    for row in range(0, rows, TILE):
        sum0 = splat(0.0, LANES)
        sum1 = splat(0.0, LANES)
        sum2 = splat(0.0, LANES)
        sum3 = splat(0.0, LANES)
        for d in range(dims):
            x = load(state, d * LANES, LANES)
            apart0 = load(constants, template, LANES) - x
            apart1 = load(constants, template + LANES, LANES) - x
            apart2 = load(constants, template + 2 * LANES, LANES) - x
            apart3 = load(constants, template + 3 * LANES, LANES) - x
            sum0 = fma(apart0, apart0, sum0)
            sum1 = fma(apart1, apart1, sum1)
            sum2 = fma(apart2, apart2, sum2)
            sum3 = fma(apart3, apart3, sum3)
            template += TILE * LANES
        if rooted:
            sum0 = root(sum0)
            sum1 = root(sum1)
            sum2 = root(sum2)
            sum3 = root(sum3)
        store(state, costs + row * LANES, sum0)
        store(state, costs + (row + 1) * LANES, sum1)
        store(state, costs + (row + 2) * LANES, sum2)
        store(state, costs + (row + 3) * LANES, sum3)
