"""Many windows against many templates at once: dynamic time warping on vectors of pairs."""

import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels import lanes, panels
from midstream_cli.compare.kernels.tiles import LANES
from midstream_cli.compare.many.blocks import Rows, accumulated, block_of, rows_of, shared
from midstream_cli.compare.many.ways import Way, distances_of, share, vanished, way_of
from midstream_cli.compare.warping import diagonals, magnitude
from midstream_cli.compare.warping.convention import Convention, chosen
from midstream_cli.compare.warping.dtw import Library, Metric, StepPattern, dtw
from midstream_cli.compare.warping.window import limits
from midstream_cli.compiled import machine
from midstream_cli.compiled.kernel import VARIABLE
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64

LOADING_US = 30_000.0
"""What loading the compiled kernels takes, in microseconds of processor time."""

BLOCK_BYTES = 1 << 26
"""Numpy takes windows in blocks whose working memory stays about this size."""


class Windows(NamedTuple):
    """Windows of one length in a stream, which is not copied."""

    stream: Float64
    """Shape (frames, dims)."""
    starts: npt.NDArray[np.integer]
    """Shape (count,): the first frame of each."""
    length: int


def distances(
    windows: Float64 | Windows,
    templates: Sequence[Float64],
    *,
    window: float | Sequence[float | None] | None = None,
    step_pattern: StepPattern | None = None,
    metric: Metric | None = None,
    convention: Library | None = None,
    normalised: bool = True,
) -> Float64:
    """Distance of each of many windows from each of many templates under time warping, as `dtw` has it.

    Args:
        windows: shape (count, n, dims); windows that overlap, as `sliding_window_view` makes them, are not copied.
        templates: shapes (m_i, dims).
        window: positions may differ by so many at most (Sakoe-Chiba); of all templates, or of each.
        step_pattern: of `asymmetric`, windows are the query: each vector of them counts once.
        metric: local costs, between vectors.
        convention: the library whose number is wanted, for the same arguments.
        normalised: over the lengths, n + m or n; of `symmetric1`, which has no such length, as they are.

    Returns:
        Shape (count, templates); infinite where the window or the step pattern allows no path.

    Raises:
        UsageError: a value is not finite, dimensions differ, a name is unknown, or a distance is too large or too small
            for a number.
    """
    known = chosen(convention, step_pattern, metric)
    rows, order = _rows(windows)
    wanted = [_template(each, rows.frames.shape[1]) for each in templates]
    bands = list(window) if isinstance(window, Sequence) else [window] * len(wanted)
    if len(bands) != len(wanted):
        raise UsageError(f"{len(bands)} windows for {len(wanted)} templates", "give one for each, or one for all")
    found = np.empty((len(rows.starts), len(wanted)))
    if found.size == 0:
        return found
    found[order] = _compared(_finite(rows), wanted, bands, known)
    if normalised:
        found /= share(rows.lengths[:1], np.array([len(each) for each in wanted], np.int64), known)
    return found


def compiled_pays(count: int, n: int, m: int, dims: int, times: int = 1) -> bool:
    """Whether a job is worth the compiled kernels; once they are in memory, any is.

    Args:
        count: windows of length n, each
        times: compared with so many templates of length m.
    """
    if os.environ.get(VARIABLE) == "off":
        return False
    if machine.is_loaded(lanes.__name__) or machine.is_loaded(panels.__name__):
        return True
    return times * diagonals.predicted_us(n, m, dims, count * n * m) > LOADING_US


def _rows(windows: Float64 | Windows) -> tuple[Rows, Int64]:
    """Windows in the order in which they begin, and which is which."""
    if isinstance(windows, Windows):
        frames, starts, n = np.ascontiguousarray(windows.stream, np.float64), windows.starts, windows.length
    else:
        values = np.asarray(windows, np.float64)
        if values.ndim != 3:
            raise UsageError(f"windows of shape {values.shape}", "give them as (count, length, dims)")
        frames, starts, n = _in_place(values)
    if n < 1 or frames.shape[1] < 1:
        raise UsageError("the windows are empty", "they need at least one vector of one dimension")
    if len(starts) and (starts.min() < 0 or starts.max() + n > len(frames)):
        raise UsageError("a window reaches beyond the stream", "let windows begin and end within it")
    order = np.argsort(starts, kind="stable").astype(np.int64)
    return Rows(frames, starts[order].astype(np.int64), np.full(len(starts), n, np.int64)), order


def _in_place(windows: Float64) -> tuple[Float64, Int64, int]:
    """The stream under windows that overlap evenly, where each begins, and their length; else, a copy."""
    count, n, dims = windows.shape
    step, across, along = windows.strides
    a_frame = dims * 8
    if count and n and dims and (dims == 1 or along == 8) and (n == 1 or across == a_frame):
        hop, rest = divmod(step, a_frame)
        if rest == 0 and 0 <= hop < n:
            length = (count - 1) * hop + n
            stream = np.lib.stride_tricks.as_strided(windows[0], (length, dims), (a_frame, 8), writeable=False)
            return stream, np.arange(count, dtype=np.int64) * hop, n
    return np.ascontiguousarray(windows).reshape(count * n, dims), np.arange(count, dtype=np.int64) * n, n


def _template(values: Float64, dims: int) -> Float64:
    template = np.asarray(values, np.float64)
    if template.ndim != 2 or template.size == 0:
        raise UsageError("a template is empty", "it needs at least one vector of one dimension")
    if template.shape[1] != dims:
        raise UsageError(
            f"vectors of {dims} and of {template.shape[1]} dimensions cannot be compared",
            "compare what was measured with the same feature",
        )
    if not np.isfinite(template).all():
        raise UsageError("a template has a value that is not finite", "leave such vectors out")
    return template


