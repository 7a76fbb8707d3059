"""States that are collected, and trajectories of them that are compared."""

import math

import numpy as np
import pytest

from midstream_cli.attractor.analyzer import AttractorAnalyzer, PhasePoint, Trajectory
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.errors import UsageError


def trajectory(states: object, *, max_length: int = 1000) -> Trajectory:
    """States that are met one after the other."""
    made = Trajectory(max_length=max_length)
    for at, state in enumerate(np.asarray(states).tolist()):
        made.push(PhasePoint(state, at))
    return made


def test_a_point_knows_its_dimension() -> None:
    assert PhasePoint((1.0, 2.0, 3.0), 100).dimension == 3


def test_a_point_stays_where_it_was_met() -> None:
    here = [1.0, 2.0]
    point = PhasePoint(here, 7)
    here[0] = 9.0
    assert point == PhasePoint((1.0, 2.0), 7)


def test_the_oldest_points_are_forgotten() -> None:
    made = Trajectory(max_length=10)
    assert made.is_empty()
    for at in range(11):
        made.push(PhasePoint((at, 2.0 * at), at))
        assert len(made) == min(at + 1, 10)
    assert made.timestamps == list(range(1, 11))
    assert made.states[0].tolist() == [1.0, 2.0]
    assert [point.timestamp for point in made] == made.timestamps
    made.clear()
    assert made.is_empty()
    assert made.states.size == 0


def test_the_distance_is_that_of_the_best_alignment() -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(size=(40, 3)), random.normal(size=(50, 3))
    assert trajectory(a).distance(trajectory(b)) == dtw(a, b).normalised
    assert trajectory(a).distance(trajectory(b), window=12) == dtw(a, b, window=12).normalised


def test_the_same_path_at_another_pace_is_near() -> None:
    angle = np.linspace(0, 2 * math.pi, 200)
    slowly = angle + 0.5 * np.sin(angle)

    def circle(at: object, radius: float = 1.0) -> Trajectory:
        return trajectory(radius * np.column_stack([np.cos(at), np.sin(at)]))  # type: ignore[call-overload]

    assert circle(angle).distance(circle(angle)) == 0.0
    assert circle(angle).distance(circle(slowly)) < 0.02 < circle(angle).distance(circle(angle, 1.2))


@pytest.mark.parametrize("other", [np.empty((0, 2)), np.zeros((5, 3))])
def test_trajectories_that_cannot_be_compared_are_refused(other: object) -> None:
    with pytest.raises(UsageError):
        trajectory(np.zeros((5, 2))).distance(trajectory(other))


def test_states_of_different_dimensions_make_no_array() -> None:
    made = trajectory([[1.0, 2.0]])
    made.push(PhasePoint((1.0,), 1))
    with pytest.raises(UsageError, match="states of 1 and of 2 coordinates"):
        _ = made.states


def test_points_come_as_points_or_as_coordinates() -> None:
    analyzer = AttractorAnalyzer(2, 3)
    analyzer.add_point(PhasePoint((1.0, 2.0), 7))
    analyzer.add_point([3.0, 4.0])
    analyzer.add_point(np.array([5, 6]), 20)
    assert analyzer.trajectory.states.tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert analyzer.trajectory.timestamps == [7, 8, 20]
    analyzer.add_point((7.0, 8.0))
    assert analyzer.trajectory_length() == 3
    analyzer.clear()
    assert analyzer.trajectory_length() == 0


def test_the_defaults_are_those_of_the_crate() -> None:
    analyzer = AttractorAnalyzer()
    assert (analyzer.embedding_dimension, analyzer.trajectory.max_length) == (3, 10_000)


@pytest.mark.parametrize(
    ("point", "timestamp", "says"),
    [
        ([1.0], None, "a state of 1 coordinates, where 2 are expected"),
        ([1.0, 2.0, 3.0], None, "a state of 3 coordinates"),
        ([1.0, "x"], None, "are no numbers"),
        (1.0, None, "are no numbers"),
        ([1.0, math.nan], None, "is not finite"),
        ([math.inf, 1.0], None, "is not finite"),
        ([1.0, 2.0], 4, "the timestamp 4 comes after 5"),
    ],
)
def test_a_point_that_does_not_belong_is_refused(point: list[float], timestamp: int | None, says: str) -> None:
    analyzer = AttractorAnalyzer(2)
    analyzer.add_point([0.0, 0.0], 5)
    with pytest.raises(UsageError, match=says):
        analyzer.add_point(point, timestamp)
    assert analyzer.trajectory_length() == 1


@pytest.mark.parametrize(
    "wrong", [{"embedding_dimension": 0}, {"max_trajectory_length": 0}, {"timestamps_per_second": 0.0}]
)
def test_an_analyzer_that_can_hold_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        AttractorAnalyzer(**wrong)
