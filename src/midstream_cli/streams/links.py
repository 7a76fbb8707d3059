"""A stream parted by who sent it: each sender's frames that can be analysed together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from midstream_cli.frames import Int64
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, concatenate
from midstream_cli.streams.detach import detached
from midstream_cli.streams.select import LOOK_AT, Layout, layout_of, layouts_of
from midstream_cli.streams.sequence import UNKNOWN, LostSoFar, numbers_of
from midstream_cli.streams.tally import Tally

MOST = 256
"""Senders that are told apart. A damaged address is a sender of its own, and so is each that a phone makes up."""

TOO_MANY, OTHER_LAYOUT = "too many nodes", "other layout"


@dataclass(slots=True)
class _Link:
    """One sender."""

    heard: int = 0
    layout: Layout | None = None
    losses: LostSoFar = field(default_factory=LostSoFar)
    waiting: list[Recording] = field(default_factory=list)
    lost: list[Int64] = field(default_factory=list)


class Links:
    """Parts the pieces of a stream by node, or by choice; however the stream is cut, a node's frames are the same.

    Of each node, frames in its main layout are kept: the one that is most frequent among its first 64 frames, which wait
    until it is known (`select.one_link` decides alike); tokens and numbers have one layout only, and wait for nothing. Where there are more than `MOST` nodes, the one that has been silent
    longest makes room, if it sent fewer than 64 frames so far; where none did, the new one is left out.
    """

    def __init__(self, tally: Tally) -> None:
        """Begin with no node.

        Args:
            tally: where frames that are left out are counted.
        """
        self.lost: list[Int64 | None] = []
        """Of each part that was returned last, how many frames its node had lost when each of its frames came: shape (n,),
        `sequence.UNKNOWN` before the first that is numbered; None where none is. What its numbers skip is lost, whether on
        the air or because somebody left it out; frames in other layouts are not."""
        self._tally = tally
        self._links: dict[int, _Link] = {}
        self._undecided: dict[int, _Link] = {}

    def push(self, piece: Recording) -> list[tuple[int, Recording]]:
        """Take the next frames; return those whose turn it is, by node, in the order of each node's first frame."""
        self.lost = []
        found: list[tuple[int, Recording]] = []
        for node, places in self._parted(piece).items():
            link = self._links[node]
            part = piece if len(places) == len(piece) else piece.take(np.array(places))
            numbers = numbers_of(part)
            lost = np.full(len(part), link.losses.lost) if numbers is None else link.losses.after(numbers)
            if link.layout is None:
                link.waiting.append(part)
                link.lost.append(lost)
                if link.heard < LOOK_AT:
                    # a piece belongs to whoever read it, who may write over it
                    link.waiting[-1] = detached(part)
                    continue
                part, lost = _decide(link)
            found += self._kept(node, link.layout, part, lost)
        return found

    def finish(self) -> list[tuple[int, Recording]]:
        """The frames of nodes that sent fewer than 64."""
        self.lost = []
        found: list[tuple[int, Recording]] = []
        for node, link in self._links.items():
            if link.waiting:
                part, lost = _decide(link)
                found += self._kept(node, link.layout, part, lost)
        self._undecided.clear()
        return found

    def known(self) -> Any:
        """Who was heard of, for `resume`."""
        return {"links": self._links, "undecided": list(self._undecided)}

    def resume(self, known: Any) -> None:
        """Go on from what `known` gave."""
        self._links = known["links"]
        self._undecided = {node: self._links[node] for node in known["undecided"]}

    def _parted(self, piece: Recording) -> dict[int, list[int]]:
        """Where the frames of each node are; of nodes that have, or get, room."""
        places: dict[int, list[int]] = {}
        nodes, waits = _senders(piece), isinstance(piece, CsiRecording)
        for i, node in enumerate(nodes):
            link = self._links.get(node)
            if link is None:
                if len(self._links) >= MOST and not self._make_room(places):
                    self._tally.dropped[TOO_MANY] += 1
                    continue
                # where frames have one layout only, there is nothing to wait for
                link = self._links[node] = _Link(heard=0 if waits else LOOK_AT)
            if link.heard < LOOK_AT:
                link.heard += 1
                self._undecided.pop(node, None)
                if link.heard < LOOK_AT:
                    # who was heard last stands last
                    self._undecided[node] = link
            places.setdefault(node, []).append(i)
        return places

    def _make_room(self, places: dict[int, list[int]]) -> bool:
        """Forget a node whose layout is not known yet."""
        node = next(iter(self._undecided), None)
        if node is None:
            return False
        del self._links[node]
        places.pop(node, None)
        self._tally.dropped[TOO_MANY] += self._undecided.pop(node).heard
        return True

    def _kept(self, node: int, layout: Layout | None, part: Recording, lost: Int64) -> Iterable[tuple[int, Recording]]:
        """The frames in a node's layout."""
        alone = len(part) == 1
        keep = np.array([layout_of(part) == layout]) if alone else (layouts_of(part) == layout).all(axis=1)
        if not keep.all():
            self._tally.dropped[OTHER_LAYOUT] += int((~keep).sum())
            if not keep.any():
                return
            part, lost = part.take(keep), lost[keep]
        self.lost.append(lost if (lost != UNKNOWN).any() else None)
        yield node, part


def _decide(link: _Link) -> tuple[Recording, Int64]:
    """Learn a node's main layout from its first frames; return all that waited."""
    joined: Recording = concatenate(link.waiting)  # type: ignore[type-var]
    first = Counter(tuple(layout) for layout in layouts_of(joined)[:LOOK_AT].tolist())
    link.layout = first.most_common(1)[0][0]
    lost = np.concatenate(link.lost)
    link.waiting, link.lost = [], []
    return joined, lost


def _senders(piece: Recording) -> list[int]:
    if isinstance(piece, NumericRecording):
        return [0] * len(piece)
    senders: list[int] = (piece.node if isinstance(piece, CsiRecording) else piece.choice).tolist()
    return senders
