"""A stream parted by who sent it, against one link chosen by hand, however the stream is cut."""

import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.frames import TokenFrame, node_name
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording, concatenate
from midstream_cli.streams import links as module
from midstream_cli.streams.links import MOST, OTHER_LAYOUT, TOO_MANY, Links
from midstream_cli.streams.select import LOOK_AT, layout_of, layouts_of, one_link
from midstream_cli.streams.sequence import MODULUS, UNKNOWN, LossCounter, LostSoFar, numbers_of
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from strategies import csi, cuts, few, info_of, numbers, pieces, some

SENDERS = ((0x20500D2AA2E4, 16, 1), (0x20500D2AA2E4, 8, 1), (0x20500D2AA2E4, 16, 0), (7, 16, 1), (9, 4, 0))
"""Node, subcarriers, signal mode."""


def sent(senders: Sequence[tuple[int, int, int]], lost: Sequence[int] = ()) -> CsiRecording:
    """Frames of several senders, which each number theirs; the position of a frame is its time."""
    counts, number, numbered = [each[1] for each in senders], Counter[int](), []
    for i, (node, _, _) in enumerate(senders):
        number[node] += 2 if i in lost else 1
        numbered.append(number[node])
    return CsiRecording.build(
        info_of("csi"),
        np.arange(len(senders)),
        np.concatenate([np.full(n, i, np.complex64) for i, n in enumerate(counts)]) if counts else np.empty(0),
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=[each[0] for each in senders],
        seq=numbered,
        meta={"sig_mode": np.array([each[2] for each in senders], np.int64)},
    )


def parted(
    recording: Any, places: Sequence[int], tally: Tally | None = None
) -> dict[int, list[tuple[int, int | None]]]:
    """The times of each node's frames, and what was lost by then."""
    links, found = Links(tally or Tally()), defaultdict[int, list[tuple[int, int | None]]](list)

    def take(parts: list[tuple[int, Recording]]) -> None:
        assert len(parts) == len(links.lost)
        assert len({node for node, _ in parts}) == len(parts)
        for (node, part), lost in zip(parts, links.lost, strict=True):
            assert len(part) > 0
            known = [None] * len(part) if lost is None else lost.tolist()
            found[node] += zip(part.time_ns.tolist(), [None if n == UNKNOWN else n for n in known], strict=True)

    for piece in pieces(recording, places):
        take(links.push(piece))
    take(links.finish())
    return dict(found)


def chosen(recording: Any, node: int, tally: Tally) -> list[int]:
    """The times of the frames of one node's main layout."""
    kept = list(one_link(iter([recording]), tally, node=node_name(node)))
    return [time_ns for piece in kept for time_ns in piece.time_ns.tolist()]


def lost_after(recording: CsiRecording, node: int, time_ns: int) -> int:
    """By the counter of whole streams."""
    tally, until = Tally(), (recording.node == node) & (recording.time_ns <= time_ns)
    LossCounter(tally).count(recording.seq[until], recording.node[until])
    return tally.lost


