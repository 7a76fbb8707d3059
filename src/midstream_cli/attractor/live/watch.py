"""Regimes of a stream of frames, and when they change."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from midstream_cli.attractor.live.loops import LoopWatch
from midstream_cli.attractor.live.regimes import Moment, RegimeWatch
from midstream_cli.attractor.live.rules import Regime
from midstream_cli.compare.live.groups import sender
from midstream_cli.frames import Frame, Kind, StreamInfo
from midstream_cli.recordings import Recording, of_frames
from midstream_cli.results import RegimeChange
from midstream_cli.streams import features
from midstream_cli.streams.vectors import Track, VectorStream

FEATURES: Mapping[Kind, str] = {"csi": "bands8", "token": "token-ids", "numeric": "columns"}
"""What is watched of each kind of stream where nothing else is asked for."""


class WatchRegimes:
    """Tells when a stream begins to do something else: numbers as `RegimeWatch` says, names as `LoopWatch`.

    After a silence that could not be bridged everything begins anew.
    """

    def __init__(
        self, feature: str | None = None, *, false_alarms_per_hour: float = 1.0, info: StreamInfo | None = None
    ) -> None:
        """Watch one feature.

        Args:
            feature: what to measure; None takes what the kind of stream has.
            false_alarms_per_hour: of the detector of change, while nothing changes.
            info: what is known of the stream where it comes frame by frame; a recording tells it itself.

        Raises:
            UsageError: there is no such feature.
        """
        if feature is not None:
            features.load(feature)
        self._feature = feature
        self._alarms = false_alarms_per_hour
        self._info = info or StreamInfo()
        self._node: str | None = None
        self._stream: VectorStream | None = None
        self._watch: RegimeWatch | LoopWatch | None = None
        self._regime = Regime.UNKNOWN
        self._position = 0
        self._last_ns = 0

    @classmethod
    def example(cls) -> "WatchRegimes":
        """A small instance."""
        return cls(info=StreamInfo(source="example"))

    def update(self, frame: Frame) -> Sequence[RegimeChange]:
        """Take one frame."""
        return self.extend(of_frames(self._info, [frame]))

    def extend(self, recording: Recording) -> Sequence[RegimeChange]:
        """Take the frames of a recording of one link."""
        if len(recording) == 0:
            return ()
        if self._stream is None:
            self._info, self._node = recording.info, sender(recording)
            self._stream = VectorStream(self._feature or FEATURES[recording.info.kind])
        return self._taken(self._stream.push(recording))

    def finish(self) -> Sequence[RegimeChange]:
        """The changes that the end completes."""
        return () if self._stream is None else self._taken(self._stream.finish())

    def _taken(self, track: Track) -> list[RegimeChange]:
        found = []
        for time_ns, vector in zip(track.time_ns.tolist(), track.values, strict=True):
            watch = self._watching(time_ns, len(vector))
            moment = watch.update(vector) if isinstance(watch, RegimeWatch) else watch.update(float(vector[0]))
            if moment.regime is not self._regime:
                found.append(self._change(moment, time_ns))
                self._regime = moment.regime
            self._position += 1
            self._last_ns = time_ns
        return found

    def _watching(self, time_ns: int, channels: int) -> RegimeWatch | LoopWatch:
        """What watches; a new one at the beginning, and after a silence."""
        stream = self._stream
        assert stream is not None
        broken = stream.on_grid and time_ns - self._last_ns > 1.5e9 / stream.rate_hz
        if self._watch is None or broken:
            if features.is_categorical(features.load(stream.feature)):
                self._watch = LoopWatch()
            else:
                self._watch = RegimeWatch(channels, rate_hz=stream.counted_hz, false_alarms_per_hour=self._alarms)
        return self._watch

    def _change(self, moment: Moment, time_ns: int) -> RegimeChange:
        stream = self._stream
        assert stream is not None
        timed = self._info.clock != "none"
        origin = stream.start_ns if self._info.start_ns is None else self._info.start_ns
        rate_hz = stream.vectors_hz
        # names come when they come, and a round of them takes no time of its own
        takes_time = timed and isinstance(self._watch, RegimeWatch) and math.isfinite(moment.period)
        period_s = moment.period / rate_hz if takes_time and rate_hz else None
        return RegimeChange(
            path=self._info.source,
            node=self._node or "",
            time_s=(time_ns - (origin or 0)) / 1e9 if timed else None,
            frame=self._position,
            feature=stream.feature,
            regime=moment.regime.value,
            previous=self._regime.value,
            confidence=moment.confidence,
            period_s=period_s,
            cycles_per_minute=None if period_s is None else 60.0 / period_s,
            change_score=float(np.nan_to_num(moment.statistic)),
        )
