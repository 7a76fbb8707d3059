"""Unusual silences: as rare on ordinary streams as is said, and found where they are planted."""

from itertools import accumulate
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.frames import Float64
from midstream_cli.introspection.stalls import AT_ONCE_S, FALSE_STALLS_PER_HOUR, KEPT, LEAST, Stalls, limit


def stalls(silences: Float64) -> list[int]:
    """Positions of silences that were told."""
    watch = Stalls()
    watch.update(0)
    times = accumulate(np.round(silences * 1e9).astype(np.int64).tolist())
    return [at for at, time_ns in enumerate(times) if not isnan(watch.update(time_ns)[1])]


def ordinary(kind: str, n: int, seed: int = 0) -> Float64:
    """Silences of an ordinary stream, in seconds, shape (n,); 40 tokens a second or so."""
    random = np.random.default_rng(seed)
    if kind == "exponential":
        return random.exponential(0.025, n)
    if kind == "bursts":
        return np.where(np.arange(n) % 8 == 0, 0.2 * np.exp(random.normal(0, 0.25, n)), 1e-4 * random.random(n))
    if kind == "bursts of any size":
        return np.where(random.random(n) < 0.1, 0.2 * np.exp(random.normal(0, 0.4, n)), 1e-4 * random.random(n))
    return np.asarray(0.025 * np.exp(random.normal(0, float(kind), n)), np.float64)


KINDS = ["0.02", "0.25", "0.5", "0.8", "exponential", "bursts", "bursts of any size"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_ordinary_stream_stalls_hardly_once_an_hour(kind: str) -> None:
    silences = ordinary(kind, 200_000)
    hours = silences.sum() / 3600
    # four deviations of a Poisson count beyond what is promised
    promised = FALSE_STALLS_PER_HOUR * hours
    assert len(stalls(silences)) <= promised + 4 * np.sqrt(promised)


@pytest.mark.parametrize("kind", KINDS)
def test_short_ordinary_streams_hardly_stall_either(kind: str) -> None:
    silences = ordinary(kind, 60_000, seed=1)
    told = sum(len(stalls(piece)) for piece in silences.reshape(-1, 300))
    promised = FALSE_STALLS_PER_HOUR * silences.sum() / 3600
    assert told <= promised + 4 * np.sqrt(promised)


@pytest.mark.parametrize("kind", ["0.02", "0.25", "0.5", "exponential", "bursts"])
def test_a_planted_stall_is_told_once_with_its_length(kind: str) -> None:
    for seed in range(20):
        silences = ordinary(kind, 500, seed)
        silences[200] = 2.5
        assert stalls(silences) == [200]


def test_a_first_and_a_second_stall_do_not_hide_each_other_but_a_habit_is_usual() -> None:
    silences = ordinary("0.25", 600)
    silences[[100, 150]] = 1.5
    assert stalls(silences) == [100, 150]
    silences[100::20] = 1.5
    assert len(stalls(silences)) < 6


def test_the_wait_for_the_first_token_is_no_stall_and_little_is_no_judgement() -> None:
    watch = Stalls()
    assert all(map(isnan, watch.update(10**12)))
    for at in range(LEAST - 1):
        assert isnan(watch.update(10**12 + (at + 1) * 25_000_000)[1])
    assert isnan(watch.limit_s)
    assert isnan(watch.update(10**13)[1])


def test_silence_is_told_while_it_lasts() -> None:
    watch = Stalls()
    for at in range(100):
        watch.update(at * 25_000_000)
    now = 99 * 25_000_000
    assert isnan(watch.silent(now + 50_000_000))
    assert watch.silent(now + 2_000_000_000) == pytest.approx(2.0)
    assert watch.update(now + 2_000_000_000) == pytest.approx((2.0, 2.0))


def test_tokens_at_once_and_clocks_set_back_are_no_silences() -> None:
    watch = Stalls()
    watch.update(5)
    for _ in range(100):
        assert watch.update(5)[0] == 0.0
        assert isnan(watch.update(3)[0])
        watch.update(5)
    assert isnan(watch.limit_s)
    assert all(map(isnan, watch.update(None)))


@given(st.lists(st.floats(AT_ONCE_S, 1e6), min_size=3, max_size=KEPT))
def test_a_limit_is_finite_and_above_what_comes_thrice(silences: list[float]) -> None:
    found = limit(np.array(silences))
    assert np.isfinite(found)
    assert sum(silence > found for silence in silences) <= 2


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=80))
def test_any_times_are_taken(times: list[int | None]) -> None:
    watch = Stalls()
    for time_ns in times:
        seconds, stalled = watch.update(time_ns)
        assert isnan(seconds) or seconds >= 0.0
        assert isnan(stalled) or stalled == seconds
    assert isnan(watch.silent(0)) or watch.silent(0) > 0.0
