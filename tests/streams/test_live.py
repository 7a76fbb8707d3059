"""A reader that never waits, and a consumer that may."""

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.errors import SourceError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import NumericRecording, Recording
from midstream_cli.streams import live
from midstream_cli.streams.live import DROPPED, decoupled
from midstream_cli.streams.source import Source, open_source
from midstream_cli.streams.transports import ByteStream, Chunk, stdin

DEADLINE_S = 20.0
INFO = StreamInfo(kind="numeric")


def piece(number: int, frames: int = 1) -> NumericRecording:
    """A piece whose every frame carries the number of the piece."""
    values = np.full(frames, float(number))
    return NumericRecording(INFO, np.arange(frames, dtype=np.int64), {"number": values})


def number_of(recording: Recording | None) -> int:
    assert isinstance(recording, NumericRecording)
    return int(recording.columns["number"][0])


class Feed:
    """A source under the test's control."""

    def __init__(self, pieces: Iterator[NumericRecording], *, is_live: bool = True, sender_waits: bool = False) -> None:
        self.thread: threading.Thread | None = None
        self.asked = 0
        """How many pieces the reader has asked for."""
        self.closed_by: list[threading.Thread] = []
        self._pieces = pieces
        stream = ByteStream(
            self._chunks(),
            lambda: self.closed_by.append(threading.current_thread()),
            live=is_live,
            sender_waits=sender_waits,
        )
        self.source = Source(INFO, stream, self._decoded(stream))

    def _chunks(self) -> Iterator[Chunk]:
        for _ in self._pieces:
            yield Chunk(b"x")

    def _decoded(self, stream: ByteStream) -> Iterator[NumericRecording]:
        self.thread = threading.current_thread()
        for chunk in stream.chunks:
            self.asked += 1
            if chunk.data:
                yield piece(self.asked - 1, self.frames(self.asked - 1))

    def frames(self, number: int) -> int:
        """How many frames a piece has: not all alike, so that pieces and frames cannot be mixed up."""
        return 1 + number % 3


def counted(count: int) -> Iterator[NumericRecording]:
    return (piece(i) for i in range(count))


def endless() -> Iterator[NumericRecording]:
    """A piece every millisecond, for ever."""
    i = 0
    while True:
        time.sleep(0.001)
        yield piece(i)
        i += 1


def wait_until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def opened(source: Source, **options: float) -> Generator[Recording | None, None, None]:
    return cast(Generator[Recording | None, None, None], decoupled(source, **options))  # type: ignore[arg-type]


def test_all_pieces_come_in_order() -> None:
    feed = Feed(counted(500))
    assert [number_of(got) for got in decoupled(feed.source) if got is not None] == list(range(500))
    assert not feed.source.tally.dropped


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 8), st.integers(1, 40))
def test_a_slow_consumer_loses_whole_pieces_and_every_frame_of_them_is_counted(room: int, count: int) -> None:
    feed = Feed(counted(count))
    pieces = opened(feed.source, room=room)
    first = next(got for got in pieces if got is not None)
    wait_until(lambda: feed.thread is not None and not feed.thread.is_alive())  # meanwhile all others came
    kept = [first, *(got for got in pieces if got is not None)]
    numbers = [number_of(got) for got in kept]
    assert numbers == sorted(set(numbers))
    assert min(room, count) <= len(numbers) <= min(room + 1, count)
    assert all(len(got) == feed.frames(number_of(got)) for got in kept)
    missing = set(range(count)) - set(numbers)
    assert feed.source.tally.dropped.total() == sum(map(feed.frames, missing))


def test_what_is_dropped_is_what_came_while_the_queue_was_full() -> None:
    go_on = threading.Semaphore(0)

    def gated() -> Iterator[NumericRecording]:
        for i in range(30):
            go_on.acquire(timeout=DEADLINE_S)
            yield piece(i)

    feed = Feed(gated())
    pieces = opened(feed.source, room=4, tick_s=0.01)
    assert next(pieces) is None
    go_on.release(10)  # 0..3 find room, 4..9 do not
    wait_until(lambda: feed.source.tally.dropped.total() == sum(map(feed.frames, range(4, 10))))
    assert [number_of(next(pieces)) for _ in range(4)] == [0, 1, 2, 3]
    go_on.release(20)  # 10..13 find room
    wait_until(lambda: feed.thread is not None and not feed.thread.is_alive())
    assert [number_of(got) for got in pieces] == [10, 11, 12, 13]
    dropped = sum(map(feed.frames, [*range(4, 10), *range(14, 30)]))
    assert feed.source.tally.dropped == {DROPPED: dropped}


def test_a_sender_that_waits_loses_nothing_however_slow_the_consumer_is() -> None:
    feed = Feed(counted(200), sender_waits=True)
    numbers = []
    for got in opened(feed.source, room=3):
        if got is None:
            continue
        numbers.append(number_of(got))
        assert feed.asked <= numbers[-1] + 6  # three wait, one is held, one is under way
        time.sleep(0.001)
    assert numbers == list(range(200))
    assert not feed.source.tally.dropped


