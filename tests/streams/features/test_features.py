"""Every feature against its formula, and what all of them promise."""

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import FormatError, LayoutError, MidstreamError, UsageError
from midstream_cli.frames import Float64, TokenFrame
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, TokenRecording
from midstream_cli.streams.features import (
    DEFAULT,
    doppler,
    is_categorical,
    is_summary,
    load,
    meanings,
    names,
    pca,
    token_ids,
)
from midstream_cli.streams.vectors import VectorStream
from strategies import NULLS, csi, cuts, few, info_of, numbers, of_kind, pieces, seeds, some, tokens
from tracks import collect

ALL = names()
CARRYING = [i for i in range(16) if i not in NULLS]


def fitted(name: str, recording: Any) -> tuple[Any, Float64]:
    """A feature's parameters on a recording, and the vectors it makes of it with them."""
    feature = load(name)
    parameters = feature.fit(recording)
    return parameters, feature.vectors(recording, parameters)


def amplitudes(recording: CsiRecording) -> Float64:
    return np.abs(recording.matrix().astype(np.complex128))[:, CARRYING]


def relative(recording: CsiRecording) -> Float64:
    found = amplitudes(recording)
    level: Float64 = np.sqrt((found**2).mean(axis=1, keepdims=True))
    return found / level


def test_the_features_are_these() -> None:
    assert names("csi") == [
        "amplitude",
        "amplitude-l2",
        "bands8",
        "doppler",
        "mean-amplitude",
        "pca",
        "phase-difference",
    ]
    assert names("token") == ["inter-arrival", "logprob", "text-length", "token-ids"]
    assert names("numeric") == ["columns"]
    assert sorted(ALL) == sorted(names("csi") + names("token") + names("numeric"))
    assert {kind: load(name).KIND for kind, name in DEFAULT.items()} == {kind: kind for kind in DEFAULT}
    assert [name for name in ALL if is_categorical(load(name))] == ["token-ids"]
    assert [name for name in ALL if is_summary(load(name))] == ["doppler"]


@pytest.mark.parametrize(("wrong", "guess"), [("dopler", "did you mean doppler?"), ("xyz", "known are")])
def test_a_feature_that_does_not_exist_is_refused_with_a_guess(wrong: str, guess: str) -> None:
    with pytest.raises(UsageError, match=wrong) as caught:
        load(wrong)
    assert guess in caught.value.hint
    assert "bands8" in caught.value.hint


# what all promise


@pytest.mark.parametrize("name", ALL)
def test_a_feature_says_in_a_line_what_it_is(name: str) -> None:
    first = (load(name).__doc__ or "").splitlines()[0]
    assert 20 < len(first) < 120
    assert first.endswith((".", ": the default."))


@pytest.mark.parametrize("name", ALL)
def test_parameters_survive_json_and_give_the_same_vectors(name: str) -> None:
    feature = load(name)
    recording: Any = of_kind(feature.KIND, 5, 90)
    parameters, vectors = fitted(name, recording)
    again = json.loads(json.dumps(parameters, allow_nan=False))
    assert again == dict(parameters)
    np.testing.assert_array_equal(feature.vectors(recording, again), vectors)


@pytest.mark.parametrize("name", ALL)
def test_there_is_one_vector_a_frame_of_doubles(name: str) -> None:
    feature = load(name)
    recording = of_kind(feature.KIND, 6, 70)
    parameters, vectors = fitted(name, recording)
    assert vectors.shape[0] == 70
    assert vectors.ndim == 2
    assert vectors.shape[1] > 0
    assert vectors.dtype == np.float64
    if feature.KIND != "csi":  # frames of channel state have no layout where there are none
        assert feature.vectors(recording.take(slice(0)), parameters).shape == (0, vectors.shape[1])


@pytest.mark.parametrize("name", ALL)
def test_one_frame_is_enough_to_fit_and_to_measure(name: str) -> None:
    feature = load(name)
    recording = of_kind(feature.KIND, 7, 1)
    _, vectors = fitted(name, recording)
    assert vectors.shape[0] == 1
    if name != "inter-arrival":
        assert np.isfinite(vectors).all()


