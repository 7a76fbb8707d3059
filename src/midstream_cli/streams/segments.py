"""One segment of a recording: a hot file that grows as frames come, sealed into a small and fast one.

The hot file is an Arrow IPC stream. Each batch is handed to the system whole, so that a process which dies at any
moment loses none of the batches it wrote. The sealed file is Parquet, and takes the place of the hot one at once.
"""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from midstream_cli.streams.tally import Tally

HOT, SEALED, TEMPORARY = ".arrows", ".parquet", ".tmp"

GROUP_ROWS, GROUP_BYTES = 16_384, 8 << 20
"""A row group is closed when it has one of these: it is what a reader holds in memory."""

READ_ROWS = 4096
"""Frames that a reader hands on at a time."""

_NAME = re.compile(rf"segment-(\d{{6,}})\.(?:{HOT[1:]}|{SEALED[1:]})(?:{TEMPORARY.replace('.', '[.]')})?")
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"


def segment_path(folder: Path, number: int, suffix: str) -> Path:
    """Where a segment is: `segment-000007.arrows` while it is hot, `segment-000007.parquet` once it is sealed."""
    return folder / f"segment-{number:06d}{suffix}"


def segment_files(folder: Path) -> dict[Path, int]:
    """All files of segments in a folder, unfinished ones included, with the numbers of their segments."""
    found = ((path, _NAME.fullmatch(path.name)) for path in folder.iterdir())
    return {path: int(match[1]) for path, match in found if match}


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that appears under its name only when it is complete and on disk."""
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class HotSegment:
    """A segment that is being written."""

    def __init__(self, path: Path, schema: Any) -> None:
        self.path = path
        self.size = 0
        self._file = path.open("xb", buffering=0)
        self._write(bytes(schema.serialize()))

    def write(self, batch: Any) -> None:
        """Add a batch; when this returns, the batch survives the death of the process.

        Raises:
            OSError: the system did not take it; the file then ends with the batch before.
        """
        self._write(batch.serialize())

    def _write(self, message: Any) -> None:
        rest = memoryview(message)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            os.ftruncate(self._file.fileno(), self.size)
            self._file.seek(self.size)
            raise
        self.size += len(memoryview(message))

    def close(self) -> None:
        """End the stream."""
        with self._file:
            self._write(_END_OF_STREAM)

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self._file.close()


def _arrow_file(path: Path) -> Any:
    """A file as Arrow reads it; its name goes in bytes, for it may be no UTF-8."""
    import pyarrow as pa

    return pa.OSFile(os.fsencode(path))


def hot_batches(path: Path, tally: Tally | None) -> Iterator[Any]:
    """The batches of a hot file, to the last whole one.

    Args:
        path: the file.
        tally: counts a torn end; None where the file may still be growing.
    """
    import pyarrow as pa

    with _arrow_file(path) as file:
        size = file.size()
        torn = ""
        try:
            schema = pa.ipc.read_schema(file) if size else None
            while file.tell() < size:
                yield pa.ipc.read_record_batch(pa.ipc.read_message(file), schema)
        except EOFError:
            # a mark at the end; before it, zeros that a file system left behind
            torn = "no batch follows" if file.tell() < size else ""
        except (pa.ArrowInvalid, OSError) as error:
            torn = str(error).splitlines()[0]
        if torn and tally:
            tally.fault("recording cut short", f"{path.name}: {torn}")


def sealed_batches(path: Path) -> Iterator[Any]:
    """The batches of a sealed file, one row group in memory at a time."""
    import pyarrow.parquet as pq

    with _arrow_file(path) as source, pq.ParquetFile(source, pre_buffer=False) as file:
        yield from file.iter_batches(READ_ROWS, use_threads=False)


def seal(hot: Path) -> None:
    """Turn a finished hot file into a sealed one; at every moment one of them is whole.

    Raises:
        OSError: there is no room for it, or the disk gives back something else; the hot file is then still there.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _arrow_file(hot) as file:
        schema = pa.ipc.read_schema(file)
    dense = [name for name in ("time_ns", "seq") if name in schema.names]
    repeating = [name for name in schema.names if name not in {"csi", *dense}]
    with (
        whole_file(hot.with_suffix(SEALED)) as file,
        pq.ParquetWriter(
            file,
            schema,
            compression="zstd",
            use_dictionary=repeating,
            column_encoding=dict.fromkeys(dense, "DELTA_BINARY_PACKED"),
        ) as writer,
    ):
        damage = Tally()
        for group in _groups(hot_batches(hot, damage)):
            writer.write_table(pa.Table.from_batches(group, schema), row_group_size=GROUP_ROWS)
        if damage.bad:
            raise OSError(errno.EIO, f"{hot.name} cannot be read back")
    hot.unlink()


def _groups(batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Batches put together until they are worth a row group."""
    group: list[Any] = []
    rows = size = 0
    for batch in batches:
        group.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            yield group
            group, rows, size = [], 0, 0
    if group:
        yield group
