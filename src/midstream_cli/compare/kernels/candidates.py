"""The last step of a search: those windows warped that may be near, neighbours or wherever they are."""

import numpy as np

from midstream_cli.compare.kernels.band import warped
from midstream_cli.compare.kernels.bit_rows import population
from midstream_cli.compare.kernels.scales import WINDOWS, standardise_frames
from midstream_cli.compiled.kernel import F1, I1, inline
from midstream_cli.compiled.vectors import load, store

INF = np.inf

ALL = (1 << WINDOWS) - 1
"""A bit for each window."""


@inline
def copied(stream: F1, stride: int, at: int, n: int, dims: int, frames: F1) -> None:
    """Neighbouring windows side by side, each less its first frame."""
    for dim in range(dims):
        here = at + dim * stride
        origin = load(stream, here, WINDOWS)
        for j in range(n):
            store(frames, (j * dims + dim) * WINDOWS, load(stream, here + j, WINDOWS) - origin)


@inline
def gathered(stream: F1, stride: int, first: int, n: int, dims: int, spots: I1, held: int, frames: F1) -> None:
    """The same of so many windows anywhere; what is left of the vector has the first again."""
    step = np.uint64(dims * WINDOWS)
    for k in range(WINDOWS):
        for dim in range(dims):
            spot = spots[k if k < held else 0]
            here, to = np.uint64(first + spot + dim * stride), np.uint64(dim * WINDOWS + k)
            origin = stream[here]
            for j in range(np.uint64(n)):
                frames[to + j * step] = stream[here + j] - origin


@inline
def _noted(distance: float, at: int, cell: int, places: int, nearest: F1, cells: I1) -> float:
    """Note a distance among the least of cells, of which one holds the windows that begin in it; what so many are within.

    Windows in every other cell share no frame, so that those in even cells are noted apart from those in odd ones.
    """
    within = INF
    which = at // cell
    kinds = len(nearest) // places
    begin = which % kinds * places
    place = 0
    while place < places - 1 and cells[begin + place] != which:
        place += 1
    if distance < nearest[begin + place]:
        while place > 0 and nearest[begin + place - 1] > distance:
            nearest[begin + place] = nearest[begin + place - 1]
            cells[begin + place] = cells[begin + place - 1]
            place -= 1
        nearest[begin + place] = distance
        cells[begin + place] = which
    for kind in range(kinds):
        within = min(within, nearest[(kind + 1) * places - 1])
    return within


@inline
def warp(
    near: int,
    writes: int,
    query: F1,
    n: int,
    dims: int,
    width: int,
    straightly: float,
    rooted: int,
    bound: float,
    frames: F1,
    band: F1,
    spots: I1,
    spot: int,
    begin: int,
    cell: int,
    places: int,
    nearest: F1,
    cells: I1,
    out: F1,
) -> float:
    """The new bound after the frames' windows whose bits are set; writes their distances unless all are beyond the bound."""
    standardise_frames(n, dims, frames)
    if warped(query, n, n, dims, width, straightly, rooted, frames, band, bound):
        for k in range(WINDOWS):
            if near >> k & 1:
                distance = band[width * WINDOWS + k]
                if writes:
                    out[spots[spot + k]] = distance
                if places and distance < bound:
                    bound = min(bound, _noted(distance, begin + spots[spot + k], cell, places, nearest, cells))
    return bound


@inline
def warp_gathered(
    near: int, writes: int,
    query: F1, n: int, stream: F1, stride: int, first: int, dims: int, width: int, straightly: float, rooted: int,
    bound: float, frames: F1, band: F1, spots: I1, begin: int, cell: int, places: int, nearest: F1, cells: I1, out: F1,
) -> float:  # fmt: skip
    """The same of windows wherever they are, those of the lowest bits."""
    gathered(stream, stride, first, n, dims, spots, population(near), frames)
    return warp(
        near, writes, query, n, dims, width, straightly, rooted, bound, frames, band, spots, 0, begin, cell, places, nearest,
        cells, out,
    )  # fmt: skip


@inline
def warp_neighbours(
    near: int, at: int,
    query: F1, n: int, stream: F1, stride: int, first: int, dims: int, width: int, straightly: float, rooted: int,
    bound: float, frames: F1, band: F1, spots: I1, begin: int, cell: int, places: int, nearest: F1, cells: I1, out: F1,
) -> float:  # fmt: skip
    """The same of neighbours; the other half of `spots` is theirs."""
    for k in range(WINDOWS):
        spots[WINDOWS + k] = at + k
    copied(stream, stride, first + at, n, dims, frames)
    return warp(
        near, 1, query, n, dims, width, straightly, rooted, bound, frames, band, spots, WINDOWS, begin, cell, places, nearest,
        cells, out,
    )  # fmt: skip


@inline
def warp_seeds(
    seeds: F1,
    query: F1, n: int, stream: F1, stride: int, first: int, dims: int, width: int, straightly: float, rooted: int,
    bound: float, frames: F1, band: F1, spots: I1, begin: int, cell: int, places: int, nearest: F1, cells: I1, out: F1,
) -> float:  # fmt: skip
    """The bound after windows that look nearest; where they stand are bounds yet, which their distances do not replace."""
    held = 0
    for k in range(len(seeds) if places else 0):
        if seeds[k] < INF:
            spots[held] = int(seeds[k])
            held += 1
        if held == WINDOWS or (held and k == len(seeds) - 1):
            bound = warp_gathered(
                ALL >> (WINDOWS - held), 0, query, n, stream, stride, first, dims, width, straightly, rooted, bound, frames,
                band, spots, begin, cell, places, nearest, cells, out,
            )  # fmt: skip
            held = 0
    return bound
