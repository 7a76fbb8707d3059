"""What was found of a series, as a row of results."""

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pytest

from midstream_cli.attractor.analysis import AttractorInfo
from midstream_cli.attractor.embedding.embedding import Embedding
from midstream_cli.attractor.estimate import Estimate
from midstream_cli.attractor.exponents.divergence import LargestExponent
from midstream_cli.attractor.loops import repetition
from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.attractor.rows import row, row_of_names
from midstream_cli.attractor.series import Series
from midstream_cli.compare.named import Named

PLACE = Series(np.zeros(100), "x", 50.0, 3.0, 150, ("of y, most values are missing: left out",))
ENOUGH = Embedding(4, 3, 20, 25.0)


def exponent(value: float, low: float, high: float) -> LargestExponent:
    each = Estimate(value, low, high)
    return LargestExponent(each, None, "auto", None, None, ENOUGH, (), math.nan, "")


def info(kind: AttractorType = AttractorType.STRANGE, rate_hz: float | None = 50.0) -> AttractorInfo:
    return AttractorInfo(
        attractor_type=kind,
        confidence=0.9,
        probabilities={kind: 0.9, AttractorType.NOISE: 0.1},
        samples=100,
        rate_hz=rate_hz,
        embedding=ENOUGH,
        period=25.0,
        largest=exponent(0.02, 0.01, 0.03),
        reasons=("why",),
    )


def test_a_row_says_what_was_analysed_where_and_what_it_is() -> None:
    found = row(info(), PLACE, path="s.csv", feature="columns")
    assert (found.path, found.feature, found.channel) == ("s.csv", "columns", "x")
    assert (found.start_frame, found.start_s, found.end_s, found.samples) == (150, 3.0, 5.0, 100)
    assert (found.attractor_type, found.confidence) == ("strange", 0.9)
    assert (found.is_chaotic, found.is_stable) == (True, False)
    assert (found.delay, found.embedding_dimension, found.theiler_window) == (4, 3, 20)
    assert found.reasons == ["of y, most values are missing: left out", "why"]


def test_exponents_are_given_per_sample_and_per_second() -> None:
    found = row(info(), PLACE, path="", feature="")
    assert (found.max_lyapunov_exponent, found.max_lyapunov_low, found.max_lyapunov_high) == (0.02, 0.01, 0.03)
    assert found.max_lyapunov_per_second == pytest.approx(1.0)
    assert found.max_lyapunov_per_second_low == pytest.approx(0.5)
    assert found.max_lyapunov_per_second_high == pytest.approx(1.5)
    assert found.lyapunov_exponents == [0.02]
    assert found.lyapunov_exponents_per_second == pytest.approx([1.0])


def test_without_a_rate_nothing_is_said_per_second() -> None:
    found = row(info(rate_hz=None), replace(PLACE, rate_hz=None, start_s=None), path="", feature="")
    assert found.max_lyapunov_exponent == 0.02
    per_second = {key: value for key, value in asdict(found).items() if "second" in key or key.endswith("_s")}
    assert len(per_second) >= 6
    assert set(per_second.values()) == {None}
    assert found.cycles_per_minute is None


def test_what_could_not_be_told_is_null_and_never_nan() -> None:
    unknown = replace(info(), largest=exponent(math.nan, math.nan, math.nan), embedding=None)
    found = asdict(row(unknown, PLACE, path="", feature=""))
    text = json.dumps(found, allow_nan=False)
    assert found["max_lyapunov_exponent"] is None
    assert found["lyapunov_exponents"] == []
    assert found["dimension"] is None
    assert "NaN" not in text


def test_only_what_repeats_has_a_period() -> None:
    cycle = row(info(AttractorType.LIMIT_CYCLE), PLACE, path="", feature="")
    assert cycle.period_samples == 25.0
    assert cycle.cycles_per_minute == pytest.approx(120.0)
    assert row(info(), PLACE, path="", feature="").period_samples is None


@pytest.mark.parametrize("kind", list(AttractorType))
def test_every_type_is_called_by_one_word_in_a_row(kind: AttractorType) -> None:
    called = row(info(kind), PLACE, path="", feature="").attractor_type
    assert called.isidentifier()
    assert AttractorType(called) is kind


def test_names_that_go_round_are_a_limit_cycle_with_its_rate() -> None:
    names = np.array([*range(10, 30), *([1, 2, 3, 4] * 8)], float)
    named = Named(
        "t", "token-ids", names[:, None], categorical=True, time_s=np.linspace(0.0, 0.5 * (len(names) - 1), len(names))
    )
    found = row_of_names(repetition(names), named, 0)
    assert (found.attractor_type, found.period_samples, found.dimension) == ("limit_cycle", 4.0, 1.0)
    assert found.cycles_per_minute == pytest.approx(30.0)
    assert (found.is_stable, found.is_chaotic) == (True, False)
    assert found.confidence > 0.99
    assert found.reasons[-1] == "the last 32 of 52 go 8.0 times through a loop of 4"


def test_one_name_again_and_again_is_a_point() -> None:
    names = np.array([*range(10, 30), *([7] * 30)], float)
    found = row_of_names(repetition(names), Named("t", "token-ids", names[:, None], categorical=True), 0)
    assert (found.attractor_type, found.dimension, found.cycles_per_minute) == ("point", 0.0, None)


def test_of_names_that_do_not_go_round_nothing_is_claimed() -> None:
    names = np.random.default_rng(0).integers(0, 50, 60).astype(float)
    named = Named("t", "token-ids", names[:, None], categorical=True, time_s=np.linspace(0.0, 49.5, 100))
    found = row_of_names(repetition(names), named, 40)
    assert (found.attractor_type, found.confidence, found.probabilities) == ("unknown", 0.0, {})
    assert found.is_stable is found.is_chaotic is found.dimension is found.period_samples is None
    assert (found.start_frame, found.start_s, found.end_s) == (40, 20.0, 49.5)
