"""The last vectors of a stream compared with signatures, against whole sequences in plain loops."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.compare.live.match import distances
from midstream_cli.compare.live.sliding import SlidingWindow
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import UsageError
from strategies import cuts, spans
from subsequences import steps, whole

many = settings(max_examples=40, deadline=None)

WEIGHTS = {"symmetric1": 1, "symmetric2": 2}


def drawn(random: np.random.Generator, n: int, dims: int, whole_numbers: bool) -> Any:
    if whole_numbers:
        return random.integers(0, 3, (n, dims)).astype(float)
    return np.cumsum(random.normal(0, 1, (n, dims)), axis=0)


@many
@given(
    seed=st.integers(0, 9999),
    lengths=st.lists(st.integers(1, 11), min_size=1, max_size=4),
    length=st.one_of(st.none(), st.integers(1, 12)),
    window=st.one_of(st.none(), st.integers(0, 12)),
    pattern=st.sampled_from(sorted(WEIGHTS)),
    metric=st.sampled_from(["euclidean", "squared"]),
    power=st.sampled_from([0, 0, 300, -300]),
    gaps=st.lists(st.integers(0, 39), max_size=2),
)
def test_every_window_is_as_far_as_the_two_whole_sequences(
    seed: int,
    lengths: list[int],
    length: int | None,
    window: int | None,
    pattern: str,
    metric: str,
    power: int,
    gaps: list[int],
) -> None:
    random = np.random.default_rng(seed)
    if window is not None and length is not None:
        window = max(window, *(abs(length - m) for m in lengths))
    dims, ints = int(random.integers(1, 4)), bool(random.integers(0, 2))
    templates = [drawn(random, m, dims, ints) + 1.0 for m in lengths]
    stream = drawn(random, 40, dims, ints)
    slider = SlidingWindow(
        [np.ldexp(one, power) for one in templates], length=length, window=window, step_pattern=pattern, metric=metric
    )
    given_stream = np.ldexp(stream, power)
    given_stream[gaps, -1] = np.nan
    told = np.ldexp(slider.extend(given_stream), -power * (2 if metric == "squared" else 1))
    assert told.shape == (40, len(templates))
    for which, template in enumerate(templates):
        n = length or len(template)
        for end in range(40):
            if end + 1 < n or any(end + 1 - n <= gap <= end for gap in gaps):
                assert told[end, which] == math.inf
            elif end % 5 == 0:
                stretch = stream[end + 1 - n : end + 1].tolist()
                expected = whole(template.tolist(), stretch, window, WEIGHTS[pattern], metric)
                divisor = steps(template.tolist(), n, WEIGHTS[pattern])
                assert told[end, which] == pytest.approx(expected / divisor, rel=1e-12, abs=1e-300)


@many
@given(seed=st.integers(0, 999), places=cuts, gaps=st.lists(st.integers(0, 99), max_size=3))
def test_vector_by_vector_and_in_pieces_come_to_the_same(seed: int, places: list[int], gaps: list[int]) -> None:
    random = np.random.default_rng(seed)
    stream, templates = drawn(random, 100, 2, False), [drawn(random, n, 2, False) for n in (4, 9)]
    stream[gaps, 0] = np.inf
    together = SlidingWindow(templates).extend(stream)
    cut, single = SlidingWindow(templates), SlidingWindow(templates)
    assert np.concatenate([cut.extend(stream[span]) for span in spans(100, places)]).tolist() == together.tolist()
    assert [single.update(vector).tolist() for vector in stream] == together.tolist()


def test_it_tells_of_signatures_what_matching_of_windows_tells() -> None:
    random = np.random.default_rng(1)
    stream = drawn(random, 80, 3, False)
    background = Background(np.array([1.0, 2.0, 3.0]), np.array([0.1, 1.0, 10.0]))
    signatures = [
        Signature("a", "a", drawn(random, 12, 3, False), "columns", window=2, background=background),
        Signature("b", "b", drawn(random, 20, 3, False), "columns"),
        Signature("c", "c", drawn(random, 5, 3, False), "columns", window=1),
    ]
    told = SlidingWindow(signatures).extend(stream)
    for which, signature in enumerate(signatures):
        windows = np.lib.stride_tricks.sliding_window_view(stream, signature.length, axis=0).transpose(0, 2, 1)
        expected = distances(signature, np.ascontiguousarray(windows))
        assert told[signature.length - 1 :, which].tolist() == pytest.approx(expected.tolist(), rel=1e-9)


def test_many_signatures_are_told_in_the_order_in_which_they_were_given() -> None:
    random = np.random.default_rng(2)
    stream = drawn(random, 60, 2, False)
    templates = [drawn(random, int(random.integers(1, 30)), 2, False) for _ in range(40)]
    together = SlidingWindow(templates).extend(stream)
    for which, template in enumerate(templates):
        assert together[:, which].tolist() == SlidingWindow([template]).extend(stream)[:, 0].tolist()


def test_what_was_told_is_the_callers() -> None:
    slider = SlidingWindow([[1.0]])
    first = slider.update(np.array([3.0]))
    slider.update(np.array([5.0]))
    assert first.tolist() == [1.0]


def test_numbers_of_any_kind_make_a_vector() -> None:
    for vector in ([3, 4], (3.0, 4.0), np.array([3, 4], np.float32), np.array([3.0, 0.0, 4.0])[::2]):
        assert SlidingWindow([[[0.0, 0.0]]]).update(vector).tolist() == [2.5]  # type: ignore[arg-type]
    assert SlidingWindow([[0.0]]).update(3.0).tolist() == [1.5]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"signatures": []}, "no signature"),
        ({"signatures": [[1.0, 2.0]], "length": 5, "window": 2}, "no path between 5 and 2"),
        ({"signatures": [[1.0, 2.0]], "length": 0}, "0 vectors"),
        ({"signatures": [[1.0, 2.0]], "step_pattern": "asymmetric"}, "asymmetric"),
        ({"signatures": [[1.0, 2.0]], "metric": "cosine"}, "cosine"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_advice(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        SlidingWindow(**arguments)
    assert caught.value.hint


@pytest.mark.parametrize("vector", [1.0, [1.0], [1.0, 2.0, 3.0], np.zeros((2, 2))])
def test_a_vector_of_other_dimensions_is_refused(vector: Any) -> None:
    slider = SlidingWindow([np.zeros((4, 2))])
    with pytest.raises(UsageError, match="dimensions") as caught:
        slider.update(vector)
    assert caught.value.hint
