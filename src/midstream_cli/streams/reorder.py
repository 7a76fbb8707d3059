"""Datagrams put back in the order in which each board numbered them, and what never came, counted exactly."""

import zlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.tally import Tally

DEPTH = 4
"""So many later frames wait for a missing one before it counts as lost; at 50 frames a second, 80 ms."""

NEAR = 64
"""A number further than this from the expected one is not believed unless others follow it."""

RECENT = 4 * NEAR
"""So many numbers are remembered, to know second copies and late frames when they come."""

MODULUS = 1 << 32
"""Boards count in 32 bits."""

LOST, UNSEEN = -1, -2
"""In `_Board.recent`: given up and counted; or of the time before the first frame, and never counted."""


@dataclass(slots=True)
class _Board:
    """What is known of one board's count; positions are those in the pool of frames at hand."""

    expected: int
    """The number to hand out next."""
    held: dict[int, int] = field(default_factory=dict)
    """Position by number: frames that wait for an earlier one."""
    doubted: list[tuple[int, int]] = field(default_factory=list)
    """Number and position: frames far behind, of a restart if more follow."""
    against: int = 0
    """Frames in line that came since one far ahead or far behind."""
    recent: OrderedDict[int, int] = field(default_factory=OrderedDict)
    """Checksum by number, `LOST` or `UNSEEN`, of the last `RECENT` numbers that count."""
    segment: int = 0
    before: int = 0
    """Numbers that earlier boots of the board had used up."""

    def far_ahead(self) -> list[int]:
        """The numbers held that are far ahead of the expected one."""
        return [number for number in self.held if number > self.expected + NEAR]

    def remember(self, number: int, what: int) -> None:
        self.recent[number] = what
        if len(self.recent) > RECENT:
            self.recent.popitem(last=False)


@dataclass(slots=True)
class _Pool:
    """The frames at hand, those that waited first."""

    frames: CsiRecording
    number: list[int]
    node: list[int]
    time_ns: list[int]
    checksum: list[int]
    order: list[int] = field(default_factory=list)
    """Positions handed out, in order, with their segments and times."""
    segment: list[int] = field(default_factory=list)
    sent_ns: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, frames: CsiRecording) -> "_Pool":
        data, edges = memoryview(frames.csi.tobytes()), (frames.offsets * frames.csi.itemsize).tolist()
        checksums = [zlib.crc32(data[a:b]) for a, b in pairwise(edges)]
        return cls(frames, frames.seq.tolist(), frames.node.tolist(), frames.time_ns.tolist(), checksums)

    def checksum_of(self, i: int | None) -> int | None:
        return None if i is None else self.checksum[i]


