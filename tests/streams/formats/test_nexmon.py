"""Nexmon captures: datagrams found in what tcpdump wrote, and samples of every chip as what they stand for."""

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.errors import FormatError, LayoutError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.formats import nexmon
from midstream_cli.streams.formats.nexmon import LARGE, SMALL, Packed
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk

INFO = StreamInfo(source="test", format="nexmon")
MAC = bytes.fromhex("98DED0489266")
PAIRS = struct.pack("<128h", *range(-64, 64))
"""64 samples: -64-63j, -62-61j, ..."""


def payload(samples: bytes = PAIRS, *, chip: int = 101, core_stream: int = 0, chanspec: int = 0x1006) -> bytes:
    return struct.pack("<HbB6s4H", 0x1111, -58, 0x80, MAC, 0xB0, core_stream, chanspec, chip) + samples


def old_payload(samples: bytes, chip: int) -> bytes:
    return struct.pack("<I6s4H", 0x11111111, MAC, 0xB0, 0, 0xE29B, chip) + samples


def datagram(data: bytes, *, port: int = 5500, protocol: int = 17, fragment: int = 0, options: int = 0) -> bytes:
    """An IPv4 packet."""
    udp = struct.pack(">HHHH", 1234, port, 8 + len(data), 0) + data
    head = struct.pack(">BBHHHBBHII", 0x45 + options, 0, 20 + len(udp), 1, fragment, 64, protocol, 0, 1, 2)
    return head + bytes(4 * options) + udp


def ethernet(packet: bytes) -> bytes:
    return b"\xff" * 6 + b"NEXMON" + b"\x08\x00" + packet


def capture(
    *packets: bytes, order: str = "<", magic: int = 0xA1B2C3D4, link: int = 1, fraction: int = 500, cut: int = 0
) -> bytes:
    """A capture of one packet a second, from 1,600,000,000 on, each without its last `cut` bytes."""
    records = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)]
    for i, packet in enumerate(packets):
        records.append(struct.pack(order + "4I", 1_600_000_000 + i, fraction, len(packet) - cut, len(packet)))
        records.append(packet[: len(packet) - cut])
    return b"".join(records)


def csi(*payloads: bytes) -> bytes:
    return capture(*(ethernet(datagram(each)) for each in payloads))


def decoded(*chunks: bytes | Chunk) -> tuple[CsiRecording, Tally]:
    tally = Tally()
    all_chunks = iter([chunk if isinstance(chunk, Chunk) else Chunk(chunk) for chunk in chunks])
    pieces = list(nexmon.decode(ByteStream(all_chunks), tally, INFO))
    return (concatenate(pieces) if pieces else CsiRecording.of(INFO, [])), tally


# what a datagram says


def test_a_datagram_of_integers_is_a_frame() -> None:
    frames, tally = decoded(csi(payload(core_stream=0b010_011, chanspec=0xD024)))
    one = frames.frame(0)
    assert one.csi[:2].tolist() == [-64 - 63j, -62 - 61j]
    assert (one.node, one.rssi, one.channel, one.seq) == (0x98DED0489266, -58.0, 36, 11)
    assert (one.time_ns, frames.info.clock) == (1_600_000_000_000_500_000, "host")
    assert {name: int(value) for name, value in one.meta.items()} == {
        "core": 3,
        "spatial_stream": 2,
        "chanspec": 0xD024,
        "bandwidth_mhz": 20,
        "chip": 101,
        "frame_control": 0x80,
        "sequence_control": 0xB0,
    }
    assert tally == Tally()


def test_old_datagrams_have_no_level() -> None:
    frames, _ = decoded(csi(old_payload(PAIRS, 101)))
    assert np.isnan(frames.rssi).all()
    assert (frames.node.tolist(), frames.seq.tolist()) == ([0x98DED0489266], [11])


@pytest.mark.parametrize(
    ("chanspec", "channel", "mhz"),
    [
        (0x1006, 6, 20),
        (0x1806 + 2, 6, 40),
        (0x1906 - 2, 6, 40),
        (0xE02A, 36, 80),
        (0xE12A, 40, 80),
        (0xE32A, 48, 80),
        (0xE29B, 157, 80),
        (0xE832, 36, 160),
        (0xEF32, 64, 160),
        (0xC02A, 42, 0),
    ],
)
def test_channel_specifications_name_the_primary_channel(chanspec: int, channel: int, mhz: int) -> None:
    specifications = np.array([chanspec], np.uint16)
    assert nexmon.primary_channel(specifications).tolist() == [channel]
    assert nexmon.bandwidth_mhz(specifications).tolist() == [mhz]


