"""What a recording holds, told in one pass and in bounded memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Frame, Int64, StreamInfo, node_name
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording, of_frames
from midstream_cli.results import RecordingInfo
from midstream_cli.streams.layout import null_subcarriers
from midstream_cli.streams.tally import Tally

GAP_INTERVALS, GAP_NS = 10, 50_000_000
"""A gap is a silence of more than ten median intervals, and of more than 50 ms."""

BINS_PER_OCTAVE = 64
"""Of the histogram of intervals: a bin is 1.1 % wide."""

MOST_NODES = 256
"""Nodes that are told apart; a capture of strangers' traffic can have thousands."""


@dataclass(slots=True)
class _Link:
    """Times of one node's frames."""

    frames: int = 0
    first_ns: int = 0
    last_ns: int = 0
    longest_ns: int = 0
    intervals: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(64 * BINS_PER_OCTAVE, np.int64))

    def add(self, times: Int64) -> None:
        if self.frames == 0:
            self.first_ns = self.last_ns = int(times[0])
        steps = np.diff(times, prepend=self.last_ns)[0 if self.frames else 1 :]
        positive = steps[steps > 0]
        if len(positive):
            bins = (np.log2(positive) * BINS_PER_OCTAVE).astype(np.intp)
            np.add.at(self.intervals, bins, 1)
            self.longest_ns = max(self.longest_ns, int(positive.max()))
        self.frames += len(times)
        self.last_ns = int(times[-1])

    def gaps(self) -> int:
        counts = np.cumsum(self.intervals)
        if counts[-1] == 0:
            return 0
        median_bin = int(np.searchsorted(counts, (counts[-1] + 1) // 2))
        least_ns = max(GAP_INTERVALS * 2 ** ((median_bin + 0.5) / BINS_PER_OCTAVE), GAP_NS)
        return int(counts[-1] - counts[min(int(np.log2(least_ns) * BINS_PER_OCTAVE), len(counts) - 1)])


@dataclass(slots=True)
class _Layout:
    """Amplitudes of the frames with one number of subcarriers."""

    amplitude: npt.NDArray[np.float64]
    frames: int = 0
    first_word_invalid: int = 0


class Describe:
    """Counts frames, nodes, layouts, intervals and levels; `finish` returns the one result."""

    def __init__(self, info: StreamInfo, tally: Tally | None = None) -> None:
        self._info = info
        self._tally = tally or Tally()
        self._frames = 0
        self._links: dict[int, _Link] = {}
        self._layouts: dict[int, _Layout] = {}
        self._rssi: Counter[float] = Counter()
        self._channels: Counter[int] = Counter()
        self._damaged = 0
        self._span: tuple[int, int] | None = None

    @classmethod
    def example(cls) -> "Describe":
        """A small instance."""
        return cls(StreamInfo(source="example"))

    def update(self, frame: Frame) -> Sequence[RecordingInfo]:
        """Count one frame."""
        return self.extend(of_frames(self._info, [frame]))

    def extend(self, recording: Recording) -> Sequence[RecordingInfo]:
        """Count the frames of a recording."""
        if len(recording) == 0:
            return ()
        self._info = recording.info
        self._frames += len(recording)
        first, last = int(recording.time_ns.min()), int(recording.time_ns.max())
        self._span = (min(self._span[0], first), max(self._span[1], last)) if self._span else (first, last)
        if isinstance(recording, CsiRecording) and "rx_state" in recording.meta:
            good = recording.meta["rx_state"] == 0
            self._damaged += int((~good).sum())
            recording = recording.take(good)
        if len(recording):
            self._count_links(recording)
        if isinstance(recording, CsiRecording):
            self._count_csi(recording)
        return ()

    def _count_links(self, recording: Recording) -> None:
        nodes: npt.NDArray[Any] = np.zeros(len(recording), np.int64)
        if isinstance(recording, CsiRecording):
            nodes = recording.node
        elif isinstance(recording, TokenRecording):
            nodes = recording.choice
        # in the order in which they came, so that the same ones are told apart however the stream is cut
        for node in nodes[np.sort(np.unique(nodes, return_index=True)[1])].tolist():
            if node in self._links or len(self._links) < MOST_NODES:
                self._links.setdefault(node, _Link()).add(recording.time_ns[nodes == node])

    def _count_csi(self, recording: CsiRecording) -> None:
        invalid = recording.meta.get("first_word_invalid", np.zeros(len(recording), np.bool_))
        for count in np.unique(recording.subcarriers).tolist():
            here = recording.subcarriers == count
            layout = self._layouts.setdefault(count, _Layout(np.zeros(count)))
            layout.amplitude += np.abs(recording.take(here).matrix()).sum(axis=0, dtype=np.float64)
            layout.frames += int(here.sum())
            layout.first_word_invalid += int(invalid[here].sum())
        known = recording.rssi[~np.isnan(recording.rssi)]
        self._rssi.update(known.tolist())
        self._channels.update(recording.channel[recording.channel != 0].tolist())

    def finish(self) -> Sequence[RecordingInfo]:
        """The description."""
        info, tally = self._info, self._tally
        links = sorted(self._links.items(), key=lambda item: -item[1].frames)
        main = links[0][1] if links else _Link()
        timed = info.clock != "none" and self._span is not None
        duration_s = (self._span[1] - self._span[0]) / 1e9 if timed and self._span else None
        passed_s = (main.last_ns - main.first_ns) / 1e9
        layouts = sorted(self._layouts.items(), key=lambda item: (-item[1].frames, item[0]))
        dropped = dict(tally.dropped)
        if self._damaged:
            dropped["damaged on the air (rx_state)"] = self._damaged
        return (
            RecordingInfo(
                path=info.source,
                format=info.format,
                kind=info.kind,
                clock=info.clock,
                frames=self._frames,
                nodes=[node_name(node) for node, _ in links] if info.kind != "numeric" else [],
                duration_s=duration_s,
                rate_hz=(main.frames - 1) / passed_s if timed and passed_s > 0 else None,
                gaps=main.gaps() if timed else 0,
                longest_gap_s=main.longest_ns / 1e9 if timed and main.frames > 1 else None,
                resets=tally.resets,
                lost=tally.lost if tally.numbered else None,
                late=tally.late,
                bad=tally.bad,
                faults=dict(tally.faults),
                skipped=dict(tally.skipped),
                dropped=dropped,
                subcarriers=layouts[0][0] if layouts else None,
                null_subcarriers=_nulls(layouts[0][1]) if layouts else [],
                layouts={str(count): layout.frames for count, layout in layouts},
                rssi_dbm=_median(self._rssi),
                channel=self._channels.most_common(1)[0][0] if self._channels else None,
                usage=dict(tally.usage),
            ),
        )


def _nulls(layout: _Layout) -> list[int]:
    means = layout.amplitude / max(layout.frames, 1)
    null = null_subcarriers(means, layout.first_word_invalid / max(layout.frames, 1))
    return [int(i) for i in np.flatnonzero(null)]


def _median(counts: Counter[float]) -> float | None:
    half, seen = (counts.total() + 1) // 2, 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= half:
            return value
    return None
