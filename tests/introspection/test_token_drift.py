"""Drift of a stream of tokens: told where it is planted, and hardly ever where a text only goes on."""

import pydoc
import re
import textwrap
from collections.abc import Sequence
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.introspection.drift import ALARM, BLOCK, LEAST, SPANS, Drift
from midstream_cli.introspection.token_shape import BINS, shape
from midstream_cli.streams.simulate.tokens import RADIO, RIVER, simulate

CHANGES = 400
"""The token from which something is another in these tests."""
SLOWEST = BLOCK * SPANS[-1] + BLOCK


def cut(text: str) -> list[str]:
    """A text in pieces as a tokeniser cuts it: words with the space before them, long ones in two, signs, numbers."""
    pieces = re.findall(r" ?[^\W\d_]{1,7}| ?\d{1,3}| ?(?:[^\s\w]|_)+|\s+", text)
    return [str(piece) for piece in pieces]


def chat(tokens: int, seed: int = 0) -> tuple[list[str], list[float]]:
    """Texts and log probabilities of fluent text."""
    pieces = list(simulate("chat", tokens=tokens, seed=seed))
    texts = [str(text) for piece in pieces for text in piece.text][:-1]
    return texts, [float(each) for piece in pieces for each in piece.logprob][:-1]


def drifts(texts: Sequence[str], logprobs: Sequence[float] | None = None, seconds: Sequence[float] | None = None):  # type: ignore[no-untyped-def] # noqa: ANN201 - pairs
    """Where it was told, and of which number."""
    drift, told = Drift(), []
    for at, text in enumerate(texts):
        if drift.update(text, logprobs[at] if logprobs else nan, seconds[at] if seconds else nan):
            told.append((at, drift.number))
    return told


# ruff: noqa: RUF001 - other scripts have letters that look alike
CYRILLIC = "Река начинается в холмах над городом и бежит вниз к морю, а весной вода в ней высокая и холодная. "
CHINESE = "河流发源于城镇上方的山丘，一路流向大海。春天水位高而寒冷，船只在桥边等待冰雪融化，人们说车轮记得谷物。"


@pytest.mark.parametrize("other", [CYRILLIC, CHINESE])
def test_another_script_is_told_within_two_blocks(other: str) -> None:
    texts = chat(CHANGES)[0] + [other[at : at + 3] for _ in range(9) for at in range(0, len(other) - 3, 3)]
    (at, number), *_ = drifts(texts)
    assert CHANGES <= at < CHANGES + 3 * BLOCK
    assert number == "language"


@pytest.mark.parametrize(
    ("after", "number"),
    [
        (["x"] * 300, "length"),
        ([" supercalifragilisticexpialidocious" for _ in range(300)], "length"),
        (["%$#", "&", "@!", "^^"] * 75, "letters"),
        (["\n", "  \n", "\n\n ", "\t"] * 75, "spaces"),
    ],
)
def test_tokens_of_another_kind_are_told(after: list[str], number: str) -> None:
    ((at, told), *_) = drifts(chat(CHANGES)[0] + after)
    assert CHANGES <= at < CHANGES + 5 * BLOCK
    assert told == number


def test_the_same_sentences_in_any_order_are_told() -> None:
    random = np.random.default_rng(0)
    sentences = [cut(sentence + ".") for sentence in RADIO.split(".")[:5]]
    after = [text for at in random.integers(0, len(sentences), 40) for text in sentences[at]]
    told = drifts(cut(RIVER + RIVER[::-1])[:CHANGES] + after)
    assert [number for _, number in told[:1]] == ["again"]


@pytest.mark.parametrize("seed", range(8))
def test_rising_surprise_is_told(seed: int) -> None:
    texts, logprobs = chat(800, seed)
    worse = [each if at < CHANGES else 4.0 * each - 1.0 for at, each in enumerate(logprobs)]
    ((at, number), *_) = drifts(texts, worse)
    assert CHANGES <= at < CHANGES + SLOWEST
    assert number == "surprise"


@pytest.mark.parametrize("factor", [2.0, 0.5])
@pytest.mark.parametrize("seed", range(4))
def test_another_pace_is_told_and_jitter_is_none(factor: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    texts = chat(800, seed)[0]
    seconds = (0.025 * np.exp(random.normal(0, 0.3, 800))).tolist()
    assert not drifts(texts, None, seconds)
    ((at, number), *_) = drifts(
        texts, None, [each * (factor if at >= CHANGES else 1.0) for at, each in enumerate(seconds)]
    )
    assert CHANGES <= at < CHANGES + SLOWEST
    assert number == "pace"


def test_a_clock_of_whole_seconds_or_one_that_stands_still_has_no_pace() -> None:
    texts = chat(1200)[0]
    assert not drifts(texts, None, [float(at % 40 == 39) for at in range(1200)])
    assert not drifts(texts, None, [0.0] * 600 + [0.025] * 600)


def test_after_a_drift_the_new_kind_is_usual_but_still_far_from_the_beginning() -> None:
    texts = chat(CHANGES)[0] + [CYRILLIC[at : at + 3] for _ in range(60) for at in range(0, len(CYRILLIC) - 3, 3)]
    drift = Drift()
    told = [at for at, text in enumerate(texts) if drift.update(text, nan, nan)]
    assert len(told) == 1
    assert not drift.unsettled
    assert drift.deviations > ALARM
    told = [at for at, text in enumerate(chat(CHANGES, seed=3)[0]) if drift.update(text, nan, nan)]
    assert len(told) == 1
    assert drift.deviations < ALARM


def test_fluent_text_does_not_drift() -> None:
    assert not [each for seed in range(20) for each in drifts(*chat(1000, seed))]


def test_ordinary_documents_hardly_drift() -> None:
    import pydoc_data.topics

    documents = [cut(text) for text in pydoc_data.topics.topics.values() if len(text) > 6000]
    told = sum(len(drifts(texts)) for texts in documents)
    tokens = sum(map(len, documents))
    assert tokens > 60_000
    assert told <= tokens / 15_000


def test_help_after_prose_does_not_drift() -> None:
    prose = cut(RIVER + "\n" + RADIO)
    listing = cut(pydoc.plain(pydoc.render_doc(textwrap)))[:600]
    assert not drifts(prose * 2 + listing[:40] + prose)


def test_nothing_is_said_before_the_beginning_is_known() -> None:
    drift = Drift()
    for at in range((LEAST + SPANS[0]) * BLOCK - 1):
        assert not drift.update("x" if at % 2 else "Ж" * 40, -9.0 * (at % 2), float(at))
        assert drift.deviations == 0.0


@given(st.lists(st.tuples(st.text(min_size=1), st.floats(), st.floats(0, 1e12) | st.just(nan)), max_size=60))
def test_whatever_comes_deviations_are_finite(tokens: list[tuple[str, float, float]]) -> None:
    drift = Drift()
    for _ in range(8):
        for text, logprob, seconds in tokens:
            drift.update(text, logprob, seconds)
            assert 0.0 <= drift.deviations < np.inf


@given(st.text(min_size=1, max_size=3000))
def test_shapes_are_shares_and_bins(text: str) -> None:
    found = shape(text)
    assert 0.0 <= found.letters <= 1.0
    assert 0.0 <= found.spaces <= 1.0
    assert len(found.bins) <= 64
    assert all(0 <= at < BINS for at in found.bins)
