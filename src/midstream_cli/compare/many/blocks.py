"""Sequences compared with a block of others at once: what the kernels `lanes` and `panels` are given."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from midstream_cli.compare.kernels import lanes, panels
from midstream_cli.compare.kernels.tiles import LANES, ROWS
from midstream_cli.compare.many.ways import Way
from midstream_cli.compiled.kernel import Kernel
from midstream_cli.compiled.vectors import aligned
from midstream_cli.frames import Float64, Int64

PANEL_BYTES = 1 << 21
"""Local costs that several windows share are computed for so many frames at once that they stay near the processor,"""

MOST_PANEL_BYTES = 1 << 25
"""or for twice as many as a window has, where this much allows it."""

PAGE = 4096
"""Bytes by which addresses of loads and stores are first compared."""


class Rows(NamedTuple):
    """Sequences that lie in one array, one behind the other or overlapping."""

    frames: Float64
    """Shape (frames, dims), contiguous."""
    starts: Int64
    """Ascending, for each sequence."""
    lengths: Int64


class Block(NamedTuple):
    """Sequences that are interleaved, a lane each."""

    columns: Float64
    """Shape (longest * dims * LANES,)."""
    ends: Int64
    """Shape (LANES,): how long each is."""
    longest: int


def rows_of(sequences: Sequence[Float64]) -> Rows:
    """Sequences of shape (n_i, dims) one behind the other."""
    lengths = np.array([len(each) for each in sequences], np.int64)
    return Rows(np.ascontiguousarray(np.concatenate(sequences)), np.cumsum(lengths) - lengths, lengths)


def block_of(rows: Rows, which: range) -> Block:
    """At most LANES of some sequences as a block."""
    starts, lengths = rows.starts[which.start : which.stop], rows.lengths[which.start : which.stop]
    ends = np.ones(LANES, np.int64)
    ends[: len(lengths)] = lengths
    longest = int(ends.max())
    columns = aligned((longest, rows.frames.shape[1], LANES))
    if len(lengths) and (lengths == longest).all():
        if (starts[1:] - starts[:-1] == longest).all():
            alike = rows.frames[starts[0] : starts[0] + len(starts) * longest].reshape(len(starts), longest, -1)
        else:
            alike = rows.frames[starts[:, None] + np.arange(longest)]
        columns[:, :, : len(lengths)] = alike.transpose(1, 2, 0)
    else:
        for lane, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True)):
            columns[:length, :, lane] = rows.frames[start : start + length]
    return Block(columns.reshape(-1), ends, longest)


def _beside(columns: Float64, count: int) -> Float64:
    """Room that is half a page away from the columns, in any page: else loads of one wait for stores to the other."""
    room = aligned(count + PAGE // 8)
    away = (columns.ctypes.data + PAGE // 2 - room.ctypes.data) % PAGE // 8
    return room[away : away + count]


def accumulated(rows: Rows, first: int, stop: int, block: Block, way: Way) -> Float64:
    """Costs of the best paths of some of the rows from each sequence of a block.

    Returns:
        Shape (stop - first, LANES); without meaning where there is no sequence, infinite where the window allows no path.
    """
    out = np.empty((stop - first) * LANES)
    widest = int(rows.lengths[first:stop].max()) + block.longest
    window = widest if way.window is None else min(way.window, widest)
    above = _beside(block.columns, block.longest * LANES)
    flat = rows.frames.reshape(-1)
    of_numbers = _OF_NUMBERS.get((way.step_pattern, way.euclidean)) if rows.frames.shape[1] == 1 else None
    weight = _WEIGHTS[way.step_pattern]
    if of_numbers:
        of_numbers(
            flat,
            rows.starts,
            rows.lengths,
            first,
            stop,
            block.columns,
            block.ends,
            block.longest,
            window,
            weight,
            above,
            out,
        )
    else:
        _over_panels(rows, first, stop, block, way, window, above, out)
    found = out.reshape(-1, LANES)
    if way.window is not None and way.window < widest:
        found[np.abs(rows.lengths[first:stop, None] - block.ends) > way.window] = np.inf
    return found


def _over_panels(
    rows: Rows, first: int, stop: int, block: Block, way: Way, window: int, above: Float64, out: Float64
) -> None:
    """Local costs first: of a frame once for all windows that it is in, where windows overlap."""
    flat, dims, m = rows.frames.reshape(-1), rows.frames.shape[1], block.longest
    kernel = panels.asymmetric if way.step_pattern == "asymmetric" else panels.symmetric

    def run(begin: int, end: int, origin: int, panel: Float64) -> None:
        part = out[(begin - first) * LANES : (end - first) * LANES]
        kernel(
            flat,
            rows.starts,
            rows.lengths,
            begin,
            end,
            dims,
            block.columns,
            block.ends,
            m,
            window,
            _WEIGHTS[way.step_pattern],
            int(way.euclidean),
            origin,
            panel,
            above,
            part,
        )

    chunks = shared(rows, first, stop, m)
    if not chunks:
        run(first, stop, -1, aligned(ROWS * m * LANES))
        return
    panel = aligned((max(until - rows.starts[begin] for begin, _, until in chunks) + ROWS - 1) * m * LANES)
    for begin, end, until in chunks:
        origin = int(rows.starts[begin])
        panels.costs(flat, origin, until - origin, dims, block.columns, m, int(way.euclidean), panel)
        run(begin, end, origin, panel)


def shared(rows: Rows, first: int, stop: int, m: int) -> list[tuple[int, int, int]]:
    """Runs of windows that overlap so much that their frames' costs are better computed once.

    Returns:
        From which window, up to which, and up to which frame; nothing where it would not pay.
    """
    starts, ends = rows.starts[first:stop], (rows.starts + rows.lengths)[first:stop]
    longest, a_frame = int(rows.lengths[first:stop].max()), 8 * m * LANES
    most = max(PANEL_BYTES // a_frame, min(2 * longest, MOST_PANEL_BYTES // a_frame))
    least = int(rows.lengths[first:stop].min())
    # a panel that is written and read again costs more than one of four rows
    enough = int(rows.lengths[first:stop].sum()) / 1.5
    if least < ROWS or most < longest or ends.max() - starts[0] > enough:
        return []
    chunks, used, begin = [], 0, 0
    while begin < len(starts):
        end = max(begin + 1, int(np.searchsorted(ends, starts[begin] + most, side="right")))
        until = int(ends[begin:end].max())
        chunks.append((first + begin, first + end, until))
        used += until - int(starts[begin])
        begin = end
    return chunks if used < enough else []


_WEIGHTS = {"symmetric1": 0.0, "symmetric2": 1.0, "asymmetric": 0.0}
"""How much more a diagonal step counts than any other."""

_OF_NUMBERS: dict[tuple[str, bool], Kernel[..., Any]] = {
    ("symmetric1", False): lanes.squared,
    ("symmetric1", True): lanes.distance,
    ("symmetric2", True): lanes.distance,
}
