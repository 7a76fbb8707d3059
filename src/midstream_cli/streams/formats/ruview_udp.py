"""RuView boards over UDP (ADR-018): `udp://0.0.0.0:5005`, or their packets recorded back to back."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from midstream_cli.errors import FormatError, SourceError
from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams import ruview
from midstream_cli.streams.csi_samples import interleaved, levels, signed_byte
from midstream_cli.streams.esp32 import complex_samples
from midstream_cli.streams.reorder import Reorder
from midstream_cli.streams.ruview_delta import Chain
from midstream_cli.streams.ruview_packets import Cutter, Packet, packets
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "csi"

NO_TIMES = (
    "the packets carry no times, and none were recorded with them; --frame-rate says how many frames a second they are"
)


def sniff(head: bytes) -> bool:
    """Whether the bytes begin with a packet of these boards, or are mostly such packets."""
    if not ruview.MAGIC.search(head):
        return False
    cutter = Cutter(Tally())
    cutter.add(head, 0)
    found = cutter.cut(final=True)
    claimed = sum(len(packet.data) for packet in found)
    return bool(found) and (found[0].where == "byte 0" or 2 * claimed > len(head))


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[CsiRecording]:
    """The channel state of each board, in the order in which it numbered its frames.

    The packets carry no time: live ones get the time of their arrival. Recorded ones have none, unless the user says how
    far apart the numbers are; then time is that since the board booted.
    """
    reader: _Reader | None = None
    try:
        for batch in packets(stream, tally):
            if reader is None and batch:
                reader = _Reader(tally, info, batch[0].time_ns != 0, stream.frame_rate_hz)
            if reader is not None:
                yield from reader.read(batch)
    except SourceError:
        # what waits for its turn came before the source went away
        yield from reader.finish() if reader is not None else ()
        raise
    if reader is not None:
        yield from reader.finish()


class _Reader:
    """From packets to recordings."""

    def __init__(self, tally: Tally, info: StreamInfo, timed: bool, rate_hz: float | None) -> None:
        interval_ns = 1e9 / rate_hz if rate_hz and not timed else None
        if not timed and interval_ns is None:
            tally.note(NO_TIMES)
        self._info = replace(info, clock="host" if timed else "device" if interval_ns else "none")
        self._tally = tally
        self._chain = Chain(tally)
        self._reorder = Reorder(tally, interval_ns=interval_ns)

    def read(self, batch: list[Packet]) -> Iterator[CsiRecording]:
        """The frames that a batch of packets completes."""
        raw: list[Packet] = []
        for packet in batch:
            self._sort(packet, raw)
        if raw:
            yield from _if_any(self._reorder.put(_recording(raw, self._info)))

    def finish(self) -> Iterator[CsiRecording]:
        """The frames that only the end completes."""
        self._chain.finish()
        yield from _if_any(self._reorder.finish())

    def _sort(self, packet: Packet, raw: list[Packet]) -> None:
        """Append to `raw` the channel state that a packet holds; count it as what it is."""
        magic = ruview.magic_of(packet.data)
        if magic == ruview.RAW:
            raw.extend(self._chain.raw(packet))
        elif magic == ruview.COMPRESSED:
            self._chain.compressed(packet)
        elif not ruview.whole(packet.data):
            self._tally.fault("wrong checksum", packet.where)
        elif magic == ruview.MESH and len(inner := ruview.mesh_payload(packet.data)) in (ruview.lengths(inner) or ()):
            self._sort(packet._replace(data=inner), raw)
        else:
            self._tally.skipped[ruview.name_of(packet.data)] += 1


def _if_any(frames: CsiRecording | None) -> Iterator[CsiRecording]:
    if frames:
        yield frames


def _recording(raw: list[Packet], info: StreamInfo) -> CsiRecording:
    """The frames of raw packets, in their order."""
    size = ruview.HEADER.itemsize
    header = np.frombuffer(b"".join([packet.data[:size] for packet in raw]), ruview.HEADER)
    values = np.frombuffer(b"".join([packet.data[size:] for packet in raw]), np.int8)
    frequencies, which = np.unique(header["frequency"], return_inverse=True)
    samples = header["antennas"].astype(np.int64) * header["subcarriers"]
    return CsiRecording.build(
        info,
        [packet.time_ns for packet in raw],
        complex_samples(values.astype(np.int16)),
        offsets=np.concatenate([[0], np.cumsum(samples)]),
        node=header["node"],
        rssi=levels(header["rssi"]),
        noise_floor=levels(header["noise_floor"]),
        channel=np.array([ruview.channel_of(mhz) for mhz in frequencies.tolist()])[which],
        seq=header["seq"],
        meta={
            "antennas": header["antennas"],
            "ppdu_type": header["ppdu_type"],
            "first_word_invalid": header["flags"] & ruview.FIRST_WORD_CLEARED != 0,
        },
    )


def encode(recording: Recording) -> Iterator[bytes]:
    """One raw packet a frame; a node that is a MAC address is cut to its last byte.

    Raises:
        FormatError: samples do not fit 8 bits.
    """
    if not isinstance(recording, CsiRecording):
        raise FormatError("RuView packets hold channel state", "write another kind of stream in another format")
    numbers: Counter[int] = Counter()
    for frame in recording:
        header = np.zeros(1, ruview.HEADER)
        header[0] = (
            ruview.RAW,
            frame.node & 0xFF,
            1,
            len(frame.csi),
            ruview.frequency_of(frame.channel),
            (frame.seq if frame.seq >= 0 else numbers[frame.node]) % (1 << 32),
            signed_byte(frame.rssi),
            signed_byte(frame.noise_floor),
            frame.meta.get("ppdu_type", 0),
            ruview.FIRST_WORD_CLEARED if frame.meta.get("first_word_invalid", False) else 0,
        )
        numbers[frame.node] += 1
        yield header.tobytes() + interleaved(frame.csi, np.int8).tobytes()
