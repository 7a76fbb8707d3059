"""One link out of a stream of many: the right one, whole, and everything else counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import UsageError
from midstream_cli.frames import TokenFrame
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording, concatenate
from midstream_cli.streams.select import LOOK_AT, between, limited, one_link
from midstream_cli.streams.tally import Tally
from strategies import SECOND, csi, cuts, few, info_of, numbers, pieces, seeds, some

MAC = 0x20500D2AA2E4
LINKS = ((MAC, 16, 1), (MAC, 16, 0), (MAC, 8, 1), (7, 16, 1))
"""Node, subcarriers, signal mode."""


def mixed(links: Sequence[int]) -> CsiRecording:
    """Frames of several links, a hundredth of a second apart; the frame's number is in its samples."""
    counts = [LINKS[link][1] for link in links]
    samples = np.concatenate([np.full(n, i, np.complex64) for i, n in enumerate(counts)]) if links else np.empty(0)
    return CsiRecording.build(
        info_of("csi"),
        np.arange(len(links)) * 10_000_000,
        samples,
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=[LINKS[link][0] for link in links],
        meta={"sig_mode": np.array([LINKS[link][2] for link in links], np.int64)},
    )


def chosen(recording: Any, places: list[int], **asked: Any) -> tuple[list[int], Tally]:
    """Which frames are kept, and what is counted."""
    tally = Tally()
    kept = list(one_link(iter(pieces(recording, places)), tally, **asked))
    assert all(len(piece) for piece in kept)
    return [int(at) // 10_000_000 for piece in kept for at in piece.time_ns], tally


@some
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=200),
    cuts,
    st.sampled_from([None, "20:50:0D:2A:A2:E4", "7"]),
    st.sampled_from([None, 8, 16]),
)
def test_the_most_frequent_of_the_first_links_asked_for_is_kept_and_the_rest_is_counted(
    links: list[int], places: list[int], node: str | None, subcarriers: int | None
) -> None:
    wanted = None if node is None else 7 if node == "7" else MAC
    fits = [link for link in links if wanted in (None, LINKS[link][0]) and subcarriers in (None, LINKS[link][1])]
    if not fits:
        with pytest.raises(UsageError, match="no frame of"):
            chosen(mixed(links), places, node=node, subcarriers=subcarriers)
        return
    best = Counter(fits[:LOOK_AT]).most_common(1)[0][0]
    kept, tally = chosen(mixed(links), places, node=node, subcarriers=subcarriers)
    assert kept == [i for i, link in enumerate(links) if link == best]
    other_node = sum(LINKS[link][0] != LINKS[best][0] for link in links)
    expected = {"other node": other_node, "other layout": len(links) - len(kept) - other_node}
    assert dict(tally.dropped) == {reason: count for reason, count in expected.items() if count}