def _finite(rows: Rows) -> Rows:
    """The same with nothing that is not finite between the windows.

    Raises:
        UsageError: a window has such a value.
    """
    if np.isfinite(max(float(rows.frames.max()), -float(rows.frames.min()))):
        return rows
    sound = np.logical_and.reduce(np.isfinite(rows.frames), axis=1)
    until: Int64 = np.concatenate([[0], np.cumsum(~sound)])
    if (until[rows.starts + rows.lengths] > until[rows.starts]).any():
        raise UsageError("a window has a value that is not finite", "leave such windows out")
    return rows._replace(frames=np.where(sound[:, None], rows.frames, 0.0))


def _compared(rows: Rows, templates: list[Float64], bands: Sequence[float | None], known: Convention) -> Float64:
    """Distances, shape (windows, templates)."""
    n = int(rows.lengths[0])

    def alone(i: int, k: int) -> float:
        each = rows.frames[rows.starts[i] : rows.starts[i] + n]
        names = {"convention": known.name, "step_pattern": known.step_pattern, "metric": known.metric}
        return dtw(each, templates[k], window=bands[k], **names).distance  # type: ignore[arg-type]

    ways = [way_of(known, band, n, len(each)) for band, each in zip(bands, templates, strict=True)]
    exponent = magnitude.exponent(rows.frames, *templates)
    ordinary = rows._replace(frames=magnitude.scaled(rows.frames, exponent))
    scaled = [magnitude.scaled(each, exponent) for each in templates]
    costs = np.zeros((len(rows.starts), len(templates)))
    one_by_one = np.zeros(costs.shape, np.bool_)
    for way in dict.fromkeys(ways):
        alike = [k for k, other in enumerate(ways) if other == way]
        if way == "uneven":
            one_by_one[:, alike] = True
        else:
            costs[:, alike] = _costs(ordinary, [scaled[k] for k in alike], way)
    small = vanished(costs, known)
    # where no number is tiny, small costs are what they seem
    if small.any() and not magnitude.is_ordinary(rows.frames, *templates):
        one_by_one |= small
    found = distances_of(np.where(one_by_one, 0.0, costs), exponent, known)
    for i, k in np.argwhere(one_by_one).tolist():
        found[i, k] = alone(i, k)
    return found


def _costs(rows: Rows, templates: list[Float64], way: Way) -> Float64:
    """Accumulated costs of sequences of ordinary magnitude."""
    found = np.empty((len(rows.starts), len(templates)))
    count, n, dims = len(rows.starts), int(rows.lengths[0]), rows.frames.shape[1]
    mean = sum(len(each) for each in templates) // len(templates)
    if way.step_pattern != "asymmetric" and not compiled_pays(count, n, mean, dims, len(templates)):
        return by_diagonals(rows, templates, way)
    # near in length, so that little of a block is padding
    order = np.argsort([len(each) for each in templates], kind="stable")
    lines = rows_of([templates[k] for k in order])
    if _templates_are_lanes(rows, lines.lengths, way):
        for at in range(0, len(templates), LANES):
            own = range(at, min(at + LANES, len(templates)))
            costs = accumulated(rows, 0, count, block_of(lines, own), way)
            found[:, order[at : at + LANES]] = costs[:, : len(own)]
    else:
        for at in range(0, count, LANES):
            own = range(at, min(at + LANES, count))
            costs = accumulated(lines, 0, len(templates), block_of(rows, own), way)
            found[at : at + LANES, order] = costs[:, : len(own)].T
    return found


def by_diagonals(rows: Rows, templates: list[Float64], way: Way) -> Float64:
    """Accumulated costs in numpy, infinite where the window allows no path."""
    found = np.full((len(rows.starts), len(templates)), np.inf)
    n, dims = int(rows.lengths[0]), rows.frames.shape[1]
    options = {"double": way.step_pattern == "symmetric2", "squared": not way.euclidean}
    at_once = max(1, BLOCK_BYTES // (8 * (n + 1) * (dims + 6)))
    for at in range(0, len(rows.starts), at_once):
        windows = rows.frames[rows.starts[at : at + at_once, None] + np.arange(n)]
        for k, template in enumerate(templates):
            m = len(template)
            if way.window is None or abs(n - m) <= way.window:
                first, final = limits(
                    "midstream", "sakoe-chiba", max(n, m) if way.window is None else way.window, n, m, 0
                )
                found[at : at + at_once, k] = diagonals.accumulate(windows, template, first, final, **options)
    return found


def _templates_are_lanes(rows: Rows, lengths: Int64, way: Way) -> bool:
    """Whether lanes are better filled by templates than by windows.

    Lanes that stay empty are lost; but where lanes are templates, windows that overlap share their local costs.
    """
    if way.step_pattern == "asymmetric":
        return True
    count, dims = len(rows.starts), rows.frames.shape[1]
    local = dims + (4 if way.euclidean else 0)
    chunks = shared(rows, 0, count, int(lengths.max())) if dims > 1 else []
    measured = sum(until - int(rows.starts[begin]) for begin, _, until in chunks) or int(rows.lengths.sum())
    by_templates = -(-len(lengths) // LANES) * (2 * int(rows.lengths.sum()) + local * measured)
    by_windows = -(-count // LANES) * len(lengths) * int(rows.lengths[0]) * (2 + local)
    return bool(by_templates <= by_windows)
