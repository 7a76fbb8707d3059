"""From frames to vectors: one file here is one feature, called as `--feature` calls it, with `_` for `-`.

A feature is a module with `KIND` and `vectors(recording, parameters)`, which maps each frame to a vector by itself.
`parameters` come from `fit(recording)`, which looks at a stretch of the stream; a signature carries them along, so that
what is compared with it is measured alike. A feature of the change in time has `SUMMARY_S` and `summarise` besides,
which turn a sliding window of such vectors into one. Its first docstring line is its help.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, cast

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Kind
from midstream_cli.recordings import Recording

Parameters = Mapping[str, Any]
"""What `fit` found: numbers and lists of numbers, so that they can be written as JSON."""


class Feature(Protocol):
    """What a module of this package offers."""

    KIND: Kind

    def fit(self, recording: Recording) -> Parameters:
        """Look at a stretch of the stream for what the vectors depend on."""
        ...

    def vectors(self, recording: Recording, parameters: Parameters) -> Float64:
        """One vector a frame, shape (n, dims)."""
        ...


class Summary(Feature, Protocol):
    """A feature of the change in time."""

    SUMMARY_S: float
    """Length of the sliding window in seconds."""

    def summarise(self, windows: Float64, rate_hz: float) -> Float64:
        """One vector a window: (m, dims, samples) to (m, dims of the summary)."""
        ...


def names(kind: Kind | None = None) -> list[str]:
    """All features by the names users type, or those of one kind of stream."""
    found = sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))
    return found if kind is None else [name for name in found if kind == load(name).KIND]


@cache
def load(name: str) -> Feature:
    """The feature of this name.

    Raises:
        UsageError: there is none.
    """
    if name not in names():
        from difflib import get_close_matches

        close = get_close_matches(name, names(), n=1)
        guess = f"did you mean {close[0]}? " if close else ""
        raise UsageError(f"no feature is called {name!r}", f"{guess}known are {', '.join(names())}")
    return cast(Feature, importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))


def is_summary(feature: Feature) -> bool:
    """Whether a feature summarises a sliding window."""
    return hasattr(feature, "summarise")


def is_categorical(feature: Feature) -> bool:
    """Whether a feature's numbers are names, which are equal or not, and nothing between."""
    return bool(getattr(feature, "CATEGORICAL", False))


class Names(Feature, Protocol):
    """A feature whose numbers stand for names."""

    CATEGORICAL: bool

    def names(self, recording: Recording) -> Mapping[float, str]:
        """What each number stands for."""
        ...


def meanings(feature: Feature, recording: Recording) -> Mapping[float, str]:
    """What the numbers of a categorical feature stand for; nothing, where a feature cannot tell."""
    return cast(Names, feature).names(recording) if hasattr(feature, "names") else {}


DEFAULT: Mapping[Kind, str] = {"csi": "doppler", "token": "token-ids", "numeric": "columns"}
"""What is compared where nothing else is asked for."""

EVERY_FRAME = "amplitude-l2"
"""The same for single frames of channel state."""
