"""One NumPy array, `np.save`: (n,) or (n, columns) of numbers, (n, subcarriers) of complex ones, or named fields."""

from collections.abc import Iterator

import numpy as np

from midstream_cli.errors import FormatError
from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import Recording
from midstream_cli.streams.named_columns import recording_of
from midstream_cli.streams.numpy_file import load
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "numeric"


def sniff(head: bytes) -> bool:
    """Whether it begins as NumPy's files do."""
    return head.startswith(b"\x93NUMPY")


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[Recording]:
    """Read the array as a whole.

    Raises:
        FormatError: it is damaged, holds Python objects, or has no rows.
    """
    array = load(stream, info)
    if not isinstance(array, np.ndarray):
        raise FormatError(f"{info.source} is an archive of arrays", "read it with --input-format npz")
    if array.dtype.names:
        columns = {name: array[name] for name in array.dtype.names}
    elif array.dtype.kind == "c" and array.ndim:
        columns = {"csi": array}
    elif array.ndim == 1:
        columns = {"c0": array}
    else:
        columns = {"c": array}
    yield recording_of(columns, info, tally)
