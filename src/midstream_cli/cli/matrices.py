"""The work of `compare --pairwise`: all pairs of many sources, and their clusters."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from midstream_cli.cli import batch, console, interrupts, measuring, output, runs
from midstream_cli.cli.comparing import Job
from midstream_cli.errors import ExitCode, UsageError
from midstream_cli.results import Distance

if TYPE_CHECKING:
    from midstream_cli.compare.many.matrix import Matrix
    from midstream_cli.compare.method import Method, Settled


def compare_all_pairs(
    job: Job, sources: Sequence[str], *, feature: str | None, method: "Method", clusters: int | None, jobs: int
) -> int:
    """All pairs of the sources that can be read.

    Raises:
        UsageError: there are fewer than two, or they do not fit one another or the method.
    """
    from midstream_cli.compare.many.matrix import matrix
    from midstream_cli.compare.method import settle
    from midstream_cli.streams.expand import expand

    named = expand(list(sources))
    if len(named) < 2:
        raise UsageError("one source has nothing to be compared with", "name several, or a folder or glob of several")
    outcomes = measuring.measured_all(named, job.reading, feature, jobs)
    sequences = [each for outcome in outcomes for each in outcome.results]
    if len(sequences) < 2:
        return batch.conclude(outcomes)
    settled = settle(sequences, method)
    measuring.tell_of_fits(settled.sequences)
    measuring.tell_of_units(settled)
    pairs = len(sequences) * (len(sequences) - 1) // 2
    with console.progress("comparing", pairs) as bar:
        found = interrupts.waited_for(lambda: matrix(settled, clusters, jobs or None, lambda done, _: bar.update(done)))
    rows = _rows(settled, found)
    if job.form is output.OutputFormat.TABLE:
        show(settled, found, plot=job.plot)
    else:
        output.write(rows, job.form)
    run = runs.new_run("compare", job.arguments, " ".join(each.name for each in sequences))
    counts = {name: sum(getattr(each, name) for each in outcomes) for name in ("frames", "lost", "bad")}
    runs.keep(job.store, replace(run, **counts), rows)
    if job.figure is not None:
        _draw(job, settled, found)
    code = batch.conclude(outcomes, job.answer(min(job.nearness(row) for row in rows)))
    return ExitCode.INTERRUPTED if any(outcome.interrupted for outcome in outcomes) else code


def _rows(settled: "Settled", found: "Matrix") -> list[Distance]:
    """A row a pair."""
    names = [each.name for each in settled.sequences]
    distances, normalised = found.distances.tolist(), found.normalised.tolist()
    labels, medoids = found.clusters.labels.tolist(), set(found.clusters.medoids.tolist())
    return [
        Distance(
            a=names[i],
            b=names[j],
            feature=settled.sequences[0].feature,
            algorithm=settled.algorithm,
            distance=distances[i][j],
            normalised=normalised[i][j],
            cluster_a=labels[i] + 1,
            cluster_b=labels[j] + 1,
            medoid_a=i in medoids,
            medoid_b=j in medoids,
            convention=settled.convention,
        )
        for i, j in combinations(range(len(names)), 2)
    ]


def show(settled: "Settled", found: "Matrix", *, plot: bool) -> None:
    """Distances as a picture, and the clusters as a table."""
    from midstream_cli.cli.matrix_picture import matrix, shortened

    names = shortened([each.name for each in settled.sequences])
    if plot:
        picture = matrix(found.apart, names, found.clusters, meaning(found))
        output.text("\n".join([*picture, ""]))
    output.write_table(summary(names, found))
    output.text(settled.convention)


def meaning(found: "Matrix") -> str:
    """What tells how far apart two are."""
    return "distance" if found.apart is found.distances else "normalised distance"


def summary(names: Sequence[str], found: "Matrix") -> list[dict[str, object]]:
    """Each cluster: how many are in it, its medoid, how far apart they are, and who they are."""
    order, labels = found.clusters.order, found.clusters.labels
    lines = []
    for label, medoid in enumerate(found.clusters.medoids.tolist()):
        members = order[labels[order] == label]
        lines.append(
            {
                "cluster": label + 1,
                "members": len(members),
                "medoid": names[medoid],
                "widest": float(found.apart[members][:, members].max()),
                "names": [names[i] for i in members],
            }
        )
    return lines


def _draw(job: Job, settled: "Settled", found: "Matrix") -> None:
    from midstream_cli.cli import drawing
    from midstream_cli.cli.matrix_picture import shortened

    assert job.figure is not None
    names = [each.name for each in settled.sequences]
    what = f"{settled.algorithm} of {settled.sequences[0].feature or 'vectors'}"
    title = f"{len(names)} sequences compared pairwise: {what}"
    drawing.matrix(job.figure, found.apart, shortened(names), found.clusters, title, meaning(found))
    console.note(f"drew {job.figure}")
