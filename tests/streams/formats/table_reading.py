"""How tests read tables: from bytes cut anywhere."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, concatenate
from midstream_cli.streams import formats
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk


def read(name: str, data: bytes, cuts: Iterable[int] = (), *, live: bool = False) -> tuple[Recording | None, Tally]:
    """All frames of a format, of bytes that come in pieces, and what was counted."""
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(data)), len(data)]
    chunks = [Chunk(data[a:b], 1_700_000_000_000_000_000 + b) for a, b in itertools.pairwise(edges)]
    return _whole(name, ByteStream(iter(chunks), live=live))


def read_file(name: str, path: Path) -> tuple[Recording | None, Tally]:
    """All frames of a file, and what was counted."""
    return _whole(name, ByteStream(iter(()), path=path))


def _whole(name: str, stream: ByteStream) -> tuple[Recording | None, Tally]:
    tally = Tally()
    pieces: Iterator[Recording] = formats.load(name).decode(stream, tally, StreamInfo("here", name))
    kept: Sequence[Any] = list(pieces)
    return (concatenate(kept) if kept else None), tally


def numbers(recording: Recording | None) -> dict[str, list[float]]:
    """The columns of a numeric recording."""
    assert isinstance(recording, NumericRecording)
    return {name: values.tolist() for name, values in recording.columns.items()}


def samples(recording: Recording | None) -> npt.NDArray[np.complex64]:
    """The samples of a recording of channel state, whose frames are all alike."""
    assert isinstance(recording, CsiRecording)
    return recording.matrix()


def encoded(name: str, recording: Recording) -> bytes:
    """A recording in a format's own bytes."""
    module: Any = formats.load(name)
    return b"".join(module.encode(recording))


def contents(recording: Recording | None) -> dict[str, object]:
    """Everything in a recording but its info's source and format, to the last bit."""
    if recording is None:
        return {}
    found: dict[str, object] = {"kind": recording.info.kind, "clock": recording.info.clock}
    for name in type(recording).__dataclass_fields__:
        value = getattr(recording, name)
        if isinstance(value, np.ndarray):
            found[name] = value.tobytes()
        elif isinstance(value, dict):
            found |= {f"{name} {key}": column.tolist() for key, column in value.items() if column.dtype.kind in "UO"}
            found |= {
                f"{name} {key}": column.tobytes() for key, column in value.items() if column.dtype.kind not in "UO"
            }
    return found
