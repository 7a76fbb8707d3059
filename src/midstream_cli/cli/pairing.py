"""The work of `compare` with two sources: two sequences as wholes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from midstream_cli.cli import console, interrupts, measuring, output, runs
from midstream_cli.cli.comparing import Job
from midstream_cli.cli.console import plural
from midstream_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from midstream_cli.compare.method import Method, Settled
    from midstream_cli.results import Comparison


def compare_pair(job: Job, sources: Sequence[str], *, feature: str | None, method: "Method") -> int:
    """Two sources as wholes.

    Raises:
        UsageError: they are not two, or do not fit one another or the method, or there is nothing to draw.
    """
    from midstream_cli.compare.method import settle
    from midstream_cli.compare.pair import compare_settled, is_alignable

    if len(sources) != 2:
        raise UsageError(
            f"{plural(len(sources), 'source')} to compare, where two are needed",
            "name two; or compare all with one another with --pairwise, or with a folder of signatures with --signatures",
        )
    sides = measuring.measured_two(sources, job.reading, feature)
    for side in sides:
        measuring.tell(side)
    settled = settle([side.results[0] for side in sides], method)
    measuring.tell_of_fits(settled.sequences)
    measuring.tell_of_units(settled)
    if not is_alignable(settled) and job.figure is not None:
        raise UsageError("these have no alignment to draw, or too large a one", "leave --figure out, or see --window")
    row = interrupts.waited_for(partial(compare_settled, settled), "comparing")
    if not row.alignment and settled.algorithm == "dtw" and not method.independent:
        console.warning(f"{row.length_a} and {row.length_b} vectors are too many for an alignment; --window narrows it")
    if job.form is output.OutputFormat.TABLE:
        show(row, settled, plot=job.plot)
    else:
        output.write([row], job.form)
    run = runs.new_run("compare", job.arguments, f"{row.a} {row.b}")
    counts = {name: sum(getattr(side, name) for side in sides) for name in ("frames", "lost", "bad")}
    runs.keep(job.store, replace(run, **counts), [row])
    if job.figure is not None:
        _draw(job, row, settled)
    interrupted = any(side.interrupted for side in sides)
    return ExitCode.INTERRUPTED if interrupted else job.answer(job.nearness(row))


def show(row: "Comparison", settled: "Settled", *, plot: bool) -> None:
    """A comparison as a picture of the alignment and a list of facts."""
    a, b = settled.sequences
    if plot and settled.of_names:
        from midstream_cli.cli.edit_picture import edit

        output.text("\n".join([*edit(a, b, row.alignment), ""]))
    elif plot and row.alignment:
        import numpy as np

        from midstream_cli.cli.alignment_picture import alignment

        output.text("\n".join([*alignment(a, b, np.array(row.alignment), settled.units), ""]))
    facts = output.rows([row])[0] | {"alignment": f"{len(row.alignment)} pairs"}
    if settled.of_names:
        facts["operations"] = dict(sorted(Counter(each["operation"] for each in row.operations).items()))
    else:
        del facts["operations"]
    output.write_facts(facts)


def _draw(job: Job, row: "Comparison", settled: "Settled") -> None:
    import numpy as np

    from midstream_cli.cli import drawing

    assert job.figure is not None
    title = (
        f"{row.algorithm} of {row.feature or 'vectors'}: distance {row.distance:.4g}, normalised {row.normalised:.4g}"
    )
    a, b = settled.sequences
    path = np.array(row.alignment, np.int64).reshape(-1, 2)
    if settled.of_names:
        drawing.common(job.figure, a, b, path, title)
    else:
        drawing.alignment(job.figure, a, b, path, settled.units, title)
    console.note(f"drew {job.figure}")
