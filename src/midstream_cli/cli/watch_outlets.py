"""Where `watch` puts what it sees: lines as they come, a list at the end, or a picture that lives."""

import threading
from collections.abc import Sequence
from dataclasses import asdict
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from midstream_cli.cli import console, output
from midstream_cli.cli.console import plural
from midstream_cli.frames import node_name
from midstream_cli.recordings import CsiRecording, TokenRecording

if TYPE_CHECKING:
    from midstream_cli.cli.watch_view import View
    from midstream_cli.recordings import Recording
    from midstream_cli.results import Event, IntrospectionSnapshot
    from midstream_cli.streams.source import Source

ROOM = 20_000
"""Lines that may wait for a reader that is slower than a live stream: some 10 MB."""

AT_ONCE = 64
"""Snapshots that are written together, at most, where several wait."""

PATIENCE_S = 5.0
"""How long the last lines may take to be read."""


class Outlet(Protocol):
    """What takes what was seen."""

    def take(self, piece: "Recording | None", seen: "Sequence[IntrospectionSnapshot]", told: "Sequence[Event]") -> None:
        """Take frames, and what they brought."""
        ...

    def tick(self) -> None:
        """Nothing came for a while."""
        ...

    def close(self) -> None:
        """Put out the rest."""
        ...


class Lines:
    """Each result as a line, at once."""

    def __init__(self, form: output.OutputFormat, *, events: bool) -> None:
        self._form, self._events = form, events
        self._begun = False

    def take(self, piece: "Recording | None", seen: "Sequence[IntrospectionSnapshot]", told: "Sequence[Event]") -> None:
        """Write results."""
        results: Sequence[Any] = told if self._events else seen
        if self._form is output.OutputFormat.CSV and results:
            output.write_csv(output.rows(results), header=not self._begun)
            output.flush()
            self._begun = True
        elif results:
            output.write(results, output.OutputFormat.JSONL)

    def tick(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is left."""


class Listed:
    """All results at the end."""

    def __init__(self, form: output.OutputFormat, *, events: bool) -> None:
        self._form, self._events = form, events
        self._results: list[Any] = []

    def take(self, piece: "Recording | None", seen: "Sequence[IntrospectionSnapshot]", told: "Sequence[Event]") -> None:
        """Keep results."""
        self._results += told if self._events else seen

    def tick(self) -> None:
        """The end has not come."""

    def close(self) -> None:
        """Write everything."""
        if self._form is output.OutputFormat.TABLE:
            output.write_table([_brief(each) for each in self._results])
        else:
            output.write(self._results, self._form)


class Detached:
    """Another outlet that never holds up the stream: it has a thread of its own, and what it has no room for is dropped."""

    def __init__(self, outlet: Outlet, room: int = ROOM) -> None:
        self._outlet, self._room = outlet, room
        self._queue: SimpleQueue[Any] = SimpleQueue()
        # each counted by one thread: a number that two change loses counts
        self._handed_on = self._taken = 0
        self._failed: BaseException | None = None
        self.dropped = 0
        self.stuck = False
        """The last lines are still being written, and nothing can be done about that."""
        self._thread = threading.Thread(target=self._run, name="midstream-writer", daemon=True)
        self._thread.start()

    def take(self, piece: "Recording | None", seen: "Sequence[IntrospectionSnapshot]", told: "Sequence[Event]") -> None:
        """Hand results on, or drop and count them.

        Raises:
            OSError: nobody reads any more.
        """
        if self._failed is not None:
            raise self._failed
        if self._handed_on - self._taken > self._room:
            self.dropped += len(seen)
            return
        self._handed_on += len(seen)
        # lines need no frames, which would take room as well
        self._queue.put((None, seen, told))

    def tick(self) -> None:
        """The thread does what there is to do.

        Raises:
            OSError: nobody reads any more.
        """
        if self._failed is not None:
            raise self._failed

    def close(self) -> None:
        """Wait for the last lines, but not for ever.

        Raises:
            OSError: they could not be written.
        """
        self._queue.put(None)
        self._thread.join(PATIENCE_S)
        self.stuck = self._thread.is_alive()
        unwritten = self.dropped + (self._handed_on - self._taken) * self.stuck
        if unwritten:
            # a warning would wait for stdout
            console.note(f"not written, as nobody read them in time: {plural(unwritten, 'snapshot')}")
        if not self.stuck:
            self._outlet.close()
        self.tick()

    def _run(self) -> None:
        try:
            while (item := self._queue.get()) is not None:
                piece, seen, told = item
                if not self._queue.empty():
                    # written together, what waits costs less than one by one; an end is put back for the next turn
                    piece, seen, told = self._joined(item)
                self._outlet.take(piece, seen, told)
                self._taken += len(seen)
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever hands on raises it
            self._failed = error

    def _joined(self, item: Any) -> Any:
        """An item with those that wait behind it."""
        piece, seen, told = item[0], list(item[1]), list(item[2])
        while not self._queue.empty() and len(seen) < AT_ONCE:
            following = self._queue.get()
            if following is None:
                self._queue.put(None)
                break
            piece = following[0]
            seen += following[1]
            told += following[2]
        return piece, seen, told


class Picture:
    """A live view."""

    def __init__(self, view: "View", source: "Source") -> None:
        self._view, self._source = view, source
        view.__enter__()

    def take(self, piece: "Recording | None", seen: "Sequence[IntrospectionSnapshot]", told: "Sequence[Event]") -> None:
        """Show what is newest."""
        if isinstance(piece, CsiRecording):
            self._subcarriers(piece)
        elif isinstance(piece, TokenRecording):
            for choice, text in zip(piece.choice.tolist(), piece.text.tolist(), strict=True):
                self._view.text(str(choice), text)
        elif piece is not None and len(piece):
            self._view.rows("", piece.matrix(), list(piece.columns))
        self._view.tell(told)
        self._view.show(seen)
        self.tick()

    def tick(self) -> None:
        """Go on drawing while nothing comes."""
        tally = self._source.tally
        self._view.status(dropped=tally.dropped.total(), bad=tally.bad, lost=tally.lost)
        self._view.tick()

    def close(self) -> None:
        """Leave the last picture."""
        self._view.close()

    def _subcarriers(self, piece: CsiRecording) -> None:
        for number in sorted(set(piece.node.tolist())):
            own = piece.take(piece.node == number)
            counts = own.subcarriers
            self._view.rows(node_name(number), np.abs(own.take(counts == counts[-1]).matrix()))


def _brief(result: Any) -> dict[str, Any]:
    """A result as a line of a table: what every line has the same or none of is left out elsewhere."""
    row = asdict(result)
    for name in ("path", "timestamp_ns"):
        row.pop(name)
    if "top_k_similarity" in row:
        row["top_k_similarity"] = [f"{each['label']} {each['score']:.2f}" for each in row["top_k_similarity"]]
    return row
