"""Captures of network traffic (classic libpcap, as tcpdump writes them), and the UDP payloads in them.

File format: https://www.tcpdump.org/manpages/pcap-savefile.5.txt. Bytes may come cut anywhere, so that
`tcpdump -w - | midstream ... -` works while the traffic flows.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from midstream_cli.errors import FormatError
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

MAGICS = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000)} | {
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""The first four bytes: byte order, and the nanoseconds in a fraction of a second."""

PCAPNG = b"\x0a\x0d\x0d\x0a"

LINK_HEADERS = {1: 14, 101: 0, 113: 16, 228: 0, 276: 20}
"""Bytes before the IP header, by link type: Ethernet, raw IP, Linux cooked, IPv4, Linux cooked 2."""

LONGEST = 262_144
"""Bytes of a packet at most; what says that it is longer is none."""

_FILE_HEADER, _RECORD_HEADER = 24, 16
_VLAN = b"\x81\x00"


class Captured(NamedTuple):
    """One packet, from its link header on."""

    data: bytes
    time_ns: int
    """Unix time."""
    length: int
    """How long it was on the wire; `data` is shorter where the capture was told to cut packets."""
    where: str


class Payload(NamedTuple):
    """What one UDP datagram carried."""

    data: bytes
    time_ns: int
    where: str


def is_capture(head: bytes) -> bool:
    """Whether bytes are those of a capture, of this or of the newer format."""
    return head[:4] in MAGICS or head[:4] == PCAPNG


def udp_payloads(stream: ByteStream, port: int, tally: Tally) -> Iterator[list[Payload]]:
    """The payloads sent to a UDP port, as many at a time as came with one chunk; other traffic is counted.

    Raises:
        FormatError: the capture is of a format or a kind of link that cannot be read.
    """
    reader = _Reader(tally)
    for data, _, gap in stream.chunks:
        if gap:
            yield _payloads(reader.packets(final=True), reader.link_header, port, tally)
        reader.add(data)
        yield _payloads(reader.packets(), reader.link_header, port, tally)
    yield _payloads(reader.packets(final=True), reader.link_header, port, tally)