def test_a_recording_waits_for_its_reader() -> None:
    feed = Feed(counted(200), is_live=False)
    pieces = opened(feed.source)
    next(pieces)
    time.sleep(0.05)
    assert feed.asked <= live.PATIENT_ROOM + 3
    pieces.close()


def test_silence_ticks() -> None:
    silent = threading.Event()

    def chunks() -> Iterator[Chunk]:
        while not silent.wait(0.01):
            yield Chunk(b"")

    feed = Feed(counted(0))
    feed.source.stream = ByteStream(chunks(), live=True)
    feed.source.pieces = feed._decoded(feed.source.stream)
    pieces = opened(feed.source, tick_s=0.01)
    assert [next(pieces) for _ in range(5)] == [None] * 5
    silent.set()
    assert all(got is None for got in pieces)


def test_closing_stops_the_thread_and_the_thread_closes_the_port() -> None:
    feed = Feed(endless())
    pieces = opened(feed.source)
    next(got for got in pieces if got is not None)
    begun = time.monotonic()
    pieces.close()
    assert time.monotonic() - begun < 1.0
    assert feed.thread is not None
    assert not feed.thread.is_alive()
    assert feed.closed_by == [feed.thread]
    feed.source.close()  # as whoever opened it does once more


@pytest.mark.parametrize("sender_waits", [False, True])
def test_a_consumer_that_leaves_with_a_full_queue_leaves_nobody_waiting(*, sender_waits: bool) -> None:
    feed = Feed(endless(), sender_waits=sender_waits)
    pieces = opened(feed.source, room=2)
    next(got for got in pieces if got is not None)
    dropped = feed.source.tally.dropped
    wait_until(lambda: feed.asked == 4 if sender_waits else dropped.total() > 0)
    pieces.close()
    wait_until(lambda: feed.thread is not None and not feed.thread.is_alive())
    assert feed.closed_by == [feed.thread]
    assert (dropped.total() > 0) != sender_waits


def test_an_end_that_finds_the_queue_full_is_still_the_end() -> None:
    feed = Feed(counted(50))
    pieces = opened(feed.source, room=1)
    first = next(pieces)
    wait_until(lambda: feed.thread is not None and not feed.thread.is_alive())
    assert number_of(first) == 0
    assert len(list(pieces)) <= 2


@pytest.mark.parametrize("error", [SourceError("the cable is out", "plug it in"), ZeroDivisionError("a defect")])
def test_an_error_of_the_reader_is_raised_after_what_came_before_it(error: Exception) -> None:
    def failing() -> Iterator[NumericRecording]:
        yield from counted(3)
        raise error

    feed = Feed(failing())
    pieces = (got for got in decoupled(feed.source) if got is not None)
    assert [number_of(next(pieces)) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(type(error)) as caught:
        next(pieces)
    assert caught.value is error
    assert feed.closed_by == [feed.thread]


def test_an_interrupt_of_the_consumer_stops_the_thread() -> None:
    feed = Feed(endless())
    pieces = opened(feed.source)
    next(pieces)
    with pytest.raises(KeyboardInterrupt):
        pieces.throw(KeyboardInterrupt)
    wait_until(lambda: feed.thread is not None and not feed.thread.is_alive())
    assert len(feed.closed_by) == 1


def test_a_thread_that_cannot_be_stopped_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STOP_S", 0.1)
    go_on, waiting = threading.Event(), threading.Event()

    def stuck() -> Iterator[NumericRecording]:
        yield piece(0)
        waiting.set()
        go_on.wait(DEADLINE_S)
        yield piece(1)

    feed = Feed(stuck())
    pieces = opened(feed.source)
    next(pieces)
    assert waiting.wait(DEADLINE_S)
    pieces.close()
    feed.source.close()
    assert feed.thread is not None
    assert feed.thread.is_alive()
    assert feed.closed_by == []  # not while it is being read
    go_on.set()
    wait_until(lambda: feed.thread is not None and not feed.thread.is_alive())
    assert feed.closed_by == [feed.thread]


def test_a_real_recording_through_a_pipe_to_a_slow_consumer_is_whole(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = data / "csi" / "csikit" / "example_fast2_100hz_pitraffic.csv"
    reading, writing = os.pipe()
    monkeypatch.setattr(stdin, "DESCRIPTOR", reading)

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(path.read_bytes())

    writer = threading.Thread(target=write)
    writer.start()
    frames = 0
    with open_source("-") as source:
        for got in opened(source, room=1):
            frames += len(got) if got is not None else 0
            time.sleep(0.005)
    writer.join(DEADLINE_S)
    os.close(reading)
    assert frames == 1599
    assert not source.tally.dropped
