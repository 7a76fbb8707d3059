"""Sequences with what they are: where they come from, what was measured, and in which units they can be compared."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import numpy as np

from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from midstream_cli.streams.features import Parameters

Units = Literal["background", "feature"]
UNITS: tuple[Units, ...] = ("background", "feature")

PLAIN = "columns"
"""The feature that takes numbers as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A sequence of vectors, shape (n, dims), and what it is."""

    name: str
    feature: str
    values: Float64
    categorical: bool = False
    """The numbers stand for names."""
    parameters: Parameters | None = None
    """What the feature was fitted to."""
    rate_hz: float | None = None
    """Vectors a second, where they come at an even rate."""
    signature: Signature | None = None
    """Where it is one: its background and its window count."""
    time_s: Float64 | None = None
    """Shape (n,), of a recording with times: the middle of what each vector describes, since the first frame."""
    texts: Mapping[float, str] = field(default_factory=dict)
    """Of names: what the numbers stand for, as far as that is known."""

    @property
    def holds_states(self) -> bool:
        """It is one column of whole numbers, which may as well be names."""
        return (
            self.feature == PLAIN
            and self.values.shape[1] == 1
            and bool(np.isfinite(self.values).all() and (self.values == np.floor(self.values)).all())
        )

    def words(self) -> list[str | None]:
        """Of names: the text of each, where it is known."""
        numbers = self.values[:, 0].tolist()
        return [self.texts.get(number, None if self.categorical else f"{number:.0f}") for number in numbers]


class Comparable(NamedTuple):
    """Sequences that are in the same units."""

    sequences: list[Named]
    units: Units
    doubt: str = ""
    """Why they are not in units of the background, where that might be expected."""


def comparable(sequences: Sequence[Named], units: Units | None = None) -> Comparable:
    """Sequences of one feature and one rate, in the same units.

    Where there are signatures and all have the same background, everything is expressed in units of it, as when windows
    are matched; else, and with `units="feature"`, values stay as they were measured.

    Raises:
        UsageError: they hold different features, come at different rates, or have no background in common, where that
            was asked for.
    """
    for other in sequences[1:]:
        _check_alike(sequences[0], other)
    signatures = [each.signature for each in sequences if each.signature is not None]
    backgrounds = [signature.background for signature in signatures if signature.background is not None]
    shared = backgrounds[0] if backgrounds and len(backgrounds) == len(signatures) else None
    doubt = ""
    if shared is None or not all(shared.agrees(background) for background in backgrounds):
        shared = None
        doubt = "the signatures have no background in common" if backgrounds else ""
    if units == "background" and shared is None:
        raise UsageError(
            doubt or "nothing that is compared has a background",
            "capture signatures with one --background, or compare in units of the feature",
        )
    if shared is None or units == "feature":
        return Comparable(list(sequences), "feature", doubt if units is None else "")
    if any(each.values.shape[1] != len(shared.mean) for each in sequences):
        return Comparable(list(sequences), "feature")  # what is compared next tells of the dimensions
    return Comparable([replace(each, values=shared.whiten(each.values)) for each in sequences], "background")


def _check_alike(a: Named, b: Named) -> None:
    if a.feature != b.feature:
        raise UsageError(
            f"{a.name} holds {a.feature or 'no named feature'}, {b.name} holds {b.feature or 'no named feature'}",
            "compare sequences of one feature, or choose one with --feature",
        )
    if a.rate_hz is not None and b.rate_hz is not None and not math.isclose(a.rate_hz, b.rate_hz):
        raise UsageError(
            f"{a.name} has {a.rate_hz:g} vectors a second, {b.name} {b.rate_hz:g}",
            "capture both at one rate, with --rate",
        )


def own_window(sequences: Sequence[Named]) -> int | None:
    """The Sakoe-Chiba window that signatures say for themselves, the widest of them; None where one says none.

    It holds where everything is a signature, and leaves room for a path between any two.
    """
    windows = [each.signature.window if each.signature is not None else None for each in sequences]
    lengths = [len(each.values) for each in sequences]
    known = [window for window in windows if window is not None]
    if len(known) < len(windows) or not known or max(lengths) - min(lengths) > max(known):
        return None
    return max(known)
