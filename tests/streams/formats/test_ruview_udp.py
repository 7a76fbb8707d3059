"""RuView packets are told apart, cut out of whatever surrounds them, and counted exactly."""

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.errors import FormatError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.formats import ruview_udp
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk

INFO = StreamInfo(source="test", format="ruview-udp")
MAGIC = b"\x01\x00\x11\xc5"


def raw(seq: int, iq: bytes = bytes(range(128)), *, node: int = 1, mhz: int = 2437, rssi: int = -48) -> bytes:
    """A channel-state packet, written from the table of its fields."""
    return struct.pack("<IBBHIIbbBB", 0xC5110001, node, 1, len(iq) // 2, mhz, seq, rssi, -92, 0, 0) + iq


def with_crc(body: bytes) -> bytes:
    return body + struct.pack("<I", zlib.crc32(body))


VITALS = struct.pack("<IBBHIbB2xffII", 0xC5110002, 1, 5, 1523, 720_000, -50, 2, 0.5, 0.7, 1234, 0)
FEATURE = struct.pack("<IBBHq8f", 0xC5110003, 1, 0, 9, 123_456, *[0.5] * 8)
FUSED = struct.pack(
    "<IBBHIbBBBffI3fBBHI", 0xC5110004, 1, 5, 1523, 7, -50, 1, 2, 90, 0.5, 0.5, 1, 1.0, 2.0, 3.0, 1, 80, 0, 0
)
STATE = with_crc(struct.pack("<IBBHQ9fHH", 0xC5110006, 1, 0, 3, 99, *[0.1] * 9, 0, 0))
TEMPORAL = with_crc(struct.pack("<IHHB3xQIB3xff", 0xC5110007, 1, 4, 1, 99, 3, 2, 1.5, 0.5))
SYNC = struct.pack("<IBBBBQQI4x", 0xC511A110, 1, 1, 2, 0, 5, 6, 20)


def wasm(events: int, magic: int = 0xC5110004) -> bytes:
    return struct.pack("<IBBH", magic, 1, 0, events) + struct.pack("<Bf", 3, 1.5) * events


def mesh(payload: bytes) -> bytes:
    return with_crc(struct.pack("<IBBBBIHH", 0xC5118100, 1, 5, 2, 0, 77, len(payload), 0) + payload)


def run_lengths(data: bytes) -> bytes:
    """Value and count, no run longer than 255."""
    out = bytearray()
    for value in data:
        if out and out[-2] == value and out[-1] < 255:
            out[-1] += 1
        else:
            out += bytes([value, 1])
    return bytes(out)


def compressed(iq: bytes, before: bytes, *, node: int = 1, channel: int = 6) -> bytes:
    pairs = run_lengths(bytes(a ^ b for a, b in zip(iq, before, strict=True)))
    return struct.pack("<IBBHH", 0xC5110005, node, channel, len(iq), len(pairs)) + pairs


def decoded(
    chunks: Sequence[bytes | Chunk], *, datagrams: bool = False, rate_hz: float | None = None
) -> tuple[CsiRecording, Tally]:
    tally = Tally()
    given_chunks = iter([chunk if isinstance(chunk, Chunk) else Chunk(chunk) for chunk in chunks])
    pieces = list(ruview_udp.decode(ByteStream(given_chunks, datagrams=datagrams, frame_rate_hz=rate_hz), tally, INFO))
    return (concatenate(pieces) if pieces else CsiRecording.of(INFO, [])), tally


def arriving(packets: Sequence[bytes]) -> tuple[CsiRecording, Tally]:
    return decoded([Chunk(packet, 1_000_000 + i) for i, packet in enumerate(packets)], datagrams=True)


def seqs(frames: CsiRecording) -> list[int]:
    return [int(seq) for seq in frames.seq]


# what a packet says


def test_a_packet_holds_imaginary_parts_first() -> None:
    frames, tally = arriving([raw(7, struct.pack("4b", 3, -4, -128, 127), node=9)])
    frame = frames.frame(0)
    assert frame.csi.tolist() == [-4 + 3j, 127 - 128j]
    assert (frame.node, frame.seq, frame.channel, frame.rssi, frame.noise_floor) == (9, 7, 6, -48.0, -92.0)
    assert (frame.time_ns, frames.info.clock) == (1_000_000, "host")
    assert tally == Tally(numbered=True)


@pytest.mark.parametrize(
    ("mhz", "channel"),
    [(0, 0), (2412, 1), (2472, 13), (2484, 14), (5180, 36), (5825, 165), (2_437_000_000, 6), (5975, 5)],
)
def test_frequencies_are_channels(mhz: int, channel: int) -> None:
    frames, _ = arriving([raw(0, mhz=mhz)])
    assert frames.channel.tolist() == [channel]


def test_a_level_of_zero_is_no_level() -> None:
    frames, _ = arriving([raw(0, rssi=0)])
    assert np.isnan(frames.rssi).all()


def test_several_antennas_are_one_frame() -> None:
    packet = struct.pack("<IBBHIIbbBB", 0xC5110001, 1, 2, 3, 2412, 0, -40, -90, 1, 1 << 5) + bytes(range(12))
    frames, _ = arriving([packet])
    assert frames.subcarriers.tolist() == [6]
    assert {name: values.tolist() for name, values in frames.meta.items()} == {
        "antennas": [2],
        "ppdu_type": [1],
        "first_word_invalid": [True],
    }


@pytest.mark.parametrize(
    ("packet", "name"),
    [
        (VITALS, "vitals"),
        (FEATURE, "feature vector"),
        (FUSED, "fused vitals"),
        (wasm(0), "WASM output"),
        (wasm(7), "WASM output"),
        (wasm(8), "WASM output"),
        (wasm(16), "WASM output"),
        (wasm(3, 0xC5110007), "WASM output"),
        (STATE, "feature state"),
        (TEMPORAL, "temporal classification"),
        (SYNC, "time sync"),
        (mesh(b"whatever"), "mesh message"),
        (mesh(b""), "mesh message"),
        (mesh(STATE), "feature state"),
    ],
)
def test_other_packets_are_passed_over_by_name(packet: bytes, name: str) -> None:
    for frames, tally in (arriving([raw(0), packet, raw(1)]), decoded([raw(0) + packet + raw(1)])):
        assert seqs(frames) == [0, 1]
        assert dict(tally.skipped) == {name: 1}
        assert tally.bad == 0


def test_a_mesh_message_can_carry_channel_state() -> None:
    frames, tally = arriving([mesh(raw(5))])
    assert (seqs(frames), tally.skipped.total()) == ([5], 0)


def damaged(packet: bytes) -> bytes:
    return packet[:-1] + bytes([packet[-1] ^ 1])


@pytest.mark.parametrize("packet", [damaged(STATE), damaged(TEMPORAL), damaged(mesh(b"1234")), mesh(damaged(STATE))])
def test_a_wrong_checksum_is_a_fault(packet: bytes) -> None:
    _, tally = arriving([packet])
    assert (dict(tally.faults), tally.skipped.total()) == ({"wrong checksum": 1}, 0)


@pytest.mark.parametrize(
    ("datagram", "name"),
    [
        (raw(0)[:-1], "wrong length"),
        (raw(0) + b"\0", "wrong length"),
        (raw(0)[:19], "wrong length"),
        (VITALS[:-1], "wrong length"),
        (b"hello board", "unknown packet"),
        (b"\x01", "unknown packet"),
        (raw(0, b""), "impossible header"),
        (raw(0, mhz=123), "impossible header"),
        (raw(0, bytes(2 * 1025)), "impossible header"),
    ],
)
def test_a_damaged_datagram_is_one_fault(datagram: bytes, name: str) -> None:
    frames, tally = arriving([raw(0), datagram, raw(1)])
    assert seqs(frames) == [0, 1]
    assert (dict(tally.faults), tally.examples) == ({name: 1}, {name: "datagram 2"})


# recorded back to back


def test_a_recording_without_times_says_so() -> None:
    frames, tally = decoded([raw(0) + raw(1)])
    assert (frames.info.clock, frames.time_ns.tolist()) == ("none", [0, 0])
    assert [note for note in tally.notes if "--frame-rate" in note]


def test_a_rate_gives_times_by_the_numbers() -> None:
    frames, tally = decoded([raw(10) + raw(12) + raw(13)], rate_hz=50)
    assert (frames.info.clock, frames.time_ns.tolist()) == ("device", [200_000_000, 240_000_000, 260_000_000])
    assert tally.notes == []


def test_live_bytes_have_the_time_at_which_their_packet_was_whole() -> None:
    first, second, third = raw(0), raw(1), raw(2)
    chunks = [Chunk(first[:50], 100), Chunk(first[50:], 200), Chunk(second + third, 300)]
    frames, _ = decoded(chunks)
    assert (frames.info.clock, frames.time_ns.tolist()) == ("host", [200, 300, 300])


def test_bytes_between_packets_are_one_fault_a_gap() -> None:
    frames, tally = decoded([b"abc" + raw(0) + b"x" * 1000 + raw(1) + raw(2) + b"tail"])
    assert seqs(frames) == [0, 1, 2]
    assert dict(tally.faults) == {"bytes between packets": 3}
    assert tally.examples == {"bytes between packets": "3 bytes at byte 0"}


def test_a_packet_cut_by_the_end_is_a_fault() -> None:
    frames, tally = decoded([raw(0) + raw(1)[:-1]])
    assert seqs(frames) == [0]
    assert (dict(tally.faults), tally.examples) == ({"packet cut short": 1}, {"packet cut short": "byte 148"})


def test_a_packet_cut_short_does_not_swallow_the_next() -> None:
    frames, tally = decoded([raw(0) + raw(1)[:100] + raw(2) + raw(3)])
    assert seqs(frames) == [0, 2, 3]
    assert dict(tally.faults) == {"packet cut short": 1}


def test_a_hole_in_the_stream_ends_the_packet_that_was_begun() -> None:
    frames, tally = decoded([raw(0) + raw(1)[:100], Chunk(raw(1)[120:] + raw(2), gap=True)])
    assert seqs(frames) == [0, 2]
    assert dict(tally.faults) == {"packet cut short": 1, "bytes between packets": 1}


def test_samples_that_look_like_packets_do_not_derail_a_stream_in_step() -> None:
    tricky = [MAGIC * 32, raw(77, bytes(40)) + bytes(68), bytes(60) + STATE + bytes(8), VITALS * 4]
    stream = b"".join(raw(seq, iq) for seq, iq in enumerate(tricky))
    frames, tally = decoded([stream])
    assert seqs(frames) == [0, 1, 2, 3]
    assert tally.bad == 0
    assert np.array_equal(frames.matrix().imag[0], np.frombuffer(MAGIC * 32, np.int8)[::2])


# compressed frames

FIRST = bytes(range(1, 129))
SECOND = FIRST[:100] + bytes(28)
THIRD = SECOND[:50] + b"\x05" * 10 + SECOND[60:]


def samples(frames: CsiRecording) -> list[bytes]:
    pairs = np.stack([frames.csi.imag, frames.csi.real], axis=1).astype(np.int8)
    return [pairs[a:b].tobytes() for a, b in pairwise(frames.offsets)]


def test_compressed_frames_are_decoded_when_the_numbers_prove_that_none_is_missing() -> None:
    packets = [raw(4, FIRST), compressed(SECOND, FIRST), compressed(THIRD, SECOND), raw(7, FIRST)]
    frames, tally = arriving(packets)
    assert samples(frames) == [FIRST, SECOND, THIRD, FIRST]
    assert (seqs(frames), frames.channel.tolist()) == ([4, 5, 6, 7], [6] * 4)
    assert np.isnan(frames.rssi).tolist() == [False, True, True, False]
    assert frames.time_ns.tolist() == [1_000_000, 1_000_001, 1_000_002, 1_000_003]
    assert (tally.lost, tally.dropped.total()) == (0, 0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=8, max_size=8), min_size=3, max_size=9, unique=True), st.integers(0, (1 << 32) - 1))
