"""A live source decoupled from the work done on it: a reader thread and a bounded queue."""

import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue

from midstream_cli.recordings import Recording
from midstream_cli.streams.source import Source
from midstream_cli.streams.transports import TICK_S

ROOM = 4096
"""Pieces that may wait; at 1,000 frames a second, four seconds even if each holds one frame."""

PATIENT_ROOM = 64
"""Pieces that may wait where none needs to be dropped; more would only take memory."""

STOP_S = 1.0
"""How long the thread is waited for; one that is stuck in a connection attempt ends, and closes, by itself."""

DROPPED = "work slower than the stream"


def decoupled(source: Source, tick_s: float = TICK_S, room: int | None = None) -> Iterator[Recording | None]:
    """The pieces of a source, read by a thread that never waits for the work done on them.

    When the queue is full, whole pieces are dropped and their frames counted in `tally.dropped`; where the sender waits
    while nobody reads, as on a pipe, the thread waits too, and nothing is dropped. Yields None when nothing came for
    `tick_s` seconds, so that whoever iterates can flush and look at the clock. An error in the thread is raised here,
    after the pieces that came before it. The thread closes the source; closing the generator stops the thread.

    Args:
        room: pieces that may wait; by default `ROOM`, or `PATIENT_ROOM` where the sender waits.
    """
    reader = _Reader(source, room)
    thread = threading.Thread(target=reader.run, name="midstream-reader", daemon=True)
    thread.start()
    try:
        while True:
            try:
                piece = reader.queue.get(timeout=tick_s)
            except Empty:
                yield None
                continue
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        source.stream.stopped = True
        thread.join(STOP_S)


class _Reader:
    """What the thread does: reads the source into a queue, at the end of which stands None or an error."""

    def __init__(self, source: Source, room: int | None) -> None:
        self._source = source
        self._patient = source.stream.sender_waits or not source.live
        self._room = room or (PATIENT_ROOM if self._patient else ROOM)
        # bounded by this class, so that the end always fits and nobody waits for it in vain
        self.queue: SimpleQueue[Recording | Exception | None] = SimpleQueue()

    def run(self) -> None:
        end: Exception | None = None
        try:
            for piece in self._source:
                if self._has_room():
                    self.queue.put(piece)
                elif not self._source.stream.stopped:
                    self._source.tally.dropped[DROPPED] += len(piece)
        except Exception as error:  # noqa: BLE001 - whatever it is, the consumer raises it
            end = error
        finally:
            self.queue.put(end)
            self._source.close()

    def _has_room(self) -> bool:
        while self._patient and self.queue.qsize() >= self._room and not self._source.stream.stopped:
            time.sleep(TICK_S / 10)
        return self.queue.qsize() < self._room
