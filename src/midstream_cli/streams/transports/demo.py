"""A simulated stream, without hardware: `demo://walking`, `demo://day?duration=60&seed=2`, `demo://chat?pace=real`.

What can be set, as in `demo://walking?room=2&snr=25`:

  pace        fast, as it is read, or real, as it would come
  format      what the bytes are in
  duration    seconds; inf never ends
  rate        frames, tokens or samples a second
  seed        another course of the same scene

Of channel state:

  room        another room: its number
  size        of the room in metres: 5x4x2.6
  nodes       senders, which take turns
  snr         signal to noise, dB
  loss        share of packets that get lost
  gain_steps  0 turns gain control off
  secondary   none or above: the order of the subcarriers
  breathing   breaths a second
  uptime      seconds since the board booted

Of tokens:

  tokens      how many
  choices     answers side by side

Of numbers, as in `demo://lorenz?samples=2000&noise=0.05&columns=x`:

  samples     how many
  noise       white noise, as a share of each column's standard deviation
  columns     the coordinates that are seen: x or x,z
  tau         delay of mackey_glass, seconds
"""

import time
from collections.abc import Iterator

from midstream_cli.errors import UsageError
from midstream_cli.streams.simulate import catalogue, wire
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import TICK_S, ByteStream, Chunk, Patience, now_ns, options

PACES = ("fast", "real")


def open_stream(url: str, patience: Patience, tally: Tally) -> ByteStream:
    """Play a scene in the bytes of a format; in one setting, the same bytes every time.

    Raises:
        UsageError: there is no such scene or option, or a value makes no sense.
    """
    scene = url.partition("://")[2].partition("?")[0].strip("/")
    _, settings = options(url, pace=str, format=str, **catalogue.options(scene))
    pace = settings.pop("pace", "fast")
    if pace not in PACES:
        raise UsageError(f"there is no pace {pace!r}", f"choose from {', '.join(PACES)}")
    name = settings.pop("format", catalogue.FORMATS[catalogue.kind_of(scene)])
    play = catalogue.play(scene, settings)
    encode = wire.encoder(name, play.kind)
    if pace == "real":
        return ByteStream(_in_time(wire.timed(play.pieces, encode)), live=True)
    return ByteStream(Chunk(data) for data in wire.encoded(play.pieces, encode))


def _in_time(frames: Iterator[tuple[int, bytes]]) -> Iterator[Chunk]:
    """Each frame when its time has come, counted from the first."""
    ahead_ns: int | None = None
    for time_ns, data in frames:
        if ahead_ns is None:
            ahead_ns = time_ns - time.monotonic_ns()
        while (left_s := (time_ns - ahead_ns - time.monotonic_ns()) / 1e9) > 0:
            time.sleep(min(left_s, TICK_S))
            if left_s > TICK_S:
                yield Chunk(b"", now_ns())
        yield Chunk(data, now_ns())