def test_every_whole_chain_of_differences_is_undone(frames: list[bytes], first: int) -> None:
    between = [compressed(this, before) for before, this in pairwise(frames[:-1])]
    last = raw((first + len(frames) - 1) % (1 << 32), frames[-1])
    found, tally = arriving([raw(first, frames[0]), *between, last])
    assert samples(found) == frames
    assert (tally.lost, tally.resets, tally.dropped.total()) == (0, 0, 0)


def test_the_compressed_copy_of_a_frame_that_came_is_no_second_frame() -> None:
    frames, tally = arriving([raw(0, FIRST), raw(1, SECOND), compressed(SECOND, FIRST), raw(2, THIRD)])
    assert seqs(frames) == [0, 1, 2]
    assert dict(tally.dropped) == {"compressed copy of a frame": 1}


@pytest.mark.parametrize(
    ("packets", "orphans", "lost"),
    [
        ([compressed(SECOND, FIRST), raw(0, FIRST)], 1, 0),
        ([raw(0, FIRST), compressed(SECOND, FIRST)], 1, 0),
        ([raw(0, FIRST), compressed(SECOND, FIRST), raw(3, THIRD)], 1, 2),
        ([raw(0, FIRST), compressed(SECOND, FIRST), raw(1, THIRD)], 1, 0),
        ([raw(0, FIRST), compressed(bytes(64), bytes(64)), raw(2, THIRD)], 1, 1),
        ([raw(0, FIRST), compressed(SECOND, FIRST, node=2), raw(1, THIRD)], 1, 0),
    ],
)
def test_a_compressed_frame_without_its_predecessor_is_counted_not_guessed(
    packets: list[bytes], orphans: int, lost: int
) -> None:
    frames, tally = arriving(packets)
    assert len(frames) == sum(packet.startswith(MAGIC) for packet in packets)
    assert dict(tally.dropped) == {"compressed, without its predecessor": orphans}
    assert tally.lost == lost


