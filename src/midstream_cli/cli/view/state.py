"""What the live view knows: the newest of each node, a minute of its past, and what is held so that it can be read."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from midstream_cli.cli.view.held import Held
from midstream_cli.cli.view.history import Minute
from midstream_cli.cli.view.text import harmless, wrapped

if TYPE_CHECKING:
    import numpy.typing as npt

    from midstream_cli.cli.view.waterfall import Rolling
    from midstream_cli.results import Event, IntrospectionSnapshot
    from midstream_cli.results.introspection import Similarity

EVENTS = 50
"""Kept; a terminal shows the last of them."""
NODES = 256
"""Senders, at most: so many are told apart."""
MATCHES = 5
"""Signatures that are shown, at most: so many a snapshot has."""
TEXT = 6_000
"""Characters of a text that are kept, at most."""
UNSEEN = 10 * TEXT
"""The same where a terminal takes no pictures, as one that was stopped: they are trimmed by its lines otherwise."""
REGIME_S = 0.5
"""How long a regime is shown, at least."""
LINGER_S = 1.0
"""A match is to be seen for as long, however short it was."""
CLEARER = 0.05
"""By how much a score must be ahead, to be shown ahead."""
FALL_S = 0.3
"""How slowly bars fall; they rise at once."""
LIVELY_S = 5.0
"""How long the node that is shown in full stays it, at least."""
SILENT_S = 2.0
"""After so long without a frame, that is said."""
EVER_S = 1e12
"""What is not below that is no time."""
STRANGE = 64
"""Rows of another number of channels, one after another, from which that is the usual one."""
UNUSUAL = 1e6
"""Of a change score, the most that is told from more."""


@dataclass(slots=True)
class Match:
    """A signature, as it is shown."""

    newest: "Similarity"
    score: float
    """What its bar shows."""
    lit_s: float = -math.inf
    """When it was last above its threshold, by the view's clock."""
    since_s: float | None = None
    """How long it has been going on."""
    since_frames: int | None = None
    margin: Held = field(default_factory=lambda: Held(2, decimals=0))


