"""The libraries beside midstream: for each kind of work, their fastest documented calls for the same definition.

Everything a call needs is laid out beforehand, as the library wants it, and is not part of its time. What a call returns
is read as midstream means it: squared differences summed along the best path, without a root, over no length.
"""

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from compare_work import Numbers, Pair, Rows, Search, Stream, Way, Windows


def upper(matrix: Any) -> Numbers:
    """The pairs of a symmetric matrix, in the order of its rows."""
    full = np.asarray(matrix)
    return full[np.triu_indices(len(full), 1)]


def nearest(profile: Any) -> Numbers:
    """The least of a profile of distances, squared, and where it is."""
    found = np.asarray(profile)
    return np.array([found.min() ** 2, found.argmin()])


def upper_squared(matrix: Any) -> Numbers:
    """The pairs of a symmetric matrix of roots."""
    return np.square(upper(matrix))


class Dtaidistance:
    """C, behind Python that checks the types of arguments; distances are rooted, a window counts the diagonal."""

    name = "dtaidistance"

    def __init__(self) -> None:
        self.dtw = import_module("dtaidistance.dtw")
        self.many = import_module("dtaidistance.dtw_ndim")
        self.c = import_module("dtaidistance.dtw_cc")
        self.subsequence = import_module("dtaidistance.subsequence.dtw")

    def distance(self, work: Pair) -> Iterator[Way]:
        """With pruning as by default, without, and past the Python around it."""
        window = {} if work.band is None else {"window": work.band + 1}
        given = work.first, work.second
        python, c = (
            (self.dtw.distance_fast, self.c.distance)
            if work.first.ndim == 1
            else (self.many.distance_fast, self.c.distance_ndim)
        )
        yield Way(self.name, "distance_fast", partial(python, *given, **window), np.square)
        yield Way(self.name, "use_pruning=False", partial(python, *given, use_pruning=False, **window), np.square)
        yield Way(self.name, "dtw_cc", partial(c, *given, **window), np.square)

    def path(self, work: Pair) -> Iterator[Way]:
        """The path alone is as much work as with the distance."""
        yield Way(self.name, "warping_path_fast", partial(self.dtw.warping_path_fast, work.first, work.second))

    def matrix(self, work: Rows) -> Iterator[Way]:
        """Half a matrix, as a flat array."""
        window = {} if work.band is None else {"window": work.band + 1}
        call = partial(
            self.dtw.distance_matrix_fast,
            work.values,
            compact=True,
            parallel=work.workers > 1,
            only_triu=True,
            **window,
        )
        yield Way(self.name, "distance_matrix_fast", call, np.square)

    def windows(self, work: Windows) -> Iterator[Way]:
        """One block of a matrix over both."""
        both = np.concatenate([work.windows, work.templates])
        count, everything = len(work.windows), len(both)
        call = partial(
            self.many.distance_matrix_fast,
            both,
            both.shape[2],
            block=((0, count), (count, everything)),
            compact=True,
            parallel=False,
        )
        yield Way(self.name, "distance_matrix_fast", call, np.square)

    def search(self, work: Search) -> Iterator[Way]:
        """The best of its subsequence alignment; its default penalty is another definition."""

        def best() -> Any:
            return self.subsequence.subsequence_alignment(work.query, work.series, penalty=0, use_c=True).best_match()

        yield Way(self.name, "subsequence_alignment", best, lambda found: np.array([found.distance**2, *found.segment]))


class Aeon:
    """numba; sequences are (dims, n), and as views of (n, dims) arrays several times as fast."""

    name = "aeon"

    def __init__(self) -> None:
        self.distances = import_module("aeon.distances")

    def distance(self, work: Pair) -> Iterator[Way]:
        """Of one dimension as they are, of several in both layouts."""
        window = {} if work.band is None else {"window": work.share}
        call = self.distances.dtw_distance
        yield Way(self.name, "dtw_distance", partial(call, work.first.T, work.second.T, **window))
        if work.first.ndim > 1:
            copied = np.ascontiguousarray(work.first.T), np.ascontiguousarray(work.second.T)
            yield Way(self.name, "of contiguous arrays", partial(call, *copied, **window))

    def path(self, work: Pair) -> Iterator[Way]:
        """With the distance."""
        call = partial(self.distances.dtw_alignment_path, work.first, work.second)
        yield Way(self.name, "dtw_alignment_path", call, lambda found: np.asarray(found[0]))

    def matrix(self, work: Rows) -> Iterator[Way]:
        """The whole matrix, of which it computes half."""
        window = {} if work.band is None else {"window": work.share}
        call = partial(self.distances.dtw_pairwise_distance, work.values, n_jobs=work.workers, **window)
        yield Way(self.name, "dtw_pairwise_distance", call, upper)

    def windows(self, work: Windows) -> Iterator[Way]:
        """In both layouts."""
        call, given = self.distances.dtw_pairwise_distance, (work.windows, work.templates)
        yield Way(self.name, "dtw_pairwise_distance", partial(call, *(each.swapaxes(1, 2) for each in given)), np.ravel)
        copied = [np.ascontiguousarray(each.swapaxes(1, 2)) for each in given]
        yield Way(self.name, "of contiguous arrays", partial(call, *copied), np.ravel)


