"""What is known of one link of a stream after each of its frames."""

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from midstream_cli.attractor.live.regimes import Moment
from midstream_cli.attractor.live.rules import CONFIDENCE, Regime
from midstream_cli.attractor.live.watch import FEATURES
from midstream_cli.compare.live.groups import grouped, sender
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.errors import FormatError
from midstream_cli.frames import Frame, Int64, StreamInfo
from midstream_cli.introspection.lanes import NOTHING, Baseline, Lane, is_named
from midstream_cli.introspection.similarities import similarities
from midstream_cli.introspection.tokens import TokenMoment, TokenWatch
from midstream_cli.recordings import NumericRecording, Recording, TokenRecording, of_frames
from midstream_cli.results import IntrospectionSnapshot, Similarity
from midstream_cli.streams import features
from midstream_cli.streams.vectors import RATE_HZ, VectorStream

MOTION = features.EVERY_FRAME
"""What changes of channel state are told by, frame by frame: motion moves it the same way from one frame to the next."""

SLOW_HZ = 1.5 * RATE_HZ
"""Slower streams are looked at frame by frame for their regime, too."""

RATE_OVER = 64
"""Frames that the rate is of."""

TRANSIENT = NOTHING._replace(regime=Regime.TRANSIENT, confidence=CONFIDENCE[Regime.TRANSIENT])


