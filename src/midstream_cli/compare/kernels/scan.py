"""A query slid along a long stream under time warping: the nearest stretch that ends at each frame.

M. Müller, "Information Retrieval for Music and Motion", Springer 2007, section 4.4: a path may begin and end at any frame
of the stream. Rows are the query's, one a lane, skewed so that one step is one column further in each: the state of
`ROWS` of them stays in registers while the stream passes by, and their last is the boundary of the next.
"""

from collections.abc import Callable

import numpy as np

from midstream_cli.compiled.kernel import F1, inline, kernel
from midstream_cli.compiled.vectors import (
    REGISTER,
    Lanes,
    absolute,
    fma,
    lane,
    load,
    maximum,
    minimum,
    minimum_cost,
    root,
    select,
    shift_in,
    splat,
)

ROWS = 8 * REGISTER
"""Rows that are taken at once."""

SYMMETRIC1, SYMMETRIC2, ASYMMETRIC = 0, 1, 2
"""Step patterns: a diagonal step counts once, or twice; or each row counts once, and a column may be skipped."""

ABSOLUTE, SQUARE, SQUARES, EUCLIDEAN = 0, 1, 2, 3
"""Local costs: of numbers, and of vectors."""

INF = np.inf

Slide = Callable[[F1, F1, int, int, int, int, int, int, int, int, F1], None]


@inline
def _squares(d: Lanes, query: F1, stream: F1, row: int, rows: int, dims: int, stride: int, at: int) -> Lanes:
    """Squared distances of vectors, whose first dimension is `d` apart."""
    total = d * d
    for dim in range(1, dims):
        d = load(query, row + dim * rows, ROWS) - load(stream, at + dim * stride, ROWS)
        total = fma(d, d, total)
    return total


def _sliding(pattern: int, cost: int) -> Slide:
    """The loop over a stream for one step pattern and one local cost, which are constants to the compiler."""

    @inline
    def slide(
        query: F1,
        stream: F1,
        row: int,
        rows: int,
        dims: int,
        stride: int,
        last: int,
        m: int,
        which: int,
        bottom: int,
        work: F1,
    ) -> None:
        head, infs = load(query, row, ROWS), splat(INF, ROWS)
        now, before, further = infs, infs, infs
        for s in range(m + bottom):
            at = last - s
            d = head - load(stream, at, ROWS)
            if cost == ABSOLUTE:
                c = absolute(d)
            elif cost == SQUARE:
                c = d * d
            else:
                c = _squares(d, query, stream, row, rows, dims, stride, at)
                if which == EUCLIDEAN:
                    c = root(c)
            up = shift_in(now, work[s])
            if pattern == ASYMMETRIC:
                now = minimum(minimum_cost(up, before), further) + c
                further = before
            elif pattern == SYMMETRIC2:
                now = minimum(minimum_cost(up, now), before + c) + c
            else:
                now = minimum(minimum_cost(up, now), before) + c
            before = up
            # a lane that is known is taken from a register
            if bottom == ROWS - 1 and s >= bottom:
                work[s - bottom] = lane(now, ROWS - 1)
            elif s >= bottom:
                work[s - bottom] = lane(now, bottom)

    return slide


_symmetric1_absolute = _sliding(SYMMETRIC1, ABSOLUTE)
_symmetric1_square = _sliding(SYMMETRIC1, SQUARE)
_symmetric1_vectors = _sliding(SYMMETRIC1, SQUARES)
_symmetric2_absolute = _sliding(SYMMETRIC2, ABSOLUTE)
_symmetric2_square = _sliding(SYMMETRIC2, SQUARE)
_symmetric2_vectors = _sliding(SYMMETRIC2, SQUARES)
_asymmetric_absolute = _sliding(ASYMMETRIC, ABSOLUTE)
_asymmetric_square = _sliding(ASYMMETRIC, SQUARE)
_asymmetric_vectors = _sliding(ASYMMETRIC, SQUARES)