@some
@given(st.lists(st.sampled_from(SENDERS), max_size=300), cuts, st.lists(st.integers(0, 299), max_size=9))
def test_each_node_has_the_frames_that_asking_for_it_alone_gives_and_what_it_lost(
    senders: list[tuple[int, int, int]], places: list[int], lost: list[int]
) -> None:
    recording, tally = sent(senders, lost), Tally()
    found = parted(recording, places, tally)
    assert set(found) == {node for node, _, _ in senders}
    layouts = 0
    for node, frames in found.items():
        alone = Tally()
        assert [time_ns for time_ns, _ in frames] == chosen(recording, node, alone)
        layouts += alone.dropped["other layout"]
        for time_ns, number in frames[:: max(1, len(frames) // 5)]:
            assert number == lost_after(recording, node, time_ns)
    assert dict(tally.dropped) == ({OTHER_LAYOUT: layouts} if layouts else {})


def twin(nodes: Sequence[int], most: int) -> tuple[dict[int, list[int]], int]:
    """Frame by frame: which frames of each node are kept where there is room for so many, and how many are not."""
    kept, heard, dropped = dict[int, list[int]](), dict[int, int](), 0
    for i, node in enumerate(nodes):
        if node not in kept:
            undecided = [other for other, places in kept.items() if len(places) < LOOK_AT]
            if len(kept) >= most and not undecided:
                dropped += 1
                continue
            if len(kept) >= most:
                silent = min(undecided, key=heard.__getitem__)
                dropped += len(kept.pop(silent))
            kept[node] = []
        kept[node].append(i)
        heard[node] = i
    return kept, dropped


@some
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 70)), max_size=12),
    st.integers(1, 4),
    cuts,
    st.booleans(),
)
def test_where_nodes_are_too_many_who_was_silent_longest_makes_room(
    runs: list[tuple[int, int]], most: int, places: list[int], alone: bool
) -> None:
    nodes = [node for node, count in runs for _ in range(count)]
    recording, tally = sent([(node, 4, 0) for node in nodes]), Tally()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST", most)
        found = parted(recording, list(range(len(nodes))) if alone else places, tally)
    expected, dropped = twin(nodes, most)
    given_out = {node: [time_ns for time_ns, _ in frames] for node, frames in found.items()}
    assert given_out == {node: frames for node, frames in expected.items() if frames}
    assert tally.dropped[TOO_MANY] == dropped


@few
@given(cuts)
def test_frame_by_frame_is_only_another_way_to_cut(places: list[int]) -> None:
    recording = sent([SENDERS[i * i % 5] for i in range(400)], [5, 90, 91, 300])
    found, tally = parted(recording, list(range(400)), a := Tally()), Tally()
    assert parted(recording, places, tally) == found
    assert tally.dropped == a.dropped


def test_a_frame_keeps_everything_it_had() -> None:
    recording, links = csi(1, 200), Links(Tally())
    (node, first), *rest = [*links.push(recording.take(slice(100))), *links.push(recording.take(slice(100, None)))]
    whole = concatenate([first, *(part for _, part in rest)])  # type: ignore[type-var]
    assert isinstance(whole, CsiRecording)
    assert node == recording.node[0]
    assert whole.csi.tolist() == recording.csi.tolist()
    assert whole.rssi.tolist() == recording.rssi.tolist()
    assert list(whole.meta) == list(recording.meta)


def test_pieces_may_be_overwritten_once_they_are_pushed() -> None:
    links, found = Links(Tally()), list[CsiRecording]()
    for i in range(100):
        piece = csi(1, 100).take(slice(i, i + 1))
        found += [part.take(slice(None)) for _, part in links.push(piece) if isinstance(part, CsiRecording)]
        piece.csi[:], piece.time_ns[:], piece.meta["rx_state"][:] = 77, -1, 9
    waited = found[0]
    assert waited.csi.tolist()[:-16] == csi(1, 100).csi.tolist()[: 63 * 16]
    assert waited.time_ns.tolist()[:-1] == csi(1, 100).time_ns.tolist()[:63]
    assert waited.meta["rx_state"].tolist()[:-1] == [0] * 63


def test_choices_of_tokens_are_links_and_plain_numbers_are_one() -> None:
    frames = [TokenFrame(i, str(i), choice=i % 3) for i in range(9)]
    found = parted(TokenRecording.of(info_of("token"), frames), [2, 5])
    assert found == {choice: [(i, None) for i in range(choice, 9, 3)] for choice in range(3)}
    walk = numbers(1, 70)
    assert parted(walk, [3, 66]) == {0: [(time_ns, None) for time_ns in walk.time_ns.tolist()]}


def test_what_has_one_layout_only_waits_for_nothing() -> None:
    links = Links(Tally())
    choices = TokenRecording.of(info_of("token"), [TokenFrame(i, str(i), choice=i) for i in range(2)])
    assert [(choice, len(part)) for choice, part in links.push(choices)] == [(0, 1), (1, 1)]
    links = Links(Tally())
    assert [len(part) for _, part in links.push(numbers(1, 3))] == [3]
    assert links.finish() == []


