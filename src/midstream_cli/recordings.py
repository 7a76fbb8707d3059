"""What flows, as columns of n frames: recordings, whole or in pieces.

Reading a stream yields recordings, and iterating over a recording yields its frames.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import LayoutError
from midstream_cli.frames import (
    TOKEN_KINDS,
    Complex64,
    CsiFrame,
    Float64,
    Frame,
    Int64,
    Kind,
    NumericFrame,
    StreamInfo,
    TokenFrame,
)

Index: TypeAlias = slice | npt.NDArray[np.bool_] | npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class CsiRecording:
    """n channel-state frames as columns; frames may differ in their number of subcarriers."""

    info: StreamInfo
    time_ns: Int64
    """Shape (n,). Nanoseconds, never decreasing within a segment unless the source itself went back."""
    node: Int64
    """Shape (n,). A MAC address as a 48-bit integer, or a small node number; `node_name` prints either."""
    csi: Complex64
    """Shape (offsets[-1],): the frames end to end."""
    offsets: Int64
    """Shape (n + 1,): frame i is `csi[offsets[i]:offsets[i + 1]]`."""
    rssi: npt.NDArray[np.float32]
    noise_floor: npt.NDArray[np.float32]
    channel: npt.NDArray[np.int16]
    seq: Int64
    segment: npt.NDArray[np.int32]
    meta: Mapping[str, npt.NDArray[Any]]
    """Everything else the format says, by its own field names; each shape (n,)."""

    @classmethod
    def build(cls, info: StreamInfo, time_ns: npt.ArrayLike, csi: npt.NDArray[Any], **columns: Any) -> Self:
        """Fill what is not given with "unknown". `csi` is (n, subcarriers), or flat together with `offsets`."""
        times = np.asarray(time_ns, np.int64)
        n = len(times)
        offsets = columns.pop("offsets", None)
        if offsets is None:
            offsets = np.arange(n + 1, dtype=np.int64) * (csi.shape[1] if csi.ndim == 2 else 0)

        def column(name: str, dtype: type, unknown: float) -> npt.NDArray[Any]:
            given = columns.pop(name, None)
            return np.full(n, unknown, dtype) if given is None else np.ascontiguousarray(given, dtype)

        return cls(
            info=info,
            time_ns=times,
            csi=np.ascontiguousarray(csi, np.complex64).reshape(-1),
            offsets=np.asarray(offsets, np.int64),
            node=column("node", np.int64, 0),
            rssi=column("rssi", np.float32, np.nan),
            noise_floor=column("noise_floor", np.float32, np.nan),
            channel=column("channel", np.int16, 0),
            seq=column("seq", np.int64, -1),
            segment=column("segment", np.int32, 0),
            meta=columns.pop("meta", {}),
            **columns,
        )

    @classmethod
    def of(cls, info: StreamInfo, frames: Sequence[CsiFrame]) -> Self:
        """The columns of these frames."""
        counts = [len(frame.csi) for frame in frames]
        names = frames[0].meta if frames else ()
        return cls.build(
            info,
            [frame.time_ns for frame in frames],
            np.concatenate([frame.csi for frame in frames]) if frames else np.empty(0, np.complex64),
            offsets=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]),
            meta={name: np.array([frame.meta[name] for frame in frames]) for name in names},
            **{
                name: [getattr(frame, name) for frame in frames]
                for name in ("node", "rssi", "noise_floor", "channel", "seq", "segment")
            },
        )

    def __len__(self) -> int:
        return len(self.time_ns)

    def __iter__(self) -> Iterator[CsiFrame]:
        return (self.frame(i) for i in range(len(self)))

    def frame(self, i: int) -> CsiFrame:
        """The i-th frame; its `csi` is a view of this recording."""
        return CsiFrame(
            time_ns=int(self.time_ns[i]),
            node=int(self.node[i]),
            csi=self.csi[self.offsets[i] : self.offsets[i + 1]],
            rssi=float(self.rssi[i]),
            noise_floor=float(self.noise_floor[i]),
            channel=int(self.channel[i]),
            seq=int(self.seq[i]),
            segment=int(self.segment[i]),
            meta={name: values[i] for name, values in self.meta.items()},
        )

    @property
    def subcarriers(self) -> Int64:
        """Shape (n,): the number of subcarriers of each frame."""
        return np.diff(self.offsets)

    def matrix(self) -> Complex64:
        """Channel state as (n, subcarriers), without a copy.

        Raises:
            LayoutError: frames differ in their number of subcarriers.
        """
        if len(self) <= 1:
            return self.csi.reshape(len(self), len(self.csi))
        counts = self.subcarriers
        if (counts != counts[0]).any():
            shapes = ", ".join(str(count) for count in np.unique(counts))
            raise LayoutError(
                f"frames of {shapes} subcarriers are mixed in {self.info.source or 'this recording'}",
                "choose one layout first, for example with --subcarriers",
            )
        return self.csi.reshape(len(self), int(counts[0]))

    def take(self, index: Index) -> Self:
        """The frames at `index`: a slice, a mask or positions; those of a slice without a copy."""
        if isinstance(index, slice) and index.step in (None, 1):
            return self._part(*index.indices(len(self))[:2])
        picked = np.arange(len(self))[index]
        starts, counts = self.offsets[picked], self.subcarriers[picked]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        contiguous = len(picked) > 0 and picked[-1] - picked[0] == len(picked) - 1 and (np.diff(picked) == 1).all()
        if contiguous:
            csi = self.csi[starts[0] : starts[0] + offsets[-1]]
        else:
            csi = self.csi[np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])]
        return replace(
            self,
            csi=csi,
            offsets=offsets,
            meta={name: values[picked] for name, values in self.meta.items()},
            **{name: getattr(self, name)[picked] for name in _CSI_COLUMNS},
        )

    def _part(self, start: int, stop: int) -> Self:
        """The frames of [start, stop)."""
        stop = max(start, stop)
        part, first = slice(start, stop), self.offsets[start]
        return replace(
            self,
            csi=self.csi[first : self.offsets[stop]],
            offsets=self.offsets[start : stop + 1] - first,
            meta={name: values[part] for name, values in self.meta.items()},
            **{name: getattr(self, name)[part] for name in _CSI_COLUMNS},
        )


_CSI_COLUMNS = ("time_ns", "node", "rssi", "noise_floor", "channel", "seq", "segment")


@dataclass(frozen=True, slots=True, eq=False)
class TokenRecording:
    """n token events as columns."""

    info: StreamInfo
    time_ns: Int64
    """Shape (n,). All zero where `info.clock` is `none`."""
    text: npt.NDArray[np.object_]
    choice: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int8]
    """Positions in `TOKEN_KINDS`."""
    logprob: Float64
    finish: npt.NDArray[np.object_]

    @classmethod
    def of(cls, info: StreamInfo, frames: Sequence[TokenFrame]) -> Self:
        """The columns of these frames."""
        return cls(
            info=info,
            time_ns=np.array([frame.time_ns for frame in frames], np.int64),
            text=_objects([frame.text for frame in frames]),
            choice=np.array([frame.choice for frame in frames], np.int32),
            kind=np.array([TOKEN_KINDS.index(frame.kind) for frame in frames], np.int8),
            logprob=np.array([frame.logprob for frame in frames], np.float64),
            finish=_objects([frame.finish for frame in frames]),
        )

    def __len__(self) -> int:
        return len(self.time_ns)

    def __iter__(self) -> Iterator[TokenFrame]:
        return (self.frame(i) for i in range(len(self)))

    def frame(self, i: int) -> TokenFrame:
        """The i-th event."""
        return TokenFrame(
            time_ns=int(self.time_ns[i]),
            text=self.text[i],
            choice=int(self.choice[i]),
            kind=TOKEN_KINDS[self.kind[i]],
            logprob=float(self.logprob[i]),
            finish=self.finish[i],
        )

    def take(self, index: Index) -> Self:
        """The events at `index`: a slice, a mask or positions."""
        return replace(self, **{f.name: getattr(self, f.name)[index] for f in fields(self) if f.name != "info"})


@dataclass(frozen=True, slots=True, eq=False)
class NumericRecording:
    """n rows of named numbers as columns."""

    info: StreamInfo
    time_ns: Int64
    """Shape (n,). All zero where `info.clock` is `none`."""
    columns: Mapping[str, Float64]
    """Each shape (n,)."""

    @classmethod
    def of(cls, info: StreamInfo, frames: Sequence[NumericFrame]) -> Self:
        """The columns of these rows."""
        names = frames[0].values if frames else ()
        return cls(
            info=info,
            time_ns=np.array([frame.time_ns for frame in frames], np.int64),
            columns={name: np.array([frame.values[name] for frame in frames], np.float64) for name in names},
        )

    def __len__(self) -> int:
        return len(self.time_ns)

    def __iter__(self) -> Iterator[NumericFrame]:
        return (self.frame(i) for i in range(len(self)))

    def frame(self, i: int) -> NumericFrame:
        """The i-th row."""
        return NumericFrame(int(self.time_ns[i]), {name: float(values[i]) for name, values in self.columns.items()})

    def take(self, index: Index) -> Self:
        """The rows at `index`: a slice, a mask or positions."""
        columns = {name: values[index] for name, values in self.columns.items()}
        return replace(self, time_ns=self.time_ns[index], columns=columns)

    def matrix(self) -> Float64:
        """The values as (n, columns)."""
        return np.stack(list(self.columns.values()), axis=1) if self.columns else np.empty((len(self), 0))


Recording: TypeAlias = CsiRecording | TokenRecording | NumericRecording
R = TypeVar("R", CsiRecording, TokenRecording, NumericRecording)


def concatenate(pieces: Sequence[R]) -> R:
    """Join consecutive pieces of one stream; `info` and the names of columns are those of the first piece."""
    first = pieces[0]
    if len(pieces) == 1:
        return first
    changed: dict[str, Any] = {}
    for name in (f.name for f in fields(first) if f.name != "info"):
        values = [getattr(piece, name) for piece in pieces]
        if name in ("meta", "columns"):
            changed[name] = {key: np.concatenate([value[key] for value in values]) for key in values[0]}
        elif name == "offsets":
            counts = [np.diff(value) for value in values]
            changed[name] = np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64)
        else:
            changed[name] = np.concatenate(values)
    return replace(first, **changed)


def of_frames(info: StreamInfo, frames: Sequence[Frame]) -> Recording:
    """The columns of these frames of one kind, which need not be what `info` expects; of none, those of `info.kind`."""
    made: dict[Kind, tuple[type, Any]] = {
        "csi": (CsiFrame, CsiRecording),
        "token": (TokenFrame, TokenRecording),
        "numeric": (NumericFrame, NumericRecording),
    }
    kind = next((kind for kind, (frame, _) in made.items() if frames and isinstance(frames[0], frame)), info.kind)
    recording: Recording = made[kind][1].of(info if kind == info.kind else replace(info, kind=kind), frames)
    return recording


def _objects(values: Sequence[str]) -> npt.NDArray[np.object_]:
    array = np.empty(len(values), object)
    array[:] = values
    return array
