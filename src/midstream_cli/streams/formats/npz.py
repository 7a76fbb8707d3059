"""NumPy archives, `np.savez`: each key a column; `csi` or `csi_data` is channel state, `time_ns` and its like are times."""

import io
from collections.abc import Iterator

import numpy as np

from midstream_cli.errors import FormatError
from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import Recording
from midstream_cli.streams.named_columns import columns_of, recording_of
from midstream_cli.streams.numpy_file import load
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "csi"


def sniff(head: bytes) -> bool:
    """Whether it is an archive whose first member is an array."""
    return head.startswith(b"PK\x03\x04") and b".npy" in head[30:300]


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[Recording]:
    """Read the archive as a whole.

    Raises:
        FormatError: it is damaged, or holds Python objects.
    """
    archive = load(stream, info)
    if isinstance(archive, np.ndarray):
        raise FormatError(f"{info.source} holds one array, not an archive of them", "read it with --input-format npy")
    yield recording_of(archive, info, tally)


def encode(recording: Recording) -> Iterator[bytes]:
    """Write all columns, compressed, in one piece.

    Raises:
        UsageError: tokens are no table of numbers.
    """
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **columns_of(recording))
    yield file.getvalue()
