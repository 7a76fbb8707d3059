"""The one shape of everything that turns frames into results."""

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

from midstream_cli.frames import Frame
from midstream_cli.recordings import Recording

Out_co = TypeVar("Out_co", covariant=True)


@runtime_checkable
class Operator(Protocol[Out_co]):
    """A state machine over frames, whose state does not grow with the stream.

    `update` is the definition. `extend` is the same computation over the columns of many frames at once: for every way
    to cut a stream into pieces, extending by the pieces gives what updating frame by frame gives.
    """

    def update(self, frame: Frame) -> Sequence[Out_co]:
        """Take one frame; return the results that it completes."""
        ...

    def extend(self, recording: Recording) -> Sequence[Out_co]:
        """Take the frames of a recording in order; return the results that they complete."""
        ...

    def finish(self) -> Sequence[Out_co]:
        """Return the results that only the end of the stream completes."""
        ...