def test_of_nothing_there_is_nothing() -> None:
    links = Links(Tally())
    assert links.push(csi(1, 5).take(slice(0))) == links.finish() == links.lost == []


def test_a_node_that_was_away_is_the_same_node() -> None:
    others = [(100 + i, 4, 0) for i in range(2 * MOST)]
    recording, tally = sent([(7, 4, 0)] * 64 + others + [(7, 4, 0)] * 10), Tally()
    found = parted(recording, [50, 70], tally)
    assert len(found[7]) == 74
    assert len(found) == MOST
    assert tally.dropped[TOO_MANY] == MOST + 1


def test_thousands_of_made_up_addresses_take_little_memory() -> None:
    links, random = Links(Tally()), np.random.default_rng(1)
    tracemalloc.start()
    try:
        for i in range(60):
            nodes = random.integers(0, 1 << 48, 200)
            samples = np.ones((200, 64))
            links.push(CsiRecording.build(info_of("csi"), np.arange(200) + 200 * i, samples, node=nodes))
            if i == 9:
                tracemalloc.reset_peak()
                before = tracemalloc.get_traced_memory()[0]
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(links._links) == MOST
    assert after - before < 100_000
    assert peak < 8 << 20


def test_the_nodes_of_a_real_log_full_of_damaged_addresses(data: Path) -> None:
    with open_source(str(data / "csi" / "nasty" / "ronghua_csi-raw_utf16le.csv"), keep_bad=True) as source:
        read = [piece for piece in source if isinstance(piece, CsiRecording)]
    recording, tally = concatenate(read), Tally()
    frames = Counter(recording.node.tolist())
    assert len(frames) > 1000
    found = parted(recording, [1000, 1001, 20_000], tally)
    for node, count in frames.most_common(2):
        if count >= LOOK_AT:
            assert [time_ns for time_ns, _ in found[node]] == chosen(recording, node, Tally())
    assert sum(map(len, found.values())) + tally.dropped.total() == len(recording)


@given(st.lists(st.integers(-1, MODULUS - 1) | st.integers(0, 40), max_size=60), cuts)
def test_what_is_lost_so_far_is_what_the_counter_says_of_the_stream_so_far(
    counted: list[int], places: list[int]
) -> None:
    sequence = np.array(counted, np.int64)
    so_far, found = LostSoFar(), list[int]()
    for begin, end in zip(
        [0, *sorted(p % (len(counted) + 1) for p in places)],
        [*sorted(p % (len(counted) + 1) for p in places), len(counted)],
        strict=True,
    ):
        found += so_far.after(sequence[begin:end]).tolist()
    for i, number in enumerate(found):
        known = sequence[: i + 1][sequence[: i + 1] >= 0]
        tally = Tally()
        if len(known):
            LossCounter(tally).count(known, np.zeros_like(known))
        assert number == (tally.lost if len(known) else UNKNOWN)


def test_numbers_of_802_11_are_no_frame_counter() -> None:
    plain = csi(1, 5)
    assert numbers_of(plain) is plain.seq
    packets = CsiRecording.build(
        plain.info, plain.time_ns, plain.matrix(), seq=plain.seq, meta={"sequence_control": plain.seq}
    )
    assert numbers_of(packets) is None
    assert numbers_of(numbers(1, 3)) is None
    assert [lost for _, lost in next(iter(parted(packets, []).values()))] == [None] * 5


@pytest.mark.parametrize("recording", [sent(SENDERS), csi(1, 3), numbers(1, 2)])
def test_the_layout_of_one_frame_is_that_of_many(recording: Any) -> None:
    assert [layout_of(recording.take(slice(i, i + 1))) for i in range(len(recording))] == [
        tuple(row) for row in layouts_of(recording).tolist()
    ]