def test_a_board_whose_differences_are_to_other_frames_is_never_decoded() -> None:
    packets = [raw(0, FIRST), compressed(SECOND, FIRST), raw(1, THIRD), compressed(SECOND, FIRST), raw(3, FIRST)]
    frames, tally = arriving(packets)
    assert seqs(frames) == [0, 1, 3]
    assert dict(tally.dropped) == {"compressed, without its predecessor": 2}


@pytest.mark.parametrize("pairs", [b"\x00\x80\x00", b"\x00\x00", b"\x00\x7f", b""])
def test_run_lengths_that_do_not_fill_a_frame_are_a_fault(pairs: bytes) -> None:
    packet = struct.pack("<IBBHH", 0xC5110005, 1, 6, 128, len(pairs)) + pairs
    _, tally = arriving([raw(0), packet])
    assert dict(tally.faults) == {"damaged compressed packet": 1}


# the network


def test_what_the_network_does_is_undone_and_counted() -> None:
    sent = [raw(seq, bytes([seq]) * 128, node=node) for seq in range(100, 120) for node in (1, 2)]
    del sent[20:22]  # number 110 of both
    sent[4], sent[6] = sent[6], sent[4]  # 102 and 103 of node 1
    sent.insert(31, sent[30])
    frames, tally = arriving(sent)
    expected = [seq for seq in range(100, 120) if seq != 110]
    assert [seqs(frames.take(frames.node == node)) for node in (1, 2)] == [expected, expected]
    assert (tally.lost, tally.late, dict(tally.dropped)) == (2, 1, {"duplicate": 1})