@pytest.mark.parametrize("extra", [b"", b"\1\2\3\4"])
@pytest.mark.parametrize("count", [64, 128, 256, 512])
def test_a_word_too_many_is_cut_off(count: int, extra: bytes) -> None:
    frames, tally = decoded(csi(payload(PAIRS * (count // 64) + extra)))
    assert frames.subcarriers.tolist() == [count]
    assert frames.csi[-1] == 62 + 63j
    assert tally.bad == 0


# floats


def pack(sample: tuple[int, int, int], packed: Packed) -> int:
    """Sign and magnitude of both mantissas, then the exponent, bit by bit."""
    bits = ""
    for mantissa in sample[:2]:
        bits += ("1" if mantissa < 0 else "0") + f"{abs(mantissa):0{packed.mantissa - 1}b}"
    return int(bits + f"{sample[2] % (1 << packed.exponent):0{packed.exponent}b}", 2)


@st.composite
def floats(draw: st.DrawFn, packed: Packed) -> list[tuple[int, int, int]]:
    most, exponent = (1 << (packed.mantissa - 1)) - 1, 1 << (packed.exponent - 1)
    mantissas = st.integers(-most, most)
    return draw(
        st.lists(st.tuples(mantissas, mantissas, st.integers(-exponent, exponent - 1)), min_size=64, max_size=64)
    )


@pytest.mark.parametrize("packed", [SMALL, LARGE])
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_packed_floats_are_mantissa_times_two_to_the_exponent(packed: Packed, data: st.DataObject) -> None:
    samples = data.draw(floats(packed))
    words = np.array([pack(sample, packed) for sample in samples], np.uint32)
    expected = [complex(real * 2.0**exponent, imaginary * 2.0**exponent) for real, imaginary, exponent in samples]
    assert nexmon.unpacked(words, packed).tolist() == expected


@pytest.mark.parametrize(("chip", "packed"), [(3, SMALL), (106, LARGE), (0xDEAD, SMALL), (0xBEEF, LARGE)])
def test_a_chip_that_packs_floats_is_known_by_its_number_or_by_its_samples(chip: int, packed: Packed) -> None:
    most = (1 << (packed.mantissa - 1)) - 1
    words = [pack((-most, 5, -2), packed)] * 64
    silent = old_payload(bytes(256), chip)
    frames, _ = decoded(csi(silent, old_payload(struct.pack("<64I", *words), chip)))
    assert frames.csi[:64].tolist() == [0] * 64
    assert frames.csi[64:].tolist() == [(-most + 5j) / 4] * 64


def test_a_chip_that_is_not_known_and_fills_its_words_sends_integers() -> None:
    frames, _ = decoded(csi(payload(bytes(256), chip=0xDEAD), payload(chip=0xDEAD), payload(bytes(256), chip=0xDEAD)))
    assert frames.csi[64] == -64 - 63j
    assert not frames.csi[128:].any()


# captures


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "time_ns"), [(0xA1B2C3D4, 500_000), (0xA1B23C4D, 500)])
def test_every_byte_order_and_resolution_is_read(order: str, magic: int, time_ns: int) -> None:
    frames, tally = decoded(capture(ethernet(datagram(payload())), order=order, magic=magic))
    assert frames.time_ns.tolist() == [1_600_000_000_000_000_000 + time_ns]
    assert tally == Tally()


@pytest.mark.parametrize(
    ("link", "header"),
    [
        (1, b"\xff" * 12 + b"\x08\x00"),
        (1, b"\xff" * 12 + b"\x81\x00\x00\x05\x08\x00"),
        (101, b""),
        (113, bytes(14) + b"\x08\x00"),
        (228, b""),
        (276, b"\x08\x00" + bytes(18)),
    ],
)
def test_every_common_link_is_read(link: int, header: bytes) -> None:
    packets = [header + datagram(payload()), header + datagram(payload(), options=2)]
    frames, tally = decoded(capture(*packets, link=link))
    assert (len(frames), tally.bad, tally.skipped.total()) == (2, 0, 0)


def test_a_radio_capture_is_refused_with_a_hint() -> None:
    with pytest.raises(FormatError, match="link type 127") as caught:
        decoded(capture(b"x", link=127))
    assert "tcpdump" in caught.value.hint


def test_pcapng_is_refused_with_a_hint() -> None:
    head = b"\x0a\x0d\x0d\x0a" + bytes(40)
    assert nexmon.sniff(head)
    with pytest.raises(FormatError, match="pcapng") as caught:
        decoded(head)
    assert "editcap -F pcap" in caught.value.hint


@pytest.mark.parametrize(
    "packet",
    [
        ethernet(datagram(payload(), port=5005)),
        ethernet(datagram(payload(), protocol=6)),
        ethernet(datagram(payload(), fragment=0x2000)),
        ethernet(datagram(payload(), fragment=100)),
        b"\xff" * 12 + b"\x86\xdd" + b"\x60" + bytes(60),
        b"\xff" * 12 + b"\x08\x06" + bytes(28),
        b"x",
    ],
)
def test_other_traffic_is_passed_over(packet: bytes) -> None:
    frames, tally = decoded(capture(packet, ethernet(datagram(payload()))))
    assert (len(frames), dict(tally.skipped), tally.bad) == (1, {"other traffic": 1}, 0)


def test_a_capture_without_channel_state_says_so() -> None:
    frames, tally = decoded(capture(ethernet(datagram(payload(), port=5005))))
    assert (len(frames), tally.notes) == (0, [nexmon.NO_CSI])


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (payload()[:-1], "wrong length"),
        (payload()[:-4], "wrong length"),
        (payload(PAIRS + bytes(8)), "wrong length"),
        (payload(b""), "wrong length"),
        (b"\x11", "not channel state"),
        (b"hello" * 100, "not channel state"),
    ],
)
def test_a_damaged_datagram_is_one_fault(data: bytes, name: str) -> None:
    frames, tally = decoded(csi(payload(), data, payload()))
    assert (len(frames), dict(tally.faults)) == (2, {name: 1})


