"""The spectrum of series with known equations: what is told, how sure, and what is not told."""

import math
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from equations import henon, lorenz, noisy

from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.exponents.spectrum import Spectrum, lyapunov_spectrum
from midstream_cli.errors import InsufficientData, UsageError

Array = npt.NDArray[np.float64]


@cache
def lorenz_at(dt: float) -> tuple[Array, Array]:
    return lorenz(3000, dt)


def values(found: Spectrum) -> Array:
    return np.array([each.value for each in found.per_sample])


def test_both_exponents_of_henon_from_one_channel() -> None:
    states, true = henon(3000)
    found = lyapunov_spectrum(states[:, 0])
    assert values(found) == pytest.approx(true, rel=0.02)
    assert found.kaplan_yorke.value == pytest.approx(1.0 + true[0] / -true[1], abs=0.01)
    assert found.zero is None


def test_both_exponents_of_henon_from_its_state() -> None:
    states, true = henon(3000, seed=1)
    found = lyapunov_spectrum(states)
    assert found.embedding.dimension == 1
    assert values(found) == pytest.approx(true, rel=0.01)


@pytest.mark.parametrize("dt", [0.02, 0.05, 0.1])
def test_three_exponents_of_lorenz_from_its_state(dt: float) -> None:
    states, true = lorenz_at(dt)
    found = lyapunov_spectrum(states, rate_hz=1.0 / dt)
    assert found.per_second is not None
    told = [each.value for each in found.per_second]
    assert told[0] == pytest.approx(true[0], rel=0.1)
    assert abs(told[1]) < 0.05
    assert told[2] == pytest.approx(true[2], rel=0.1)
    assert found.zero == 1
    assert found.kaplan_yorke.value == pytest.approx(2.062, abs=0.015)


@pytest.mark.parametrize("dt", [0.05, 0.1])
def test_lorenz_from_one_channel(dt: float) -> None:
    states, true = lorenz_at(dt)
    found = lyapunov_spectrum(states[:, 0])
    told = values(found) / dt
    assert told[0] == pytest.approx(true[0], rel=0.1)
    assert found.zero == 1
    assert told[2] == pytest.approx(true[2], rel=0.1)
    # the contraction is known least, and says so
    assert found.per_sample[2].low / dt < true[2] < found.per_sample[2].high / dt
    assert found.kaplan_yorke.low < 2.062 < found.kaplan_yorke.high


def test_the_largest_exponent_survives_noise() -> None:
    states, true = henon(3000)
    found = lyapunov_spectrum(noisy(states[:, 0], 0.05))
    assert found.per_sample[0].value == pytest.approx(true[0], rel=0.1)
    assert found.noise == pytest.approx(0.05, rel=0.2)


def test_intervals_hold_the_truth_about_nine_times_in_ten() -> None:
    held = []
    for seed in range(6):
        states, true = henon(1500, seed=seed)
        for share in (0.0, 0.05):
            first = lyapunov_spectrum(noisy(states[:, 0], share, seed)).per_sample[0]
            held.append(first.low <= true[0] <= first.high)
    assert sum(held) >= 10


def test_noise_has_no_exponents_and_the_reason_is_said() -> None:
    found = lyapunov_spectrum(np.random.default_rng(0).standard_normal(1500))
    assert found.per_sample == ()
    assert math.isnan(found.kaplan_yorke.value)
    assert "noise" in found.reason
    assert found.cv_error == pytest.approx(1.0, abs=0.1)


def test_what_does_not_move_is_a_point() -> None:
    found = lyapunov_spectrum(np.full(500, 3.0))
    assert found.per_sample == ()
    assert "point" in found.reason


def test_exponents_of_too_large_an_embedding_are_left_out() -> None:
    states, true = henon(2000)
    found = lyapunov_spectrum(states[:, 0], embedding=Embedding(1, 5, 4, math.nan))
    assert found.left_out == 3
    assert "2 dimensions" in found.reason
    assert values(found) == pytest.approx(true, rel=0.02)


def test_neighbours_tell_the_largest_exponent_too() -> None:
    states, true = henon(3000)
    found = lyapunov_spectrum(states[:, 0], method="sano-sawada", dimension=2)
    assert values(found)[0] == pytest.approx(true[0], rel=0.1)
    assert found.method == "sano-sawada"


@pytest.mark.parametrize(("scale", "level"), [(1e200, 0.0), (1e-200, 0.0), (1.0, 1e6)])
def test_scale_and_level_do_not_matter(scale: float, level: float) -> None:
    x = henon(1500)[0][:, 0]
    assert values(lyapunov_spectrum(level + scale * x)) == pytest.approx(values(lyapunov_spectrum(x)), rel=1e-2)


def test_the_same_seed_gives_the_same_numbers() -> None:
    x = henon(600)[0][:, 0]
    assert lyapunov_spectrum(x, seed=3) == lyapunov_spectrum(x, seed=3)


def test_what_makes_no_sense_is_an_error() -> None:
    x = henon(300)[0][:, 0]
    with pytest.raises(UsageError, match="no method"):
        lyapunov_spectrum(x, method="magic")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="positive"):
        lyapunov_spectrum(x, dimension=0)
    with pytest.raises(UsageError, match="nan"):
        lyapunov_spectrum([1.0, math.nan])
    with pytest.raises(InsufficientData):
        lyapunov_spectrum(x[:40])
