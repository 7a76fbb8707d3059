"""One link of a stream: the frames that can be analysed together."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import UsageError
from midstream_cli.frames import CsiRecording, Recording, TokenRecording, concatenate, node_name, node_number
from midstream_cli.streams.tally import Tally

LOOK_AT = 64
"""How many frames decide which link of a stream is its main one."""


def one_link(
    pieces: Iterator[Recording], tally: Tally, *, node: str | None = None, subcarriers: int | None = None
) -> Iterator[Recording]:
    """Keep the frames of one sender in one layout, or of one choice; count the others as dropped.

    Frames of different senders, numbers of subcarriers or signal modes have different scales, and differ for reasons
    that have nothing to do with motion. Where nothing is asked for, the combination that is most frequent among the
    first frames is kept.

    Args:
        node: a MAC address or node number (channel state), or a choice index (tokens).
        subcarriers: the number of subcarriers to keep.
    """
    wanted = _wanted(node)
    waiting: list[Recording] = []
    key: npt.NDArray[np.int64] | None = None
    for piece in pieces:
        if key is None:
            waiting.append(piece)
            if sum(map(len, waiting)) < LOOK_AT:
                continue
            piece, key = _decide(waiting, wanted, subcarriers)
            if key is None:
                continue
        yield from _kept(piece, key, tally)
    if key is None and waiting:
        piece, key = _decide(waiting, wanted, subcarriers, last=True)
        if key is not None:
            yield from _kept(piece, key, tally)


def _wanted(node: str | None) -> int | None:
    if node is None:
        return None
    try:
        return node_number(node)
    except ValueError:
        raise UsageError(
            f"{node!r} is neither a MAC address nor a number", "midstream info shows the nodes of a recording"
        ) from None


def _keys(piece: Recording) -> npt.NDArray[np.int64]:
    """What tells links apart, shape (n, 3): node, subcarriers, signal mode."""
    keys = np.zeros((len(piece), 3), np.int64)
    if isinstance(piece, CsiRecording):
        keys[:, 0], keys[:, 1] = piece.node, piece.subcarriers
        if "sig_mode" in piece.meta:
            keys[:, 2] = piece.meta["sig_mode"]
    elif isinstance(piece, TokenRecording):
        keys[:, 0] = piece.choice
    return keys


def _decide(
    waiting: list[Recording], node: int | None, subcarriers: int | None, *, last: bool = False
) -> tuple[Recording, npt.NDArray[np.int64] | None]:
    joined: Recording = concatenate(waiting)  # type: ignore[type-var]
    keys = _keys(joined)
    fits = np.ones(len(keys), np.bool_)
    if node is not None:
        fits &= keys[:, 0] == node
    if subcarriers is not None:
        fits &= keys[:, 1] == subcarriers
    looked = [tuple(key) for key in keys[fits][:LOOK_AT].tolist()]
    if len(looked) < LOOK_AT and not last:
        waiting[:] = [joined]
        return joined, None
    if not looked:
        asked = [f"node {node_name(node)}"] if node is not None else []
        asked += [f"{subcarriers} subcarriers"] if subcarriers is not None else []
        have = ", ".join(sorted({f"{node_name(a)} with {b}" for a, b, _ in keys.tolist()})[:8])
        raise UsageError(f"the stream has no frame of {' and '.join(asked)}", f"it has nodes and subcarriers: {have}")
    return joined, np.array(Counter(looked).most_common(1)[0][0])


def _kept(piece: Recording, key: npt.NDArray[np.int64], tally: Tally) -> Iterator[Recording]:
    same = _keys(piece) == key
    keep = same.all(axis=1)
    if keep.all():
        yield piece
        return
    tally.dropped["other node"] += int((~same[:, 0]).sum())
    tally.dropped["other layout"] += int((same[:, 0] & ~keep).sum())
    if keep.any():
        yield piece.take(keep)


def between(pieces: Iterator[Recording], start_s: float | None, end_s: float | None) -> Iterator[Recording]:
    """The frames of [start_s, end_s) seconds after the first frame of the stream."""
    first_ns: int | None = None
    for piece in pieces:
        if len(piece) == 0:
            continue
        if first_ns is None:
            first_ns = int(piece.time_ns[0])
        since = (piece.time_ns - first_ns) / 1e9
        keep = since >= (start_s or 0.0)
        if end_s is not None:
            keep &= since < end_s
        if keep.any():
            yield piece if keep.all() else piece.take(keep)
        elif end_s is not None and (since >= end_s).all():
            return


def limited(pieces: Iterator[Recording], frames: int | None) -> Iterator[Recording]:
    """The first so many frames."""
    if frames is None:
        yield from pieces
        return
    left = frames
    for piece in pieces:
        yield piece if len(piece) <= left else piece.take(slice(left))
        left -= len(piece)
        if left <= 0:
            return
