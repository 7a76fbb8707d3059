"""The watch over a stream of tokens: what each planted fault makes of it, real logs, and whatever else may come."""

import copy
import pickle
import tracemalloc
from collections.abc import Iterator
from math import isnan, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.live.rules import Regime
from midstream_cli.introspection.tokens import RECOVERING, TokenMoment, TokenWatch
from midstream_cli.recordings import TokenRecording, concatenate
from midstream_cli.streams.simulate.tokens import simulate
from midstream_cli.streams.source import open_source

SEEDS = range(6)
TOKENS = 800


def moments(scene: str, seed: int) -> list[TokenMoment]:
    """What is told of a simulated stream, its end not taken."""
    recording = concatenate(list(simulate(scene, tokens=TOKENS, seed=seed)))
    watch = TokenWatch()
    return [watch.update(frame.time_ns, frame.text, frame.logprob) for frame in recording][:-1]


def plain(moment: TokenMoment) -> tuple[object, ...]:
    """A moment that equals another where both have the same NaN."""
    return tuple(None if each != each else each for each in moment)  # noqa: PLR0124 - only NaN differs from itself


@pytest.mark.parametrize("seed", SEEDS)
def test_fluent_text_is_left_alone(seed: int) -> None:
    told = moments("chat", seed)
    assert {moment.regime for moment in told} == {Regime.UNKNOWN}
    assert not any(moment.drifted or moment.regime_changed for moment in told)
    assert all(isnan(moment.stalled_s) and isnan(moment.loop_tokens) for moment in told)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loop_is_told_within_three_rounds_and_lasts(seed: int) -> None:
    told = moments("loop", seed)
    begins = next(at for at, moment in enumerate(told) if moment.regime is Regime.PERIODIC)
    length = told[-1].loop_tokens
    assert 6 <= length <= 14
    assert 0.4 * TOKENS < begins <= 0.4 * TOKENS + max(3 * length, length + 20)
    assert {moment.regime for moment in told[begins:]} == {Regime.PERIODIC}
    assert [at for at, moment in enumerate(told) if moment.regime_changed] == [begins]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_stall_is_told_with_its_length_and_is_over_soon(seed: int) -> None:
    told = moments("stall", seed)
    stalls = [at for at, moment in enumerate(told) if not isnan(moment.stalled_s)]
    assert stalls == [TOKENS // 4, TOKENS // 2, 3 * TOKENS // 4]
    assert all(0.3 < told[at].stalled_s < 6.0 for at in stalls)
    transient = [at for at, moment in enumerate(told) if moment.regime is Regime.TRANSIENT]
    assert transient == [at + more for at in stalls for more in range(RECOVERING)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drift_is_told_once_and_becomes_usual(seed: int) -> None:
    told = moments("drift", seed)
    (begins,) = (at for at, moment in enumerate(told) if moment.drifted)
    assert TOKENS // 2 < begins < TOKENS // 2 + 128
    assert told[begins].regime is Regime.TRANSIENT
    assert told[-1].regime is Regime.UNKNOWN
    assert told[-1].drift > max(moment.drift for moment in told[: TOKENS // 2])


def test_real_answers_are_left_alone(data: Path) -> None:
    texts = 0
    for path in sorted((data / "tokens").iterdir()):
        with open_source(str(path)) as source:
            recording = concatenate([piece for piece in source if isinstance(piece, TokenRecording)])
        watches: dict[int, TokenWatch] = {}
        for frame in recording:
            moment = watches.setdefault(frame.choice, TokenWatch()).update(frame.time_ns, frame.text, frame.logprob)
            texts += bool(frame.text)
            assert moment.regime is Regime.UNKNOWN, path
            assert not moment.drifted
            assert moment.drift < 4.0
    assert texts > 1400


def test_the_number_that_is_furthest_away_can_be_asked_for() -> None:
    watch = TokenWatch()
    for frame in concatenate(list(simulate("chat", tokens=400))):
        watch.update(None, frame.text, nan)
    for at in range(80):
        watch.update(None, chr(0x400 + at * 31 % 64) * 3, nan)
    assert watch.number == "language"


ANY = st.tuples(
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3),
    st.text(max_size=12) | st.sampled_from(["", "a", "\n", "\ud800", "x" * 100_000, "١٢", "é", "🏳️‍🌈"]),
    st.floats(),
)


@given(st.lists(ANY, max_size=50), st.integers(0, 50))
def test_whatever_comes_is_taken_and_the_watch_can_be_kept_in_between(
    tokens: list[tuple[int | None, str, float]], cut: int
) -> None:
    watch, kept = TokenWatch(), TokenWatch()
    for at, token in enumerate(tokens):
        if at == cut:
            kept = pickle.loads(pickle.dumps(copy.deepcopy(kept)))  # noqa: S301 - our own
        moment = watch.update(*token)
        assert plain(moment) == plain(kept.update(*token))
        assert moment.regime in (Regime.UNKNOWN, Regime.PERIODIC, Regime.TRANSIENT)
        assert (moment.regime is Regime.PERIODIC) == (not isnan(moment.loop_tokens))
        assert 0.0 <= moment.drift < float("inf")
        assert isnan(moment.stalled_s) or moment.stalled_s > 0.0
        assert isnan(moment.loop_tokens) or moment.loop_tokens > 0.0


def test_an_empty_text_has_nothing_but_a_time() -> None:
    with_empty, without = TokenWatch(), TokenWatch()
    for at in range(300):
        told = without.update(at * 25_000_000, f" w{at % 50}", -0.5)
        with_empty.update(at * 25_000_000, "", nan)
        assert plain(with_empty.update(at * 25_000_000, f" w{at % 50}", -0.5))[3:] == plain(told)[3:]


def endless() -> Iterator[tuple[int, str, float]]:
    at = 0
    while True:
        at += 1
        yield at * 20_000_000 + at * 7919 % 13 * 1_000_000, f" {at * 2654435761 % 2**32:x}", -(at % 7) / 3


def test_memory_does_not_grow_with_the_stream() -> None:
    watch, tokens = TokenWatch(), endless()
    for _ in range(3000):
        watch.update(*next(tokens))
    size = len(pickle.dumps(watch))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(6000):
            watch.update(*next(tokens))
        for _ in range(3):
            watch.update(None, "y" * 3_000_000, nan)
        assert tracemalloc.get_traced_memory()[0] - before < 2_000_000
    finally:
        tracemalloc.stop()
    assert len(pickle.dumps(watch)) < size + 8192 < 200_000