class Tslearn:
    """numba; distances are rooted."""

    name = "tslearn"

    def __init__(self) -> None:
        self.metrics = import_module("tslearn.metrics")

    def distance(self, work: Pair) -> Iterator[Way]:
        """With a radius where there is a band."""
        call = partial(self.metrics.dtw, work.first, work.second, **self._radius(work.band))
        yield Way(self.name, "dtw", call, np.square)

    def path(self, work: Pair) -> Iterator[Way]:
        """With the distance."""
        call = partial(self.metrics.dtw_path, work.first, work.second)
        yield Way(self.name, "dtw_path", call, lambda found: np.asarray(found[0]))

    def matrix(self, work: Rows) -> Iterator[Way]:
        """The whole matrix, of which it computes half."""
        call = partial(self.metrics.cdist_dtw, work.values, n_jobs=work.workers, **self._radius(work.band))
        yield Way(self.name, "cdist_dtw", call, upper_squared)

    def windows(self, work: Windows) -> Iterator[Way]:
        """A matrix between two sets."""
        call = partial(self.metrics.cdist_dtw, work.windows, work.templates)
        yield Way(self.name, "cdist_dtw", call, lambda found: np.square(np.ravel(found)))

    def search(self, work: Search) -> Iterator[Way]:
        """With the path."""
        call = partial(self.metrics.dtw_subsequence_path, work.query, work.series)
        yield Way(self.name, "dtw_subsequence_path", call, self._best)

    def stream(self, work: Stream) -> Iterator[Way]:
        """Template after template, over the whole stream."""

        def each() -> list[Any]:
            return [self.metrics.dtw_subsequence_path(template, work.frames) for template in work.templates]

        yield Way(self.name, "dtw_subsequence_path", each, lambda found: [self._best(one) for one in found])

    def _best(self, found: Any) -> Numbers:
        path, distance = found
        return np.array([distance**2, path[0][1], path[-1][1]])

    def _radius(self, band: int | None) -> dict[str, Any]:
        return {} if band is None else {"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": band}


class DtwPython:
    """C behind R's interface, with every step pattern; symmetric1 over squared differences is the same definition."""

    name = "dtw-python"

    def __init__(self) -> None:
        module = import_module("dtw")
        self.call = partial(module.dtw, dist_method="sqeuclidean", step_pattern=module.symmetric1)

    def distance(self, work: Pair) -> Iterator[Way]:
        """The distance only."""
        band = {} if work.band is None else {"window_type": "sakoechiba", "window_args": {"window_size": work.band}}
        call = partial(self.call, work.first, work.second, distance_only=True, **band)
        yield Way(self.name, "dtw(distance_only=True)", call, lambda found: np.asarray(found.distance))

    def path(self, work: Pair) -> Iterator[Way]:
        """With the distance."""
        call = partial(self.call, work.first, work.second)
        yield Way(self.name, "dtw", call, lambda found: np.stack([found.index1, found.index2], axis=1))


class Tsdistances:
    """Rust, one dimension only."""

    name = "tsdistances"

    def __init__(self) -> None:
        self.call = import_module("tsdistances").dtw_distance

    def distance(self, work: Pair) -> Iterator[Way]:
        """On one thread."""
        if work.first.ndim == 1:
            yield Way(
                self.name,
                "dtw_distance",
                partial(self.call, work.first, work.second, band=self._band(work.band, len(work.first)), par=False),
            )

    def matrix(self, work: Rows) -> Iterator[Way]:
        """The whole matrix, on one thread or on all."""
        yield Way(
            self.name,
            "dtw_distance",
            partial(self.call, work.values, band=self._band(work.band, work.values.shape[1]), par=work.workers > 1),
            upper,
        )

    def _band(self, band: int | None, length: int) -> float:
        """It rounds up."""
        return 1.0 if band is None else band / length