class Node:
    """A sender, as it is shown."""

    def __init__(self, name: str, now_s: float) -> None:
        self.name = name
        self.newest: IntrospectionSnapshot | None = None
        self.came_s = self.begun_s = now_s
        """When the newest snapshot came and the first, by the view's clock."""
        self.minute = Minute()
        self.regime = "unknown"
        """As shown."""
        self.regime_since_s: float | None = None
        """In seconds of the stream."""
        self.matches: list[Match] = []
        """As shown, the best first."""
        self.rolling: Rolling | None = None
        self.columns: tuple[str, ...] = ()
        """Names of the channels, where they have some."""
        self.values: list[Held] = []
        """Of these channels, the newest."""
        self.text = ""
        """The last of a text: harmless but for its line breaks."""
        self.tokens = False
        self.stall: tuple[float, float] | None = None
        """How long the last silence was, and when it ended, in seconds of the stream."""
        self.rate, self.exponent = Held(3, decimals=1, smooth_s=1.0), Held(2, decimals=2, slack=0.05)
        self.dimension, self.rhythm = Held(2, decimals=1, slack=0.05), Held(3, decimals=1)
        self.drift, self.unknown = Held(2, decimals=1), Held(2, decimals=2, smooth_s=FALL_S)
        self.change = 0.0
        """The highest change score of late."""
        self._lit: IntrospectionSnapshot | None = None
        self._peak = 0.0
        self._regime, self._regime_since_s = "unknown", 0.0
        self._regime_until_s = -math.inf
        self._strange = 0

    def take(self, snapshot: "IntrospectionSnapshot", now_s: float) -> None:
        """Take the next snapshot: for a thousand a second, so it keeps little."""
        time_s = snapshot.time_s
        if time_s is None or not abs(time_s) < EVER_S:
            time_s = now_s - self.begun_s
        score = snapshot.change_score
        score = min(score, UNUSUAL) if score == score else 0.0  # noqa: PLR0124 - NaN is not itself
        if snapshot.regime != self._regime or self.newest is None:
            self._regime, self._regime_since_s = snapshot.regime, time_s
        if snapshot.stalled_s is not None:
            self.stall = snapshot.stalled_s, time_s
        self._peak = max(self._peak, score)
        self.minute.take(max(0.0, time_s), score, snapshot.regime)
        best = snapshot.top_k_similarity
        if best and best[0]["above_threshold"]:
            self._lit = snapshot
        self.newest, self.came_s = snapshot, now_s

    def write(self, text: str) -> None:
        """Go on with a text."""
        self.tokens = True
        self.text += "\n".join(map(harmless, text.replace("\r\n", "\n").split("\n")))
        if len(self.text) > UNSEEN:
            self.text = self.text[-TEXT:]

    def trim(self, columns: int) -> None:
        """Forget what no terminal shows any more, by whole lines, so that those that stay do not move."""
        if len(self.text) > TEXT:
            middle = len(self.text) // 2
            self.text = self.text[max(start for start, _ in wrapped(self.text, columns) if start <= middle) :]

    def rows(self, rows: "npt.NDArray[Any]", names: Sequence[str] | None) -> None:
        """Take rows of channels, shape (n, channels): subcarriers, or columns with names."""
        import numpy as np

        from midstream_cli.cli.view.waterfall import Rolling, even_gain

        if rows.ndim != 2 or not rows.shape[1]:
            return
        if self.rolling is not None and self.rolling.channels != rows.shape[1]:
            # frames of another layout between the usual ones do not tear the picture
            self._strange += len(rows)
            if self._strange < STRANGE:
                return
            self.rolling, self.columns = None, ()
        self._strange = 0
        if self.rolling is None:
            self.rolling = Rolling(rows.shape[1])
        if names is not None and self.columns != tuple(names):
            self.columns = tuple(names)[: rows.shape[1]]
            self.values = [Held(4) for _ in self.columns]
        self.rolling.pace(None if self.newest is None else self.newest.rate_hz)
        self.rolling.take(even_gain(rows) if names is None else np.asarray(rows, np.float64))

    @property
    def liveliness(self) -> float:
        """How much there is to be seen."""
        best = max((match.score for match in self.matches), default=0.0)
        moving = {"idle": 0.0, "unknown": 0.5}.get(self.regime, 2.0)
        return moving + 4.0 * best + min(self.change, 10.0) / 2.0

    @property
    def time_s(self) -> float:
        """Where the node's stream is, in seconds."""
        known = None if self.newest is None else self.newest.time_s
        return self.came_s - self.begun_s if known is None or not abs(known) < EVER_S else known

    def settle(self, now_s: float, passed_s: float) -> None:
        """Bring up to date what is held, before it is shown."""
        newest = self.newest
        if newest is None:
            return
        if self._regime != self.regime and now_s >= self._regime_until_s:
            self.regime, self._regime_until_s = self._regime, now_s + REGIME_S
        if self._regime == self.regime:
            self.regime_since_s = self._regime_since_s
        if self.rolling is not None:
            for held, value in zip(self.values, self.rolling.last.tolist(), strict=False):
                held.take(value, passed_s)
        period = newest.period_s
        self.rate.take(newest.rate_hz, passed_s)
        self.exponent.take(newest.lyapunov_exponent, passed_s)
        self.dimension.take(newest.attractor_dim, passed_s)
        self.rhythm.take(60.0 / period if period is not None and period > 0 else None, passed_s)
        self.drift.take(newest.drift_score, passed_s)
        self.unknown.take(newest.unknown_motion, passed_s)
        fall = math.exp(-max(0.0, passed_s) / FALL_S)
        self.change, self._peak = max(self._peak, self.change * fall), 0.0
        for snapshot in (self._lit, newest):
            if snapshot is not None:
                self._match(snapshot, now_s, fall)
                fall = 1.0
        self._lit = None
        self._order(passed_s)

    def _match(self, snapshot: "IntrospectionSnapshot", now_s: float, fall: float) -> None:
        """Bring the shown signatures up to what a snapshot says of them; a stranger needs to be clearly ahead of one."""
        said = {each["signature_id"]: each for each in snapshot.top_k_similarity}
        shown = {match.newest["signature_id"]: match for match in self.matches}
        for known in self.matches:
            known.score *= fall
        for each in said.values():
            score = _share(each["score"])
            match: Match | None = shown.get(each["signature_id"]) or self._newcomer(each, score)
            if match is None:
                continue
            match.newest, match.score = each, max(match.score, score)
            if each["above_threshold"]:
                match.lit_s = now_s
                match.since_s, match.since_frames = _since(each, snapshot)

    def _newcomer(self, each: "Similarity", score: float) -> Match | None:
        """A signature that was not shown; None where it is not clearly ahead of one that is."""
        if len(self.matches) < MATCHES:
            self.matches.append(Match(each, score))
            return self.matches[-1]
        weakest = min(range(len(self.matches)), key=lambda at: self.matches[at].score)
        if score <= self.matches[weakest].score + CLEARER:
            return None
        self.matches[weakest] = Match(each, score)
        return self.matches[weakest]

    def _order(self, passed_s: float) -> None:
        """Sort what is shown, but leave those together as they are that are hardly apart."""
        ordered: list[Match] = []
        for match in self.matches:
            match.margin.take(match.newest["margin"], passed_s)
            at = len(ordered)
            while at and match.score > ordered[at - 1].score + CLEARER:
                at -= 1
            ordered.insert(at, match)
        self.matches = ordered


def _share(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0


def _since(each: "Similarity", snapshot: "IntrospectionSnapshot") -> tuple[float | None, int | None]:
    """How long a match has been going on: in seconds, or in frames of a stream without times."""
    start_s, start = each["start_s"], each["start_frame"]
    if start_s is not None and snapshot.time_s is not None and math.isfinite(start_s):
        return max(0.0, snapshot.time_s - start_s), None
    return None, None if start is None else max(0, snapshot.frame_count - start)


@dataclass(slots=True)
class State:
    """All that the view shows."""

    source: str
    nodes: dict[str, Node] = field(default_factory=dict)
    events: "deque[Event]" = field(default_factory=lambda: deque(maxlen=EVENTS))
    dropped: int = 0
    bad: int = 0
    lost: int | None = None
    now_s: float = 0.0
    """By the view's clock."""
    full: str | None = None
    """The node that is shown in full."""
    _chosen_s: float = -math.inf

    def node(self, name: str, now_s: float) -> Node | None:
        """A node by its name, a new one if need be; None where there are too many already."""
        known = self.nodes.get(name)
        if known is None and len(self.nodes) < NODES:
            known = self.nodes[name] = Node(name, now_s)
        return known

    def settle(self, now_s: float) -> None:
        """Bring up to date what is held, before it is shown."""
        passed_s, self.now_s = now_s - self.now_s, now_s
        for node in self.nodes.values():
            node.settle(now_s, passed_s)
        if self.nodes and (self.full not in self.nodes or now_s - self._chosen_s >= LIVELY_S):
            liveliest = max(self.nodes.values(), key=lambda node: node.liveliness)
            current = self.nodes.get(self.full or "")
            if current is None or liveliest.liveliness > current.liveliness + 1.0:
                self.full, self._chosen_s = liveliest.name, now_s
