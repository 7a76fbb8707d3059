"""Signatures survive their files, and files that are damaged are told from files that are not."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.compare.signatures.signature_file import as_json, parse, read, write
from midstream_cli.errors import SignatureError, SourceError, StoreError
from midstream_cli.streams.features import load
from strategies import seeds, some, tokens

ADR_099 = {
    "id": "sig-7",
    "label": "walking",
    "vectors": [[0.0, 1.0], [0.5, 0.25], [1.0, 0.0]],
    "dtw": {"window": 2, "step_pattern": "symmetric2"},
    "promotion_threshold": 0.8,
}
"""The smallest file that other tools write."""


def example(**changed: Any) -> Signature:
    """A signature with everything in it."""
    random = np.random.default_rng(3)
    whole = Signature(
        id="walk-1",
        label="gehen, 走る",
        vectors=random.normal(0, 1, (8, 3)),
        feature_kind="bands8",
        captured_at="2026-01-02T03:04:05+00:00",
        window=2,
        promotion_threshold=0.654321,
        rate_hz=32.0,
        parameters={"layout": 16, "subcarriers": [2, 3, 5], "mean": [0.1]},
        background=Background(random.normal(0, 1, 3), random.uniform(0.1, 1, 3), "demo://idle", 12.5),
        source="demo://walking",
        takes=3,
        version="1.2.3",
    )
    return replace(whole, **changed)


def check_alike(a: Signature, b: Signature) -> None:
    """Equal, numbers to nine significant digits."""
    for name in ("id", "label", "feature_kind", "captured_at", "window", "step_pattern", "rate_hz", "source", "takes"):
        assert getattr(a, name) == getattr(b, name), name
    assert (a.parameters, a.version) == (b.parameters, b.version)
    assert a.promotion_threshold == pytest.approx(b.promotion_threshold, rel=5e-6)  # six digits are kept
    np.testing.assert_allclose(a.vectors, b.vectors, rtol=5e-9, atol=0)
    assert (a.background is None) == (b.background is None)
    if a.background is not None and b.background is not None:
        np.testing.assert_allclose(a.background.mean, b.background.mean, rtol=5e-9, atol=0)
        np.testing.assert_allclose(a.background.deviation, b.background.deviation, rtol=5e-9, atol=0)
        assert (a.background.source, a.background.seconds) == (b.background.source, b.background.seconds)


@some
@given(
    seeds,
    st.integers(1, 12),
    st.integers(1, 6),
    st.sampled_from([1e-12, 1.0, 1e12]),
    st.floats(1e-9, 1.0),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    st.none() | st.integers(0, 99),
)
def test_a_signature_comes_back_from_json_to_nine_digits(
    seed: int, length: int, dims: int, scale: float, threshold: float, text: str, window: int | None
) -> None:
    random = np.random.default_rng(seed)
    signature = example(
        vectors=random.normal(0, scale, (length, dims)),
        background=Background(random.normal(0, scale, dims), random.uniform(0, scale, dims), text, 1.0),
        label=text or "x",
        source=text,
        window=window,
        promotion_threshold=threshold,
    )
    check_alike(parse(json.loads(json.dumps(as_json(signature))), "x.sig.json"), signature)


@pytest.mark.parametrize(
    "changed", [{}, {"background": None, "rate_hz": None, "parameters": None, "window": None}, {"parameters": {}}]
)
def test_a_signature_comes_back_from_its_file(tmp_path: Path, changed: dict[str, Any]) -> None:
    path = tmp_path / "deep" / "walk.sig.json"
    write(example(**changed), path)
    back = read(path)
    check_alike(back, example(**changed))
    assert back.path == str(path)
    # rounded once, a file that is read and written again stays the same
    again = tmp_path / "again.sig.json"
    write(back, again)
    assert again.read_bytes() == path.read_bytes()


def test_numbers_that_stand_for_names_come_back_exactly(tmp_path: Path) -> None:
    ids = load("token-ids").vectors(tokens(1, 60), {})
    write(example(vectors=ids, feature_kind="token-ids", background=None), tmp_path / "said.sig.json")
    assert ids.max() > 2**40
    assert read(tmp_path / "said.sig.json").vectors.tolist() == ids.tolist()


def test_the_file_can_be_read_by_people_one_vector_a_line(tmp_path: Path) -> None:
    path = tmp_path / "walk.sig.json"
    write(example(vectors=np.array([[0.1, 1 / 3], [2.0, 3.0]]), background=None), path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "    [0.1, 0.333333333]," in lines
    assert "    [2.0, 3.0]" in lines
    assert '  "label": "gehen, 走る",' in lines


def test_the_smallest_file_of_other_tools_is_read() -> None:
    signature = parse(ADR_099, "somewhere/door.sig.json")
    assert (signature.id, signature.label, signature.window) == ("sig-7", "walking", 2)
    assert (signature.promotion_threshold, signature.feature_kind) == (0.8, "")
    assert (signature.rate_hz, signature.parameters, signature.background, signature.takes) == (None, None, None, 1)
    assert signature.vectors.tolist() == ADR_099["vectors"]
    assert (signature.length, signature.seconds) == (3, None)


def test_what_other_tools_add_is_read_too() -> None:
    added = {"captured_at": "2026-05-01T00:00:00Z", "feature_kind": "doppler", "length": 3, "rate_hz": 1.5}
    signature = parse(ADR_099 | added, "x")
    assert (signature.captured_at, signature.feature_kind) == ("2026-05-01T00:00:00Z", "doppler")
    assert signature.seconds == 2.0


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "x.sig.json").write_text(json.dumps(ADR_099), encoding="utf-8-sig")
    assert read(tmp_path / "x.sig.json").vectors.tolist() == ADR_099["vectors"]


def test_a_file_of_vectors_alone_is_named_after_itself() -> None:
    signature = parse({"vectors": [1, 2, 3]}, "signatures/door open.sig.json")
    assert (signature.id, signature.label) == ("door open", "door open")
    assert signature.vectors.tolist() == [[1.0], [2.0], [3.0]]
    assert (signature.window, signature.promotion_threshold) == (None, 0.7)


@pytest.mark.parametrize(
    "changed",
    [
        {"captured_at": None, "feature_kind": None, "length": None, "dtw": None, "feature": None, "background": None},
        {"dtw": {"window": None}},
        {"dtw": {"step_pattern": "symmetric2"}},
        {"takes": None, "rate_hz": None, "source": None, "version": None, "more": {"of": ["others"]}},
        {"promotion_threshold": 1},
        {"id": 7},
    ],
)
def test_what_is_missing_null_or_unknown_is_no_damage(changed: dict[str, Any]) -> None:
    assert parse(ADR_099 | changed, "x").vectors.shape == (3, 2)


BACKGROUND = {"mean": [0.0, 0.0], "deviation": [1.0, 1.0]}

DAMAGES: dict[str, Any] = {
    "a list": [ADR_099],
    "a number": 3,
    "nothing": None,
    "text": "vectors",
    "no vectors": {"id": "x"},
    "empty vectors": {"vectors": []},
    "vectors without dimensions": {"vectors": [[], []]},
    "ragged vectors": {"vectors": [[1.0, 2.0], [1.0]]},
    "vectors too deep": {"vectors": [[[1.0]]]},
    "vectors of text": {"vectors": [["1.0"], ["2.0"]]},
    "vectors of truths": {"vectors": [[True], [False]]},
    "vectors of objects": {"vectors": [{"x": 1}]},
    "vectors that are no list": {"vectors": "1 2 3"},
    "vectors that are one number": {"vectors": 1.0},
    "a missing value": {"vectors": [[1.0], [None]]},
    "a value that is no number": {"vectors": [[1.0], [math.nan]]},
    "an infinite value": {"vectors": [[math.inf]]},
    "a whole number beyond doubles": {"vectors": [[10**400]]},
    "a wrong length": {"length": 4},
    "a length in words": {"length": "3"},
    "a threshold of zero": {"promotion_threshold": 0},
    "a threshold above one": {"promotion_threshold": 1.01},
    "a negative threshold": {"promotion_threshold": -0.5},
    "a threshold that is no number": {"promotion_threshold": math.nan},
    "a threshold in words": {"promotion_threshold": "0.7"},
    "a threshold of true": {"promotion_threshold": True},
    "dtw as a list": {"dtw": [5]},
    "dtw as text": {"dtw": "symmetric2"},
    "dtw as a number": {"dtw": 5},
    "an unknown step pattern": {"dtw": {"step_pattern": "rabinerJuang"}},
    "a step pattern that is no text": {"dtw": {"step_pattern": ["symmetric2"]}},
    "a negative window": {"dtw": {"window": -1}},
    "a broken window": {"dtw": {"window": 2.5}},
    "a window in words": {"dtw": {"window": "2"}},
    "a window of true": {"dtw": {"window": True}},
    "a rate of zero": {"rate_hz": 0},
    "a negative rate": {"rate_hz": -32.0},
    "a rate beyond all boards": {"rate_hz": 1000.1},
    "a rate in words": {"rate_hz": "32"},
    "a rate that is no number": {"rate_hz": math.nan},
    "an infinite rate": {"rate_hz": math.inf},
    "a rate of true": {"rate_hz": True},
    "parameters as a list": {"feature": [1, 2]},
    "parameters as text": {"feature": "doppler"},
    "takes in words": {"takes": "three"},
    "takes of nothing": {"takes": -1},
    "takes as a list": {"takes": [3]},
    "a background as text": {"background": "quiet"},
    "a background as a list": {"background": [0.0, 1.0]},
    "a background of true": {"background": True},
    "a background without deviation": {"background": {"mean": [0.0, 0.0]}},
    "a background of other dimensions": {"background": {"mean": [0.0], "deviation": [1.0]}},
    "a background in half other dimensions": {"background": BACKGROUND | {"mean": [0.0, 0.0, 0.0]}},
    "a background that is not finite": {"background": BACKGROUND | {"mean": [0.0, math.nan]}},
    "a background of text": {"background": BACKGROUND | {"deviation": ["a", "b"]}},
    "a negative deviation": {"background": BACKGROUND | {"deviation": [1.0, -1.0]}},
    "a background of ragged numbers": {"background": BACKGROUND | {"mean": [[0.0], 1.0]}},
    "a background whose length is in words": {"background": BACKGROUND | {"seconds": "ten"}},
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_told_with_the_files_name_and_advice(damage: Any) -> None:
    content = ADR_099 | damage if isinstance(damage, dict) and "id" not in damage else damage
    with pytest.raises(SignatureError, match=r"door\.sig\.json") as caught:
        parse(content, "door.sig.json")
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"not json",
        b"\xff\xfe{}",
        b'{"vectors": [[1]]} x',
        b"[" * 100_000,
        b'{"vectors": [' + b"9" * 5000 + b"]}",
    ],
)
def test_files_that_are_not_json_are_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "door.sig.json"
    path.write_bytes(content)
    with pytest.raises(SignatureError, match=r"door\.sig\.json") as caught:
        read(path)
    assert caught.value.hint


def test_a_file_that_cannot_be_read_is_a_matter_of_the_source(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.sig.json", tmp_path):
        with pytest.raises(SourceError, match="cannot be read") as caught:
            read(path)
        assert caught.value.hint


@some
@given(seeds, st.integers(1, 6), st.booleans())
def test_unwhiten_undoes_whiten(seed: int, dims: int, quiet: bool) -> None:
    random = np.random.default_rng(seed)
    deviation = np.where(np.arange(dims) == 0, 0.0 if quiet else 1.0, random.uniform(0.1, 3, dims))
    mean = random.normal(0, 9, dims)
    signature = example(vectors=random.normal(0, 1, (5, dims)), background=Background(mean, deviation))
    vectors = random.normal(0, 5, (7, dims))
    np.testing.assert_allclose(signature.unwhiten(signature.whiten(vectors)), vectors, rtol=1e-12, atol=1e-12)
    # the mean swallows the last digits of what hardly varies
    lost = 4 * np.finfo(np.float64).eps * np.abs(mean).max() / max(deviation.min(), 1e-9)
    np.testing.assert_allclose(signature.whiten(signature.unwhiten(vectors)), vectors, rtol=1e-12, atol=lost)
    # windows of vectors are whitened alike
    assert (signature.whiten(vectors[None])[0] == signature.whiten(vectors)).all()


def test_without_a_background_vectors_stay_in_their_units() -> None:
    vectors = np.ones((4, 3))
    signature = example(background=None)
    assert signature.whiten(vectors) is vectors
    assert signature.unwhiten(vectors) is vectors


def test_two_vectors_of_the_background_are_the_root_of_two_apart() -> None:
    random = np.random.default_rng(9)
    scale = np.array([0.01, 1.0, 300.0])
    quiet = random.normal(5.0, 1.0, (20_000, 3)) * scale
    signature = example(vectors=quiet[:8], background=Background.of(quiet, "quiet", 60.0))
    white = signature.whiten(quiet)
    distances = np.linalg.norm(white[::2] - white[1::2], axis=1)
    assert np.sqrt((distances**2).mean()) == pytest.approx(math.sqrt(2), rel=0.02)


def test_a_background_has_the_mean_and_deviation_of_its_vectors() -> None:
    vectors = np.array([[1.0, 10.0], [3.0, 10.0], [np.nan, 10.0], [np.inf, 0.0]])
    background = Background.of(vectors, "room", 2.0)
    assert background.mean.tolist() == [2.0, 10.0]
    assert background.deviation.tolist() == [1.0, 0.0]
    assert (background.source, background.seconds) == ("room", 2.0)


def test_a_background_of_no_finite_vector_is_refused() -> None:
    with pytest.raises(SignatureError, match="room") as caught:
        Background.of(np.full((3, 2), np.nan), "room", 1.0)
    assert caught.value.hint


class _DiskFullError(OSError):
    """What writing meets."""


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "walk.sig.json"
    write(example(), path)
    before = path.read_bytes()

    def fail(self: Path, *_: Any, **__: Any) -> None:
        with self.open("wb") as file:
            file.write(b"{")
        raise _DiskFullError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", fail)
        patch.setattr(Path, "write_bytes", fail)
        with pytest.raises(StoreError, match="No space left") as caught:
            write(example(id="other"), path)
    assert caught.value.hint
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["walk.sig.json"]


def test_a_label_that_no_file_can_hold_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "walk.sig.json"
    with pytest.raises(StoreError, match=r"walk\.sig\.json") as caught:
        write(example(label="\udcff"), path)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_where_no_file_can_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written") as caught:
        write(example(), tmp_path / "file" / "walk.sig.json")
    assert caught.value.hint


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_signature_that_could_not_be_read_again_is_not_written(tmp_path: Path, value: float) -> None:
    with pytest.raises(SignatureError, match="not finite"):
        write(example(vectors=np.array([[1.0], [value]]), background=None), tmp_path / "x.sig.json")
    assert list(tmp_path.iterdir()) == []
