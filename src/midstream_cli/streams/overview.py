"""A recording made small enough to look at: one picture whatever its length, in one pass and bounded memory."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, TokenRecording

COLUMNS = 128
"""Time slices that a picture has at least, once the stream is long enough, and fewer than twice as many."""

FIRST_SLICE_NS = 1_000_000


@dataclass(slots=True)
class Overview:
    """Means over time slices; when there are too many slices, neighbours are merged and slices get twice as long."""

    rows: list[str] = field(default_factory=list)
    """What each row shows."""
    start_ns: int = 0
    slice_ns: int = FIRST_SLICE_NS
    _sums: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((2 * COLUMNS, 0)))
    _counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros((2 * COLUMNS, 0), np.int64))
    _frames: int = 0
    """Taken or left out so far."""

    def add(self, recording: Recording) -> None:
        """Take the next piece of a stream; frames in another layout than the first frame's are left out."""
        if len(recording) == 0:
            return
        times = recording.time_ns if recording.info.clock != "none" else self._positions(len(recording))
        self._frames += len(recording)
        values = np.zeros((len(recording), 0))
        if isinstance(recording, CsiRecording):
            width = len(self.rows) or int(recording.subcarriers[0])
            same = recording.subcarriers == width
            times, values = times[same], np.abs(recording.take(same).matrix())
            rows = [str(i) for i in range(width)]
        elif isinstance(recording, NumericRecording):
            values, rows = recording.matrix(), list(recording.columns)
        elif isinstance(recording, TokenRecording):
            values, rows = np.array([[float(len(text))] for text in recording.text]), ["characters"]
        if len(times) == 0:
            return
        if not self.rows:
            self.rows, self.start_ns = rows, int(times[0])
            self._sums = np.zeros((2 * COLUMNS, len(rows)))
            self._counts = np.zeros((2 * COLUMNS, len(rows)), np.int64)
        self._accumulate(times, values)

    def _positions(self, n: int) -> npt.NDArray[np.int64]:
        return np.arange(self._frames, self._frames + n, dtype=np.int64) * FIRST_SLICE_NS

    def _accumulate(self, times: npt.NDArray[np.int64], values: npt.NDArray[np.floating]) -> None:
        since = np.maximum(times - self.start_ns, 0)
        while since.max() // self.slice_ns >= 2 * COLUMNS:
            self._merge()
        slices, known = since // self.slice_ns, np.isfinite(values)
        summands = np.where(known, values, 0.0)
        # frames come in order, so that those of a slice mostly follow each other
        begins = np.flatnonzero(np.diff(slices, prepend=-1)).tolist()
        for begin, end in pairwise([*begins, len(slices)]):
            self._sums[slices[begin]] += summands[begin:end].sum(axis=0, dtype=np.float64)
            self._counts[slices[begin]] += known[begin:end].sum(axis=0)

    def _merge(self) -> None:
        self.slice_ns *= 2
        for name in ("_sums", "_counts"):
            array = getattr(self, name)
            merged = np.zeros_like(array)
            merged[:COLUMNS] = array[::2] + array[1::2]
            setattr(self, name, merged)

    def matrix(self) -> npt.NDArray[np.float64]:
        """Shape (rows, slices): the mean of each row in each slice; NaN where no finite value came."""
        used = int(np.flatnonzero(self._counts.any(axis=1)).max(initial=-1)) + 1
        counts = self._counts[:used]
        means: npt.NDArray[np.float64] = np.where(counts > 0, self._sums[:used] / np.maximum(counts, 1), np.nan)
        return means.T
