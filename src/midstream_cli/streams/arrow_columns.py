"""Recordings as Arrow record batches and back, exactly: every column, every type, every sample bit for bit."""

import itertools
import json
from collections.abc import Hashable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import StoreError
from midstream_cli.frames import Int64, StreamInfo
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, TokenRecording

SAMPLE_TYPES = (np.int8, np.int16, np.float32)
"""Of the real and imaginary parts, which alternate in the bytes of `csi`; `csi_type` holds positions in this tuple."""

META, VALUE = "meta_", "value_"
"""What the names of a stream's own columns begin with, so that they never meet one of ours."""

_CSI = ("time_ns", "node", "rssi", "noise_floor", "channel", "seq", "segment")
_TOKEN = ("time_ns", "text", "choice", "kind", "logprob", "finish")
_TEXT = "UO"


def layout_of(recording: Recording) -> Hashable:
    """What is the same in all batches of one segment: the kind of stream, its info, its columns and their types."""
    columns = [(name, _type_of(values)) for name, values in _named(recording).items()]
    return type(recording), recording.info, tuple(columns)


def batch_of(recording: Recording) -> Any:
    """The Arrow record batch that holds these frames; samples take the narrowest type that keeps all of them exactly.

    Raises:
        StoreError: a column holds objects that are not text.
    """
    import pyarrow as pa

    columns = [_column(name, values) for name, values in _own(recording).items()]
    if isinstance(recording, CsiRecording):
        position, samples = _samples(recording)
        types = np.full(len(recording), position, np.int8)
        columns += [(pa.field("csi", samples.type, nullable=False), samples), _column("csi_type", types)]
    prefix = META if isinstance(recording, CsiRecording) else VALUE
    columns += [_column(prefix + name, values) for name, values in _named(recording).items()]
    schema = pa.schema([field for field, _ in columns], {"midstream": json.dumps(asdict(recording.info))})
    return pa.record_batch([array for _, array in columns], schema=schema)


def recording_of(batch: Any) -> Recording:
    """The frames in a record batch that `batch_of` made."""
    info = StreamInfo(**json.loads(batch.schema.metadata[b"midstream"]))
    columns = {
        field.name: _values(field, array)
        for field, array in zip(batch.schema, batch.columns, strict=True)
        if field.name != "csi"
    }
    if info.kind == "csi":
        csi, offsets = _csi(batch.column("csi"), columns["csi_type"])
        fixed = {name: columns[name] for name in _CSI}
        return CsiRecording(info, csi=csi, offsets=offsets, meta=_without(META, columns), **fixed)
    if info.kind == "token":
        return TokenRecording(info, **{name: columns[name] for name in _TOKEN})
    return NumericRecording(info, columns["time_ns"], _without(VALUE, columns))


def _own(recording: Recording) -> dict[str, npt.NDArray[Any]]:
    """The columns that every recording of its kind has, samples aside."""
    if isinstance(recording, NumericRecording):
        return {"time_ns": recording.time_ns}
    return {name: getattr(recording, name) for name in (_CSI if isinstance(recording, CsiRecording) else _TOKEN)}


def _named(recording: Recording) -> Mapping[str, npt.NDArray[Any]]:
    """The columns that the stream itself brought."""
    if isinstance(recording, CsiRecording):
        return recording.meta
    return recording.columns if isinstance(recording, NumericRecording) else {}


