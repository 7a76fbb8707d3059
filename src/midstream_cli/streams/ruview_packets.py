"""RuView packets as they come: one a datagram, or back to back in recorded bytes, past whatever is damaged."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from midstream_cli.streams import ruview
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream


class Packet(NamedTuple):
    """The bytes of one packet, and when they came."""

    data: bytes
    time_ns: int
    """Unix time of arrival; 0 where it was recorded earlier."""
    where: str
    """Its place in the stream, for messages."""


def packets(stream: ByteStream, tally: Tally) -> Iterator[list[Packet]]:
    """The packets of a stream, as many at a time as came with one chunk."""
    return _datagrams(stream, tally) if stream.datagrams else _cut(stream, tally)


def _datagrams(stream: ByteStream, tally: Tally) -> Iterator[list[Packet]]:
    number = 0
    for data, time_ns, _ in stream.chunks:
        if not data:
            continue
        number += 1
        where = f"datagram {number}"
        known = ruview.lengths(data)
        if not ruview.MAGIC.match(data):
            tally.fault("unknown packet", where)
        elif known is None or (known and len(data) not in known):
            tally.fault("wrong length", where)
        elif not known:
            tally.fault("impossible header", where)
        else:
            yield [Packet(data, time_ns, where)]


def _cut(stream: ByteStream, tally: Tally) -> Iterator[list[Packet]]:
    cutter = Cutter(tally)
    for data, time_ns, gap in stream.chunks:
        if gap:
            yield cutter.cut(final=True)
        if data:
            cutter.add(data, time_ns)
            yield cutter.cut()
    yield cutter.cut(final=True)


class Cutter:
    """Cuts packets out of bytes that hold them back to back.

    A packet ends where its header says, if another begins there; what its samples look like does not matter. If none
    does, it was cut short where another begins inside it. Bytes that no packet claims are passed over to the next
    plausible header.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._data = b""
        self._offset = 0
        """Where in the stream `_data` begins."""
        self._arrivals: deque[tuple[int, int]] = deque()
        """Where each chunk ended, and when it came."""
        self._astray = 0
        """How many bytes no packet has claimed since the last one; -1 while they are the rest of one cut short."""

    def add(self, data: bytes, time_ns: int) -> None:
        """Take the next bytes."""
        self._data += data
        self._arrivals.append((self._offset + len(self._data), time_ns))

    def cut(self, *, final: bool = False) -> list[Packet]:
        """The packets that are whole now; with `final`, nothing more will come."""
        found: list[Packet] = []
        at = 0
        while at < len(self._data):
            length = self._length(at, final)
            if length is None:
                break
            if length:
                self._found_way(at)
                found.append(self._packet(at, length))
                at += length
            else:
                at = self._passed_over(at, final)
        self._data, self._offset = self._data[at:], self._offset + at
        while self._arrivals and self._arrivals[0][0] <= self._offset:
            self._arrivals.popleft()
        if final:
            self._found_way(0)
        return found

    def _length(self, at: int, final: bool) -> int | None:
        """The length of the packet at `at`; 0 where none begins; None where more bytes must come to tell."""
        if not final and len(self._data) - at < 4:
            return None
        known = ruview.lengths(self._data, at)
        if known == ():
            return 0
        # the next packet's header must be there too, to be believed
        if not final and (known is None or len(self._data) < at + max(known) + ruview.HEADER.itemsize):
            return None
        return self._believed(at, [length for length in known or () if at + length <= len(self._data)])

    def _believed(self, at: int, lengths: list[int]) -> int:
        for length in lengths:
            if at + length == len(self._data) or ruview.MAGIC.match(self._data, at + length):
                return length
        if lengths and self._next_header(at + 1, at + lengths[-1]) is None:
            return lengths[-1]
        self._found_way(at)
        self._tally.fault("packet cut short", f"byte {self._offset + at}")
        self._astray = -1
        return 0

    def _passed_over(self, at: int, final: bool) -> int:
        """Where to look on, when no packet begins at `at`."""
        ahead = self._next_header(at + 1, len(self._data))
        if ahead is None:
            # a magic number may have begun with the last three bytes
            ahead = len(self._data) if final else max(at + 1, len(self._data) - 3)
        if self._astray >= 0:
            self._astray += ahead - at
        return ahead

    def _next_header(self, begin: int, end: int) -> int | None:
        """Where between `begin` and `end` a plausible header begins."""
        for match in ruview.MAGIC.finditer(self._data, begin, end + 3):
            if ruview.lengths(self._data, match.start()) != ():
                return match.start()
        return None

    def _found_way(self, at: int) -> None:
        """Count the bytes that no packet has claimed, once for each gap."""
        if self._astray > 0:
            begin = self._offset + at - self._astray
            self._tally.fault("bytes between packets", f"{self._astray} bytes at byte {begin}")
        self._astray = 0

    def _packet(self, at: int, length: int) -> Packet:
        begin, end = self._offset + at, self._offset + at + length
        while self._arrivals[0][0] < end:
            self._arrivals.popleft()
        return Packet(self._data[at : at + length], self._arrivals[0][1], f"byte {begin}")