@pytest.mark.parametrize("name", [name for name in ALL if not hasattr(load(name), "CONTEXT")])
@few
@given(seed=seeds, places=cuts)
def test_a_frames_vector_does_not_depend_on_its_neighbours(name: str, seed: int, places: list[int]) -> None:
    feature = load(name)
    recording: Any = of_kind(feature.KIND, seed, 40)
    parameters, vectors = fitted(name, recording)
    alone = np.concatenate([feature.vectors(p, parameters) for p in pieces(recording, places) if len(p)])
    assert alone.tolist() == vectors.tolist()


@pytest.mark.parametrize("name", ALL)
def test_recordings_are_left_as_they_were(name: str) -> None:
    kind = load(name).KIND
    recording, same = of_kind(kind, 8, 30), of_kind(kind, 8, 30)
    _, vectors = fitted(name, recording)
    vectors += 1.0
    for a, b in zip(recording, same, strict=True):
        assert repr(a) == repr(b)


# channel state


@some
@given(seeds)
def test_amplitudes_are_those_of_the_carrying_subcarriers(seed: int) -> None:
    recording = csi(seed, 20)
    parameters, vectors = fitted("amplitude", recording)
    assert parameters == {"layout": 16, "subcarriers": CARRYING}
    np.testing.assert_allclose(vectors, amplitudes(recording), rtol=1e-6)
    np.testing.assert_allclose(
        fitted("mean-amplitude", recording)[1], amplitudes(recording).mean(axis=1, keepdims=True), rtol=1e-6
    )
    np.testing.assert_allclose(fitted("amplitude-l2", recording)[1], relative(recording), rtol=1e-6)


def test_relative_amplitudes_have_a_mean_square_of_one() -> None:
    vectors = fitted("amplitude-l2", csi(2, 30))[1]
    np.testing.assert_allclose((vectors**2).mean(axis=1), 1.0, rtol=1e-12)


def test_bands_are_means_of_neighbours() -> None:
    recording = csi(3, 10, subcarriers=19)
    assert len(fitted("amplitude", recording)[0]["subcarriers"]) == 16
    expected = fitted("amplitude-l2", recording)[1].reshape(10, 8, 2).mean(axis=2)
    np.testing.assert_allclose(fitted("bands8", recording)[1], expected, rtol=1e-15)


@pytest.mark.parametrize("subcarriers", range(4, 24))
def test_every_carrying_subcarrier_is_in_a_band(subcarriers: int) -> None:
    recording = csi(3, 10, subcarriers=subcarriers)
    parameters, quiet = fitted("bands8", recording)
    assert quiet.shape == (10, 8)
    assert np.isfinite(quiet).all()
    for position in parameters["subcarriers"]:
        samples = recording.matrix().copy()
        samples[:, position] *= 3
        louder = CsiRecording.build(recording.info, recording.time_ns, samples)
        changed = load("bands8").vectors(louder, parameters)
        assert (changed != quiet).any() or len(parameters["subcarriers"]) == 1


@pytest.mark.parametrize("name", ["amplitude-l2", "bands8", "doppler", "pca", "phase-difference"])
@few
@given(seed=seeds)
def test_gain_control_leaves_no_trace(name: str, seed: int) -> None:
    recording = csi(seed, 40)
    # powers of two, which single precision holds without rounding
    gains = 2.0 ** np.random.default_rng(seed).integers(-6, 7, (40, 1))
    scaled = CsiRecording.build(recording.info, recording.time_ns, recording.matrix() * gains)
    parameters, vectors = fitted(name, recording)
    np.testing.assert_allclose(load(name).vectors(scaled, parameters), vectors, rtol=0, atol=1e-9)


def test_amplitudes_follow_gain_control() -> None:
    recording = csi(1, 20)
    louder = CsiRecording.build(recording.info, recording.time_ns, recording.matrix() * 2)
    for name in ("amplitude", "mean-amplitude"):
        np.testing.assert_allclose(fitted(name, louder)[1], 2 * fitted(name, recording)[1], rtol=1e-12)


def circle(a: Float64, b: Float64) -> float:
    """The largest difference of two arrays of angles."""
    return float(np.abs(np.angle(np.exp(1j * (a - b)))).max())


