"""How sequences are to be compared, and whether they can be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, cast

from midstream_cli.compare.named import UNITS, Named, Units, comparable, own_window
from midstream_cli.compare.warping.convention import Convention, chosen
from midstream_cli.compare.warping.transform import TRANSFORMS, transformed
from midstream_cli.errors import UsageError

Algorithm = Literal["dtw", "soft-dtw", "euclidean", "lcs", "edit"]
ALGORITHMS: tuple[Algorithm, ...] = ("dtw", "soft-dtw", "euclidean", "lcs", "edit")
OF_NAMES: tuple[Algorithm, ...] = ("lcs", "edit")

OF_DTW = ("convention", "step_pattern", "metric", "window", "window_shape", "open_begin", "open_end", "independent")
"""What only DTW has, under the names of the keywords of `dtw`."""


@dataclass(frozen=True, slots=True)
class Method:
    """How sequences are compared; what is None, the sequences decide, or the default of `dtw` does."""

    algorithm: str | None = None
    convention: str | None = None
    """The library whose definition of the distance counts."""
    step_pattern: str | None = None
    metric: str | None = None
    window: float | None = None
    window_shape: str | None = None
    open_begin: bool | None = None
    open_end: bool | None = None
    independent: bool | None = None
    transforms: tuple[str, ...] = ()
    """What is done to each sequence first, in this order."""
    units: str | None = None
    asked: frozenset[str] = frozenset()
    """What of this somebody asks for, so that it must mean something; the rest is for when it does."""

    def __post_init__(self) -> None:
        """Look whether the names are known.

        Raises:
            UsageError: one is not.
        """
        check_known("algorithm", self.algorithm, ALGORITHMS)
        check_known("unit", self.units, UNITS)
        for name in self.transforms:
            check_known("transform", name, tuple(TRANSFORMS))

    @property
    def settings(self) -> dict[str, Any]:
        """The keywords of `dtw` that are given."""
        given = {name: getattr(self, name) for name in OF_DTW}
        whole = self.window is not None and self.window == int(self.window)
        given["window"] = int(self.window) if whole and self.window is not None else self.window
        return {name: value for name, value in given.items() if value is not None}


class Settled(NamedTuple):
    """Sequences that can be compared, and how."""

    sequences: list[Named]
    """In their units, transformed."""
    algorithm: Algorithm
    settings: dict[str, Any]
    """The keywords of `dtw`; empty for other algorithms."""
    transforms: tuple[str, ...]
    units: Units
    doubt: str
    """Why the units are not those of a background, where that might be expected."""

    @property
    def of_names(self) -> bool:
        """What is compared is equal or not, and nothing between."""
        return self.algorithm in OF_NAMES

    @property
    def convention(self) -> str:
        """How distance and normalised distance are defined, in one line."""
        return {
            "soft-dtw": "divergence of soft-DTW of squared costs, gamma 1; normalised over n + m",
            "euclidean": "Euclidean distance, position by position; normalised over the root of n",
            "lcs": "what is not common of the longer; normalised over its length",
            "edit": "insertions, deletions, substitutions; normalised over the longer length",
        }.get(self.algorithm) or _definition(self.warping)

    @property
    def warping(self) -> Convention:
        """The definition of the DTW distance.

        Raises:
            UsageError: what is asked for does not go together.
        """
        return chosen(*(self.settings.get(name) for name in ("convention", "step_pattern", "metric")))


def _definition(known: Convention) -> str:
    costs = "Euclidean" if known.metric == "euclidean" else "squared"
    total = "the root of the sum" if known.rooted else "the sum"
    over = {"symmetric2": "normalised over n + m", "asymmetric": "normalised over n", "symmetric1": "not normalised"}
    return f"{known.name}: {total} of {costs} costs along the path, {known.step_pattern}; {over[known.step_pattern]}"


def settle(sequences: Sequence[Named], method: Method | None = None) -> Settled:
    """Decide what the method leaves open: names are compared by edit distance, everything else by DTW.

    Signatures bring their units and their window; see `comparable` and `own_window`.

    Raises:
        UsageError: the sequences do not fit one another, or not the method, or the method not itself.
    """
    method = method or Method()
    first = sequences[0]
    found = comparable(sequences, cast(Units | None, method.units))
    categorical = any(each.categorical for each in sequences)
    algorithm = cast(Algorithm, method.algorithm or ("edit" if categorical else "dtw"))
    if categorical and algorithm not in OF_NAMES:
        raise UsageError(
            f"{first.feature} are names, which {algorithm} cannot compare", "choose --algorithm edit or lcs"
        )
    if not categorical and algorithm in OF_NAMES and not all(each.holds_states for each in sequences):
        raise UsageError(
            f"{first.feature} are measured numbers, hardly ever equal, which {algorithm} needs",
            "choose --algorithm dtw or euclidean; one column of whole numbers can be edited too",
        )
    if algorithm != "dtw":
        _refuse(method, OF_DTW, algorithm)
    if algorithm in OF_NAMES:
        _refuse(method, ("transform", "units"), algorithm)
        return Settled(list(sequences), algorithm, {}, (), "feature", "")
    settings = method.settings if algorithm == "dtw" else {}
    own = own_window(sequences)
    if algorithm == "dtw" and own is not None and not settings.keys() & {"convention", "window", "window_shape"}:
        settings["window"] = own
    if algorithm == "dtw":
        chosen(*(settings.get(name) for name in ("convention", "step_pattern", "metric")))
    changed = [replace(each, values=transformed(each.values, method.transforms)) for each in found.sequences]
    return Settled(changed, algorithm, settings, method.transforms, found.units, found.doubt)


def _refuse(method: Method, names: Sequence[str], algorithm: str) -> None:
    """Rather say that something means nothing than pass over it.

    Raises:
        UsageError: somebody asks for one of these.
    """
    for name in names:
        if name in method.asked:
            option = name.replace("_", "-")
            raise UsageError(
                f"--{option} means nothing to {algorithm}", f"leave --{option} out, or choose another --algorithm"
            )


def check_known(what: str, name: str | None, known: Sequence[str]) -> None:
    """Look whether a name is one of those that are known.

    Raises:
        UsageError: it is not.
    """
    if name is not None and name not in known:
        raise UsageError(f"no {what} is called {name!r}", f"known are {', '.join(known)}")
