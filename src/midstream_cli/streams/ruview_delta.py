"""RuView's compressed packets: how a frame differs from the one before it, for the few cases in which that is known."""

import struct
from dataclasses import dataclass, field

from midstream_cli.streams import ruview
from midstream_cli.streams.ruview_packets import Packet
from midstream_cli.streams.tally import Tally

COPY = "compressed copy of a frame"
ORPHAN = "compressed, without its predecessor"

_HEADER = struct.Struct("<IBBHH")
_RAW_HEADER = struct.Struct("<IBBHIIbbBB")
_MOST_WAITING = 64


@dataclass(slots=True)
class _Board:
    """The last two raw frames of one board, and the compressed ones since."""

    seq: int
    last: bytes
    before: bytes = b""
    since: list[tuple[bytes, int, Packet]] = field(default_factory=list)
    """Difference, channel and packet."""
    differs_elsewhere: bool = False
    """Its differences are not to the frames that it sends."""


class Chain:
    """Turns compressed packets into raw ones where the numbers of the raw ones prove that nothing is missing.

    A compressed packet holds a frame XOR the frame of equal length before it, run-length coded. It has no number and no
    checksum, the frame before it need not have been sent, and most are second copies of raw packets. So it is decoded
    only when the next raw packet's number leaves room for exactly the compressed ones in between; a board whose
    compressed packets fit nowhere is not decoded at all. The others are counted in `tally.dropped`.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._boards: dict[int, _Board] = {}

    def raw(self, packet: Packet) -> list[Packet]:
        """The frames that stood compressed before a raw packet, as raw packets, and then itself."""
        node, seq = packet.data[4], int.from_bytes(packet.data[12:16], "little")
        samples = packet.data[ruview.HEADER.itemsize :]
        board = self._boards.get(node)
        if board is None:
            self._boards[node] = _Board(seq, samples)
            return [packet]
        found = self._decoded(node, board, (seq - board.seq - 1) % (1 << 32)) if board.since else []
        if seq != board.seq:
            board.before = board.last
        board.seq, board.last, board.since = seq, samples, []
        return [*found, packet]

    def compressed(self, packet: Packet) -> None:
        """Take a compressed packet."""
        _, node, channel, length, _ = _HEADER.unpack_from(packet.data)
        difference = expanded(packet.data[_HEADER.size :])
        if len(difference) != length:
            self._tally.fault("damaged compressed packet", packet.where)
            return
        board = self._boards.get(node)
        if board is None or board.differs_elsewhere or len(board.since) == _MOST_WAITING:
            self._tally.dropped[ORPHAN] += 1
        elif board.before and not board.since and difference == exclusive_or(board.last, board.before):
            self._tally.dropped[COPY] += 1
        else:
            board.since.append((difference, channel, packet))

    def finish(self) -> None:
        """Nothing follows that could tell what the last compressed packets were."""
        waiting = sum(len(board.since) for board in self._boards.values())
        if waiting:
            self._tally.dropped[ORPHAN] += waiting

    def _decoded(self, node: int, board: _Board, missing: int) -> list[Packet]:
        if missing != len(board.since) or any(len(difference) != len(board.last) for difference, _, _ in board.since):
            board.differs_elsewhere = missing < len(board.since)
            self._tally.dropped[ORPHAN] += len(board.since)
            return []
        found = []
        for number, (difference, channel, packet) in enumerate(board.since, board.seq + 1):
            board.last = exclusive_or(board.last, difference)
            header = _RAW_HEADER.pack(
                ruview.RAW, node, 1, len(board.last) // 2, ruview.frequency_of(channel), number % (1 << 32), 0, 0, 0, 0
            )
            found.append(packet._replace(data=header + board.last))
        return found


def expanded(pairs: bytes) -> bytes:
    """The bytes that run-length pairs of value and count stand for; empty where a pair is cut or counts nothing."""
    if len(pairs) % 2 or not all(pairs[1::2]):
        return b""
    return b"".join(bytes([value]) * count for value, count in zip(pairs[::2], pairs[1::2], strict=True))


def exclusive_or(a: bytes, b: bytes) -> bytes:
    """Byte by byte; empty where the lengths differ."""
    if len(a) != len(b):
        return b""
    return (int.from_bytes(a, "little") ^ int.from_bytes(b, "little")).to_bytes(len(a), "little")