class _Reader:
    """Cuts a capture into its packets; after damage, goes on at the next record that another follows."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._data = b""
        self._offset = 0
        self._order, self._fraction_ns = "", 0
        self._last_s: int | None = None
        self._astray = False
        self.link_header = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        self._data += data

    def packets(self, *, final: bool = False) -> list[Captured]:
        """The packets that are whole now; with `final`, nothing more will come."""
        at = 0
        if not self._order:
            if len(self._data) < _FILE_HEADER:
                if final and self._data:
                    self._tally.fault("capture cut short", "byte 0")
                return []
            self._open(self._data[:_FILE_HEADER])
            at = _FILE_HEADER
        found: list[Captured] = []
        while len(self._data) - at >= _RECORD_HEADER:
            packet = self._packet(at, final)
            if packet is None:
                break
            found += packet
            at += _RECORD_HEADER + len(packet[0].data) if packet else 1
        if final and at < len(self._data):
            if not self._astray:
                self._tally.fault("packet cut short", f"byte {self._offset + at}")
            at = len(self._data)
        self._data, self._offset = self._data[at:], self._offset + at
        return found

    def _open(self, header: bytes) -> None:
        if header[:4] == PCAPNG:
            raise FormatError(
                "the capture is pcapng, which is not read", "convert it: editcap -F pcap capture.pcapng capture.pcap"
            )
        if header[:4] not in MAGICS:
            raise FormatError("the capture does not begin as one", "record it with tcpdump -w")
        self._order, self._fraction_ns = MAGICS[header[:4]]
        link = struct.unpack(self._order + "I", header[20:])[0] & 0xFFFF
        if link not in LINK_HEADERS:
            raise FormatError(
                f"packets of link type {link} cannot be read",
                "capture on the interface that the datagrams come through: tcpdump -i wlan0 -w capture.pcap",
            )
        self.link_header = LINK_HEADERS[link]

    def _packet(self, at: int, final: bool) -> list[Captured] | None:
        """The packet at `at`; none where no record is; None where more bytes must come to tell."""
        where = f"byte {self._offset + at}"
        seconds, fraction, kept, length = self._record(at)
        if not self._astray and not self._plausible(at, self._last_s):
            self._tally.fault("damaged record", where)
            self._astray = True
        if self._astray and not self._plausible(at, None):
            return []
        end = at + _RECORD_HEADER + kept
        if end + _RECORD_HEADER * self._astray > len(self._data) and not final:
            return None
        if self._astray and end + _RECORD_HEADER <= len(self._data) and not self._plausible(end, seconds):
            return []
        if end > len(self._data):
            return [] if self._astray else None
        self._astray, self._last_s = False, seconds
        time_ns = seconds * 1_000_000_000 + fraction * self._fraction_ns
        return [Captured(self._data[at + _RECORD_HEADER : end], time_ns, length, where)]

    def _record(self, at: int) -> tuple[int, int, int, int]:
        """Seconds, their fraction, bytes kept of the packet and bytes that it had."""
        seconds, fraction, kept, length = struct.unpack_from(self._order + "4I", self._data, at)
        return seconds, fraction, kept, length

    def _plausible(self, at: int, last_s: int | None) -> bool:
        """Whether a record begins at `at`, and if given, within half a year of the last one."""
        seconds, fraction, kept, length = self._record(at)
        near = last_s is None or abs(seconds - last_s) < 1 << 24
        return near and fraction * self._fraction_ns < 1_000_000_000 and 0 < kept <= length <= LONGEST


def _payloads(packets: list[Captured], link_header: int, port: int, tally: Tally) -> list[Payload]:
    found = []
    for packet in packets:
        begin = _udp_header(packet.data, link_header, port)
        if begin is None:
            tally.skipped["other traffic"] += 1
            continue
        length = int.from_bytes(packet.data[begin + 4 : begin + 6], "big")
        if begin + length > len(packet.data) or length < 8:
            cut = "packet cut by the capture" if len(packet.data) < packet.length else "wrong length"
            tally.fault(cut, packet.where)
        else:
            found.append(Payload(packet.data[begin + 8 : begin + length], packet.time_ns, packet.where))
    return found


def _udp_header(packet: bytes, begin: int, port: int) -> int | None:
    """Where the UDP header of a whole IPv4 datagram to this port begins; None where the packet is something else."""
    if packet[begin - 2 : begin] == _VLAN:
        begin += 4
    if len(packet) < begin + 28 or packet[begin] >> 4 != 4 or packet[begin + 9] != 17:
        return None
    fragmented = int.from_bytes(packet[begin + 6 : begin + 8], "big") & 0x3FFF
    udp = begin + 4 * (packet[begin] & 0x0F)
    to_port = int.from_bytes(packet[udp + 2 : udp + 4], "big") == port
    return udp if to_port and not fragmented else None


def header(*, nanoseconds: bool) -> bytes:
    """The head of a capture of Ethernet packets."""
    magic = b"\x4d\x3c\xb2\xa1" if nanoseconds else b"\xd4\xc3\xb2\xa1"
    return magic + struct.pack("<HHiIII", 2, 4, 0, 0, LONGEST, 1)


def udp_record(payload: bytes, port: int, sender: bytes, time_ns: int, *, nanoseconds: bool) -> bytes:
    """The record of one broadcast datagram from a sender with this MAC address and no IP address to speak of."""
    length = 20 + 8 + len(payload)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length, 1, 0, 1, 17, 0, b"\x0a\x0a\x0a\x0a", b"\xff" * 4)
    total = sum(struct.unpack(">10H", ip))
    checksum = ~(total + (total >> 16)) & 0xFFFF
    ip = ip[:10] + struct.pack(">H", checksum) + ip[12:]
    udp = struct.pack(">HHHH", port, port, 8 + len(payload), 0)
    packet = b"\xff" * 6 + sender + b"\x08\x00" + ip + udp + payload
    seconds, rest_ns = divmod(time_ns, 1_000_000_000)
    fraction = rest_ns if nanoseconds else rest_ns // 1000
    return struct.pack("<4I", seconds, fraction, len(packet), len(packet)) + packet
