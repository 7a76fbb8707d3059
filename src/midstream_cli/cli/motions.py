"""The work of `analyze-attractor`: sources measured, analysed as wholes or window by window, shown and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, interrupts, motion, motion_facts, output, pictures, runs
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from midstream_cli.attractor.regime.types import AttractorType
    from midstream_cli.results import Attractor


def analyse(given: Mapping[str, Any]) -> int:
    """Analyse sources as options say.

    Args:
        given: every option in effect, by the name of its parameter.

    Raises:
        UsageError: options contradict one another, or name what does not exist.
    """
    from midstream_cli.streams.expand import expand

    form = output.chosen(given["output_format"] and output.OutputFormat(given["output_format"]), given["json"])
    task, expected = _task(given, form), _expected(given["expect"])
    if given["regimes"]:
        return _regimes(given, task, form)
    sources = expand(list(given["sources"]))
    if task.figure is not None and len(sources) > 1:
        raise UsageError(f"--figure shows one source, and there are {len(sources)}", "name one")
    work = partial(motion.analyse_source, task=replace(task, plots=task.plots and len(sources) == 1))
    outcomes: list[batch.Outcome] = []
    found: list[Attractor] = []
    interrupted = False
    with runs.keeping_each(given["store"]) as keep:
        try:
            for outcome in batch.each(sources, work, given["jobs"], "analysing"):
                outcomes.append(outcome)
                if outcome.error:
                    continue
                found += outcome.results
                if form is output.OutputFormat.JSONL:
                    output.write(_called(outcome.results, given["seed_names"]), form)
                run = runs.new_run("analyze-attractor", given, outcome.source, given["seed"])
                keep(
                    replace(run, frames=outcome.frames, lost=outcome.lost, bad=outcome.bad),
                    outcome.results,
                )
                interrupted = outcome.interrupted
                if interrupted:
                    break
        except KeyboardInterrupt:
            interrupted = True
    rows = _called(found, given["seed_names"])
    if form is output.OutputFormat.TABLE:
        show([line for outcome in outcomes for line in outcome.picture], rows)
    elif form is not output.OutputFormat.JSONL:
        output.write(rows, form)
    code = batch.conclude(outcomes, answer(found, expected))
    if interrupted:
        interrupts.leave(ExitCode.INTERRUPTED)
    return code


def _regimes(given: Mapping[str, Any], task: motion.Task, form: output.OutputFormat) -> int:
    """When sources begin to do something else."""
    from midstream_cli.cli import operating, regimes
    from midstream_cli.cli.comparing import Job

    if task.window_s is not None or given["expect"] is not None:
        raise UsageError("--regimes looks at its own windows, and tells of no type", "leave --window and --expect out")
    if len(task.features) > 1:
        raise UsageError(f"--regimes watches one feature, and there are {len(task.features)}", "name one")
    job = Job(task.reading, form, given["store"], None, dict(given), given["plot"], task.figure)
    search = regimes.changes(task.features[0] if task.features else None)
    return operating.look_through(job, given["sources"], search, given["jobs"])


def _task(given: Mapping[str, Any], form: output.OutputFormat) -> motion.Task:
    from midstream_cli.cli import motion_pictures
    from midstream_cli.streams import features

    if given["hop"] is not None and given["window"] is None:
        raise UsageError("--hop means nothing without --window", "leave --hop out")
    figure = None if given["figure"] is None else Path(given["figure"])
    motion_pictures.check(given["picture"], figure)
    _check_method(given["method"])
    names = [name.strip() for name in (given["feature"] or "").split(",") if name.strip()]
    for name in names:
        features.load(name)
    settings = ("delay", "embedding_dimension", "theiler", "method", "seed")
    return motion.Task(
        reading=Reading.asked(given),
        features=tuple(dict.fromkeys(names)),
        channel=given["channel"],
        window_s=given["window"],
        hop_s=given["hop"],
        settings=tuple((name, given[name]) for name in settings),
        picture=given["picture"],
        plots=given["plot"] and form is output.OutputFormat.TABLE,
        figure=figure,
    )


def _check_method(method: str) -> None:
    """Find out before a live source is read."""
    from typing import get_args

    from midstream_cli.attractor.exponents.largest import Method

    if method not in get_args(Method):
        raise UsageError(f"there is no method {method!r}", f"use one of {', '.join(get_args(Method))}")


def _expected(names: str | None) -> "frozenset[AttractorType]":
    from midstream_cli.attractor.regime.types import AttractorType

    known = {kind.value: kind for kind in AttractorType} | {kind.seed_name: kind for kind in AttractorType}
    known["Unknown"] = AttractorType.UNKNOWN
    asked = [each.strip() for each in (names or "").split(",") if each.strip()]
    for each in asked:
        if each.replace("-", "_") not in known:
            raise UsageError(f"no type is called {each!r}", f"known are {', '.join(AttractorType)}")
    return frozenset(known[each.replace("-", "_")] for each in asked)


def _called(rows: "Sequence[Attractor]", seed_names: bool) -> "list[Attractor]":
    """Rows with types by the names that are asked for."""
    from midstream_cli.attractor.regime.types import AttractorType

    if not seed_names:
        return list(rows)
    return [replace(row, attractor_type=AttractorType(row.attractor_type).seed_name) for row in rows]


def answer(found: "Sequence[Attractor]", expected: "frozenset[AttractorType]") -> int:
    """Yes when every result is of an expected type; undecided where one cannot be told and none is of another."""
    from midstream_cli.attractor.regime.types import AttractorType

    if not expected:
        return ExitCode.OK
    kinds = {AttractorType(row.attractor_type) for row in found}
    if kinds - expected - {AttractorType.UNKNOWN}:
        return ExitCode.NO
    return ExitCode.OK if kinds and kinds <= expected else ExitCode.UNDECIDED


def show(picture: Sequence[str], rows: "Sequence[Attractor]") -> None:
    """What was found, as pictures and a list of facts; of several sources or windows, as a table."""
    if picture:
        output.text("\n".join(picture))
    paths, features = {row.path for row in rows}, {row.feature for row in rows}
    windows = len(rows) > len({(row.path, row.feature) for row in rows})
    if len(paths) > 1 or windows:
        said = {"path": len(paths) > 1, "feature": len(features) > 1, "part": windows}
        output.write_table([motion_facts.summary(row, **said) for row in rows])
        return
    for i, row in enumerate(rows):
        if i:
            output.text("")
        output.write_facts(motion_facts.facts(row))
        if row.reasons:
            output.text("\n" + "\n".join(motion_facts.sentences(row, pictures.width(motion_facts.WIDEST))))
