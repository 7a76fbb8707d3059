"""source → operator → sink, in a dozen lines."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from midstream_cli.operator import Operator
from midstream_cli.recordings import Recording

Out = TypeVar("Out")


def run(pieces: Iterable[Recording | None], operator: Operator[Out], sink: Callable[[Sequence[Out]], None]) -> None:
    """Put every piece through the operator, and what comes out into the sink, to the end of the stream.

    A piece of None says that nothing came for a while; the sink is then called with nothing, so that it can flush.
    Whatever ends the stream, an interrupt included, what only the end completes reaches the sink.
    """
    try:
        for piece in pieces:
            sink(operator.extend(piece) if piece is not None else ())
    finally:
        sink(operator.finish())
