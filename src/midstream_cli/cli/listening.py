"""What `capture-signature` hears of a source: vectors, how much the channel moves, and which frames came."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from midstream_cli.cli.reading import Reading, follow, losses
from midstream_cli.cli.schedule import Schedule
from midstream_cli.compare.signatures.capture import Quality, frame_quality, lost_between
from midstream_cli.frames import Clock, Int64
from midstream_cli.recordings import CsiRecording, Recording
from midstream_cli.streams.features import DEFAULT, EVERY_FRAME, Parameters
from midstream_cli.streams.source import Source
from midstream_cli.streams.vectors import Track, VectorStream

METER = "doppler"
"""The feature that says how strongly the channel moves, whatever is captured."""


@dataclass(slots=True)
class Heard:
    """What was read of a source, or was until it was enough."""

    stream: VectorStream
    schedule: Schedule
    clock: Clock
    track: Track
    motion: Track | None
    """Vectors of `METER`; None where the stream is no channel state."""
    times: Int64
    """Shape (n,), of the frames of the link."""
    sent: tuple[Int64, Int64]
    """Times and numbers of all frames of the link's node, in whichever layout: shape (m,) each."""
    lost: int
    bad: int
    warnings: list[str]

    @property
    def is_channel_state(self) -> bool:
        """Whether the stream is, so that it is cut by time, and its frames can be judged."""
        return self.motion is not None

    @property
    def seconds(self) -> float:
        """From the first vector to the last."""
        return float(self.track.time_ns[-1] - self.track.time_ns[0]) / 1e9 if len(self.track.time_ns) else 0.0

    def quality(self, start_ns: int, end_ns: int, quiet_level: float | None) -> Quality:
        """What the frames of [start_ns, end_ns) are like, against the motion level of the quiet place."""
        level = self.level(start_ns, end_ns)
        found = frame_quality(self.times, start_ns, end_ns, lost_between(*self.sent, start_ns, end_ns))
        if quiet_level is None or level is None:
            return found
        return Quality(found.frames, found.rate_hz, found.lost, found.longest_gap_s, 10 * (level - quiet_level))

    def level(self, start_ns: int | None = None, end_ns: int | None = None) -> float | None:
        """Mean motion in decades of power, of the whole or between two times."""
        if self.motion is None:
            return None
        motion = self.motion if start_ns is None or end_ns is None else self.motion.between(start_ns, end_ns)
        return float(motion.values[:, :-1].mean()) if len(motion.time_ns) else None


@dataclass(slots=True)
class _Frames:
    """The times and the counters of frames, collected piece by piece."""

    times: list[Int64] = field(default_factory=list)
    numbers: list[Int64] = field(default_factory=list)
    nodes: list[Int64] = field(default_factory=list)

    def add(self, piece: Recording) -> None:
        self.times.append(piece.time_ns.copy())
        if isinstance(piece, CsiRecording):
            self.numbers.append(piece.seq.copy())
            self.nodes.append(piece.node.copy())

    def of(self, node: int | None) -> tuple[Int64, Int64]:
        if node is None or not self.nodes:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        own = np.concatenate(self.nodes) == node
        return np.concatenate(self.times)[own], np.concatenate(self.numbers)[own]


def listen(
    reading: Reading,
    source: str,
    title: str,
    feature: str | None,
    parameters: Parameters | None,
    rate_hz: float | None,
    plan: Callable[[Source], Schedule],
    name: str = "",
) -> Heard:
    """Read a source as far as a schedule needs it.

    Args:
        feature: what to measure; None takes the default of its kind.
        parameters: what the feature was fitted to elsewhere; None fits it to the first frames.
        rate_hz: vectors of channel state a second; None takes one a frame.
        plan: the schedule, which depends on the kind of source.
        name: what the person in front of a live source is asked for; empty shows the state of the stream.
    """
    every, link = _Frames(), _Frames()
    with reading.open(source, before=every.add) as opened:
        kind = opened.info.kind
        usual = EVERY_FRAME if rate_hz is None and kind == "csi" else DEFAULT[kind]
        stream = VectorStream(feature or usual, parameters=parameters, rate_hz=rate_hz)
        meter = VectorStream(METER) if kind == "csi" and stream.feature != METER else None
        tracks: list[Track] = []
        motion: list[Track] = []
        schedule = plan(opened)
        end_s = schedule.until_s
        clock = opened.info.clock
        for piece in follow(opened, title, end_s, schedule.prompts(name) if name else None):
            if piece is None:
                continue
            clock = piece.info.clock
            tracks.append(stream.push(piece))
            motion += [meter.push(piece)] if meter else []
            link.add(piece)
            if end_s is not None and stream.start_ns is not None and piece.time_ns[-1] > stream.start_ns + end_s * 1e9:
                break
        tracks.append(stream.finish())
        motion += [meter.finish()] if meter else []
        track = Track.joined(tracks)
        return Heard(
            stream=stream,
            schedule=schedule,
            clock=clock,
            track=track,
            motion=Track.joined(motion) if meter else track if stream.feature == METER else None,
            times=np.concatenate(link.times) if link.times else np.empty(0, np.int64),
            sent=every.of(int(link.nodes[0][0]) if link.nodes else None),
            lost=opened.tally.lost,
            bad=opened.tally.bad,
            warnings=losses(opened),
        )
