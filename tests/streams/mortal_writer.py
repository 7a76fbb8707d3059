"""A process whose children write recordings until they are killed; run as a program.

For each folder on a line of standard input, a child is forked, its number printed, and then how many frames are safe
after each flush; `dead` when it was killed.
"""

import os
import sys

import numpy as np

from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.recording import RecordingWriter


def piece(start: int, count: int) -> CsiRecording:
    """Frames whose every value follows from their position in the stream."""
    at = np.arange(start, start + count)
    counts = 1 + at % 7
    offsets = np.concatenate([[0], np.cumsum(counts)])
    csi = np.repeat(at % 300, counts) + 1j * (np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts))
    meta = {"position": at, "role": np.where(at % 2, "AP", "STA")}
    return CsiRecording.build(
        StreamInfo("mortal", "made"), at * 1000, csi, offsets=offsets, seq=at, rssi=-at % 90, meta=meta
    )


def write_for_ever(folder: str) -> None:
    """Append and flush pieces of changing size; say after each flush how many frames were appended."""
    writer = RecordingWriter(folder, source="mortal", seal_s=0.01)
    for size in range(1, 1_000_000):
        writer.append(piece(writer.frames, 1 + size % 40))
        writer.flush()
        os.write(1, f"{writer.frames}\n".encode())


def main() -> None:
    """Serve folders until standard input ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.write(1, f"{os.getpid()}\n".encode())
            write_for_ever(line.strip())
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    main()