def test_a_packet_that_the_capture_cut_is_one_fault() -> None:
    _, tally = decoded(capture(ethernet(datagram(payload())), cut=100))
    assert dict(tally.faults) == {"packet cut by the capture": 1}


@pytest.mark.parametrize("left", [1, 15, 16, 17, 100, 331])
def test_a_capture_that_ends_within_a_packet_is_one_fault(left: int) -> None:
    size = 16 + len(ethernet(datagram(payload())))
    frames, tally = decoded(csi(payload(), payload())[: 24 + size + left])
    assert (len(frames), dict(tally.faults)) == (1, {"packet cut short": 1})
    assert tally.examples == {"packet cut short": f"byte {24 + size}"}


def test_captures_that_were_joined_are_read_past_the_second_head() -> None:
    frames, tally = decoded(csi(payload(), payload()) + csi(payload()))
    assert (len(frames), dict(tally.faults)) == (3, {"damaged record": 1})


def test_a_hole_in_the_stream_costs_the_packet_that_it_is_in() -> None:
    data = csi(*[payload()] * 4)
    frames, tally = decoded(data[:500], Chunk(data[600:], gap=True))
    assert len(frames) == 3
    assert dict(tally.faults) == {"packet cut short": 1, "damaged record": 1}


# properties


def equal(a: CsiRecording, b: CsiRecording) -> bool:
    names = ("csi", "offsets", "time_ns", "node", "seq", "channel", "rssi")
    return all(np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in names)


parts = st.sampled_from(
    [
        payload(),
        payload(PAIRS * 2),
        old_payload(struct.pack("<64I", *[pack((3, -5, 1), SMALL)] * 64), 0xDEAD),
        b"other",
        payload()[:-1],
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(parts, max_size=6), st.binary(max_size=30), st.lists(st.integers(0, 3000), max_size=8))
def test_the_same_frames_come_out_however_the_bytes_are_cut(payloads: list[bytes], end: bytes, cuts: list[int]) -> None:
    data = csi(*payloads) + end + csi(*payloads[:1])
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    whole, tally = decoded(data)
    cut, tally_cut = decoded(*(data[a:b] for a, b in pairwise(edges)))
    assert equal(whole, cut)
    assert tally == tally_cut


@settings(max_examples=100, deadline=None)
@given(st.integers(24, 24 + 6 * 332 - 1), st.integers(0, 255))
def test_a_damaged_byte_costs_one_packet_at_most(at: int, value: int) -> None:
    data = bytearray(csi(*[payload()] * 6))
    assert len(data) == 24 + 6 * 332
    data[at] = value
    frames, _ = decoded(bytes(data))
    assert len(frames) >= 5


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(24, 2000), st.integers(0, 255)), max_size=6), st.integers(24, 2000))
def test_damaged_bytes_never_raise(damages: list[tuple[int, int]], end: int) -> None:
    data = bytearray(csi(*[payload()] * 5)[:end])
    for at, value in damages:
        if at < len(data):
            data[at] = value
    frames, tally = decoded(bytes(data))
    assert len(frames) <= 5
    assert len(frames) + tally.bad + tally.skipped.total() > 0 or end < 24 + 332


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_random_records_never_raise(data: bytes) -> None:
    frames, _ = decoded(csi() + data)
    assert len(frames) == 0


