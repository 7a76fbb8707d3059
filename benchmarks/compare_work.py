"""What is compared: pieces of work as data, and a way to do one as a call of some library."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Way:
    """One call that does a piece of work."""

    library: str
    how: str
    call: Callable[[], Any]
    read: Callable[[Any], Any] | None = np.asarray
    """From what the call returns to numbers that every way must agree on; None where it means something else."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two sequences, shape (n,) or (n, dims)."""

    first: Numbers
    second: Numbers
    band: int | None = None
    """Positions differ by so many at most."""

    @property
    def share(self) -> float:
        """The band as a share of the length, rounded to the safe side."""
        return 1.0 if self.band is None else (self.band + 0.25) / len(self.first)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Sequences of equal length, shape (count, n), each to be compared with each."""

    values: Numbers
    band: int | None = None
    workers: int = 1

    @property
    def share(self) -> float:
        """The band as a share of the length, rounded to the safe side."""
        return 1.0 if self.band is None else (self.band + 0.25) / self.values.shape[1]


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows, shape (count, n, dims), each to be compared with each template, shape (templates, n, dims)."""

    windows: Numbers
    templates: Numbers
    stream: Numbers
    """The frames that the windows are of, shape (count + n - 1, dims)."""


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A stream, shape (frames, dims), in which templates, shape (templates, n, dims), are to be found."""

    frames: Numbers
    templates: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A short sequence to be found in a long one."""

    query: Numbers
    series: Numbers
    band: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Two sequences of tokens, shape (n,), or two sets of them, shape (count, n)."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    measure: str
    """`levenshtein` or `lcs`."""

    def text(self, tokens: npt.NDArray[np.int64]) -> str:
        """Each token as one character."""
        return "".join(chr(33 + token) for token in tokens.tolist())


Work = Pair | Rows | Windows | Stream | Search | Tokens


def walk(rng: np.random.Generator, *shape: int, axis: int = -1) -> Numbers:
    """Random walks along an axis: neighbouring values are near each other, as measured ones are."""
    return np.ascontiguousarray(rng.normal(size=shape).cumsum(axis=axis))


def warped(rng: np.random.Generator, series: Numbers) -> Numbers:
    """The same walk, faster here and slower there, with noise 20 dB below it: what is to be recognised as the same."""
    n = len(series)
    time = np.cumsum(rng.uniform(0.5, 1.5, n))
    stretched = np.interp(np.linspace(time[0], time[-1], n), time, series)
    return stretched + rng.normal(scale=0.1 * float(series.std()), size=n)


def tokens(rng: np.random.Generator, *shape: int, alphabet: int = 64) -> npt.NDArray[np.int64]:
    """Tokens drawn alike from an alphabet."""
    return rng.integers(0, alphabet, shape)


def revised(rng: np.random.Generator, sequence: npt.NDArray[np.int64], share: float = 0.3) -> npt.NDArray[np.int64]:
    """The same tokens, a share of them replaced."""
    return np.where(rng.random(sequence.shape) < share, tokens(rng, *sequence.shape), sequence)
