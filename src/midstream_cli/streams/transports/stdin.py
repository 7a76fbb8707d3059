"""Standard input, plain or compressed with gzip or zstd: `-`."""

import os
import select
import stat
from collections.abc import Callable, Iterator

from midstream_cli.errors import SourceError
from midstream_cli.streams.compression import decompressed
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import TICK_S, ByteStream, Chunk, Patience, now_ns

DESCRIPTOR = 0
PIPE_BYTES, FILE_BYTES = 1 << 16, 1 << 20
"""Read at a time; a pipe holds no more than that."""


def open_stream(url: str, patience: Patience, tally: Tally) -> ByteStream:
    """Read what is piped or redirected into this process; a pipe may be silent for as long as its writer likes.

    Raises:
        SourceError: standard input is a terminal, or closed.
    """
    pipe_something = "pipe something into it, as in: cat recording.csv | midstream info -"
    try:
        status = os.fstat(DESCRIPTOR)
    except OSError:
        raise SourceError("standard input is closed", pipe_something) from None
    if os.isatty(DESCRIPTOR):
        raise SourceError("nothing is piped into standard input", pipe_something)
    if stat.S_ISDIR(status.st_mode):
        raise SourceError("standard input is a folder", "name the folder itself, without - and <")
    if stat.S_ISREG(status.st_mode):
        return ByteStream(decompressed(_recorded(), tally, "standard input"), size=status.st_size)
    return of_pipe(DESCRIPTOR, "standard input", tally)


def of_pipe(descriptor: int, name: str, tally: Tally, release: Callable[[], object] | None = None) -> ByteStream:
    """What a pipe brings, stamped when it comes; its writer waits while nobody reads."""
    chunks = decompressed(_arriving(descriptor, name), tally, name)
    return ByteStream(chunks, release, live=True, sender_waits=True)


def _arriving(descriptor: int, name: str) -> Iterator[Chunk]:
    while True:
        if not select.select([descriptor], [], [], TICK_S)[0]:
            yield Chunk(b"", now_ns())
            continue
        data = _read(descriptor, PIPE_BYTES, name)
        if not data:
            return
        yield Chunk(data, now_ns())


def _recorded() -> Iterator[Chunk]:
    while data := _read(DESCRIPTOR, FILE_BYTES, "standard input"):
        yield Chunk(data)


def _read(descriptor: int, count: int, name: str) -> bytes:
    try:
        return os.read(descriptor, count)
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror}", "check what stands before the |") from None
