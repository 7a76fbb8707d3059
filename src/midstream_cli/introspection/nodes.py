"""What is known of every node of a stream after each of its frames."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from midstream_cli.compare.live.groups import sender
from midstream_cli.errors import FormatError, SignatureError
from midstream_cli.frames import Frame, Int64, StreamInfo
from midstream_cli.introspection.introspect import Introspect
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, of_frames
from midstream_cli.results import IntrospectionSnapshot
from midstream_cli.streams.links import Links
from midstream_cli.streams.tally import Tally


class IntrospectNodes:
    """One `Introspect` a node, each in its main layout; a node that comes back goes on where it was.

    Snapshots come in the order of their frames, but for those of a node's first frames of channel state, which wait until
    its main layout is known. A node that signatures do not fit, beside one that they do, is watched without, and noted.
    """

    def __init__(
        self, make: Callable[[], Introspect], *, tally: Tally | None = None, info: StreamInfo | None = None
    ) -> None:
        """Watch whoever sends.

        Args:
            make: gives a new operator for a node.
            tally: where frames that are left out are counted.
            info: what is known of the stream where it comes frame by frame; a recording tells it itself.
        """
        self._make = make
        self._info = info or StreamInfo()
        self._tally = tally or Tally()
        self._links = Links(self._tally)
        self._nodes: dict[int, Introspect] = {}

    @classmethod
    def example(cls) -> "IntrospectNodes":
        """A small instance."""
        return cls(Introspect.example, info=StreamInfo(source="example"))

    def update(self, frame: Frame) -> Sequence[IntrospectionSnapshot]:
        """Take one frame."""
        return self.extend(of_frames(self._info, [frame]))

    def extend(self, recording: Recording) -> Sequence[IntrospectionSnapshot]:
        """Take the frames of a recording of any nodes.

        Raises:
            SignatureError: signatures have vectors of another size than the first node's.
            FormatError: signatures are of another kind of stream.
        """
        # node after node, as they took turns: then the order does not depend on how the stream was cut
        return [snapshot for turn in _turns(recording) for snapshot in self._seen(self._links.push(turn))]

    def finish(self) -> Sequence[IntrospectionSnapshot]:
        """Snapshots of nodes that sent few frames only."""
        return list(self._seen(self._links.finish()))

    def known(self) -> Any:
        """What is known of all nodes, for `resume`."""
        return {"nodes": self._nodes, "links": self._links.known()}

    def resume(self, known: Any) -> None:
        """Go on from what `known` gave."""
        self._nodes = known["nodes"]
        self._links.resume(known["links"])
        for node in self._nodes.values():
            node.resumed()

    def _seen(self, parts: Sequence[tuple[int, Recording]]) -> Iterator[IntrospectionSnapshot]:
        for (node, part), lost in zip(parts, self._links.lost, strict=True):
            if node in self._nodes:
                yield from self._nodes[node].extend(part, lost)
            else:
                yield from self._begun(node, part, lost)

    def _begun(self, node: int, part: Recording, lost: Int64 | None) -> Sequence[IntrospectionSnapshot]:
        """The first snapshots of a node."""
        operator = self._make()
        try:
            snapshots = operator.extend(part, lost)
        except (SignatureError, FormatError) as error:
            if not self._nodes:
                raise
            operator = operator.without_signatures()
            snapshots = operator.extend(part, lost)
            self._tally.note(f"node {sender(part)} is watched without signatures: {error}")
        self._nodes[node] = operator
        return snapshots


def _turns(recording: Recording) -> Iterator[Recording]:
    """A recording cut wherever another node takes its turn."""
    if isinstance(recording, NumericRecording) or len(recording) < 2:
        yield recording
        return
    nodes = recording.node if isinstance(recording, CsiRecording) else recording.choice
    starts = [0, *(np.flatnonzero(np.diff(nodes)) + 1).tolist(), len(recording)]
    if len(starts) == 2:
        yield recording
        return
    for first, after in pairwise(starts):
        yield recording.take(slice(first, after))
