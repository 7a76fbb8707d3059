"""Many windows against many templates, against the whole table pair by pair."""

import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.kernels.tiles import LANES
from midstream_cli.compare.many import batch
from midstream_cli.compare.many.batch import Windows, compiled_pays, distances
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.compiled import machine
from midstream_cli.compiled.kernel import VARIABLE
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds, some
from warping import FLAVOURS, close, cost_of_the_best_path, lengths, made

patterns = st.sampled_from(["symmetric1", "symmetric2", "asymmetric"])
metrics = st.sampled_from(["euclidean", "squared"])
bands = st.one_of(st.none(), st.integers(0, 20))
engines = st.sampled_from(["numpy", "compiled"])


def by(engine: str, *args: Any, **options: Any) -> Float64:
    """Distances by one engine or the other, whatever would pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "compiled_pays", lambda *_, **__: engine == "compiled")
        return distances(*args, **options)


def one_by_one(
    windows: Float64, templates: list[Float64], bands: list[int | None], **options: Any
) -> list[list[float]]:
    return [
        [
            cost_of_the_best_path(window, each, window=band, **options)
            for each, band in zip(templates, bands, strict=True)
        ]
        for window in windows
    ]


def agree(found: Float64, right: list[list[float]]) -> bool:
    return found.shape == np.shape(right) and all(map(close, found.ravel().tolist(), np.ravel(right).tolist()))


@some
@given(
    seeds,
    st.integers(1, 20),
    st.integers(1, 12),
    st.lists(st.integers(1, 12), min_size=1, max_size=12),
    st.integers(1, 3),
    patterns,
    metrics,
    bands,
    engines,
)
@example(1, 20, 12, [12] * 9, 2, "symmetric2", "euclidean", 3, "compiled")
@example(1, 20, 12, [11, 12], 1, "symmetric1", "squared", None, "compiled")
@example(1, 3, 12, list(range(1, 13)), 1, "asymmetric", "squared", None, "compiled")
def test_distances_are_those_of_the_whole_table(
    seed: int,
    count: int,
    n: int,
    sizes: list[int],
    dims: int,
    step_pattern: str,
    metric: str,
    band: int | None,
    engine: str,
) -> None:
    windows = made(seed, count * n, dims, "normal").reshape(count, n, dims)
    templates = [made(seed + k, m, dims, "normal") for k, m in enumerate(sizes)]
    options: dict[str, Any] = {"step_pattern": step_pattern, "metric": metric}
    right = one_by_one(windows, templates, [band] * len(sizes), **options)
    assert agree(by(engine, windows, templates, window=band, normalised=False, **options), right)
    divided = [[x / lengths(n, m, step_pattern) for x, m in zip(row, sizes, strict=True)] for row in right]
    assert agree(by(engine, windows, templates, window=band, **options), divided)


@some
@given(seeds, st.lists(st.sampled_from(FLAVOURS), min_size=2, max_size=6), st.integers(1, 3), engines)
@example(1, ["vanishing", "enormous", "normal", "vanishing"], 2, "compiled")
@example(1, ["vanishing", "constant"], 1, "numpy")
def test_whatever_the_magnitude_distances_are_those_of_each_pair(
    seed: int, flavours: list[str], dims: int, engine: str
) -> None:
    windows = np.stack([made(seed + i, 6, dims, flavour) for i, flavour in enumerate(flavours)])
    templates = [made(seed + 10 + i, 5, dims, flavour) for i, flavour in enumerate(flavours)]
    right = one_by_one(windows, templates, [3] * len(templates))
    assert agree(by(engine, windows, templates, window=3, normalised=False), right)


@few
@given(seeds, st.integers(1, 40), st.integers(1, 9), st.integers(1, 3), engines)
def test_windows_of_a_stream_are_read_in_place(seed: int, count: int, n: int, dims: int, engine: str) -> None:
    stream = made(seed, 60, dims, "normal")
    starts = np.random.default_rng(seed).integers(0, 60 - n + 1, count)
    templates = [made(seed + k, 6, dims, "normal") for k in range(9)]
    copied = np.stack([stream[start : start + n] for start in starts])
    expected = by(engine, copied, templates)
    assert np.allclose(by(engine, Windows(stream, starts, n), templates), expected, rtol=1e-13, atol=0.0)
    sliding = np.lib.stride_tricks.sliding_window_view(stream, n, axis=0).swapaxes(1, 2)[::2]
    assert np.allclose(by(engine, sliding, templates), by(engine, sliding.copy(), templates), rtol=1e-13, atol=0.0)


def test_each_template_may_have_a_band_of_its_own() -> None:
    random = np.random.default_rng(3)
    windows, templates = random.normal(size=(4, 9, 2)), list(random.normal(size=(5, 9, 2)))
    bands = [None, 0, 3, 3, 100]
    for engine in ("numpy", "compiled"):
        found = by(engine, windows, templates, window=bands, normalised=False)
        assert agree(found, one_by_one(windows, templates, bands))


@few
@given(
    seeds,
    st.sampled_from(["midstream", "dtw-python", "dtaidistance", "aeon", "tslearn"]),
    st.lists(st.integers(4, 9), min_size=1, max_size=9),
    st.booleans(),
    engines,
)
def test_in_a_convention_distances_are_those_of_dtw(
    seed: int, convention: Any, sizes: list[int], banded: bool, engine: str
) -> None:
    windows, templates = made(seed, 21, 2, "normal").reshape(3, 7, 2), [made(seed + m, m, 2, "normal") for m in sizes]
    window = (0.5 if convention == "aeon" else 3) if banded else None
    right = [[dtw(each, one, window=window, convention=convention).distance for one in templates] for each in windows]
    assert agree(by(engine, windows, templates, window=window, convention=convention, normalised=False), right)


def test_what_a_pair_is_compared_with_beside_does_not_show() -> None:
    random = np.random.default_rng(4)
    stream, templates = random.normal(size=(300, 3)), list(random.normal(size=(20, 24, 3)))
    starts = np.arange(0, 270, 7)
    whole = by("compiled", Windows(stream, starts, 24), templates, window=5)
    for some_starts, some_templates in (
        (starts, templates[:2]),
        (starts[5:6], templates),
        (starts[::-3], templates[4:9]),
    ):
        part = by("compiled", Windows(stream, some_starts, 24), some_templates, window=5)
        rows = [starts.tolist().index(start) for start in some_starts]
        columns = [next(k for k, each in enumerate(templates) if each is one) for one in some_templates]
        assert part.tolist() == whole[np.ix_(rows, columns)].tolist()


def test_a_missing_number_between_windows_is_none_of_their_business() -> None:
    stream = np.random.default_rng(5).normal(size=(40, 2))
    expected = by("compiled", Windows(stream, np.array([0, 3, 20, 21]), 9), [stream[:9]] * LANES)
    for bad in (math.nan, math.inf, -math.inf):
        broken = stream.copy()
        broken[12:20] = bad
        assert by("compiled", Windows(broken, np.array([0, 3, 20, 21]), 9), [stream[:9]] * LANES).tolist() == (
            expected.tolist()
        )
        with pytest.raises(UsageError, match="not finite") as caught:
            distances(Windows(broken, np.array([0, 4]), 9), [stream[:9]])
        assert caught.value.hint


def test_where_the_band_allows_no_path_it_is_infinite() -> None:
    windows, templates = np.zeros((2, 5, 1)), [np.zeros((9, 1)), np.zeros((8, 1))]
    for engine in ("numpy", "compiled"):
        assert by(engine, windows, templates, window=3).tolist() == [[math.inf, 0.0]] * 2
        # each of five may take two steps at most, and the first takes none
        long = [np.zeros((9, 1)), np.zeros((10, 1))]
        assert by(engine, windows, long, step_pattern="asymmetric").tolist() == [[0.0, math.inf]] * 2


@pytest.mark.parametrize("count", [0, 1])
def test_of_no_windows_or_no_templates_there_are_no_distances(count: int) -> None:
    assert distances(np.zeros((0, 4, 2)), [np.zeros((3, 2))] * count).shape == (0, count)
    assert distances(np.zeros((count, 4, 2)), []).shape == (count, 0)


def test_sums_of_squares_too_large_or_too_small_are_errors() -> None:
    squared: dict[str, Any] = {"metric": "squared", "step_pattern": "symmetric1"}
    with pytest.raises(UsageError, match="too far apart"):
        distances(np.full((1, 2, 1), 1e200), [np.zeros((2, 1))], **squared)
    with pytest.raises(UsageError, match="too near") as caught:
        distances(np.full((1, 2, 1), 1e-200), [np.zeros((2, 1))], **squared)
    assert caught.value.hint
    with pytest.raises(UsageError, match="too far apart"):
        distances(np.full((1, 2, 1), 1.7e308), [np.full((2, 1), -1.7e308)])


@pytest.mark.parametrize(
    ("windows", "templates", "options", "said"),
    [
        (np.zeros((2, 0, 1)), [np.zeros((2, 1))], {}, "windows are empty"),
        (np.zeros((2, 3, 0)), [np.zeros((2, 1))], {}, "windows are empty"),
        (np.zeros((2, 3)), [np.zeros((2, 1))], {}, "windows of shape"),
        (np.zeros((2, 3, 1)), [np.zeros((0, 1))], {}, "template is empty"),
        (np.zeros((2, 3, 1)), [np.zeros(3)], {}, "template is empty"),
        (np.zeros((2, 3, 1)), [np.zeros((3, 2))], {}, "of 1 and of 2 dimensions"),
        (np.zeros((2, 3, 1)), [np.full((3, 1), np.nan)], {}, "template has a value that is not finite"),
        (np.full((2, 3, 1), np.inf), [np.zeros((3, 1))], {}, "window has a value that is not finite"),
        (np.zeros((2, 3, 1)), [np.zeros((3, 1))], {"window": -1}, "a window of -1 is no number"),
        (np.zeros((2, 3, 1)), [np.zeros((3, 1))], {"window": [1, 2]}, "2 windows for 1 template"),
        (np.zeros((2, 3, 1)), [np.zeros((3, 1))], {"step_pattern": "symmetricP1"}, "no step pattern"),
        (np.zeros((2, 3, 1)), [np.zeros((3, 1))], {"metric": "cosine"}, "no metric"),
        (Windows(np.zeros((9, 1)), np.array([0, 7]), 3), [np.zeros((3, 1))], {}, "beyond the stream"),
        (Windows(np.zeros((9, 1)), np.array([-1]), 3), [np.zeros((3, 1))], {}, "beyond the stream"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_advice(
    windows: Any, templates: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        distances(windows, templates, **options)
    assert caught.value.hint


def test_small_jobs_do_not_load_kernels_and_large_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(machine, "is_loaded", lambda _: False)
    assert not compiled_pays(10, 64, 64, 8)
    assert compiled_pays(1000, 64, 64, 8)
    assert compiled_pays(1, 64, 64, 8, times=100)
    monkeypatch.setattr(machine, "is_loaded", lambda _: True)
    assert compiled_pays(1, 1, 1, 1)
    monkeypatch.setenv(VARIABLE, "off")
    assert not compiled_pays(10**9, 64, 64, 8)


def test_overlapping_windows_take_no_memory_of_their_own() -> None:
    stream = np.random.default_rng(6).normal(size=(5000, 4))
    windows = np.lib.stride_tricks.sliding_window_view(stream, 64, axis=0).swapaxes(1, 2)
    templates = list(np.random.default_rng(7).normal(size=(16, 64, 4)))
    by("compiled", windows[:9], templates)
    tracemalloc.start()
    try:
        found = by("compiled", windows, templates)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.shape == (4937, 16)
    assert peak < windows.size * 8 / 2
