"""States of a system as they come, and what kind of motion they make.

The interface is that of the Rust crate `temporal-attractor-studio`; what it says is that of the functions of this package.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from midstream_cli.attractor.embedding.sampling import even
from midstream_cli.compare.warping.values import numbers
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

if TYPE_CHECKING:
    from midstream_cli.attractor.analysis import AttractorInfo


@dataclass(frozen=True, slots=True)
class PhasePoint:
    """A state, and when it was met."""

    coordinates: Sequence[float]
    timestamp: int = 0
    """In a unit of the caller's choice."""

    def __post_init__(self) -> None:
        """Keep the coordinates as they are now, whatever becomes of what they were read from.

        Raises:
            UsageError: they are no numbers.
        """
        object.__setattr__(self, "coordinates", _numbers(self.coordinates))

    @property
    def dimension(self) -> int:
        """How many coordinates it has."""
        return len(self.coordinates)


@dataclass(slots=True)
class Trajectory:
    """States in the order in which they were met; beyond `max_length`, those met longest ago are forgotten."""

    points: deque[PhasePoint] = field(default_factory=deque)
    max_length: int = 10_000

    def __post_init__(self) -> None:
        """Keep the latest.

        Raises:
            UsageError: there would be no room for a single one.
        """
        if self.max_length < 1:
            raise UsageError(f"a trajectory of {self.max_length} points", "choose a length of at least 1")
        self.points = deque(self.points, self.max_length)

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[PhasePoint]:
        return iter(self.points)

    def push(self, point: PhasePoint) -> None:
        """Add the state that was met last."""
        self.points.append(point)

    def is_empty(self) -> bool:
        """Whether there is none."""
        return not self.points

    def clear(self) -> None:
        """Forget all."""
        self.points.clear()

    @property
    def states(self) -> Float64:
        """The coordinates, shape (points, dimension).

        Raises:
            UsageError: points are of different dimensions.
        """
        if not self.points:
            return np.empty((0, 0))
        return _vectors([point.coordinates for point in self.points])

    @property
    def timestamps(self) -> list[int]:
        """When the states were met."""
        return [point.timestamp for point in self.points]

    def distance(self, other: "Trajectory", *, window: float | None = None) -> float:
        """How far another trajectory is, state by state along the best alignment in time: 0 for the same path at any pace.

        Args:
            window: as `compare.dtw` takes it: positions may differ by so many at most.

        Returns:
            the Euclidean distance per step, in the unit of the coordinates.

        Raises:
            UsageError: a trajectory is empty, or they are of different dimensions.
        """
        from midstream_cli.compare.warping.dtw import dtw

        return dtw(self.states, other.states, window=window).normalised


@dataclass(frozen=True, slots=True)
class BehaviorSummary:
    """What a trajectory looks like from outside."""

    total_points: int
    dimension: int
    """Coordinates of a point."""
    attractor_info: "AttractorInfo | None"
    """None where there are too few points."""
    mean_velocity: float
    """Distance over time, the mean of the steps in which time passed; 0 where it never did."""
    trajectory_length: float
    """Sum of the distances from each point to the next."""