def test_frames_of_several_layouts_keep_their_own_size() -> None:
    frames, _ = arriving([raw(seq, bytes(2 * n)) for seq, n in enumerate((64, 128, 192, 64))])
    assert frames.subcarriers.tolist() == [64, 128, 192, 64]


# properties

anything = st.binary(max_size=60)
pieces = st.one_of(
    st.builds(raw, st.integers(0, 300), st.sampled_from([bytes(128), FIRST, MAGIC * 32, raw(3, bytes(44))])),
    st.sampled_from([VITALS, FEATURE, FUSED, STATE, TEMPORAL, SYNC, wasm(2), wasm(8), mesh(STATE)]),
    st.just(compressed(SECOND, FIRST)),
    anything,
    st.builds(lambda packet, n: packet[:n], st.sampled_from([raw(1), VITALS, mesh(b"1234")]), st.integers(1, 120)),
)


def cut_at(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def equal(a: CsiRecording, b: CsiRecording) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("csi", "offsets", "seq", "node", "segment", "channel", "time_ns")
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(pieces, max_size=12), st.lists(st.integers(0, 2500), max_size=12))
def test_the_same_frames_come_out_however_the_bytes_are_cut(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    whole, tally = decoded([data])
    cut, tally_cut = decoded(cut_at(data, cuts))
    assert equal(whole, cut)
    assert tally == tally_cut


def test_the_same_frames_come_out_byte_by_byte() -> None:
    data = b"junk" + raw(0) + wasm(8) + raw(1)[:60] + raw(2) + FUSED + mesh(STATE) + raw(3) + STATE[:20]
    whole, tally = decoded([data])
    single, tally_single = decoded([bytes([byte]) for byte in data])
    assert seqs(whole) == [0, 2, 3]
    assert equal(whole, single)
    assert tally == tally_single


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=50).filter(lambda b: 0xC5 not in b), min_size=1, max_size=8))
def test_every_byte_between_packets_is_told_and_every_packet_found(junk: list[bytes]) -> None:
    stream = b"".join(raw(seq) + between for seq, between in enumerate(junk)) + raw(len(junk))
    frames, tally = decoded([stream])
    assert seqs(frames) == list(range(len(junk) + 1))
    assert dict(tally.faults) == {"bytes between packets": len(junk)}
    assert tally.examples["bytes between packets"] == f"{len(junk[0])} bytes at byte 148"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda b: MAGIC + b), st.booleans())