@st.composite
def recordings(draw: st.DrawFn) -> CsiRecording:
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    counts = draw(st.lists(st.sampled_from([64, 128, 256, 512]), min_size=1, max_size=5))
    n, unit = len(counts), draw(st.sampled_from([1, 1000]))
    pairs = rng.integers(-(1 << 15), 1 << 15, (sum(counts), 2))
    return CsiRecording.build(
        INFO,
        rng.integers(0, 4 * 10**18 // unit, n) * unit,
        pairs[:, 0] + 1j * pairs[:, 1],
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=rng.integers(0, 1 << 48, n),
        rssi=rng.integers(-100, 0, n),
        channel=np.full(n, draw(st.sampled_from([1, 6, 36, 149]))),
        seq=rng.integers(0, 4096, n),
    )


@settings(max_examples=60, deadline=None)
@given(recordings())
def test_what_was_written_is_read_back(recording: CsiRecording) -> None:
    spread = recording.time_ns - recording.time_ns.min() < 10**16
    recording = recording.take(spread)
    frames, tally = decoded(b"".join(nexmon.encode(recording)))
    assert equal(frames, recording)
    assert tally == Tally()


@pytest.mark.parametrize("count", [1, 63, 65, 192])
def test_only_the_layouts_of_the_chip_can_be_written(count: int) -> None:
    with pytest.raises(LayoutError, match=f"not {count}"):
        list(nexmon.encode(CsiRecording.build(INFO, [0], np.ones((1, count)))))


@pytest.mark.parametrize("value", [40_000, np.nan, 0.2])
def test_samples_that_are_no_16_bit_integers_cannot_be_written(value: float) -> None:
    with pytest.raises(FormatError, match=r"16 bits|too small"):
        list(nexmon.encode(CsiRecording.build(INFO, [0], np.full((1, 64), value))))


@pytest.mark.parametrize("head", [b"", b"\xd4\xc3\xb2", b"CSI_DATA", bytes(100)])
def test_other_bytes_are_not_recognised(head: bytes) -> None:
    assert not nexmon.sniff(head)


# the corpus


def test_the_corpus_of_a_raspberry_pi(data: Path) -> None:
    frames, tally = decoded((data / "csi" / "nexmon" / "example_43455c0.pcap").read_bytes())
    assert (len(frames), tally) == (566, Tally())
    assert frames.matrix().shape == (566, 256)
    assert (frames.time_ns[-1] - frames.time_ns[0]) / 1e9 == pytest.approx(5.21, abs=0.01)
    assert set(frames.node.tolist()) == {0x98DED0489266}
    assert set(frames.channel.tolist()) == {36}
    assert frames.csi[3:6].tolist() == [-12 - 15j, -2 + 8j, -8j]  # as csiread 1.4.1 reads them


def test_the_corpus_of_a_phone(data: Path) -> None:
    frames, tally = decoded((data / "csi" / "nexmon" / "example_4358.pcap").read_bytes())
    assert (len(frames), tally) == (4, Tally())
    assert list(zip(frames.meta["core"].tolist(), frames.meta["spatial_stream"].tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
    ]
    # csiread 1.4.1 scales by 512 and cuts off fractions
    scaled = frames.matrix()[0, 2:6] * 512
    assert [complex(int(z.real), int(z.imag)) for z in scaled] == [-48 - 460j, -332 - 446j, -454 - 302j, -592 - 112j]


@pytest.mark.parametrize(("name", "chip"), [("example_43455c0", "43455c0"), ("example_4358", "4358")])
def test_csiread_reads_the_same(data: Path, name: str, chip: str) -> None:
    csiread: Any = pytest.importorskip("csiread", reason="csiread is in the benchmark extra")
    path = data / "csi" / "nexmon" / f"{name}.pcap"
    other = csiread.Nexmon(str(path), chip=chip, bw=80, if_report=False)
    other.read()
    frames, _ = decoded(path.read_bytes())
    scale = 512 if chip == "4358" else 1
    scaled = frames.matrix().astype(np.complex128) * scale
    assert np.array_equal(np.trunc(scaled.real) + 1j * np.trunc(scaled.imag), other.csi)
    seconds, microseconds = np.divmod(frames.time_ns // 1000, 1_000_000)
    assert np.array_equal(seconds, other.sec)
    assert np.array_equal(microseconds, other.usec)
