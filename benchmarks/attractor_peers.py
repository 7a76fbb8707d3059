"""The libraries beside midstream that look for attractors, each as its documentation calls it.

A peer gets a series; where it says so, with the embedding that midstream chose, which none of them chooses by itself.
"""

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from attractor_series import Float64
from compare_work import Way

DIMENSIONS = 10
"""The largest embedding that is tried where a peer chooses."""


def _seeded(call: Any) -> Any:
    """The call, whose random choices are numpy's global ones and the same every time."""

    def run() -> Any:
        np.random.seed(0)  # noqa: NPY002 - this is the generator that the peers draw from
        return call()

    return run


def _number(found: Any) -> Float64:
    return np.array([float(found)])


class Nolds:
    """Does not import on Python 3.11 and before."""

    name = "nolds"

    def __init__(self) -> None:
        self.nolds = import_module("nolds")

    def exponent(self, x: Float64, embedding: Any) -> Iterator[Way]:
        """Rosenstein's method as it is, and with our embedding; Eckmann's."""
        given = {"emb_dim": embedding.dimension, "lag": embedding.delay, "min_tsep": embedding.theiler}
        yield Way(self.name, "lyap_r", _seeded(partial(self.nolds.lyap_r, x)), _number)
        yield Way(self.name, "lyap_r, our embedding", _seeded(partial(self.nolds.lyap_r, x, **given)), _number)
        yield Way(self.name, "lyap_e", partial(self.nolds.lyap_e, x), lambda found: _number(np.max(found)))

    def spectrum(self, x: Float64, _: Any) -> Iterator[Way]:
        """Eckmann's method."""
        yield Way(self.name, "lyap_e", partial(self.nolds.lyap_e, x), lambda found: np.sort(np.asarray(found))[::-1])

    def dimension(self, x: Float64, embedding: Any) -> Iterator[Way]:
        """The dimension must be given; the lag too."""
        call = partial(self.nolds.corr_dim, x, embedding.dimension, lag=embedding.delay)
        yield Way(self.name, "corr_dim, our embedding", _seeded(call), _number)


class NeuroKit:
    """Automatic means delay and dimension by its own functions, as its documentation shows."""

    name = "neurokit2"

    def __init__(self) -> None:
        self.nk = import_module("neurokit2")

    def _chosen(self, x: Float64) -> dict[str, int]:
        delay, _ = self.nk.complexity_delay(x, silent=True)
        dimension, _ = self.nk.complexity_dimension(x, delay=delay, dimension_max=DIMENSIONS)
        return {"delay": int(delay), "dimension": max(int(dimension), 2)}

    def exponent(self, x: Float64, _: Any) -> Iterator[Way]:
        """Rosenstein's method as it is, and automatic; Makowski's, automatic."""
        call = self.nk.complexity_lyapunov
        yield Way(self.name, "default", partial(call, x), _first)
        yield Way(self.name, "automatic", lambda: call(x, **self._chosen(x)), _first)
        yield Way(self.name, "makowski", lambda: call(x, method="makowski", **self._chosen(x)), _first)

    def dimension(self, x: Float64, _: Any) -> Iterator[Way]:
        """Automatic."""
        yield Way(self.name, "automatic", lambda: self.nk.fractal_correlation(x, **self._chosen(x)), _first)

    def delay(self, x: Float64, _: Any) -> Iterator[Way]:
        """By mutual information."""
        yield Way(self.name, "complexity_delay", partial(self.nk.complexity_delay, x, silent=True), None)

    def embedding(self, x: Float64, _: Any) -> Iterator[Way]:
        """Delay and dimension."""
        yield Way(self.name, "complexity_delay, complexity_dimension", partial(self._chosen, x), None)


class PyUnicorn:
    """Recurrence quantification in C, of a matrix."""

    name = "pyunicorn"

    def __init__(self) -> None:
        self.plot = import_module("pyunicorn.timeseries").RecurrencePlot

    def recurrence(self, states: Float64, radius: float) -> Iterator[Way]:
        """The measures that both have."""

        def measure() -> Float64:
            plot = self.plot(states, metric="supremum", threshold=radius, silence_level=2)
            return np.array(
                [
                    plot.recurrence_rate(),
                    plot.determinism(),
                    plot.average_diaglength(),
                    plot.laminarity(),
                    plot.trapping_time(),
                ]
            )

        yield Way(self.name, "RecurrencePlot", measure)


class Antropy:
    """Entropies, in numba where it helps."""

    name = "antropy"

    def __init__(self) -> None:
        self.antropy = import_module("antropy")

    def permutation(self, x: Float64, order: int) -> Iterator[Way]:
        """In bits."""
        yield Way(self.name, "perm_entropy", partial(self.antropy.perm_entropy, x, order))


PEERS = (Nolds, NeuroKit, PyUnicorn, Antropy)


def _first(found: Any) -> Float64:
    return _number(found[0])
