"""What a background is like, and that all of it survives its file."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.signatures.correlation import correlation_time
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.compare.signatures.signature_file import annotate, as_json, parse, read, write
from midstream_cli.errors import SignatureError
from midstream_cli.frames import Float64
from strategies import seeds, some

PLAIN = {"mean": [1.0, 2.0, 3.0], "deviation": [0.5, 0.0, 2.0], "source": "room", "seconds": 9.5}
WHOLE = PLAIN | {"vectors": 300, "correlation_time": 2.5, "correlations": [[0.0], [0.25, 0.0]]}


def file_of(**changed: Any) -> dict[str, Any]:
    return {"id": "walk", "vectors": [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], "background": WHOLE} | changed


def background_of(content: dict[str, Any]) -> Background:
    found = parse(content, "walk.sig.json").background
    assert found is not None
    return found


def autoregressive(n: int, share: float, dims: int, random: np.random.Generator) -> Float64:
    found = random.normal(size=(n, dims))
    for i in range(1, n):
        found[i] += share * found[i - 1]
    return found


# what is measured


def test_the_covariance_is_numpys_of_the_finite_vectors() -> None:
    random = np.random.default_rng(4)
    vectors = random.normal(size=(400, 5)) @ random.normal(size=(5, 5)) + 1e3
    broken = np.vstack([vectors, np.full(5, np.nan)])
    found = Background.of(broken, "room", 4.0)
    assert found.covariance is not None
    np.testing.assert_allclose(found.covariance, np.cov(vectors.T, ddof=0), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.diag(found.covariance), found.deviation**2, rtol=1e-14)
    assert found.count == 400


@pytest.mark.parametrize("scale", [2.0**-300, 1.0, 2.0**300])
def test_dimensions_that_are_constant_go_with_none_at_any_scale(scale: float) -> None:
    vectors = np.random.default_rng(4).normal(size=(60, 3)) * scale
    vectors[:, 1] = 7.0 * scale
    found = Background.of(vectors, "room", 4.0)
    assert found.covariance is not None
    assert np.isfinite(found.covariance).all()
    assert not found.covariance[1].any()
    assert found.covariance[0, 2] / scale**2 == pytest.approx(np.cov(vectors.T / scale, ddof=0)[0, 2])


@pytest.mark.parametrize("share", [0.0, 0.5, 0.8, 0.9])
def test_the_correlation_time_of_an_autoregression_is_the_textbooks(share: float) -> None:
    vectors = autoregressive(30_000, share, 3, np.random.default_rng(8)) * [1.0, 1e-6, 1e6]
    assert correlation_time(vectors) == pytest.approx((1 + share) / (1 - share), rel=0.08)
    # the mean of so many vectors wavers as much as that of independent ones would
    means = vectors.reshape(300, 100, 3).mean(axis=1).var(axis=0) / vectors.var(axis=0)
    assert correlation_time(vectors) == pytest.approx(100 * means.mean(), rel=0.3)


@some
@given(seeds, st.integers(0, 40), st.integers(1, 4), st.sampled_from([0.0, 1.0, 1e-150]))
def test_a_correlation_time_is_at_least_one_and_at_most_the_number_of_vectors(
    seed: int, n: int, dims: int, scale: float
) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, dims)).cumsum(axis=0) * scale
    assert 1.0 <= correlation_time(vectors) <= max(1, n)


def test_what_alternates_counts_as_independent_and_what_drifts_hardly_at_all() -> None:
    assert correlation_time(np.resize([1.0, -1.0], 100)[:, None]) == 1.0
    assert correlation_time(np.arange(100.0)[:, None]) > 10.0


# its file


@some
@given(
    seeds,
    st.integers(1, 7),
    st.integers(1, 30),
    st.sampled_from([1e-140, 1e-9, 1.0, 1e140]),
    st.none() | st.floats(1e-9, 1e9),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=3),
)
def test_all_of_it_comes_back_from_its_file(
    seed: int, dims: int, n: int, scale: float, threshold: float | None, on: list[str]
) -> None:
    random = np.random.default_rng(seed)
    quiet = random.normal(1, scale, (n, dims)) @ random.integers(-1, 2, (dims, dims))
    background = Background.of(quiet, "room", 3.0)
    signature = Signature("a", "a", random.normal(0, 1, (4, dims)), background=background, evidence_threshold=threshold)
    if threshold is not None:
        signature = replace(signature, false_alarms_per_day=2.5, calibrated_hours=0.75, calibrated_on=tuple(on))
    text = json.dumps(as_json(signature))
    back = parse(json.loads(text), "a.sig.json")
    assert back.background is not None
    found, wanted = back.background.covariance, background.covariance
    assert found is not None
    assert wanted is not None
    # six decimals of a correlation
    unit = np.outer(background.deviation, background.deviation)
    np.testing.assert_array_less(np.abs(found - wanted), 5.1e-7 * unit + 3e-9 * np.abs(wanted) + 1e-300)
    assert back.background.correlation == pytest.approx(background.correlation, rel=5e-6)
    assert back.background.count == n
    assert back.evidence_threshold == (None if threshold is None else pytest.approx(threshold, rel=5e-6))
    calibrated = (2.5, 0.75, tuple(on)) if threshold is not None else (None, 0.0, ())
    assert (back.false_alarms_per_day, back.calibrated_hours, back.calibrated_on) == calibrated
    # rounded once, it stays the same
    assert json.dumps(as_json(back)) == text


def test_a_file_that_says_nothing_of_it_is_read_and_written_as_it_was() -> None:
    signature = parse(file_of(background=PLAIN), "walk.sig.json")
    assert signature.background is not None
    assert (signature.background.covariance, signature.background.correlation) == (None, 1.0)
    assert (signature.background.count, signature.background.independent) == (None, None)
    assert (signature.evidence_threshold, signature.false_alarms_per_day) == (None, None)
    assert as_json(signature)["background"] == PLAIN
    assert "recognition" not in as_json(signature)


def test_what_it_says_is_what_it_means() -> None:
    found = background_of(file_of())
    assert found.covariance is not None
    assert found.covariance.tolist() == [[0.25, 0.0, 0.25], [0.0, 0.0, 0.0], [0.25, 0.0, 4.0]]
    assert (found.correlation, found.count, found.independent) == (2.5, 300, 120.0)


def test_one_dimension_has_no_correlations_and_yet_a_covariance() -> None:
    quiet = Background.of(np.array([[1.0], [3.0]]), "room", 1.0)
    content = as_json(Signature("a", "a", np.ones((4, 1)), background=quiet))
    assert content["background"]["correlations"] == []
    assert background_of(json.loads(json.dumps(content))).covariance == np.array([[1.0]])


def test_correlations_stand_line_by_line_and_small(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    sizes = []
    for dims in (8, 56, 128):
        quiet = Background.of(random.normal(size=(500, dims)), "room", 10.0)
        for background in (replace(quiet, covariance=None), quiet):
            path = tmp_path / "walk.sig.json"
            write(Signature("a", "a", np.ones((4, dims)), background=background), path)
            sizes.append(path.stat().st_size)
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("      [")]
        assert len(lines) == dims - 1
        assert lines[1].count(",") == 2
    plain, whole = np.array(sizes[::2]), np.array(sizes[1::2])
    assert (whole - plain < [500, 18_000, 90_000]).all()


DAMAGES: dict[str, tuple[dict[str, Any], str]] = {
    "too few lines": ({"correlations": [[0.1]]}, "not 2 lines"),
    "lines of equal length": ({"correlations": [[0.1, 0.1], [0.1, 0.1]]}, "not 2 lines"),
    "no lists": ({"correlations": [0.1, 0.2]}, "not 2 lines"),
    "text": ({"correlations": "none"}, "not 2 lines"),
    "words in lines": ({"correlations": [["a"], [0.1, "b"]]}, "not 2 lines"),
    "a truth in lines": ({"correlations": [[True], [True, False]]}, "not 2 lines"),
    "a missing number": ({"correlations": [[0.1], [None, 0.2]]}, "not 2 lines"),
    "more than one": ({"correlations": [[0.1], [1.01, 0.2]]}, "contradict"),
    "not a number": ({"correlations": [[0.1], [math.nan, 0.2]]}, "contradict"),
    "what cannot be": ({"correlations": [[0.9], [0.9, -0.9]]}, "contradict"),
    "a time below one": ({"correlation_time": 0.9}, "below 1"),
    "a time in words": ({"correlation_time": "long"}, "correlation_time 'long' is not a number"),
    "an infinite time": ({"correlation_time": math.inf}, "is not a number"),
    "no vectors": ({"vectors": 0}, "vectors 0 is not a whole number from 1"),
    "half a vector": ({"vectors": 2.5}, "is not a whole number"),
    "deviations beyond numbers": ({"deviation": [1e200, 1.0, 1.0]}, "too large to be squared"),
}


@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_background_is_told_with_the_files_name_and_advice(damage: dict[str, Any], said: str) -> None:
    with pytest.raises(SignatureError, match=r"walk\.sig\.json") as caught:
        parse(file_of(background=WHOLE | damage), "walk.sig.json")
    assert said in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "damage",
    [
        *(3, [1.0], {"threshold": 0}, {"threshold": "9"}, {"hours": -1.0}),
        *({"background": "room"}, {"background": [1]}, {"false_alarms_per_day": math.nan}),
    ],
)
def test_a_damaged_calibration_is_told_with_the_files_name_and_advice(damage: Any) -> None:
    with pytest.raises(SignatureError, match=r"walk\.sig\.json") as caught:
        parse(file_of(recognition=damage), "walk.sig.json")
    assert caught.value.hint


def test_a_calibration_leaves_all_else_in_the_file_as_it_was(tmp_path: Path) -> None:
    path, link = tmp_path / "walk.sig.json", tmp_path / "link.sig.json"
    content = file_of(made_by={"tool": "another", "numbers": [1, 2.5]}, vectors=[1, 2, 3], background=None)
    path.write_text(json.dumps(content))
    link.symlink_to(path)
    calibrated = replace(read(link), evidence_threshold=7.5, false_alarms_per_day=1.0, calibrated_hours=2.0)
    annotate(replace(calibrated, calibrated_on=("a", "b")))
    annotate(replace(calibrated, calibrated_on=("a",)))
    found = json.loads(path.read_text())
    assert link.is_symlink()
    recognition = {"threshold": 7.5, "false_alarms_per_day": 1.0, "hours": 2.0, "background": ["a"]}
    assert found == content | {"recognition": recognition}
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
    assert read(path).evidence_threshold == 7.5