def _without(prefix: str, columns: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    return {name.removeprefix(prefix): values for name, values in columns.items() if name.startswith(prefix)}


def _type_of(values: npt.NDArray[Any]) -> str:
    """The type of a column; of text, the width is left out, which differs from piece to piece."""
    return values.dtype.kind if values.dtype.kind in "UOS" else values.dtype.str


def _column(name: str, values: npt.NDArray[Any]) -> tuple[Any, Any]:
    """A column as an Arrow field, which remembers numpy's type, and its array."""
    import pyarrow as pa

    kind = values.dtype.kind
    if kind in _TEXT:
        try:
            # Python allows lone surrogates in text, UTF-8 does not: these bytes keep them all the same
            encoded = [text.encode("utf-8", "surrogatepass") for text in values.tolist()]
        except AttributeError:
            raise StoreError(
                f"the column {name} holds objects that are neither numbers nor text", "a recording cannot keep them"
            ) from None
        array = pa.array(encoded, pa.binary()).view(pa.string())
    elif kind == "S":
        array = pa.array(values.tolist(), pa.binary())
    elif kind in "biuf" and values.dtype.itemsize <= 8:
        array = pa.array(np.ascontiguousarray(values, values.dtype.newbyteorder("=")))
    else:
        buffer = pa.py_buffer(np.ascontiguousarray(values).tobytes())
        array = pa.FixedSizeBinaryArray.from_buffers(pa.binary(values.dtype.itemsize), len(values), [None, buffer])
    return pa.field(name, array.type, nullable=False, metadata={"numpy": _type_of(values)}), array


def _values(field: Any, array: Any) -> npt.NDArray[Any]:
    """The inverse of `_column`."""
    import pyarrow as pa

    kind = field.metadata[b"numpy"].decode()
    if kind in _TEXT:
        encoded = array.view(pa.binary()).dictionary_encode()
        words = np.empty(len(encoded.dictionary), object)
        words[:] = [word.decode("utf-8", "surrogatepass") for word in encoded.dictionary.to_pylist()]
        texts: npt.NDArray[Any] = words if kind == "O" else words.astype(str)
        return np.asarray(texts[_numbers(encoded.indices, "i4")])
    if kind == "S":
        return np.array(array.to_pylist(), np.bytes_)
    if pa.types.is_fixed_size_binary(array.type):
        return _numbers(array, kind)
    if pa.types.is_boolean(array.type):
        bits = np.unpackbits(np.frombuffer(array.buffers()[1], np.uint8), bitorder="little")
        return bits[array.offset : array.offset + len(array)].astype(np.bool_)
    return _numbers(array, kind)


def _numbers(array: Any, kind: str) -> npt.NDArray[Any]:
    """Numbers without nulls, where they lie: pyarrow's own way would import pandas, where that is installed."""
    return np.frombuffer(array.buffers()[1], kind)[array.offset : array.offset + len(array)]


def _samples(recording: CsiRecording) -> tuple[int, Any]:
    """The samples of each frame as bytes, and the position of their type."""
    import pyarrow as pa

    position, parts = _narrowest(recording.csi)
    offsets = (recording.offsets * (2 * parts.dtype.itemsize)).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(parts)]
    return position, pa.BinaryArray.from_buffers(pa.binary(), len(recording), buffers)


def _narrowest(csi: npt.NDArray[np.complex64]) -> tuple[int, npt.NDArray[Any]]:
    """Real and imaginary parts in the first of `SAMPLE_TYPES` that gives them back bit for bit."""
    parts = np.ascontiguousarray(csi).view(np.float32)
    bits = parts.view(np.int32)
    with np.errstate(invalid="ignore"):
        for position, kind in enumerate(SAMPLE_TYPES[:-1]):
            narrow = parts.astype(kind)
            # compared as bits, because a negative zero equals zero and is not the same
            if (narrow.astype(np.float32).view(np.int32) == bits).all():
                return position, narrow
    return len(SAMPLE_TYPES) - 1, parts


def _csi(column: Any, types: npt.NDArray[np.int8]) -> tuple[npt.NDArray[np.complex64], Int64]:
    """The inverse of `_samples`; types may change from frame to frame, and rarely do."""
    _, starts, data = column.buffers()
    edges = np.frombuffer(starts, np.int32)[column.offset : column.offset + len(column) + 1]
    sizes = np.array([2 * np.dtype(kind).itemsize for kind in SAMPLE_TYPES])
    offsets = np.zeros(len(column) + 1, np.int64)
    np.cumsum(np.diff(edges) // sizes[types], out=offsets[1:])
    if offsets[-1] == 0:
        return np.empty(0, np.complex64), offsets
    runs = np.concatenate([[0], np.flatnonzero(np.diff(types)) + 1, [len(types)]]).tolist()
    parts = []
    for begin, end in itertools.pairwise(runs):
        kind = np.dtype(SAMPLE_TYPES[types[begin]])
        count = int(edges[end] - edges[begin]) // kind.itemsize
        parts.append(np.frombuffer(data, kind, count, int(edges[begin])).astype(np.float32, copy=False))
    return np.concatenate(parts).view(np.complex64), offsets