class Introspect:
    """Tells after each frame of one link what is known by then: one snapshot a frame, however the stream is cut.

    Vectors on a grid are known some tenths of a second after their time, as a running median looks ahead; a snapshot
    holds what the latest of them told.
    """

    def __init__(
        self,
        signatures: Sequence[Signature] = (),
        *,
        feature: str | None = None,
        false_alarms_per_day: float = 24.0,
        info: StreamInfo | None = None,
    ) -> None:
        """Begin with nothing known.

        Args:
            signatures: what to recognise, all of one kind of stream.
            feature: what regimes are told of; None takes what the kind of stream has.
            false_alarms_per_day: of changes, and of all signatures together, while nothing happens.
            info: what is known of the stream where it comes frame by frame; a recording tells it itself.

        Raises:
            UsageError: there is no such feature.
            SignatureError: signatures are of different kinds of stream.
        """
        if feature is not None:
            features.load(feature)
        self._groups = grouped(signatures, every_frame=True) if signatures else []
        self._feature = feature
        self._alarms = false_alarms_per_day
        self._info = info or StreamInfo()
        self._node = ""
        self._lanes: list[Lane] = []
        self._tokens: TokenWatch | None = None
        self._said: TokenMoment | None = None
        self._regime = "unknown"
        self._frames = 0
        self._before = 0
        """Frames before the clock began anew."""
        self._resumed = False
        self._origin_ns: int | None = None
        self._times: deque[int] = deque(maxlen=RATE_OVER)
        self._top: list[Similarity] = []
        self._quiet = False
        """Nothing spoke for any signature when these were looked at last."""
        self._matching: list[Lane] = []
        """Those that have signatures."""
        self._motion: Lane | None = None
        self._regimes: Lane | None = None

    @classmethod
    def example(cls) -> "Introspect":
        """A small instance."""
        ramp = Signature("ramp", "ramp", np.linspace(0.0, 1.0, 8)[:, None], "mean-amplitude", rate_hz=32.0)
        return cls([ramp], info=StreamInfo(source="example"))

    def update(self, frame: Frame) -> Sequence[IntrospectionSnapshot]:
        """Take one frame."""
        return self.extend(of_frames(self._info, [frame]))

    def extend(self, recording: Recording, lost: Int64 | None = None) -> Sequence[IntrospectionSnapshot]:
        """Take the frames of a recording of one link; return as many snapshots.

        Args:
            lost: how many frames the node had lost when each of these came, shape (n,), below 0 where that is not known.

        Raises:
            SignatureError: signatures have vectors of another size than the stream.
            FormatError: signatures, or what is known, are of another kind of stream.
        """
        if len(recording) == 0:
            return ()
        if self._origin_ns is None:
            self._begin(recording)
        elif recording.info is not self._info:
            self._go_on(recording.info)
        if self._resumed:
            self._resume_at(recording)
        for lane in self._lanes:
            lane.push(recording)
        missing = [-1] * len(recording) if lost is None else lost.tolist()
        return [
            self._seen(recording, i, time_ns, missed)
            for i, (time_ns, missed) in enumerate(zip(recording.time_ns.tolist(), missing, strict=True))
        ]

    def finish(self) -> Sequence[IntrospectionSnapshot]:
        """Nothing: every frame has had its snapshot."""
        return ()

    def without_signatures(self) -> "Introspect":
        """A new one that looks for the same but recognises nothing."""
        return Introspect(feature=self._feature, false_alarms_per_day=self._alarms, info=self._info)

    def resumed(self) -> None:
        """What comes next is another recording, or the same sender at another time."""
        self._resumed = True

    def _resume_at(self, recording: Recording) -> None:
        """Begin to measure anew where a clock has begun anew; what is known of the background, and the count, stay."""
        self._resumed = False
        first_ns = int(recording.time_ns[0])
        if self._info.clock == "none" or not self._times or first_ns >= self._times[-1]:
            return
        self._origin_ns = first_ns if recording.info.start_ns is None else recording.info.start_ns
        self._before = self._frames
        self._times.clear()
        for lane in self._lanes:
            lane.restart()

    def _go_on(self, info: StreamInfo) -> None:
        """With another recording, where what is known was kept."""
        if info.kind != self._info.kind:
            raise FormatError(
                f"{info.source} is a {info.kind} stream, what is known is of a {self._info.kind} stream", "begin anew"
            )
        self._info = info

    def _begin(self, recording: Recording) -> None:
        self._info, self._node = recording.info, sender(recording)
        start_ns = recording.info.start_ns
        self._origin_ns = int(recording.time_ns[0]) if start_ns is None else start_ns
        self._lanes = [
            Lane(group.stream, signatures=group.signatures, false_alarms_per_day=self._alarms) for group in self._groups
        ]
        self._matching = list(self._lanes)
        feature = self._feature or FEATURES[recording.info.kind]
        if isinstance(recording, TokenRecording):
            self._tokens = TokenWatch()
        if is_named(feature):
            return
        if recording.info.kind == "csi":
            # before the lane that it tells
            self._motion = self._lane(MOTION, every_frame=True)
            self._motion.motion = True
        same = self._measured_alike(feature, recording)
        self._regimes = same or self._lane(feature)
        self._regimes.regimes, self._regimes.changes = True, self._motion

    def _measured_alike(self, feature: str, recording: Recording) -> Lane | None:
        """The lane of signatures that takes plain numbers as they would be taken without any."""
        if not isinstance(recording, NumericRecording):
            return None
        usual = features.load(feature).fit(recording)
        lanes = (lane for lane in self._matching if lane.stream.feature == feature)
        return next((lane for lane in lanes if (lane.stream.parameters or usual) == usual), None)

    def _lane(self, feature: str, *, every_frame: bool = False) -> Lane:
        """The lane of a feature: that of signatures, where one measures it alike."""
        for lane in self._lanes:
            if lane.stream.feature == feature and every_frame is not lane.stream.on_grid:
                return lane
        slow_hz = 0.0 if features.is_summary(features.load(feature)) else SLOW_HZ
        stream = VectorStream(feature, rate_hz=None if every_frame else RATE_HZ, slow_hz=slow_hz)
        lane = Lane(stream, false_alarms_per_day=self._alarms)
        self._lanes.append(lane)
        return lane

    def _seen(self, recording: Recording, i: int, time_ns: int, missed: int) -> IntrospectionSnapshot:
        """What is known after a frame."""
        moved = False
        for lane in self._lanes:
            # each of them, even if one has moved
            moved = lane.advance(self._frames - self._before) or moved
        if self._tokens is not None and isinstance(recording, TokenRecording):
            at = None if self._info.clock == "none" else time_ns
            self._said = self._tokens.update(at, recording.text[i], float(recording.logprob[i]))
        self._frames += 1
        self._times.append(time_ns)
        if moved and self._matching:
            quiet = all(lane.quiet for lane in self._matching)
            if not (quiet and self._quiet):
                self._top = similarities(self._matching, self._origin_ns or 0, timed=self._info.clock != "none")
            self._quiet = quiet
        return self._snapshot(time_ns, missed)

    def _snapshot(self, time_ns: int, missed: int) -> IntrospectionSnapshot:
        timed, moment = self._info.clock != "none", self._moment
        regime, before, self._regime = moment.regime.value, self._regime, moment.regime.value
        said, baseline = self._said, self._baseline
        return IntrospectionSnapshot(
            timestamp_ns=time_ns if timed else self._frames - 1,
            frame_count=self._frames,
            regime=regime,
            lyapunov_exponent=_known(moment.exponent),
            attractor_dim=_known(moment.dimension),
            attractor_confidence=moment.confidence,
            regime_changed=regime != before,
            top_k_similarity=self._top,
            path=self._info.source,
            node=self._node,
            time_s=(time_ns - (self._origin_ns or 0)) / 1e9 if timed else None,
            rate_hz=self._rate_hz if timed else None,
            frames_lost=missed if missed >= 0 else None,
            period_s=self._period_s(moment.period) if timed else None,
            change_score=self._change_score,
            unknown_motion=baseline.unknown,
            baseline_age_s=baseline.age_s,
            baseline_frozen=baseline.frozen,
            background=baseline.state,
            suppressed=baseline.suppressed,
            loop_tokens=_known(said.loop_tokens) if said else None,
            stalled_s=_known(said.stalled_s) if said else None,
            drift_score=_known(said.drift) if said else None,
            drifted=said.drifted if said else False,
        )

    @property
    def _moment(self) -> Moment:
        """What is known of the regime."""
        if self._regimes is None:
            said = self._said
            return NOTHING if said is None else NOTHING._replace(regime=said.regime, confidence=said.confidence)
        moment = self._regimes.moment
        if self._motion is not None and self._motion.moving and moment.regime in (Regime.IDLE, Regime.UNKNOWN):
            # sooner than the regime's own vectors, which wait for their slot of time
            return TRANSIENT
        return moment

    @property
    def _rate_hz(self) -> float | None:
        passed_ns = self._times[-1] - self._times[0]
        return 1e9 * (len(self._times) - 1) / passed_ns if passed_ns > 0 else None

    @property
    def _change_score(self) -> float:
        if self._regimes is None:
            return 0.0
        score = (self._motion or self._regimes).change_score
        return score if math.isfinite(score) else 0.0

    def _period_s(self, period: float) -> float | None:
        lane = self._regimes
        rate_hz = lane and lane.stream.vectors_hz
        return period / rate_hz if rate_hz and math.isfinite(period) else None

    @property
    def _baseline(self) -> Baseline:
        """How what is usual is known, of the signatures' lane if there is one."""
        lane = self._matching[0] if self._matching else self._motion or self._regimes
        return lane.baseline() if lane is not None else Baseline()


def _known(number: float) -> float | None:
    """None for what is not known."""
    return number if math.isfinite(number) else None