class Wildboar:
    """Cython; distances are rooted, a window counts the diagonal, dimensions are warped each on its own."""

    name = "wildboar"

    def __init__(self) -> None:
        self.module = import_module("wildboar.distance")

    def distance(self, work: Pair) -> Iterator[Way]:
        """Of one dimension."""
        if work.first.ndim == 1:
            call = partial(
                self.module.pairwise_distance,
                work.first,
                work.second,
                metric="dtw",
                metric_params=self._radius(work.band, len(work.first)),
            )
            yield Way(self.name, "pairwise_distance", call, np.square)

    def matrix(self, work: Rows) -> Iterator[Way]:
        """The whole matrix, of which it computes half."""
        call = partial(
            self.module.pairwise_distance,
            work.values,
            metric="dtw",
            metric_params=self._radius(work.band, work.values.shape[1]),
            n_jobs=work.workers,
        )
        yield Way(self.name, "pairwise_distance", call, upper_squared)

    def scaled_search(self, work: Search) -> Iterator[Way]:
        """The nearest stretch as long as the query, both in units of their own deviation; its window is the band here."""
        call = partial(
            self.module.pairwise_subsequence_distance,
            work.query,
            work.series,
            metric="scaled_dtw",
            metric_params={} if work.band is None else {"r": (work.band + 0.25) / len(work.query)},
            return_index=True,
        )
        yield Way(
            self.name,
            "pairwise_subsequence_distance",
            call,
            lambda found: np.array([found[0] ** 2, found[1]]),
        )

    def profile(self, work: Search) -> Iterator[Way]:
        """Euclidean distances of every stretch."""
        call = partial(self.module.distance_profile, work.query, work.series, metric="euclidean")
        yield Way(self.name, "distance_profile", call, nearest)

    def scaled_profile(self, work: Search) -> Iterator[Way]:
        """The same, of stretches in units of their own deviation."""
        call = partial(self.module.distance_profile, work.query, work.series, metric="mass")
        yield Way(self.name, "distance_profile", call, nearest)

    def _radius(self, band: int | None, length: int) -> dict[str, float]:
        return {} if band is None else {"r": (band + 1.25) / length}


class Librosa:
    """numba on a whole matrix of costs by scipy."""

    name = "librosa"

    def __init__(self) -> None:
        self.call = partial(import_module("librosa.sequence").dtw, metric="sqeuclidean")

    def distance(self, work: Pair) -> Iterator[Way]:
        """Without the path."""
        first, second = (np.ascontiguousarray(np.atleast_2d(each.T)) for each in (work.first, work.second))
        band = {}
        if work.band is not None:
            band = {"global_constraints": True, "band_rad": (work.band + 1) / len(work.first)}
        call = partial(self.call, first, second, backtrack=False, **band)
        yield Way(self.name, "dtw(backtrack=False)", call, lambda found: found[-1, -1])

    def path(self, work: Pair) -> Iterator[Way]:
        """With the whole matrix."""
        call = partial(self.call, work.first[None], work.second[None])
        yield Way(self.name, "dtw", call, lambda found: found[1][::-1])

    def search(self, work: Search) -> Iterator[Way]:
        """With the path."""
        call = partial(self.call, work.query[None], work.series[None], subseq=True)
        yield Way(self.name, "dtw(subseq=True)", call, self._best)

    def stream(self, work: Stream) -> Iterator[Way]:
        """Template after template, over the whole stream."""
        frames = np.ascontiguousarray(work.frames.T)
        templates = [np.ascontiguousarray(template.T) for template in work.templates]

        def each() -> list[Any]:
            return [self.call(template, frames, subseq=True) for template in templates]

        yield Way(self.name, "dtw(subseq=True)", each, lambda found: [self._best(one) for one in found])

    def _best(self, found: Any) -> Numbers:
        costs, path = found
        return np.array([costs[-1].min(), path[-1, 1], path[0, 1]])


class Stumpy:
    """Fourier transforms; no warping."""

    name = "stumpy"

    def __init__(self) -> None:
        self.mass = import_module("stumpy").mass

    def profile(self, work: Search) -> Iterator[Way]:
        """Euclidean distances of every stretch."""
        yield Way(
            self.name, "mass(normalize=False)", partial(self.mass, work.query, work.series, normalize=False), nearest
        )

    def scaled_profile(self, work: Search) -> Iterator[Way]:
        """The same, of stretches in units of their own deviation."""
        yield Way(self.name, "mass", partial(self.mass, work.query, work.series), nearest)


OF_NUMBERS = (Dtaidistance, Aeon, Tslearn, DtwPython, Tsdistances, Wildboar, Librosa, Stumpy)
