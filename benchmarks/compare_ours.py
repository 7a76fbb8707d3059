"""midstream's own calls, for the same work as its peers."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

from compare_peers import upper
from compare_token_peers import operations_read
from compare_work import Numbers, Pair, Rows, Search, Stream, Tokens, Way, Windows
from midstream_cli.compare import (
    SlidingWindow,
    Spring,
    Subsequence,
    distance,
    dtw,
    edit_distance,
    find,
    kernels,
    lcs,
    pairwise,
)
from midstream_cli.compare.kernels import pair, table
from midstream_cli.compare.many import batch
from midstream_cli.compare.names import edit_batch
from midstream_cli.compiled import machine
from midstream_cli.compiled.kernel import declared

SQUARED: Any = {"step_pattern": "symmetric1", "metric": "squared"}
"""What all peers mean: squared differences, each step of the path once."""


class Midstream:
    """The public functions, as a user calls them, once the kernels are in memory."""

    name = "midstream"

    def __init__(self) -> None:
        # a first small job goes without them: no peer's import and compilation is timed either
        for found in iter_modules(kernels.__path__, f"{kernels.__name__}."):
            import_module(found.name)
            if declared(found.name):
                machine.load(found.name)

    def distance(self, work: Pair) -> Iterator[Way]:
        """The distance alone, and as an alignment without a path."""
        first, second, band = work.first, work.second, work.band
        if band is None:
            # as it is written in a program: unpacking keywords takes a third of the time that 64 x 64 cells do
            yield Way(self.name, "distance", lambda: distance(first, second, convention="aeon"))
            yield Way(self.name, "dtw", lambda: dtw(first, second, convention="aeon"), _distance)
        else:
            yield Way(self.name, "distance", partial(distance, first, second, window=band, **SQUARED))
        if work.first.ndim == 1 and work.band is None:
            run = pair.pair.function(hold_gil=True)
            room = np.empty(pair.room(len(work.first), len(work.second)))
            yield Way(self.name, "the kernel alone", partial(run, work.first, work.second, room, table.SQUARED))

    def path(self, work: Pair) -> Iterator[Way]:
        """With the distance."""
        first, second = work.first, work.second
        yield Way(
            self.name,
            "dtw(alignment=True)",
            lambda: dtw(first, second, convention="aeon", alignment=True),
            lambda found: np.asarray(found.path),
        )

    def matrix(self, work: Rows) -> Iterator[Way]:
        """On one core; where others take more, on both numbers of cores."""
        call = partial(pairwise, list(work.values), window=work.band, **SQUARED, normalised=False)
        for jobs in sorted({1, work.workers}):
            yield Way(self.name, f"pairwise(jobs={jobs})", partial(call, jobs=jobs), upper)

    def windows(self, work: Windows) -> Iterator[Way]:
        """All at once, as windows of a stream and as windows of their own; and while the stream flows, a call a frame."""
        length = work.windows.shape[1]
        overlapping = np.lib.stride_tricks.sliding_window_view(work.stream, length, axis=0).swapaxes(1, 2)
        call = partial(batch.distances, **SQUARED, normalised=False)
        yield Way(self.name, "batch.distances", partial(call, overlapping, list(work.templates)), np.ravel)
        yield Way(self.name, "of windows that lie apart", partial(call, work.windows, list(work.templates)), np.ravel)
        sliding = SlidingWindow(list(work.templates), **SQUARED)
        sliding.extend(work.stream[: length - 1])
        flowing = frame_by_frame(sliding.update, work.stream[length - 1 :])
        yield Way(self.name, "SlidingWindow", flowing, lambda found: np.ravel(found) * length)
        spring = spring_of(work.templates, work.stream)
        yield Way(self.name, "SPRING", frame_by_frame(spring.update, work.stream[length - 1 :]), None)

    def stream(self, work: Stream) -> Iterator[Way]:
        """The best of the matches that are reported frame by frame, and at the end."""
        spring = spring_of(work.templates)
        update, frames = spring.update, list(work.frames)

        def found() -> list[Subsequence]:
            begun = spring.position
            matches = [match for frame in frames for match in update(frame)] + spring.finish()
            best = {match.signature: match for match in sorted(matches, key=lambda match: -match.distance)}
            return [best[i]._replace(start=best[i].start - begun, end=best[i].end - begun) for i in sorted(best)]

        def read(matches: list[Subsequence]) -> Numbers:
            return np.array([[match.distance, match.start, match.end - 1] for match in matches])

        yield Way(self.name, "SPRING", found, read)

    def search(self, work: Search) -> Iterator[Way]:
        """The nearest stretch of any length."""
        call = partial(find, work.query, work.series, **SQUARED)
        yield Way(
            self.name, "find", call, lambda found: np.array([found[0].distance, found[0].start, found[0].end - 1])
        )

    def scaled_search(self, work: Search) -> Iterator[Way]:
        """The nearest stretch as long as the query."""
        call = partial(find, work.query, work.series, **SQUARED, normalise=True, window=work.band)
        yield Way(self.name, "find(normalise=True)", call, lambda found: np.array([found[0].distance, found[0].start]))

    def profile(self, work: Search) -> Iterator[Way]:
        """The nearest stretch, position by position."""
        yield Way(self.name, "find", partial(find, work.query, work.series, algorithm="euclidean"), self._nearest)

    def scaled_profile(self, work: Search) -> Iterator[Way]:
        """The same, of stretches in units of their own deviation."""
        call = partial(find, work.query, work.series, algorithm="euclidean", normalise=True)
        yield Way(self.name, "find(normalise=True)", call, self._nearest)

    def _nearest(self, found: Any) -> Numbers:
        return np.array([found[0].distance ** 2, found[0].start])

    def tokens(self, work: Tokens) -> Iterator[Way]:
        """Of arrays, as token streams are kept, and of text."""
        call = self._measure(work)
        yield Way(self.name, "distance of arrays", partial(call, work.first, work.second), _distance)
        yield Way(self.name, "distance of str", partial(call, work.text(work.first), work.text(work.second)), _distance)

    def operations(self, work: Tokens) -> Iterator[Way]:
        """With the distance."""
        call = partial(self._measure(work), alignment=True)
        yield Way(self.name, "operations of arrays", partial(call, work.first, work.second), _operations)
        texts = work.text(work.first), work.text(work.second)
        yield Way(self.name, "operations of str", partial(call, *texts), _operations)

    def token_windows(self, work: Tokens) -> Iterator[Way]:
        """A matrix, on one thread."""
        algorithm: Any = "lcs" if work.measure == "lcs" else "edit"
        call = partial(edit_batch.distances, algorithm=algorithm)
        yield Way(self.name, "distances of arrays", partial(call, work.first, work.second))
        texts = [[work.text(row) for row in each] for each in (work.first, work.second)]
        yield Way(self.name, "distances of str", partial(call, *texts))

    def _measure(self, work: Tokens) -> Callable[..., Any]:
        return lcs if work.measure == "lcs" else edit_distance


def _distance(found: Any) -> Any:
    return np.asarray(found.distance)


def _operations(found: Any) -> Any:
    return operations_read(found.operations)


MATCHES = 5
"""In the stream that a threshold is set by: of a thousand frames, a hundred a second, one match every two seconds."""


def spring_of(templates: Numbers, stream: Numbers | None = None) -> Spring:
    """With a threshold that a few stretches of a stream reach; without a stream, every local best is a match."""
    spring = Spring(list(templates), **SQUARED)
    if stream is None:
        return spring
    found = sorted(match.normalised for match in [*spring.extend(stream), *spring.finish()])
    return Spring(list(templates), threshold=found[MATCHES - 1], **SQUARED)


def frame_by_frame(update: Callable[[Numbers], Any], stream: Numbers) -> Callable[[], list[Any]]:
    """A call for each frame, as a live stream makes it."""
    frames = list(stream)
    return lambda: [update(frame) for frame in frames]