@kernel
def scan(
    query: F1, n: int, stream: F1, stride: int, first: int, m: int, dims: int, pattern: int, cost: int, work: F1
) -> None:
    """Distance of the nearest stretch that ends at each of `m` frames.

    Args:
        query: (dims, rows): `n` of them, filled up to a multiple of `ROWS` with finite numbers.
        stream: (dims, stride): from the last frame, at `first`, to the first; `ROWS` finite numbers on either side.
        work: m + ROWS; zeros before, distances after.
    """
    rows = len(query) // dims
    for row in range(0, rows, ROWS):
        bottom = (n if row + ROWS == rows else row + ROWS) - row - 1
        kind = 3 * pattern + (SQUARES if cost == EUCLIDEAN else cost)
        if kind == 0:
            _symmetric1_absolute(query, stream, row, rows, dims, stride, first + m - 1, m, cost, bottom, work)
        elif kind == 1:
            _symmetric1_square(query, stream, row, rows, dims, stride, first + m - 1, m, cost, bottom, work)
        elif kind == 2:
            _symmetric1_vectors(query, stream, row, rows, dims, stride, first + m - 1, m, cost, bottom, work)
        elif kind == 3:
            _symmetric2_absolute(query, stream, row, rows, dims, stride, first + m - 1, m, cost, bottom, work)
        elif kind == 4:
            _symmetric2_square(query, stream, row, rows, dims, stride, first + m - 1, m, cost, bottom, work)
        elif kind == 5:
            _symmetric2_vectors(query, stream, row, rows, dims, stride, first + m - 1, m, cost, bottom, work)
        elif kind == 6:
            _asymmetric_absolute(query, stream, row, rows, dims, stride, first + m - 1, m, cost, bottom, work)
        elif kind == 7:
            _asymmetric_square(query, stream, row, rows, dims, stride, first + m - 1, m, cost, bottom, work)
        else:
            _asymmetric_vectors(query, stream, row, rows, dims, stride, first + m - 1, m, cost, bottom, work)


@kernel
def trace(
    query: F1,
    n: int,
    stream: F1,
    stride: int,
    first: int,
    m: int,
    dims: int,
    pattern: int,
    cost: int,
    work: F1,
    starts: F1,
) -> None:
    """The same with where each stretch starts; of equally near ones the shortest.

    Args:
        starts: m + ROWS; 0, 1, 2 ... before; counted from the first of the frames.
    """
    rows = len(query) // dims
    last = first + m - 1
    infs, nowhere = splat(INF, ROWS), splat(-1.0, ROWS)
    for row in range(0, rows, ROWS):
        bottom = (n if row + ROWS == rows else row + ROWS) - row - 1
        head = load(query, row, ROWS)
        now, before, further = infs, infs, infs
        now_from, before_from, further_from = nowhere, nowhere, nowhere
        for s in range(m + bottom):
            at = last - s
            d = head - load(stream, at, ROWS)
            if cost == ABSOLUTE:
                c = absolute(d)
            else:
                c = _squares(d, query, stream, row, rows, dims, stride, at)
                if cost == EUCLIDEAN:
                    c = root(c)
            up, up_from = shift_in(now, work[s]), shift_in(now_from, starts[s])
            straight = before + c if pattern == SYMMETRIC2 else before
            aside = further if pattern == ASYMMETRIC else now
            aside_from = further_from if pattern == ASYMMETRIC else now_from
            best = minimum(minimum(up, aside), straight)
            latest = maximum(select(aside == best, aside_from, nowhere), select(up == best, up_from, nowhere))
            now_from = maximum(latest, select(straight == best, before_from, nowhere))
            now = best + c
            further, further_from = before, before_from
            before, before_from = up, up_from
            if s >= bottom:
                work[s - bottom] = lane(now, bottom)
                starts[s - bottom] = lane(now_from, bottom)
