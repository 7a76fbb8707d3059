"""Parquet: columns of numbers, channel state as lists: `csi_real` and `csi_imag`, `csi` as an ESP32's buffer, `amplitude`."""

import io
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import FormatError
from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import Recording
from midstream_cli.streams.named_columns import columns_of, recording_of
from midstream_cli.streams.segments import READ_ROWS
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "numeric"


def sniff(head: bytes) -> bool:
    """Whether it begins as Parquet files do."""
    return head.startswith(b"PAR1")


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[Recording]:
    """Read the rows in bounded memory; columns that hold neither numbers nor lists of them are counted as skipped.

    Raises:
        FormatError: it is damaged, or one segment of a recording.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with _file(stream) as source, pq.ParquetFile(source, pre_buffer=False) as file:
            if b"midstream" in (file.schema_arrow.metadata or {}):
                raise FormatError(f"{info.source} is one segment of a recording", "name the folder that it is in")
            for batch in file.iter_batches(READ_ROWS, use_threads=False):
                columns = {name: _values(batch[name]) for name in batch.schema.names}
                yield recording_of(columns, info, tally)
    except (pa.ArrowInvalid, OSError) as error:
        reason = str(error).splitlines()[0]
        raise FormatError(f"{info.source} is not a whole Parquet file: {reason}", "write it anew") from None


def encode(recording: Recording) -> Iterator[bytes]:
    """Write all columns in one piece; samples as the lists `csi_real` and `csi_imag`, or `amplitude`.

    Raises:
        UsageError: tokens are no table of numbers.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    columns = columns_of(recording)
    samples = columns.pop("csi", None)
    if samples is not None:
        columns |= {"csi_real": samples.real, "csi_imag": samples.imag}
    pq.write_table(pa.table({name: _array(values) for name, values in columns.items()}), sink, compression="zstd")
    yield sink.getvalue().to_pybytes()


def _file(stream: ByteStream) -> Any:
    import pyarrow as pa

    if stream.path is None:
        return io.BytesIO(b"".join(chunk.data for chunk in stream.chunks))
    return pa.OSFile(os.fsencode(stream.path))


def _values(array: Any) -> npt.NDArray[Any]:
    """A column as numbers, text or times, or as a matrix where each row is a list of one length; else as objects."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return np.array(array.fill_null("").to_pylist(), np.str_)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _matrix(array)
    if pa.types.is_decimal(kind):
        array = array.cast(pa.float64())
    values: npt.NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values


def _matrix(array: Any) -> npt.NDArray[Any]:
    import pyarrow as pa

    numbers = array.flatten()
    width = len(numbers) // max(len(array), 1)
    plain = pa.types.is_integer(numbers.type) or pa.types.is_floating(numbers.type)
    if array.null_count or not plain or (array.value_lengths().to_numpy(zero_copy_only=False) != width).any():
        return np.empty(len(array), object)
    values: npt.NDArray[Any] = numbers.to_numpy(zero_copy_only=False).reshape(len(array), width)
    return values


def _array(values: npt.NDArray[Any]) -> Any:
    import pyarrow as pa

    if values.ndim == 1:
        return pa.array(values)
    offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.ascontiguousarray(values).reshape(-1)))
