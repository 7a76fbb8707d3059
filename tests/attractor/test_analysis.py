"""Everything that can be told of a series at once."""

from pathlib import Path

import numpy as np
import pytest

from midstream_cli.attractor.analysis import AttractorInfo, analyze
from midstream_cli.attractor.live.whole import rhythm
from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.cli import measuring
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.dynamics.playing import Sampling, series
from midstream_cli.streams.vectors import VectorStream


def demo(name: str, samples: int = 3000) -> Float64:
    return np.asarray(series(name, Sampling(samples=samples))[:, 0])


def of_recording(path: Path | str) -> AttractorInfo:
    """The leading component of a recording's bands, analysed as the command does."""
    from midstream_cli.attractor.series import series as chosen

    outcome = measuring.measure_by(
        str(path), lambda *_: None, reading=Reading(), choose=lambda _: [VectorStream("bands8")]
    )
    found = chosen(outcome.results[0])
    return analyze(found.values, rate_hz=found.rate_hz)


def test_henon_is_strange_and_has_its_exponents_and_dimension() -> None:
    info = analyze(demo("henon"))
    assert info.attractor_type is AttractorType.STRANGE
    assert info.is_chaotic
    assert info.is_stable is False
    assert info.max_lyapunov is not None
    assert info.max_lyapunov.low <= 0.4192 <= info.max_lyapunov.high
    assert info.max_lyapunov.value == pytest.approx(0.4192, rel=0.1)
    assert info.dimension == pytest.approx(1.22, rel=0.06)
    assert info.lyapunov_exponents[1] == pytest.approx(-1.6231, rel=0.1)
    assert info.max_lyapunov_per_second is None


def test_units_are_per_sample_and_per_second() -> None:
    info = analyze(demo("henon", 1000), rate_hz=50.0)
    assert info.max_lyapunov is not None
    assert info.max_lyapunov_per_second is not None
    assert info.max_lyapunov_per_second.value == pytest.approx(50 * info.max_lyapunov.value)


@pytest.mark.parametrize("name", ["white_noise", "ar1"])
def test_noise_has_no_exponents_and_no_dimension(name: str) -> None:
    info = analyze(demo(name))
    assert info.attractor_type is AttractorType.NOISE
    assert info.lyapunov_exponents == ()
    assert info.max_lyapunov_exponent is info.dimension is info.kaplan_yorke_dimension is info.is_stable is None
    assert info.is_chaotic is False
    assert "noise has no exponents: they are of motion under a law" in info.reasons


def test_a_cycle_has_a_rate() -> None:
    info = analyze(np.sin(2 * np.pi * np.arange(2000) / 23.7), rate_hz=10.0)
    assert info.attractor_type is AttractorType.LIMIT_CYCLE
    assert info.is_stable
    assert info.cycles_per_minute == pytest.approx(600 / 23.7, rel=0.01)
    assert info.max_lyapunov_exponent == pytest.approx(0.0, abs=0.005)


def test_a_spectrum_that_contradicts_the_largest_exponent_is_left_out() -> None:
    info = analyze(demo("torus", 5000))
    assert info.attractor_type is AttractorType.TORUS
    assert info.max_lyapunov_exponent == pytest.approx(0.0, abs=0.005)
    assert info.lyapunov_exponents[0] < 0.01


def test_what_does_not_move_is_a_point() -> None:
    info = analyze(np.full(100, 7.0))
    assert (info.attractor_type, info.confidence, info.is_stable) == (AttractorType.POINT, 1.0, True)


def test_too_little_says_how_much_is_missing_and_parts_too() -> None:
    with pytest.raises(InsufficientData) as caught:
        analyze(np.arange(20.0))
    assert caught.value.missing == 12
    info = analyze(np.random.default_rng(1).standard_normal(60))
    assert info.attractor_type is AttractorType.UNKNOWN
    assert "telling the regime needs 40 samples more" in info.reasons


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, np.nan, np.inf])
def test_a_rate_that_is_none_is_refused(rate_hz: float) -> None:
    with pytest.raises(UsageError, match="is no rate"):
        analyze(np.arange(50.0), rate_hz=rate_hz)


def test_the_rhythm_of_few_rounds_is_seen_and_that_of_noise_is_not() -> None:
    turns = np.arange(2000) / 311.0
    noise = np.random.default_rng(2).standard_normal(2000)
    assert rhythm(np.sin(2 * np.pi * turns) + 0.3 * noise) == pytest.approx(311.0, rel=0.02)
    assert rhythm(np.sin(2 * np.pi * np.arange(2000) / 23.0) + 0.3 * noise) == pytest.approx(23.0, rel=0.02)
    assert rhythm(noise) is None
    assert rhythm(np.cumsum(noise)) is None
    assert rhythm(noise[:50]) is None


def test_a_fan_is_a_cycle_of_its_rate_and_walking_is_none() -> None:
    fan = of_recording("demo://fan?duration=60")
    assert fan.attractor_type is AttractorType.LIMIT_CYCLE
    assert fan.cycles_per_minute == pytest.approx(60.0, abs=0.5)
    assert of_recording("demo://walking?duration=60").cycles_per_minute is None


def test_breathing_is_a_cycle_of_its_rate(data: Path) -> None:
    info = of_recording(data / "csi" / "pulse" / "resp_6rpm.csv")
    assert info.attractor_type is AttractorType.LIMIT_CYCLE
    assert info.cycles_per_minute == pytest.approx(6.0, abs=0.2)


@pytest.mark.parametrize("name", ["vacio_01", "vacio_02"])
def test_of_an_empty_room_no_rhythm_and_no_chaos_is_claimed(data: Path, name: str) -> None:
    info = of_recording(data / "csi" / "pulse" / f"{name}.csv")
    assert info.attractor_type in {AttractorType.NOISE, AttractorType.UNKNOWN}
    assert info.cycles_per_minute is None
    assert not info.is_chaotic