def test_random_bytes_never_raise(data: bytes, datagrams: bool) -> None:
    frames, tally = decoded([data], datagrams=datagrams)
    assert len(frames) * 22 <= len(data)
    assert tally.lost <= len(frames) * (1 << 32)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 8 * 148 * 8 - 1), min_size=1, max_size=6), st.booleans())
def test_flipped_bits_never_raise_and_spoil_no_more_than_they_touch(bits: list[int], datagrams: bool) -> None:
    packets = [raw(seq, bytes([seq + 1]) * 128) for seq in range(8)]
    data = bytearray(b"".join(packets))
    for bit in bits:
        data[bit // 8] ^= 1 << bit % 8
    chunks = [bytes(data[i : i + 148]) for i in range(0, len(data), 148)] if datagrams else [bytes(data)]
    frames, tally = decoded(chunks, datagrams=datagrams)
    untouched = set(range(8)) - {bit // 8 // 148 for bit in bits}
    unspoilt = {bytes([seq + 1]) * 128: seq for seq in range(8)}
    found = {unspoilt.get(iq) for iq in samples(frames)}
    headers_touched = any(bit // 8 % 148 < 20 for bit in bits)
    assert len(frames) + tally.dropped.total() + tally.bad > 0
    if not headers_touched:
        assert untouched <= found
        assert tally.bad == 0


@st.composite
def recordings(draw: st.DrawFn) -> CsiRecording:
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    counts = draw(st.lists(st.sampled_from([1, 52, 64, 128, 192, 256]), min_size=1, max_size=12))
    n = len(counts)
    values = rng.integers(-128, 128, (sum(counts), 2))
    return CsiRecording.build(
        INFO,
        np.zeros(n),
        values[:, 0] + 1j * values[:, 1],
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=np.full(n, draw(st.integers(0, 255))),
        rssi=rng.integers(-100, -1, n),
        noise_floor=np.full(n, np.nan),
        channel=np.full(n, draw(st.sampled_from([0, 1, 13, 14, 36, 177]))),
        seq=draw(st.integers(0, (1 << 32) - 20)) + np.arange(n),
    )


@settings(max_examples=100, deadline=None)
@given(recordings())
def test_what_was_written_is_read_back(recording: CsiRecording) -> None:
    packets = list(ruview_udp.encode(recording))
    for frames, tally in (decoded(packets, datagrams=True), decoded([b"".join(packets)])):
        assert equal(frames, recording)
        assert np.array_equal(frames.rssi, recording.rssi)
        assert np.isnan(frames.noise_floor).all()
        assert (tally.bad, tally.lost, tally.dropped.total()) == (0, 0, 0)


def test_frames_without_numbers_are_numbered_for_each_node() -> None:
    recording = CsiRecording.build(INFO, [0, 1, 2], np.ones((3, 64)), node=[1, 2, 1])
    frames, tally = decoded([b"".join(ruview_udp.encode(recording))])
    assert (seqs(frames), tally.lost) == ([0, 0, 1], 0)


@pytest.mark.parametrize("value", [128, -129, 1j * 500, np.nan])
def test_samples_beyond_8_bits_cannot_be_written(value: complex) -> None:
    recording = CsiRecording.build(INFO, [0], np.full((1, 64), value, np.complex64))
    with pytest.raises(FormatError, match="8 bits"):
        list(ruview_udp.encode(recording))


# recognised by content


@pytest.mark.parametrize("head", [raw(0), VITALS, mesh(STATE), raw(0)[:-30] + raw(1) + raw(2), b"\0\0" + raw(1)])
def test_its_own_packets_are_recognised(head: bytes) -> None:
    assert ruview_udp.sniff(head)


@pytest.mark.parametrize(
    "head", [b"", MAGIC, b"CSI_DATA,AP,1", bytes(1000), b'{"magic": "0xC5110001"}', bytes(900) + raw(0)]
)
def test_other_bytes_are_not_recognised(head: bytes) -> None:
    assert not ruview_udp.sniff(head)


# the corpus


@pytest.fixture(scope="module")
def recorded(data: Path) -> bytes:
    return (data / "csi" / "ruview_derived" / "adr018_from_pretrain_node1_1000.bin").read_bytes()


@pytest.fixture(scope="module")
def collected(data: Path) -> list[bytes]:
    """What the same board's frames held, as another program wrote them down."""

    def lines() -> Iterator[bytes]:
        with (data / "csi" / "ruview" / "pretrain-1775182186.csi.jsonl").open() as file:
            for line in file:
                record = json.loads(line)
                if record.get("type") == "raw_csi" and record["node_id"] == 1:
                    yield bytes.fromhex(record["iq_hex"])

    return list(lines())[:1000]


def test_the_corpus_holds_the_frames_that_were_collected(recorded: bytes, collected: list[bytes]) -> None:
    assert ruview_udp.sniff(recorded)
    frames, tally = decoded(cut_at(recorded, [1000, 40_001, 100_003]))
    assert samples(frames) == collected
    assert seqs(frames) == list(range(1000))
    assert dict(zip(*np.unique(frames.subcarriers, return_counts=True), strict=True)) == {64: 789, 128: 203, 192: 8}
    assert (tally.bad, tally.lost, tally.resets) == (0, 0, 0)


def test_the_corpus_is_written_as_it_was(recorded: bytes) -> None:
    frames, _ = decoded([recorded])
    assert b"".join(ruview_udp.encode(frames)) == recorded
