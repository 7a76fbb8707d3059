"""NumPy's files, opened without ever running what is in them."""

import io
import zipfile
import zlib
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import FormatError
from midstream_cli.frames import StreamInfo
from midstream_cli.streams.transports import ByteStream

MAGIC = (b"\x93NUMPY", b"PK\x03\x04", b"PK\x05\x06")
"""How an array begins, an archive, and one that is empty; NumPy takes for a pickle what begins otherwise."""


def load(stream: ByteStream, info: StreamInfo) -> npt.NDArray[Any] | dict[str, npt.NDArray[Any]]:
    """The array of an `.npy`, or all arrays of an `.npz`.

    Raises:
        FormatError: it is something else, damaged, or holds Python objects.
    """
    try:
        with (
            stream.path.open("rb")
            if stream.path
            else io.BytesIO(b"".join(chunk.data for chunk in stream.chunks)) as file
        ):
            return _arrays(file, info)
    except (ValueError, EOFError, KeyError, OSError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "pickle" in reason.lower() or "object" in reason.lower():
            raise FormatError(
                f"{info.source} holds Python objects",
                "no pickle is ever loaded, for it could run anything: save numbers",
            ) from None
        raise FormatError(f"{info.source} is not a whole NumPy file: {reason}", "write it anew") from None


def _arrays(file: IO[bytes], info: StreamInfo) -> npt.NDArray[Any] | dict[str, npt.NDArray[Any]]:
    if not file.read(6).startswith(MAGIC):
        raise FormatError(f"{info.source} is no NumPy file", "leave --input-format out, and the content tells")
    file.seek(0)
    loaded = np.load(file, allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        return loaded
    with loaded:
        return {name: loaded[name] for name in loaded.files}
