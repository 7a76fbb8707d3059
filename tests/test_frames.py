"""Frames and recordings are two views of the same stream."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import LayoutError
from midstream_cli.frames import (
    TOKEN_KINDS,
    CsiFrame,
    Frame,
    Kind,
    NumericFrame,
    StreamInfo,
    TokenFrame,
    node_name,
    node_number,
)
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, TokenRecording, concatenate, of_frames
from strategies import csi, cuts, info_of, of_kind, pieces, seeds, some

kinds: st.SearchStrategy[Kind] = st.sampled_from(["csi", "token", "numeric"])


def shown(frames: Any) -> list[str]:
    """Frames as text: with every field, and missing numbers equal to themselves."""
    return [repr(frame) for frame in frames]


def ragged(seed: int, n: int) -> CsiRecording:
    """Frames of several layouts with fields of the format's own."""
    random = np.random.default_rng(seed)
    counts = random.integers(0, 5, n)
    total = int(counts.sum())
    return CsiRecording.build(
        info_of("csi"),
        random.integers(0, 10**18, n),
        random.normal(0, 9, total) + 1j * random.normal(0, 9, total),
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=random.integers(0, 2**48, n),
        rssi=random.integers(-90, -20, n),
        seq=random.integers(-1, 2**32, n),
        segment=random.integers(0, 3, n),
        meta={"mcs": random.integers(0, 8, n), "name": random.choice(["a", "b"], n)},
    )


def made(kind: Kind, seed: int, n: int) -> Recording:
    return ragged(seed, n) if kind == "csi" else of_kind(kind, seed, n)


@some
@given(kinds, seeds, st.integers(0, 20))
def test_the_frames_of_a_recording_make_the_recording_again(kind: Kind, seed: int, n: int) -> None:
    recording = made(kind, seed, n)
    again = of_frames(recording.info, list(recording))
    assert type(again) is type(recording)
    assert len(again) == len(recording) == n
    assert shown(again) == shown(recording)
    for name in ("time_ns", "csi", "offsets", "node", "logprob", "kind"):
        if hasattr(recording, name):
            a, b = getattr(again, name), getattr(recording, name)
            assert a.dtype == b.dtype
            assert a.tobytes() == b.tobytes()


@some
@given(kinds, seeds, st.integers(0, 20), st.data())
def test_taking_is_taking_frame_by_frame(kind: Kind, seed: int, n: int, data: st.DataObject) -> None:
    recording, all_frames = made(kind, seed, n), list(made(kind, seed, n))
    index: Any = data.draw(
        st.one_of(
            st.slices(n),
            st.lists(st.booleans(), min_size=n, max_size=n).map(lambda mask: np.array(mask, np.bool_)),
            st.lists(st.integers(-n, max(n - 1, -n)), max_size=9 if n else 0).map(lambda at: np.array(at, np.intp)),
        )
    )
    positions = np.arange(n)[index]
    taken = recording.take(index)
    assert taken.info == recording.info
    assert shown(taken) == shown(all_frames[i] for i in positions)
    # and what was taken can be taken from
    assert shown(taken.take(slice(1, None))) == shown(all_frames[i] for i in positions[1:])


@some
@given(kinds, seeds, st.integers(1, 30), cuts)
def test_pieces_put_together_are_the_whole(kind: Kind, seed: int, n: int, places: list[int]) -> None:
    recording: Any = made(kind, seed, n)
    joined = concatenate(pieces(recording, places))
    assert shown(joined) == shown(recording)
    assert joined.info == recording.info
    if isinstance(joined, CsiRecording):
        assert joined.offsets.tolist() == recording.offsets.tolist()
        assert joined.csi.dtype == np.complex64


def test_one_piece_is_not_copied() -> None:
    recording = csi(1, 5)
    assert concatenate([recording]) is recording


def test_a_contiguous_stretch_is_a_view_and_a_selection_is_not() -> None:
    recording = csi(1, 10)
    assert np.shares_memory(recording.take(slice(2, 7)).csi, recording.csi)
    assert not np.shares_memory(recording.take(np.array([1, 3])).csi, recording.csi)
    assert np.shares_memory(recording.frame(4).csi, recording.csi)
    assert np.shares_memory(recording.matrix(), recording.csi)


def test_what_is_not_given_is_unknown() -> None:
    frame = CsiRecording.build(StreamInfo(), [5], np.ones((1, 3))).frame(0)
    assert (frame.time_ns, frame.node, frame.channel, frame.seq, frame.segment) == (5, 0, 0, -1, 0)
    assert np.isnan([frame.rssi, frame.noise_floor]).all()
    assert frame.meta == {}
    assert frame.csi.tolist() == [1, 1, 1]


def test_a_matrix_has_a_row_a_frame() -> None:
    recording = csi(1, 7)
    assert recording.matrix().shape == (7, 16)
    assert recording.take(slice(0)).matrix().shape == (0, 0)
    assert recording.subcarriers.tolist() == [16] * 7
    numbers = NumericRecording(info_of("numeric"), np.arange(2), {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])})
    assert numbers.matrix().tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert NumericRecording(info_of("numeric"), np.arange(2), {}).matrix().shape == (2, 0)


def test_frames_of_several_layouts_are_no_matrix() -> None:
    recording = CsiRecording.build(StreamInfo(source="x.csv"), [0, 1, 2], np.ones(9), offsets=[0, 2, 6, 9])
    with pytest.raises(LayoutError, match=r"frames of 2, 3, 4 subcarriers are mixed in x\.csv") as caught:
        recording.matrix()
    assert "--subcarriers" in caught.value.hint


def test_frames_decide_what_a_recording_is_of() -> None:
    made_of: dict[Kind, Frame] = {
        "csi": CsiFrame(1, 2, np.ones(3, np.complex64)),
        "token": TokenFrame(1, "word", kind="thinking", finish="stop"),
        "numeric": NumericFrame(1, {"x": 2.0}),
    }
    for kind, frame in made_of.items():
        for expected in made_of:
            recording = of_frames(StreamInfo(source="s", kind=expected, clock="host"), [frame])
            assert (recording.info.kind, recording.info.source, recording.info.clock) == (kind, "s", "host")
            assert shown(recording) == shown([frame])


@pytest.mark.parametrize(
    ("kind", "cls"), [("csi", CsiRecording), ("token", TokenRecording), ("numeric", NumericRecording)]
)
def test_of_no_frames_there_is_an_empty_recording(kind: Kind, cls: type) -> None:
    recording = of_frames(info_of(kind), [])
    assert isinstance(recording, cls)
    assert len(recording) == 0
    assert list(recording) == []


def test_every_kind_of_token_survives() -> None:
    frames = [TokenFrame(i, str(i), choice=i, kind=kind) for i, kind in enumerate(TOKEN_KINDS)]
    assert shown(TokenRecording.of(info_of("token"), frames)) == shown(frames)


@some
@given(st.integers(0, 2**48 - 1))
def test_a_node_is_what_its_name_says(node: int) -> None:
    assert node_number(node_name(node)) == node


@pytest.mark.parametrize(
    ("node", "name"), [(3, "3"), (65535, "65535"), (65536, "00:00:00:01:00:00"), (0x20500D2AA2E4, "20:50:0D:2A:A2:E4")]
)
def test_nodes_are_named_as_people_write_them(node: int, name: str) -> None:
    assert node_name(node) == name
    assert node_number(name.lower()) == node


@pytest.mark.parametrize("name", ["kitchen", "", "20:50:0D:xx:A2:E4"])
def test_what_is_no_node_is_no_number(name: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        node_number(name)