class AttractorAnalyzer:
    """Collects states as they come, and says what kind of motion they make; one thread at a time."""

    def __init__(
        self,
        embedding_dimension: int = 3,
        max_trajectory_length: int = 10_000,
        *,
        timestamps_per_second: float | None = None,
    ) -> None:
        """An empty trajectory.

        Args:
            embedding_dimension: coordinates of each state.
            max_trajectory_length: beyond, the states met longest ago are forgotten.
            timestamps_per_second: 1e9 where timestamps are nanoseconds. States are then brought onto an even grid of
                time, and results are per second, too; without, they are taken as evenly spaced, and results are per sample.

        Raises:
            UsageError: one of them is not above 0.
        """
        if embedding_dimension < 1:
            raise UsageError(f"states of {embedding_dimension} coordinates", "choose at least 1")
        if timestamps_per_second is not None and not 0.0 < timestamps_per_second < math.inf:
            raise UsageError(f"{timestamps_per_second} timestamps a second", "choose a number above 0, or none")
        self.embedding_dimension = embedding_dimension
        self.timestamps_per_second = timestamps_per_second
        self.trajectory = Trajectory(max_length=max_trajectory_length)

    def add_point(self, point: PhasePoint | Iterable[float], timestamp: int | None = None) -> None:
        """Add the state that was met last.

        Args:
            point: a `PhasePoint`, or the coordinates alone.
            timestamp: of coordinates alone; without, one more than the last one's.

        Raises:
            UsageError: it has not `embedding_dimension` coordinates, one of them is no number or not finite, or time runs
                backwards.
        """
        last = self.trajectory.points[-1].timestamp if self.trajectory.points else None
        if not isinstance(point, PhasePoint):
            if timestamp is None:
                timestamp = 0 if last is None else last + 1
            point = PhasePoint(_numbers(point), timestamp)
        if point.dimension != self.embedding_dimension:
            raise UsageError(
                f"a state of {point.dimension} coordinates, where {self.embedding_dimension} are expected",
                "give the analyzer the dimension of the states when it is made",
            )
        if not all(map(math.isfinite, point.coordinates)):
            raise UsageError(f"a state at {list(point.coordinates)} is not finite", "leave such states out")
        if last is not None and point.timestamp < last:
            raise UsageError(
                f"the timestamp {point.timestamp} comes after {last}", "add states in the order in which they were met"
            )
        self.trajectory.push(point)

    def analyze(self) -> "AttractorInfo":
        """What kind of motion the states make, as `analyze` says it of the same points.

        The points are states already: no delayed copies of them are made, but where they have a single coordinate.

        Raises:
            InsufficientData: there are too few points, and how many are missing.
            UsageError: with timestamps a second: the states were met too unevenly.
        """
        from midstream_cli.attractor.analysis import LEAST, analyze

        if len(self.trajectory) < LEAST:
            raise InsufficientData(LEAST, len(self.trajectory), "an analysis of a trajectory")
        states, rate_hz = self.trajectory.states, None
        if self.timestamps_per_second is not None:
            begin, *_ = times = self.trajectory.timestamps
            # whole numbers are subtracted first: nanoseconds since 1970 are beyond what a float holds
            states, rate_hz = even([(time - begin) / self.timestamps_per_second for time in times], states)
        if self.embedding_dimension == 1:
            return analyze(states[:, 0], rate_hz=rate_hz)
        return analyze(states, rate_hz=rate_hz, delay=1, embedding_dimension=1)

    def get_trajectory_stats(self) -> BehaviorSummary:
        """How many points, how far and how fast; and the analysis, where there are enough for one.

        Raises:
            UsageError: as `analyze` does.
        """
        try:
            info = self.analyze()
        except InsufficientData:
            info = None
        steps = _distances(self.trajectory.states)
        times = self.trajectory.timestamps
        passed = np.array([after - before for before, after in pairwise(times)], dtype=np.float64)
        moving = passed > 0.0
        return BehaviorSummary(
            total_points=len(self.trajectory),
            dimension=self.embedding_dimension,
            attractor_info=info,
            mean_velocity=float((steps[moving] / passed[moving]).mean()) if moving.any() else 0.0,
            trajectory_length=math.fsum(steps),
        )

    def clear(self) -> None:
        """Forget all points."""
        self.trajectory.clear()

    def trajectory_length(self) -> int:
        """How many points there are."""
        return len(self.trajectory)


def _numbers(coordinates: Iterable[float]) -> tuple[float, ...]:
    """The coordinates of a state."""
    try:
        return tuple(map(float, coordinates))
    except (TypeError, ValueError) as error:
        raise UsageError(f"the coordinates of a state are no numbers: {error}", "give one number each") from None


def _vectors(coordinates: list[Sequence[float]]) -> Float64:
    """States as rows."""
    dimensions = sorted({len(each) for each in coordinates})
    if len(dimensions) > 1:
        raise UsageError(
            f"states of {dimensions[0]} and of {dimensions[-1]} coordinates", "keep them in trajectories of their own"
        )
    return numbers(coordinates, "the trajectory")


def _distances(states: Float64) -> Float64:
    """From each state to the next; of numbers of any size."""
    if len(states) < 2:
        return np.empty(0)
    _, exponent = np.frexp(np.abs(states).max())
    scaled = np.ldexp(states, -exponent)
    return np.asarray(np.ldexp(np.linalg.norm(np.diff(scaled, axis=0), axis=1), exponent), dtype=np.float64)
