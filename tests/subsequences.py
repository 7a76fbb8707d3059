"""Slow, obvious versions of subsequence matching: every subsequence by itself, and the live matcher in plain loops."""

import math
from collections.abc import Sequence
from typing import Any

INF = math.inf

Vectors = Sequence[Sequence[float]]


def local(a: Sequence[float], b: Sequence[float], metric: str = "euclidean") -> float:
    """The distance of two vectors."""
    squared = sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
    return squared if metric == "squared" else math.sqrt(squared)


def whole(
    template: Vectors, stretch: Vectors, window: int | None = None, weight: int = 2, metric: str = "euclidean"
) -> float:
    """The accumulated distance of two whole sequences, cell by cell."""
    cells: dict[tuple[int, int], float] = {}
    for j, y in enumerate(stretch):
        for i, x in enumerate(template):
            if window is not None and abs(i - j) > window:
                continue
            cost = local(x, y, metric)
            cells[i, j] = (
                cost
                if i == j == 0
                else min(
                    cells.get((i - 1, j - 1), INF) + weight * cost,
                    cells.get((i - 1, j), INF) + cost,
                    cells.get((i, j - 1), INF) + cost,
                )
            )
    return cells.get((len(template) - 1, len(stretch) - 1), INF)


def steps(template: Vectors, count: int, weight: int) -> int:
    """What an accumulated distance is divided by."""
    return (count if weight == 2 else 0) + len(template)


Candidate = tuple[float, int, int, float]
"""The distance by which it competes, first and last position, accumulated distance."""


class Found:
    """Disjoint matches of one template, by the rule alone, from candidates and paths under way."""

    def __init__(self) -> None:
        self.waiting: list[Candidate] = []
        """Disjoint, in order."""
        self.reported: list[tuple[int, int, int, float]] = []
        """When it was, first position, position after the last, accumulated distance."""

    def consider(self, candidate: Candidate) -> None:
        """A subsequence that ends now; it replaces those that it overlaps."""
        before = [each for each in self.waiting if each[2] < candidate[1]]
        if all(candidate[0] < each[0] for each in self.waiting[len(before) :]):
            self.waiting = [*before, candidate]

    def settled(self, now: int, paths: list[tuple[float, int]], divisor: float = 1.0) -> int | None:
        """Report what no path, of accumulated distance and start, can undercut; return where it ended, if there is one."""
        if not self.waiting:
            return None
        end, least = self.waiting[0][2], min(each[0] for each in self.waiting)
        if any(reached < least * divisor and start <= end for reached, start in paths):
            return None
        self.report(now)
        return end

    def report(self, now: int) -> None:
        """Report what is waiting first."""
        _, start, end, distance = self.waiting.pop(0)
        self.reported.append((now, start, end + 1, distance))

    def finish(self, now: int) -> None:
        """The end, or a gap."""
        while self.waiting:
            self.report(now)


def carried(
    template: Vectors, stream: Vectors, threshold: float = INF, weight: int = 2, metric: str = "euclidean"
) -> tuple[list[tuple[int, int, int, float]], list[tuple[float, int]]]:
    """The matches of a template without a window, one path a row; and the best of every end with its start."""
    found = Found()
    row: list[tuple[float, int]] = [(INF, 1)] * len(template)
    ends = []
    for now, vector in enumerate(stream):
        if not all(map(math.isfinite, vector)):
            found.finish(now)
            row = [(INF, 1)] * len(template)
            continue
        # starts are negated: of equal distances the latest is the least
        old, row = row, []
        for i, wanted in enumerate(template):
            cost = local(wanted, vector, metric)
            ways = [(cost, -now)] if i == 0 else [
                (old[i - 1][0] + weight * cost, old[i - 1][1]), (old[i][0] + cost, old[i][1]),
                (row[i - 1][0] + cost, row[i - 1][1]),
            ]  # fmt: skip
            row.append(min(ways))
        ends.append((row[-1][0], -row[-1][1]))
        distance, start = ends[-1]
        if distance < INF and distance / steps(template, now - start + 1, weight) <= threshold:
            found.consider((distance, start, now, distance))
        while (end := found.settled(now, [(reached, -start) for reached, start in row])) is not None:
            row = [(INF, start) if -start <= end else (reached, start) for reached, start in row]
    found.finish(len(stream))
    return found.reported, ends


def within(
    template: Vectors,
    stream: Vectors,
    window: int,
    threshold: float = INF,
    weight: int = 2,
    metric: str = "euclidean",
) -> list[tuple[int, int, int, float]]:
    """The matches of a template with a window: each start has a matrix of its own."""
    found = Found()
    m = len(template)
    divisor = steps(template, m + window, weight)
    columns: dict[int, list[float]] = {}
    for now, vector in enumerate(stream):
        if not all(map(math.isfinite, vector)):
            found.finish(now)
            columns = {}
            continue
        columns[now] = [INF] * m
        for start, old in columns.items():
            new: list[float] = []
            for i, wanted in enumerate(template):
                cost = local(wanted, vector, metric)
                if abs(i - (now - start)) > window:
                    new.append(INF)
                elif i == 0:
                    new.append(cost if start == now else old[0] + cost)
                else:
                    new.append(min(old[i - 1] + weight * cost, old[i] + cost, new[i - 1] + cost))
            columns[start] = new
        for start in sorted(columns, reverse=True):
            distance, count = columns[start][-1], now - start + 1
            mean = distance / steps(template, count, weight)
            if distance < INF and mean <= threshold:
                found.consider((mean, start, now, distance))
        while (end := found.settled(now, paths(columns), divisor)) is not None:
            columns = {start: column for start, column in columns.items() if start > end}
        # none of these can reach the end any more
        columns = {start: column for start, column in columns.items() if now - start <= m + window}
    found.finish(len(stream))
    return found.reported


def paths(columns: dict[int, list[float]]) -> list[tuple[float, int]]:
    """Everything that is under way: accumulated distance and start."""
    return [(cell, start) for start, column in columns.items() for cell in column]


def by_vectors(spring: Any, stream: Any) -> list[tuple[int, Any]]:
    """What a matcher reports of a stream vector by vector, and when."""
    reported = [(now, match) for now, vector in enumerate(stream) for match in spring.update(vector)]
    return reported + [(len(stream), match) for match in spring.finish()]