def test_a_frame_keeps_everything_it_had() -> None:
    recording = mixed([0, 3, 0, 2, 0])
    (kept,) = one_link(iter([recording]), Tally())
    assert isinstance(kept, CsiRecording)
    assert kept.matrix()[:, 0].real.tolist() == [0.0, 2.0, 4.0]
    assert kept.node.tolist() == [MAC] * 3
    assert kept.meta["sig_mode"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("field", ["channel", "core", "spatial_stream", "antenna_index", "tx_chain", "rx_chain"])
def test_channels_and_antennas_are_links(field: str) -> None:
    which = np.arange(90) % 3 % 2
    columns: dict[str, Any] = {"channel": which} if field == "channel" else {"meta": {field: which}}
    samples = np.arange(90, dtype=np.complex64)[:, None].repeat(4, axis=1)
    recording = CsiRecording.build(info_of("csi"), np.arange(90) * 10_000_000, samples, **columns)
    kept, tally = chosen(recording, [10, 40])
    assert kept == [i for i in range(90) if i % 3 != 1]
    assert tally.dropped == {"other layout": 30}


def test_a_stream_of_one_link_passes_without_a_copy() -> None:
    recording = csi(1, 200)
    whole = pieces(recording, [100, 150])
    assert list(one_link(iter(whole), Tally())) == whole
    walks = [numbers(1, 100), numbers(2, 3)]
    assert list(one_link(iter(walks), Tally())) == walks


def test_choices_of_tokens_are_links() -> None:
    frames = [TokenFrame(i * 10_000_000, str(i), choice=i % 3) for i in range(9)]
    recording = TokenRecording.of(info_of("token"), frames)
    assert chosen(recording, [2, 5]) == ([0, 3, 6], Tally(dropped=Counter({"other node": 6})))
    assert chosen(recording, [2, 5], node="2")[0] == [2, 5, 8]


def test_plain_numbers_are_one_link() -> None:
    recording = numbers(1, 70)
    tally = Tally()
    assert sum(map(len, one_link(iter(pieces(recording, [3, 66])), tally))) == 70
    assert not tally.dropped


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"node": "8"}, "no frame of node 8"),
        ({"node": "20:50:0D:2A:A2:E5"}, "no frame of node 20:50:0D:2A:A2:E5"),
        ({"subcarriers": 192}, "no frame of 192 subcarriers"),
        ({"node": "7", "subcarriers": 8}, "no frame of node 7 and 8 subcarriers"),
    ],
)
def test_what_the_stream_does_not_have_is_told_with_what_it_has(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        chosen(mixed([0, 1, 2, 3] * 50), [90], **asked)
    assert "20:50:0D:2A:A2:E4 with 16" in caught.value.hint
    assert "7 with 16" in caught.value.hint


@pytest.mark.parametrize("node", ["kitchen", "20:50:0D:xx:A2:E4", ""])
def test_a_node_that_is_none_is_refused_before_anything_is_read(node: str) -> None:
    with pytest.raises(UsageError, match="neither a MAC address nor a number") as caught:
        list(one_link(_never(), Tally(), node=node))
    assert "midstream info" in caught.value.hint


def _never() -> Iterator[Recording]:
    """A stream that must not be read."""
    for reason in ("nobody asked for a frame",):
        raise AssertionError(reason)
    yield numbers(1, 1)


@pytest.mark.parametrize("asked", [{}, {"node": "7"}, {"subcarriers": 8}])
@pytest.mark.parametrize("empty", [[], [mixed([])], [mixed([]), mixed([])]])
def test_a_stream_without_frames_has_no_link_and_no_error(asked: dict[str, Any], empty: list[Recording]) -> None:
    tally = Tally()
    assert list(one_link(iter(empty), tally, **asked)) == []
    assert not tally.dropped


def test_a_node_that_never_comes_costs_no_memory() -> None:
    held: list[int] = []

    def stream() -> Iterator[Recording]:
        for i in range(60):
            held.append(sum(map(len, waiting)) if (waiting := _waiting_of(link)) is not None else 0)
            yield csi(i, 100)

    link = one_link(stream(), Tally(), node="7")
    with pytest.raises(UsageError, match="no frame of node 7"):
        list(link)
    assert max(held) < LOOK_AT


def _waiting_of(generator: Any) -> Any:
    """What a generator keeps until it has decided."""
    return generator.gi_frame.f_locals.get("waiting") if generator.gi_frame else None


def seconds(found: Sequence[Recording]) -> list[float]:
    return [float(at) / 1e9 for piece in found for at in piece.time_ns]


@some
@given(seeds, st.floats(0, 3), st.floats(0, 3), cuts)
def test_the_frames_between_two_times_are_those(seed: int, start_s: float, end_s: float, places: list[int]) -> None:
    recording = csi(seed, 200)
    since = (recording.time_ns - recording.time_ns[0]) / 1e9
    for start, end in ((start_s, end_s), (None, end_s), (start_s, None), (None, None)):
        found = list(between(iter(pieces(recording, places)), start, end))
        inside = (since >= (start or 0.0)) & (since < (end if end is not None else np.inf))
        assert (
            np.concatenate([*(piece.time_ns for piece in found), np.empty(0)]).tolist()
            == recording.time_ns[inside].tolist()
        )


@some
@given(st.lists(st.integers(-3, 9), max_size=40), cuts)
def test_a_stream_that_steps_back_in_time_is_cut_the_same_however_it_comes(steps: list[int], places: list[int]) -> None:
    recording = numbers(1, len(steps) + 1)
    recording.time_ns[:] = np.cumsum([5, *steps]) * SECOND
    for start, end in ((None, 20.0), (4.0, 20.0), (4.0, None), (None, None)):
        whole, cut = (list(between(iter(p), start, end)) for p in ([recording], pieces(recording, places)))
        assert seconds(cut) == seconds(whole)
    assert len(seconds(list(between(iter([recording]), None, None)))) == len(recording)


def test_reading_stops_with_the_first_frame_past_the_end() -> None:
    read = 0

    def stream() -> Iterator[Recording]:
        nonlocal read
        for i in range(10):
            read += 1
            recording = numbers(i, 50)
            recording.time_ns[:] = (np.arange(50) + 50 * i) * 100_000_000
            yield recording

    assert len(seconds(list(between(stream(), 1.0, 11.0)))) == 100
    assert read == 3


@pytest.mark.parametrize(("start", "end"), [(1.0, None), (None, 1.0), (0.0, 1.0)])
def test_a_stream_without_times_cannot_be_cut_by_them(start: float | None, end: float | None) -> None:
    with pytest.raises(UsageError, match="no times") as caught:
        list(between(iter([numbers(1, 5, clock="none")]), start, end))
    assert "--frames" in caught.value.hint
    assert len(list(between(iter([numbers(1, 5, clock="none")]), 0.0, None))) == 1


@few
@given(st.integers(1, 50), st.integers(0, 60), cuts)
def test_so_many_frames_and_no_more(n: int, frames: int, places: list[int]) -> None:
    recording = numbers(1, n)
    found = list(limited(iter(pieces(recording, places)), frames))
    assert seconds(found) == seconds([recording])[:frames]
    assert sum(map(len, limited(iter(pieces(recording, places)), None))) == n


def test_nothing_is_read_beyond_the_last_frame_asked_for() -> None:
    stream = iter([numbers(1, 10), numbers(2, 10), numbers(3, 10)])
    assert concatenate(list(limited(stream, 20))).time_ns.shape == (20,)  # type: ignore[type-var]
    assert len(list(stream)) == 1
    assert list(limited(_never(), 0)) == []
