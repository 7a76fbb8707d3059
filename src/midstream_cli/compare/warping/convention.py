"""What libraries mean by the DTW distance: which steps, which local cost, a root at the end or none."""

from dataclasses import dataclass

from midstream_cli.errors import UsageError

STEP_PATTERNS = ("symmetric2", "symmetric1", "asymmetric")
METRICS = ("euclidean", "squared")


@dataclass(frozen=True, slots=True)
class Convention:
    """How one library computes the distance."""

    name: str
    step_pattern: str
    metric: str
    """The local cost: `euclidean` distance, or `squared`."""
    rooted: bool
    """The distance is the root of the accumulated cost."""
    up_first: bool
    """Which of two equal steps a path takes: along the first sequence, or along the second."""
    patterns: tuple[str, ...]
    """Step patterns that it knows."""
    metrics: tuple[str, ...]
    open_ends: bool
    """It knows paths that begin or end anywhere."""


CONVENTIONS = {
    "midstream": Convention("midstream", "symmetric2", "euclidean", False, False, STEP_PATTERNS, METRICS, True),
    "dtw-python": Convention("dtw-python", "symmetric2", "euclidean", False, False, STEP_PATTERNS, METRICS, True),
    "dtaidistance": Convention("dtaidistance", "symmetric1", "squared", True, True, ("symmetric1",), METRICS, False),
    "aeon": Convention("aeon", "symmetric1", "squared", False, True, ("symmetric1",), ("squared",), False),
    "tslearn": Convention("tslearn", "symmetric1", "squared", True, True, ("symmetric1",), ("squared",), True),
}


def chosen(convention: str | None, step_pattern: str | None, metric: str | None) -> Convention:
    """A convention with the step pattern and the local cost that are asked for.

    Raises:
        UsageError: a name is unknown, or the convention has no such step pattern or local cost.
    """
    known = CONVENTIONS.get(convention or "midstream")
    if known is None:
        raise UsageError(f"no convention is called {convention!r}", f"known are {', '.join(CONVENTIONS)}")
    for kind, asked, names, has in (
        ("step pattern", step_pattern, STEP_PATTERNS, known.patterns),
        ("metric", metric, METRICS, known.metrics),
    ):
        if asked is not None and asked not in names:
            raise UsageError(f"no {kind} is called {asked!r}", f"known are {', '.join(names)}")
        if asked is not None and asked not in has:
            raise UsageError(
                f"{known.name} has no {kind} {asked}", f"it has {', '.join(has)}; or leave the convention out"
            )
    cost = metric or known.metric
    return Convention(
        known.name,
        step_pattern or known.step_pattern,
        cost,
        known.rooted and cost == "squared",
        known.up_first,
        known.patterns,
        known.metrics,
        known.open_ends,
    )
