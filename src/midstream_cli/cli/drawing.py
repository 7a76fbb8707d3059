"""Pictures in files: PNG, SVG or PDF, by the ending of the name."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from midstream_cli.errors import StoreError, UsageError

if TYPE_CHECKING:
    from midstream_cli.compare.many.cluster import Clusters
    from midstream_cli.compare.named import Named
    from midstream_cli.frames import Float64, Int64

ENDINGS = (".png", ".svg", ".pdf")

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Of M. Okabe and K. Ito: told apart by everyone, on paper too."""
GREY = "#777777"
MOST_CELLS = 800
"""Along either side of a matrix: a screen shows no more."""
MOST_NAMES = 80
"""Of sequences in a matrix: those of more would lie upon one another."""
MOST_TOLD = 8
"""Distances in a title."""
MOST_RANKED = 40
"""Places with their ranks above them: those of more would lie upon one another."""
TIES = 60
"""Aligned positions that are joined by a line."""
STYLE: dict[Any, Any] = {
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.0,
    "savefig.dpi": 160,
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "midstream",
}


def check(path: Path) -> None:
    """Find out before long work that a picture could not be written.

    Raises:
        UsageError: the name has no ending that says how, lies in no folder, or is one.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"{path} is not the name of a picture", f"let it end in {', '.join(ENDINGS)}")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {path.absolute().parent}", "make it first")
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "name a file")


def alignment(path: Path, a: "Named", b: "Named", steps: "Int64", units: str, title: str) -> None:
    """Two sequences with lines between what belongs together, and the way, shape (n, 2), over their local costs."""
    import numpy as np
    from matplotlib import patheffects

    from midstream_cli.cli.curves import curves, local_costs

    (first, second), name = curves([a, b], units)
    with Sheet(path, 9, 10, title) as figure:
        top, bottom = figure.subplots(2, 1, height_ratios=(2, 3))
        apart = second.max() - first.min() + 0.4 * (np.ptp(first) + np.ptp(second))
        (x, label), (y, _) = _places(a), _places(b)
        for i, j in steps[:: max(1, len(steps) // TIES)].tolist():
            top.plot([x[i], y[j]], [first[i] + apart, second[j]], color=GREY, linewidth=0.5, alpha=0.7)
        top.plot(x, first + apart, color=COLOURS[0], label=a.name)
        top.plot(y, second, color=COLOURS[1], label=b.name)
        top.set(xlabel=label, yticks=[], title=f"{name}; levels are moved apart")
        top.spines["left"].set_visible(False)
        top.legend(loc="upper left", bbox_to_anchor=(0.0, -0.12), ncols=2, frameon=False)
        costs = local_costs(a.values, b.values, MOST_CELLS, MOST_CELLS)
        extent = (*_edges(y), *_edges(x))
        image = bottom.imshow(costs, origin="lower", extent=extent, aspect="auto", cmap="viridis")
        (line,) = bottom.plot(y[steps[:, 1]], x[steps[:, 0]], color="white", linewidth=1.8, clip_on=False)
        line.set_path_effects([patheffects.Stroke(linewidth=3.4, foreground="black"), patheffects.Normal()])
        bottom.set(xlabel=f"{b.name}: {label}", ylabel=f"{a.name}: {label}", title="the path over the local costs")
        figure.colorbar(image, ax=bottom, label=f"distance of vectors{_per(units)}", pad=0.02)


def common(path: Path, a: "Named", b: "Named", steps: "Int64", title: str) -> None:
    """Where two sequences of names are equal, and which of these positions, shape (n, 2), belong together."""
    from midstream_cli.cli.curves import equal_shares

    n, m = len(a.values), len(b.values)
    with Sheet(path, 8, 8, title) as figure:
        axes = figure.subplots()
        shares = equal_shares(a.values[:, 0], b.values[:, 0], MOST_CELLS, MOST_CELLS)
        extent = (-0.5, m - 0.5, -0.5, n - 0.5)
        axes.imshow(
            shares, origin="lower", extent=extent, aspect="auto", cmap="Greys", interpolation="nearest", vmin=0.0
        )
        size = max(2.0, 200.0 / max(n, m))
        axes.plot(steps[:, 1], steps[:, 0], "s", color=COLOURS[1], markersize=size, label="belong together")
        axes.plot([], [], "s", color="black", label="equal")
        axes.set(xlabel=f"{b.name}: position", ylabel=f"{a.name}: position")
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False)


def matrix(
    path: Path, distances: "Float64", names: Sequence[str], clusters: "Clusters", title: str, meaning: str
) -> None:
    """Distances of all pairs in the order of their clusters, with the dendrogram beside them.

    Args:
        meaning: what the distances are.
    """
    import numpy as np

    order, labels = clusters.order, clusters.labels
    n = len(order)
    side = min(14.0, max(4.5, 0.3 * n))
    with Sheet(path, side + 4.5, side + 0.8, title) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1, 3.2), sharey=True)
        _dendrogram(left, clusters)
        left.set(xlabel=f"joined at\n{meaning}", ylim=(n - 0.5, -0.5))
        left.invert_xaxis()
        left.spines["left"].set_visible(False)
        left.tick_params(left=False, labelleft=False)
        image = right.imshow(distances[np.ix_(order, order)], cmap="viridis_r", aspect="auto", interpolation="nearest")
        for edge in np.flatnonzero(np.diff(labels[order])) + 0.5:
            for draw in (right.axhline, right.axvline):
                draw(edge, color="white", linewidth=2.0)
        if n <= MOST_NAMES:
            right.set_yticks(range(n), [names[i] for i in order])
        right.set_xticks([])
        right.tick_params(left=False, labelleft=False, labelright=n <= MOST_NAMES)
        right.spines[:].set_visible(False)
        figure.colorbar(image, ax=left, location="left", label=meaning, pad=0.02, aspect=30)


def _dendrogram(axes: Any, clusters: "Clusters") -> None:
    n = len(clusters.order)
    places = {leaf: (float(row), 0.0) for row, leaf in enumerate(clusters.order.tolist())}
    members: dict[int, int | None] = dict(enumerate(clusters.labels.tolist()))
    for i, (first, second, height, _) in enumerate(clusters.merges.tolist()):
        (y0, x0), (y1, x1) = places[int(first)], places[int(second)]
        inside = members[int(first)] if members[int(first)] == members[int(second)] else None
        colour = GREY if inside is None else COLOURS[inside % len(COLOURS)]
        axes.plot([x0, height, height, x1], [y0, y0, y1, y1], color=colour, linewidth=1.4)
        places[n + i], members[n + i] = ((y0 + y1) / 2, height), inside


class Span(NamedTuple):
    """Where in a recording something was found."""

    label: str
    start: float
    end: float
    distance: float
    counts: bool
    """It is near enough; else only the nearest there is."""


def timeline(path: Path, spans: Sequence[Span], timed: bool, title: str, meaning: str) -> None:
    """What was found along a recording: how near, and where, a line for each label.

    Args:
        timed: starts and ends are in seconds, else positions.
        meaning: what the distances are.
    """
    labels = list(dict.fromkeys(span.label for span in spans))
    with Sheet(path, 10, 3.4 + 0.45 * len(labels), title) as figure:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(5, 1 + len(labels)))
        for row, label in enumerate(labels):
            colour = COLOURS[row % len(COLOURS)]
            own = [span for span in spans if span.label == label]
            for counts, fill in ((True, colour), (False, "none")):
                at = [((span.start + span.end) / 2, span.distance) for span in own if span.counts == counts]
                if at:
                    top.plot(*zip(*at, strict=True), "o", color=colour, markerfacecolor=fill, markersize=5)
                bars = united([(span.start, span.end) for span in own if span.counts == counts])
                alpha = 1.0 if counts else 0.3
                bottom.broken_barh(
                    [(start, end - start) for start, end in bars],
                    (row - 0.4, 0.8),
                    facecolor=colour,
                    edgecolor="white",
                    alpha=alpha,
                )
        top.set(ylabel=meaning, ylim=(0, None))
        bottom.set_yticks(range(len(labels)), labels)
        bottom.set(xlabel="time in seconds" if timed else "position", ylim=(len(labels) - 0.5, -0.5))
        bottom.set_xlim(left=min(0.0, *(span.start for span in spans)))
        bottom.tick_params(left=False)
        if any(not span.counts for span in spans):
            top.set_title("filled: near enough to count; hollow and pale: only the nearest there is")


def united(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Starts and ends, those that overlap as one."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def places(path: Path, stream: "Named", spans: Sequence[Span], title: str) -> None:
    """A recording as a curve, with the places where something was found in it, the nearest first."""
    import numpy as np

    from midstream_cli.cli.curves import curves

    (curve,), name = curves([stream], "feature")
    x = np.arange(float(len(curve))) if stream.time_s is None else stream.time_s
    # no line across a silence
    shown = curve.copy()
    if stream.rate_hz is not None:
        shown[1:][np.diff(x) > 1.5 / stream.rate_hz] = np.nan
    with Sheet(path, 10, 4, title) as figure:
        axes = figure.subplots()
        axes.plot(x, shown, color=GREY, linewidth=0.8)
        for span in spans:
            inside = (x >= span.start) & (x <= span.end)
            axes.axvspan(span.start, span.end, color=COLOURS[0], alpha=0.15, linewidth=0)
            axes.plot(x[inside], curve[inside], color=COLOURS[0], linewidth=1.6)
            if len(spans) <= MOST_RANKED:
                top = ((span.start + span.end) / 2, 1.0)
                axes.annotate(
                    span.label, top, ha="center", va="bottom", xycoords=("data", "axes fraction"), color=COLOURS[0]
                )
        distances = [f"{span.label} at {span.distance:.3g}" for span in spans[:MOST_TOLD]]
        axes.set_title(", ".join([*distances, *(["…"] if len(spans) > MOST_TOLD else [])]), pad=18)
        axes.set(xlabel="position" if stream.time_s is None else "time in seconds", ylabel=name)
        axes.margins(x=0.01)


class Sheet:
    """A figure that is written when the work on it is done, whole or not at all."""

    def __init__(self, path: Path, width: float, height: float, title: str) -> None:
        from matplotlib import rc_context
        from matplotlib.figure import Figure

        self._path = path
        self._style = rc_context(STYLE)
        self._style.__enter__()
        self._figure = Figure(figsize=(width, height), layout="constrained")
        self._figure.suptitle(title, x=0.01, ha="left", fontsize=12)

    def __enter__(self) -> Any:
        return self._figure

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._write()
        finally:
            self._style.__exit__(None, None, None)

    def _write(self) -> None:
        # what is the same is written the same: no dates
        ending = self._path.suffix.lower()[1:]
        without = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[ending]
        temporary = self._path.with_name(f".{self._path.name}.tmp")
        try:
            self._figure.savefig(temporary, format=ending, metadata=without)
            temporary.replace(self._path)
        except OSError as error:
            raise StoreError(f"{self._path} cannot be written: {error.strerror}", "choose another place") from None
        finally:
            temporary.unlink(missing_ok=True)


def _places(named: "Named") -> "tuple[Float64, str]":
    """Where the vectors of a sequence lie: in seconds where they come at an even rate."""
    import numpy as np

    positions = np.arange(len(named.values), dtype=np.float64)
    return (positions / named.rate_hz, "time in seconds") if named.rate_hz else (positions, "position")


def _edges(places: "Float64") -> tuple[float, float]:
    """Where the cells of the first and of the last position end."""
    half = float(places[1] - places[0]) / 2 if len(places) > 1 else 0.5
    return float(places[0]) - half, float(places[-1]) + half


def _per(units: str) -> str:
    return ", deviations of the background" if units == "background" else ""