@few
@given(seeds)
def test_carrier_and_sampling_offsets_leave_no_trace_in_phase_differences(seed: int) -> None:
    random = np.random.default_rng(seed)
    recording = csi(seed, 30)
    parameters, vectors = fitted("phase-difference", recording)
    vectorise = load("phase-difference").vectors

    def turned(phase: Float64, slope: Float64) -> Float64:
        samples = recording.matrix() * np.exp(1j * (phase + slope * np.arange(16)))
        return vectorise(CsiRecording.build(recording.info, recording.time_ns, samples), parameters)

    # quarter turns are exact in single precision, others are to its last digits
    quarters = np.pi / 2 * random.integers(0, 4, (2, 30, 1))
    assert circle(turned(*quarters), vectors) < 1e-6
    exact = np.round(recording.matrix() * np.round(np.exp(1j * (quarters[0] + quarters[1] * np.arange(16)))))
    assert circle(vectorise(CsiRecording.build(recording.info, recording.time_ns, exact), parameters), vectors) < 1e-12
    assert circle(turned(*random.uniform(-3, 3, (2, 30, 1))), vectors) < 1e-5


def test_phase_differences_are_those_of_neighbours_less_the_slope() -> None:
    random = np.random.default_rng(4)
    angles, slope = random.uniform(-0.4, 0.4, (9, 6)), random.uniform(-2, 2, (9, 1))
    positions = np.array([0, 1, 2, 4, 5, 9])  # the centre is missing at 3, a guard band at 6 to 8
    samples = np.zeros((9, 10), np.complex128)
    samples[:, positions] = 50 * np.exp(1j * (angles + slope * positions))
    recording = CsiRecording.build(info_of("csi"), np.arange(9), samples)
    parameters, vectors = fitted("phase-difference", recording)
    assert parameters["subcarriers"] == positions.tolist()
    expected = []
    for row, line in zip(angles, slope[:, 0], strict=True):
        steps = {(a, b): row[j] - row[i] + line * (b - a) for (i, a), (j, b) in pairwise(enumerate(positions.tolist()))}
        ones = [np.exp(1j * angle) for (a, b), angle in steps.items() if b - a == 1]
        common = np.angle(sum(ones))
        expected.append([angle - common * (b - a) for (a, b), angle in steps.items() if b - a <= 2])
    assert vectors.shape == (9, 4)
    assert circle(vectors, np.array(expected)) < 1e-6


def test_amplitudes_alone_have_no_phase_differences() -> None:
    recording = csi(1, 20, amplitude_only=True)
    feature = load("phase-difference")
    for act in (feature.fit, lambda r: feature.vectors(r, {"layout": 16, "subcarriers": CARRYING})):
        with pytest.raises(FormatError, match="no phases") as caught:
            act(recording)
        assert "bands8" in caught.value.hint


@few
@given(seeds, st.integers(30, 90))
def test_principal_components_are_those_of_a_singular_value_decomposition(seed: int, n: int) -> None:
    recording = csi(seed, n)
    parameters, vectors = fitted("pca", recording)
    centred = relative(recording) - relative(recording).mean(axis=0)
    _, spread, directions = np.linalg.svd(centred)
    components = np.array(parameters["components"])
    assert components.shape == (3, len(CARRYING))
    np.testing.assert_allclose(components @ components.T, np.eye(3), atol=1e-10)
    strongest = components[np.arange(3), np.abs(components).argmax(axis=1)]
    assert (strongest > 0).all()
    # a direction is determined as well as its variance stands out
    np.testing.assert_allclose((vectors**2).sum(axis=0), spread[:3] ** 2, rtol=1e-4)
    np.testing.assert_allclose(vectors, centred @ components.T, atol=1e-5)
    if spread[0] > 1.2 * spread[1]:
        assert abs(float(components[0] @ directions[0])) > 1 - 1e-4


def test_scores_on_principal_components_are_uncorrelated() -> None:
    vectors = fitted("pca", csi(9, 200))[1]
    np.testing.assert_allclose(vectors.mean(axis=0), 0.0, atol=1e-12)
    covariance = np.cov(vectors, rowvar=False)
    np.testing.assert_allclose(covariance - np.diag(np.diag(covariance)), 0.0, atol=1e-12 + 1e-9 * covariance.max())


@pytest.mark.parametrize("carrying", [1, 2, 3])
def test_fewer_subcarriers_than_components_have_fewer(carrying: int) -> None:
    samples = np.random.default_rng(1).normal(50, 1, (40, carrying))
    recording = CsiRecording.build(info_of("csi"), np.arange(40), samples)
    assert fitted("pca", recording)[1].shape == (40, min(carrying, pca.COMPONENTS))


