"""One link of a stream: the frames that can be analysed together."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from midstream_cli.errors import UsageError
from midstream_cli.frames import Int64, node_name, node_number
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording, concatenate
from midstream_cli.streams.tally import Tally

LOOK_AT = 64
"""How many frames decide which link of a stream is its main one."""

LAYOUT = ("sig_mode", "core", "spatial_stream", "antenna_index", "tx_chain", "rx_chain")
"""Fields of formats that say how a frame was sent, and by which antennas it was received."""


def one_link(
    pieces: Iterator[Recording], tally: Tally, *, node: str | None = None, subcarriers: int | None = None
) -> Iterator[Recording]:
    """Keep the frames of one sender in one layout, or of one choice; count the others as dropped.

    Frames of different senders, numbers of subcarriers, channels, signal modes or antennas have different scales, and
    differ for reasons that have nothing to do with motion. Where nothing is asked for, the combination that is most frequent among the
    first frames is kept.

    Args:
        node: a MAC address or node number (channel state), or a choice index (tokens).
        subcarriers: the number of subcarriers to keep.

    Raises:
        UsageError: `node` is none, or the stream ends without a frame of what was asked for.
    """
    wanted = _wanted(node)
    waiting: list[Recording] = []
    others: Counter[tuple[int, int]] = Counter()
    key: Int64 | None = None
    for piece in pieces:
        if key is None:
            piece = _asked(piece, wanted, subcarriers, others)
            waiting += [piece] if len(piece) else []
            if sum(map(len, waiting)) < LOOK_AT:
                continue
            piece, key = _decide(waiting, others, tally)
        yield from _kept(piece, key, tally)
    if key is None and waiting:
        piece, key = _decide(waiting, others, tally)
        yield from _kept(piece, key, tally)
    elif key is None and others:
        raise _absent(wanted, subcarriers, others)


def _wanted(node: str | None) -> int | None:
    if node is None:
        return None
    try:
        return node_number(node)
    except ValueError:
        raise UsageError(
            f"{node!r} is neither a MAC address nor a number", "midstream info shows the nodes of a recording"
        ) from None


Layout: TypeAlias = tuple[int, ...]
"""What frames of one link have in common: node, subcarriers, channel, and what stands in `LAYOUT`."""


def layouts_of(piece: Recording) -> Int64:
    """What tells links apart, shape (n, 9): each row a `Layout`."""
    keys = np.zeros((len(piece), 3 + len(LAYOUT)), np.int64)
    if isinstance(piece, CsiRecording):
        keys[:, 0], keys[:, 1], keys[:, 2] = piece.node, piece.subcarriers, piece.channel
        for column, name in enumerate(LAYOUT, 3):
            if name in piece.meta:
                keys[:, column] = piece.meta[name]
    elif isinstance(piece, TokenRecording):
        keys[:, 0] = piece.choice
    return keys


def layout_of(frame: Recording) -> Layout:
    """The layout of a recording of one frame; of many at once, `layouts_of` costs no more."""
    if isinstance(frame, CsiRecording):
        meta, offsets = frame.meta, frame.offsets
        sent = [int(meta[name][0]) if name in meta else 0 for name in LAYOUT]
        return (int(frame.node[0]), int(offsets[1] - offsets[0]), int(frame.channel[0]), *sent)
    node = int(frame.choice[0]) if isinstance(frame, TokenRecording) else 0
    return (node, *[0] * (2 + len(LAYOUT)))


def _asked(piece: Recording, node: int | None, subcarriers: int | None, others: Counter[tuple[int, int]]) -> Recording:
    """The frames that fit what was asked for; the nodes and subcarriers of the others are counted."""
    keys = layouts_of(piece)
    fits = np.ones(len(keys), np.bool_)
    if node is not None:
        fits &= keys[:, 0] == node
    if subcarriers is not None:
        fits &= keys[:, 1] == subcarriers
    if fits.all():
        return piece
    others.update((a, b) for a, b, *_ in keys[~fits].tolist())
    return piece.take(fits)


def _decide(waiting: list[Recording], others: Counter[tuple[int, int]], tally: Tally) -> tuple[Recording, Int64]:
    """The frames that waited, and the most frequent link among the first of them."""
    joined: Recording = concatenate(waiting)  # type: ignore[type-var]
    first = [tuple(key) for key in layouts_of(joined)[:LOOK_AT].tolist()]
    key = np.array(Counter(first).most_common(1)[0][0])
    same = sum(count for (node, _), count in others.items() if node == key[0])
    _drop(tally, others.total() - same, same)
    return joined, key


def _absent(node: int | None, subcarriers: int | None, others: Counter[tuple[int, int]]) -> UsageError:
    asked = [f"node {node_name(node)}"] if node is not None else []
    asked += [f"{subcarriers} subcarriers"] if subcarriers is not None else []
    have = ", ".join(sorted(f"{node_name(a)} with {b}" for a, b in others)[:8])
    return UsageError(f"the stream has no frame of {' and '.join(asked)}", f"it has nodes and subcarriers: {have}")


def _kept(piece: Recording, key: Int64, tally: Tally) -> Iterator[Recording]:
    same = layouts_of(piece) == key
    keep = same.all(axis=1)
    if keep.all():
        yield piece
        return
    _drop(tally, int((~same[:, 0]).sum()), int((same[:, 0] & ~keep).sum()))
    if keep.any():
        yield piece.take(keep)


def _drop(tally: Tally, nodes: int, layouts: int) -> None:
    for reason, count in (("other node", nodes), ("other layout", layouts)):
        if count:
            tally.dropped[reason] += count


def between(pieces: Iterator[Recording], start_s: float | None, end_s: float | None) -> Iterator[Recording]:
    """The frames of [start_s, end_s) seconds after the first frame of the stream, which ends with the first later one.

    Raises:
        UsageError: the stream has no times to go by.
    """
    if not start_s and end_s is None:
        yield from pieces
        return
    first_ns: int | None = None
    for piece in pieces:
        if len(piece) == 0:
            continue
        if piece.info.clock == "none":
            raise UsageError(
                f"{piece.info.source} has no times to cut it by",
                "leave --from, --to and --duration out, or use --frames",
            )
        if first_ns is None:
            first_ns = int(piece.time_ns[0])
        since = (piece.time_ns - first_ns) / 1e9
        past = np.flatnonzero(since >= end_s) if end_s is not None else np.empty(0, np.intp)
        stop = int(past[0]) if len(past) else len(piece)
        keep = np.arange(stop) if not start_s else np.flatnonzero(since[:stop] >= start_s)
        if start_s:
            piece = replace(piece, info=replace(piece.info, start_ns=first_ns))
        if len(keep):
            yield piece if len(keep) == len(piece) else piece.take(keep)
        if len(past):
            return


def limited(pieces: Iterator[Recording], frames: int | None) -> Iterator[Recording]:
    """The first so many frames."""
    if frames is None:
        yield from pieces
        return
    left = frames
    while left > 0 and (piece := next(pieces, None)) is not None:
        yield piece if len(piece) <= left else piece.take(slice(left))
        left -= len(piece)
