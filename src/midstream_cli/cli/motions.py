"""The work of `analyze-attractor`: sources measured, analysed as wholes or window by window, shown and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import batch, motion, output, runs
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
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
    outcomes: list[batch.Outcome] = []
    found: list[Attractor] = []
    with runs.keeping_each(given["store"]) as keep:
        for outcome in batch.each(sources, partial(motion.analyse_source, task=task), given["jobs"], "analysing"):
            outcomes.append(outcome)
            if outcome.error:
                continue
            found += outcome.results
            rows = _called(outcome.results, given["seed_names"])
            if form is output.OutputFormat.TABLE:
                show(outcome, rows)
            elif form is output.OutputFormat.JSONL:
                output.write(rows, form)
            run = runs.new_run("analyze-attractor", given, outcome.source, given["seed"])
            keep(replace(run, **{name: getattr(outcome, name) for name in ("frames", "lost", "bad")}), outcome.results)
            if outcome.interrupted:
                break
    if form in (output.OutputFormat.JSON, output.OutputFormat.CSV):
        output.write(_called(found, given["seed_names"]), form)
    code = batch.conclude(outcomes, answer(found, expected))
    return ExitCode.INTERRUPTED if any(outcome.interrupted for outcome in outcomes) else code


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

    if given["hop"] is not None and given["window"] is None:
        raise UsageError("--hop means nothing without --window", "leave --hop out")
    motion_pictures.check(given["picture"], given["figure"])
    names = (given["feature"] or "").split(",")
    settings = ("delay", "embedding_dimension", "theiler", "method", "seed")
    return motion.Task(
        reading=Reading(
            input_format=given["input_format"],
            node=given["node"],
            subcarriers=given["subcarriers"],
            start_s=given["start"],
            end_s=given["end"],
            frames=given["frames"],
            duration_s=given["duration"],
            timeout_s=given["timeout"],
            reconnect_s=given["reconnect"],
            frame_rate_hz=given["frame_rate"],
        ),
        features=tuple(name.strip() for name in names if name.strip()),
        channel=given["channel"],
        window_s=given["window"],
        hop_s=given["hop"],
        settings=tuple((name, given[name]) for name in settings),
        picture=given["picture"],
        plots=given["plot"] and form is output.OutputFormat.TABLE,
        figure=None if given["figure"] is None else Path(given["figure"]),
    )


def _expected(names: str | None) -> frozenset[str]:
    from midstream_cli.attractor.regime.types import AttractorType

    expected = frozenset(name.strip().replace("-", "_") for name in (names or "").split(",") if name.strip())
    known = [kind.value for kind in AttractorType]
    for name in sorted(expected - set(known)):
        raise UsageError(f"no type is called {name!r}", f"known are {', '.join(known)}")
    return expected


def _called(rows: "Sequence[Attractor]", seed_names: bool) -> "list[Attractor]":
    """Rows with types by the names that are asked for."""
    from midstream_cli.attractor.regime.types import AttractorType

    if not seed_names:
        return list(rows)
    return [replace(row, attractor_type=AttractorType(row.attractor_type).seed_name) for row in rows]


def answer(found: "Sequence[Attractor]", expected: frozenset[str]) -> int:
    """Yes when every result is of an expected type; undecided where one cannot be told and none is of another."""
    from midstream_cli.attractor.regime.types import AttractorType

    if not expected:
        return ExitCode.OK
    kinds = {AttractorType(row.attractor_type) for row in found}
    if any(kind not in expected and kind is not AttractorType.UNKNOWN for kind in kinds):
        return ExitCode.NO
    return ExitCode.OK if kinds and kinds <= {AttractorType(name) for name in expected} else ExitCode.UNDECIDED


def show(outcome: batch.Outcome, rows: "Sequence[Attractor]") -> None:
    """What was found, as pictures and a list of facts; of several windows, as a table."""
    if outcome.picture:
        output.text("\n".join([*outcome.picture, ""]))
    if len(rows) == 1 or len({row.feature for row in rows}) == len(rows):
        for facts in output.rows(rows):
            output.write_facts({key: value for key, value in facts.items() if value not in (None, [], {})})
            output.text("")
        return
    names = (
        "feature", "start_s", "end_s", "samples", "attractor_type", "confidence", "max_lyapunov_exponent", "dimension",
        "cycles_per_minute",
    )  # fmt: skip
    output.write_table([{name: facts[name] for name in names} for facts in output.rows(rows)])