class Reorder:
    """Hands out each board's frames in the order of their numbers, every frame once.

    A frame waits only while one before it is missing, and only until more than `depth` frames wait. Numbers that never
    came are counted in `tally.lost`, frames put back into their place in `tally.late`, second copies and frames after
    their place was given up in `tally.dropped`. A count that falls back far, or that repeats recent numbers with other
    contents, and goes on from there, is a board that restarted: `segment` rises, and it is counted in `tally.resets`.
    A single frame far out of line is dropped: it was damaged, or two boards share a node number.

    Times of arrival are kept, but for a frame that came after its successor: it was sent before that came. Frames
    without times get them from their numbers, where `interval_ns` says how far apart these are.
    """

    def __init__(self, tally: Tally, depth: int = DEPTH, interval_ns: float | None = None) -> None:
        self._tally = tally
        self._depth = depth
        self._interval_ns = interval_ns
        self._boards: dict[int, _Board] = {}
        self._waiting: CsiRecording | None = None

    def put(self, frames: CsiRecording) -> CsiRecording:
        """Take frames as they came; return those whose turn it is."""
        self._tally.numbered = True
        pool = self._pool(frames)
        for i in range(len(pool.number) - len(frames), len(pool.number)):
            board = self._boards.get(pool.node[i])
            if board is None:
                number = pool.number[i]
                board = self._boards[pool.node[i]] = _Board(number)
                board.recent = OrderedDict.fromkeys(range(max(0, number - self._depth), number), UNSEEN)
            ahead = (pool.number[i] - board.expected + MODULUS // 2) % MODULUS - MODULUS // 2
            self._arrive(board, pool, board.expected + ahead, i)
        return self._hand_out(pool)

    def finish(self) -> CsiRecording | None:
        """The frames that still waited when the stream ended."""
        if self._waiting is None:
            return None
        pool = _Pool.of(self._waiting)
        for board in self._boards.values():
            if len(board.doubted) > board.against + 1:
                self._restart(board, pool)
            far = board.far_ahead()
            self._drop_far(board, far if len(far) <= board.against + 1 else [])
            self._release(board, pool, 0)
        return self._hand_out(pool)

    def _pool(self, frames: CsiRecording) -> _Pool:
        return _Pool.of(frames if self._waiting is None else concatenate([self._waiting, frames]))

    def _arrive(self, board: _Board, pool: _Pool, number: int, i: int) -> None:
        if number >= board.expected and number not in board.held:
            if number <= board.expected + NEAR:
                self._in_line(board)
            if board.held and number < max(board.held):
                self._tally.late += 1
            board.held[number] = i
            self._release(board, pool, self._depth)
        elif pool.checksum[i] in (pool.checksum_of(board.held.get(number)), board.recent.get(number)):
            self._tally.dropped["duplicate"] += 1
        elif board.doubted and abs(number - board.doubted[-1][0]) <= NEAR:
            board.doubted.append((number, i))
            if len(board.doubted) > self._depth + board.against:
                self._restart(board, pool)
        elif board.recent.get(number, 0) < 0:
            self._tally.dropped["too late"] += 1
            self._tally.lost -= board.recent[number] == LOST
            board.recent[number] = pool.checksum[i]
        else:
            self._drop_far(board, [])
            board.doubted = [(number, i)]

    def _in_line(self, board: _Board) -> None:
        """Each frame in line speaks against those that are far from it; when enough have come, they are dropped."""
        far = board.far_ahead()
        board.against = board.against + 1 if far or board.doubted else 0
        if board.against > self._depth:
            self._drop_far(board, far)

    def _release(self, board: _Board, pool: _Pool, most: int) -> None:
        """Hand out what is next; give up missing frames while more than `most` wait for them, or with 0, all."""
        held = board.held
        while held:
            if board.expected not in held:
                first = min(held)
                doubtful = board.against if first > board.expected + NEAR else 0
                if most and len(held) <= most + doubtful:
                    return
                self._give_up(board, first)
            number = board.expected
            pool.segment.append(board.segment)
            # it was sent before any that follow it, so no later than the first of these came
            pool.sent_ns.append(self._sent_ns(board, min(pool.time_ns[i] for i in held.values())))
            pool.order.append(i := held.pop(number))
            board.remember(number, pool.checksum[i])
            board.expected = number + 1

    def _sent_ns(self, board: _Board, came_ns: int) -> int:
        if self._interval_ns is None:
            return came_ns
        return round((board.before + board.expected) * self._interval_ns)

    def _give_up(self, board: _Board, until: int) -> None:
        self._tally.lost += until - board.expected
        for number in range(max(board.expected, until - NEAR), until):
            board.remember(number, LOST)
        board.expected, board.against = until, 0

    def _drop_far(self, board: _Board, ahead: list[int]) -> None:
        """Nothing spoke for the frames far behind, nor for those held that are far `ahead`."""
        if dropped := len(board.doubted) + len(ahead):
            self._tally.dropped["number out of line"] += dropped
        for number in ahead:
            del board.held[number]
        board.doubted, board.against = [], 0

    def _restart(self, board: _Board, pool: _Pool) -> None:
        """Frames far behind that others followed: the board counts anew."""
        self._release(board, pool, 0)
        frames, board.doubted = board.doubted, []
        first = min(pool.number[i] for _, i in frames)
        start = 0 if first <= NEAR else first
        board.before += board.expected - start
        board.expected = start
        board.against = 0
        board.recent.clear()
        board.segment += 1
        self._tally.resets += 1
        for _, i in frames:
            self._arrive(board, pool, pool.number[i], i)

    def _hand_out(self, pool: _Pool) -> CsiRecording:
        """The frames whose turn it is, and the others kept for the next time."""
        boards = self._boards.values()
        waiting = sorted({i for b in boards for i in b.held.values()} | {i for b in boards for _, i in b.doubted})
        self._waiting = pool.frames.take(np.array(waiting)) if waiting else None
        moved = {old: new for new, old in enumerate(waiting)}
        for board in boards:
            board.held = {number: moved[i] for number, i in board.held.items()}
            board.doubted = [(number, moved[i]) for number, i in board.doubted]
        return _ordered(pool)


def _ordered(pool: _Pool) -> CsiRecording:
    n = len(pool.frames)
    order: npt.NDArray[np.intp] = np.array(pool.order, np.intp)
    frames = pool.frames if pool.order == list(range(n)) else pool.frames.take(order)
    return replace(frames, segment=np.array(pool.segment, np.int32), time_ns=np.array(pool.sent_ns, np.int64))
