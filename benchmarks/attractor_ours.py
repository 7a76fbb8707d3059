"""What midstream says of a series, in the words that the peers' answers are read in."""

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from math import nan
from typing import Any

import numpy as np

from attractor_series import Float64
from compare_work import Way


def function(module: str, name: str) -> Any:
    """A function of `midstream_cli.attractor`.

    Raises:
        ImportError: it is not there.
    """
    try:
        return getattr(import_module(f"midstream_cli.attractor.{module}"), name)
    except AttributeError as error:
        raise ImportError(str(error)) from None


class Midstream:
    """With what is chosen automatically; with each method alone."""

    name = "midstream"

    def exponent(self, x: Float64, _: Any) -> Iterator[Way]:
        """Nats a sample: value, low, high."""
        yield Way(self.name, "auto", partial(function("exponents.largest", "lyapunov"), x), _largest)

    def methods(self, x: Float64, _: Any) -> Iterator[Way]:
        """Nats a sample, by each method alone."""
        lyapunov = function("exponents.largest", "lyapunov")
        for method in ("rosenstein", "kantz", "transverse", "global"):
            yield Way(self.name, method, partial(lyapunov, x, method=method), _largest)

    def spectrum(self, x: Float64, _: Any) -> Iterator[Way]:
        """Nats a sample, largest first."""
        spectrum = function("exponents.spectrum", "lyapunov_spectrum")
        yield Way(self.name, "auto", partial(spectrum, x), lambda found: np.array([e.value for e in found.per_sample]))

    def dimension(self, x: Float64, _: Any) -> Iterator[Way]:
        """The correlation dimension: value, low, high."""
        dimension = function("dimensions.correlation_dimension", "correlation_dimension")
        yield Way(self.name, "auto", partial(dimension, x), lambda found: np.array(found.dimension))

    def recurrence(self, states: Float64, radius: float) -> Iterator[Way]:
        """Rate, determinism, mean diagonal, laminarity, trapping time, of states."""
        quantify = function("recurrences.quantification", "recurrence")
        call = partial(quantify, states, radius=radius, norm="chebyshev")
        yield Way(self.name, "recurrence", call, lambda r: np.array(
            [r.rate, r.determinism, r.mean_diagonal, r.laminarity, r.trapping_time]
        ))  # fmt: skip

    def permutation(self, x: Float64, order: int) -> Iterator[Way]:
        """Permutation entropy in bits."""
        entropy = function("ordinal", "permutation_entropy")
        yield Way(self.name, "permutation_entropy", partial(entropy, x, order), lambda nats: np.array(nats / np.log(2)))

    def delay(self, x: Float64, _: Any) -> Iterator[Way]:
        """The delay of an embedding, by mutual information."""
        yield Way(self.name, "delay", partial(function("embedding.delay", "delay"), x), None)

    def embedding(self, x: Float64, _: Any) -> Iterator[Way]:
        """Delay, dimension, Theiler window."""
        yield Way(self.name, "choose", partial(function("embedding.embedding", "choose"), x), None)


def embedding_of(x: Float64) -> Any:
    """What is chosen for a series, for peers to take."""
    return function("embedding.embedding", "choose")(x)


def _largest(found: Any) -> Float64:
    estimate = found.per_sample
    return np.array([nan, nan, nan] if estimate is None else estimate, np.float64)
