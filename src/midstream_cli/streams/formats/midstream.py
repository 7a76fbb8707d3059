"""midstream's own recording, a folder that `midstream record` writes: times, samples and fields come back exactly."""

from collections.abc import Iterator
from dataclasses import replace

from midstream_cli.errors import FormatError
from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import Recording
from midstream_cli.streams.recording import read
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

KIND: Kind = "csi"


def sniff(head: bytes) -> bool:
    """No: a folder does not begin with bytes."""
    return False


def decode(stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[Recording]:
    """Read a recording of any kind; what was counted when it was written counts here too.

    Raises:
        FormatError: the path is not a recording.
    """
    if stream.path is None or not stream.path.is_dir():
        stream.close()
        raise FormatError(f"{info.source} is not a folder", "a recording of midstream is a folder: name that")
    pieces = read(stream.path, tally)
    return (replace(piece, info=replace(piece.info, source=info.source, format=info.format)) for piece in pieces)
