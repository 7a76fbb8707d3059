"""The largest exponent of systems whose exponent is known, and of motions that have none."""

import math

import numpy as np
import pytest

from midstream_cli.attractor.exponents.divergence import LargestExponent
from midstream_cli.attractor.exponents.largest import lyapunov
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64


def logistic(n: int) -> Float64:
    x = np.empty(n)
    x[0] = 0.3
    for i in range(1, n):
        x[i] = 4 * x[i - 1] * (1 - x[i - 1])
    return x


def henon(n: int) -> Float64:
    found, x, y = np.empty(n), 0.1, 0.1
    for i in range(-100, n):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        if i >= 0:
            found[i] = x
    return found


def lorenz(n: int, step: float = 0.04) -> Float64:
    def slope(s: Float64) -> Float64:
        return np.array([10 * (s[1] - s[0]), s[0] * (28 - s[2]) - s[1], s[0] * s[1] - 8 / 3 * s[2]])

    found, s, h = np.empty(n), np.array([1.0, 1.0, 20.0]), step / 4
    for i in range(-200, n):
        if i >= 0:
            found[i] = s[0]
        for _ in range(4):
            k1 = slope(s)
            k2 = slope(s + h / 2 * k1)
            k3 = slope(s + h / 2 * k2)
            s = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(s + h * k3))
    return found


@pytest.fixture(scope="module")
def lorenz_series() -> Float64:
    return lorenz(3000)


def holds(found: LargestExponent, truth: float) -> bool:
    return found.per_sample.low <= truth <= found.per_sample.high


@pytest.mark.parametrize(("series", "truth"), [(logistic(1000), math.log(2)), (henon(1000), 0.4192)])
def test_maps_have_the_exponent_that_their_equations_give(series: Float64, truth: float) -> None:
    found = lyapunov(series)
    assert found.per_sample.value == pytest.approx(truth, rel=0.05)
    assert holds(found, truth)
    assert found.is_significant


def test_lorenz_has_its_exponent_a_second(lorenz_series: Float64) -> None:
    found = lyapunov(lorenz_series, rate_hz=25.0)
    assert found.per_second is not None
    assert found.per_second.value == pytest.approx(0.9057, rel=0.1)
    assert found.per_second.value == pytest.approx(25 * found.per_sample.value)
    assert holds(found, 0.9057 / 25)
    assert found.agreement < 1.5
    assert found.region is not None
    assert found.region.last > found.region.first


@pytest.mark.parametrize(
    ("method", "within"), [("rosenstein", 0.35), ("transverse", 0.15), ("kantz", 0.5), ("global", 0.1)]
)
def test_each_estimator_alone_comes_near(lorenz_series: Float64, method: str, within: float) -> None:
    found = lyapunov(lorenz_series, method=method)  # type: ignore[arg-type]
    assert found.per_sample.value == pytest.approx(0.9057 / 25, rel=within)
    assert found.method == method


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("second", [0.0, 0.7])
def test_cycles_and_tori_do_not_part(noise: float, second: float) -> None:
    t = np.arange(2000)
    clean = np.sin(0.123 * t) + second * np.sin(0.123 * 1.618034 * t)
    found = lyapunov(clean + noise * np.random.default_rng(0).standard_normal(len(t)))
    assert abs(found.per_sample.value) < 0.005
    assert holds(found, 0.0)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_noise_is_never_called_chaos(memory: float) -> None:
    random = np.random.default_rng(1)
    x = np.zeros(1500)
    for i in range(1, len(x)):
        x[i] = memory * x[i - 1] + random.standard_normal()
    found = lyapunov(x)
    assert found.per_sample.low <= 0
    assert found.reason


def test_what_settles_has_a_negative_exponent() -> None:
    t = np.arange(1000)
    found = lyapunov(np.exp(-0.005 * t) * np.sin(0.2 * t))
    assert found.per_sample.value == pytest.approx(-0.005, rel=0.1)
    assert found.per_sample.high < 0


def test_noise_of_a_twentieth_costs_little(lorenz_series: Float64) -> None:
    noisy = lorenz_series / lorenz_series.std() + 0.05 * np.random.default_rng(0).standard_normal(len(lorenz_series))
    found = lyapunov(noisy)
    assert found.per_sample.value == pytest.approx(0.9057 / 25, rel=0.3)
    assert holds(found, 0.9057 / 25)


@pytest.mark.parametrize(("scale", "level"), [(1e-200, 0.0), (1e200, 0.0), (-3.0, 1e4)])
def test_unit_and_level_do_not_count(scale: float, level: float) -> None:
    series = henon(600)
    plain = lyapunov(series, method="rosenstein")
    other = lyapunov(series * scale + level, method="rosenstein")
    assert other.per_sample.value == pytest.approx(plain.per_sample.value, rel=1e-3)


def test_the_same_series_has_the_same_exponent_again() -> None:
    series = henon(500)
    assert lyapunov(series, seed=3).per_sample == lyapunov(series, seed=3).per_sample


def test_many_channels_are_looked_at_by_their_leading_component(lorenz_series: Float64) -> None:
    both = np.stack([lorenz_series[:1000], 2 * lorenz_series[:1000]], axis=1)
    assert lyapunov(both, method="transverse").per_sample.value > 0


def test_a_series_that_does_not_move_has_no_exponent() -> None:
    found = lyapunov(np.full(500, 7.0), rate_hz=10.0)
    assert math.isnan(found.per_sample.value)
    assert found.reason == "the series does not move"


def test_too_short_a_series_says_how_much_is_missing() -> None:
    with pytest.raises(InsufficientData) as caught:
        lyapunov(np.sin(np.arange(99)))
    assert caught.value.missing == 1


@pytest.mark.parametrize("asked", [{"method": "tea-leaves"}, {"rate_hz": 0.0}])
def test_what_makes_no_sense_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        lyapunov(henon(200), **asked)  # type: ignore[arg-type]