def periodogram(window: Float64, rate_hz: float) -> Float64:
    """Power spectral density of one window, the Fourier sum written out."""
    n = len(window)
    taper = np.array([0.5 - 0.5 * math.cos(2 * math.pi * i / n) for i in range(n)])
    moving = (window - window.mean()) * taper
    lines = [sum(moving * np.exp(-2j * np.pi * k * np.arange(n) / n)) for k in range(n // 2 + 1)]
    return np.array([2 * abs(line) ** 2 / (rate_hz * (taper**2).sum()) for line in lines])


@few
@given(seeds, st.sampled_from([32.0, 64.0, 50.0, 16.0]))
def test_doppler_is_the_mean_density_of_each_octave(seed: int, rate_hz: float) -> None:
    samples = round(rate_hz)
    windows = np.random.default_rng(seed).normal(1, 0.1, (3, 8, samples))
    found = doppler.summarise(windows, rate_hz)
    for window, row in zip(windows, found, strict=True):
        density = np.mean([periodogram(band, rate_hz) for band in window], axis=0)
        frequency = np.arange(samples // 2 + 1) * rate_hz / samples
        for (low, high), value in zip(pairwise(doppler.OCTAVES_HZ), row, strict=True):
            inside = density[(frequency >= low) & (frequency < high)]
            expected = math.log10((inside.mean() if len(inside) else 0.0) + doppler.FLOOR)
            assert value == pytest.approx(expected, abs=1e-9)


def test_the_density_of_white_noise_is_its_variance_over_the_band() -> None:
    windows = np.random.default_rng(2).normal(0, 0.3, (4000, 8, 32))
    found = (10 ** doppler.summarise(windows, 32.0)).mean(axis=0) / (0.3**2 / 16.0)
    # taking off the mean of a tapered window takes a sixth of the line next to it
    np.testing.assert_allclose(found, [5 / 6, 1.0, 1.0, 1.0], rtol=0.02)


def moving(frequency_hz: float, depth: float) -> CsiRecording:
    """A room where one half of the subcarriers comes and goes."""
    random = np.random.default_rng(3)
    at = np.arange(1000) * 10_000_000
    amplitude = np.full((1000, 16), 50.0) + random.normal(0, 0.05, (1000, 16))
    amplitude[:, :8] *= 1 + depth * np.sin(2 * np.pi * frequency_hz * at[:, None] / 1e9)
    return CsiRecording.build(info_of("csi"), at, amplitude)


@pytest.mark.parametrize(("frequency_hz", "octave"), [(1.4, 0), (2.9, 1), (5.8, 2), (11.0, 3)])
def test_a_motion_raises_the_octave_of_its_frequency_and_none_far_from_it(frequency_hz: float, octave: int) -> None:
    still = collect([moving(0.0, 0.0)], VectorStream("doppler")).values.mean(axis=0)
    raised = collect([moving(frequency_hz, 0.005)], VectorStream("doppler")).values.mean(axis=0) - still
    assert raised.argmax() == octave
    assert raised[octave] > 1.0
    # slots of three and of four frames let a hundredth of it through elsewhere
    far = [other for other in range(4) if abs(other - octave) > 1]
    assert max(10 ** raised[far]) - 1 < 0.02 * 10 ** raised[octave]
    assert max(raised[far]) < 0.2


def test_a_frozen_channel_is_a_number_too() -> None:
    np.testing.assert_allclose(doppler.summarise(np.ones((2, 8, 32)), 32.0), math.log10(doppler.FLOOR), rtol=1e-12)


@pytest.mark.parametrize("name", names("csi"))
def test_frames_of_another_layout_are_refused_with_advice(name: str) -> None:
    parameters, _ = fitted(name, csi(1, 20))
    with pytest.raises(LayoutError, match=r"12 subcarriers.* 16") as caught:
        load(name).vectors(csi(1, 20, subcarriers=12), parameters)
    assert "--subcarriers 16" in caught.value.hint


@pytest.mark.parametrize("name", names("csi"))
def test_a_stream_where_nothing_is_carried_is_refused_with_advice(name: str) -> None:
    silent = CsiRecording.build(info_of("csi"), np.arange(30), np.zeros((30, 16)))
    with pytest.raises(LayoutError, match="no subcarrier carries") as caught:
        load(name).fit(silent)
    assert caught.value.hint


@pytest.mark.parametrize("name", names("csi"))
def test_a_frame_of_zeros_among_others_is_a_number_too(name: str) -> None:
    recording = csi(1, 20)
    parameters, _ = fitted(name, recording)
    silent = CsiRecording.build(recording.info, np.arange(2), np.zeros((2, 16)))
    assert np.isfinite(load(name).vectors(silent, parameters)).all()


# tokens


def said(*words: str, **info: Any) -> TokenRecording:
    return TokenRecording.of(info_of("token", **info), [TokenFrame(i * 10**8, word) for i, word in enumerate(words)])


@some
@given(st.lists(st.text(max_size=3), min_size=1, max_size=30))
def test_equal_texts_have_equal_numbers_and_no_others(words: list[str]) -> None:
    ids = fitted("token-ids", said(*words))[1][:, 0]
    assert len(set(ids.tolist())) == len(set(words))
    assert all((ids[i] == ids[j]) == (words[i] == words[j]) for i in range(len(words)) for j in range(i))
    assert (ids == np.floor(ids)).all()
    assert ((ids >= 0) & (ids < 2**48)).all()


def test_a_text_has_the_same_number_for_ever() -> None:
    # signatures hold these numbers: 48 bits of BLAKE2b, first byte highest
    ids = token_ids.vectors(said("", "the", "\udcff"), {})[:, 0].tolist()
    assert ids == [0xDDD9C40767F9, 0x163C1FACA494, 0x034001B1F9B1]


@some
@given(st.lists(st.text(max_size=3), max_size=30))
def test_what_a_number_stands_for_is_known_where_the_feature_tells(words: list[str]) -> None:
    recording = said(*words)
    known = meanings(load("token-ids"), recording)
    assert [known[number] for number in token_ids.vectors(recording, {})[:, 0].tolist()] == words
    assert meanings(load("text-length"), recording) == {}


def test_characters_are_counted() -> None:
    assert fitted("text-length", said("a", "", "né🙂"))[1].tolist() == [[1.0], [0.0], [3.0]]


def test_intervals_are_seconds_since_the_event_before() -> None:
    recording = said("a", "b", "c").take(np.array([0, 2]))
    vectors = fitted("inter-arrival", recording)[1]
    assert math.isnan(vectors[0, 0])
    assert vectors[1:].tolist() == [[0.2]]


def test_log_probabilities_are_taken_as_they_are_and_missing_ones_as_certain() -> None:
    recording = tokens(1, 5)
    recording.logprob[2] = np.nan
    expected = recording.logprob.copy()
    expected[2] = 0.0
    assert fitted("logprob", recording)[1][:, 0].tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("name", "recording", "matched"),
    [
        ("inter-arrival", tokens(1, 9, clock="none"), "no time per event"),
        ("logprob", said("a", "b"), "no log probabilities"),
    ],
)
def test_what_a_stream_lacks_is_told_with_advice(name: str, recording: Recording, matched: str) -> None:
    with pytest.raises(FormatError, match=matched) as caught:
        load(name).fit(recording)
    assert caught.value.hint


# plain numbers


def test_columns_are_taken_in_the_order_of_the_parameters() -> None:
    recording = NumericRecording(
        info_of("numeric"), np.arange(2), {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
    )
    parameters, vectors = fitted("columns", recording)
    assert parameters == {"columns": ["a", "b"]}
    assert vectors.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert load("columns").vectors(recording, {"columns": ["b"]}).tolist() == [[3.0], [4.0]]


def test_a_missing_column_is_told_with_those_there_are() -> None:
    with pytest.raises(LayoutError, match="no column rssi") as caught:
        load("columns").vectors(numbers(1, 3), {"columns": ["c0", "rssi"]})
    assert "c0, c1" in caught.value.hint


def test_errors_of_features_are_midstreams_own() -> None:
    assert issubclass(LayoutError, MidstreamError)


def test_numbers_without_a_column_have_no_features() -> None:
    with pytest.raises(LayoutError, match="has no column of numbers"):
        load("columns").fit(numbers(1, 5, columns=0))
