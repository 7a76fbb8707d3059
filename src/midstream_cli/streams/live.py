"""A live source decoupled from the work done on it: a reader thread and a bounded queue."""

import queue
import threading
from collections.abc import Iterator

from midstream_cli.frames import Recording
from midstream_cli.streams.source import Source

ROOM = 4096
"""Pieces that may wait; at 1,000 frames a second, four seconds even if each holds one frame."""


def decoupled(source: Source, tick_s: float = 0.1, room: int = ROOM) -> Iterator[Recording | None]:
    """The pieces of a source, read by a thread that never waits for the work done on them.

    When the queue is full, a piece is dropped and counted in `tally.dropped`. Yields None when nothing came for
    `tick_s` seconds, so that whoever iterates can flush and look at the clock. Closing the generator stops the thread.
    """
    pieces: queue.Queue[Recording | Exception | None] = queue.Queue(room)

    def read() -> None:
        try:
            for piece in source:
                try:
                    pieces.put_nowait(piece)
                except queue.Full:
                    source.tally.dropped["work slower than the stream"] += len(piece)
            pieces.put(None)
        except Exception as error:  # noqa: BLE001 - whatever it is, the consumer raises it
            pieces.put(error)

    thread = threading.Thread(target=read, name="midstream-reader", daemon=True)
    thread.start()
    try:
        while True:
            try:
                piece = pieces.get(timeout=tick_s)
            except queue.Empty:
                yield None
                continue
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        source.stream.stopped = True
        thread.join(timeout=2.0)
