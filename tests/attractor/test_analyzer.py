"""Trajectories that are analysed as they come."""

import math

import numpy as np
import pytest

from midstream_cli.attractor.analysis import LEAST, AttractorInfo, analyze
from midstream_cli.attractor.analyzer import AttractorAnalyzer
from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.dynamics.playing import Sampling, series


def filled(states: Float64, *, step: int = 1, **options: float) -> AttractorAnalyzer:
    """An analyzer that has met these states."""
    analyzer = AttractorAnalyzer(states.shape[1], **options)  # type: ignore[arg-type]
    for at, state in enumerate(states.tolist()):
        analyzer.add_point(state, 1_700_000_000_000_000_000 + at * step)
    return analyzer


def said(info: AttractorInfo) -> str:
    """What can be compared of an analysis, NaN with NaN too."""
    parts = (info.largest, info.spectrum, info.correlation, info.zero_one, info.surrogates)
    return f"{info.attractor_type} {info.probabilities} {info.samples} {info.rate_hz} {info.embedding} {parts} {info.reasons}"


def test_it_says_what_the_function_says_of_the_same_states() -> None:
    states = series("lorenz", Sampling(samples=1500))
    assert said(filled(states).analyze()) == said(analyze(states, delay=1, embedding_dimension=1))


def test_timestamps_make_results_per_second() -> None:
    states = series("lorenz", Sampling(samples=3000))
    found = filled(states, step=20_000_000, timestamps_per_second=1e9).analyze()
    assert found.rate_hz == pytest.approx(50.0)
    assert found.attractor_type is AttractorType.STRANGE
    assert found.max_lyapunov_per_second is not None
    assert found.max_lyapunov_per_second.value == pytest.approx(0.906, rel=0.25)
    assert found.is_chaotic
    assert not found.is_stable
    assert found.confidence > 0.5


def test_only_the_latest_states_count() -> None:
    random = np.random.default_rng(1)
    t = np.arange(1000)[:, None] / 8.0
    circle = np.hstack([np.cos(t), np.sin(t)])
    analyzer = filled(np.vstack([random.normal(size=(500, 2)), circle]), max_trajectory_length=1000)
    assert said(analyzer.analyze()) == said(analyze(circle, delay=1, embedding_dimension=1))


def test_states_of_one_coordinate_are_embedded() -> None:
    x = series("sine", Sampling(samples=600))
    assert said(filled(x).analyze()) == said(analyze(x[:, 0]))


@pytest.mark.parametrize("n", [0, 1, LEAST - 1])
def test_too_few_points_say_how_many_are_missing(n: int) -> None:
    with pytest.raises(InsufficientData) as missing:
        filled(np.zeros((n, 3))).analyze()
    assert missing.value.missing == LEAST - n


def test_states_that_came_too_unevenly_are_refused() -> None:
    analyzer = AttractorAnalyzer(1, timestamps_per_second=1000)
    for at in range(100):
        analyzer.add_point([math.sin(at)], at * 10 + 5000 * (at > 50))
    with pytest.raises(UsageError, match="sampled too unevenly"):
        analyzer.analyze()


def test_a_summary_has_lengths_and_speeds() -> None:
    found = filled(np.column_stack([3.0 * np.arange(50), 4.0 * np.arange(50)]), step=100).get_trajectory_stats()
    assert (found.total_points, found.dimension) == (50, 2)
    assert found.trajectory_length == pytest.approx(49 * 5.0)
    assert found.mean_velocity == pytest.approx(0.05)
    assert found.attractor_info is not None


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_summary_of_next_to_nothing_has_no_analysis(n: int) -> None:
    found = filled(np.zeros((n, 2))).get_trajectory_stats()
    assert (found.attractor_info, found.mean_velocity, found.trajectory_length) == (None, 0.0, 0.0)
