"""The ways to compare: which one the options ask for, and what it needs to know."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import output
from midstream_cli.cli.compare_options import TOP
from midstream_cli.cli.comparing import Job
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import UsageError

if TYPE_CHECKING:
    from midstream_cli.compare.method import Method

SETTINGS = ("convention", "step_pattern", "metric", "window", "window_shape", "independent")
OPEN = ("open_begin", "open_end")
PAIR = "two sources"
MEANT: Mapping[str, set[str]] = {
    "--signatures": {"hop", "top"},
    "--occurrences": set(),
    "--find": {"feature", "units", "transform", "algorithm", "convention", "step_pattern", "metric", "window", "top"},
    "--pairwise": {"feature", "units", "transform", "algorithm", "clusters", *SETTINGS},
    PAIR: {"feature", "units", "transform", "algorithm", *SETTINGS, *OPEN},
}
"""The options that mean something in one way to compare only; those that stand nowhere do in all."""


def compare(given: Mapping[str, Any], asked: Collection[str]) -> int:
    """Compare as options say.

    Args:
        given: every option in effect, by the name of its parameter.
        asked: those on the command line; others may be set for another way to compare.

    Raises:
        UsageError: options contradict one another, or one means nothing in the way that is asked for; or standard input
            is named twice.
    """
    way = _way(given)
    for name in sorted(set(asked) & set[str]().union(*MEANT.values()) - MEANT[way]):
        raise _meaningless(name, way)
    if given["sources"].count("-") > 1:
        raise UsageError("standard input can be read only once", "name it once, or record it into a file first")
    if given["figure"] is not None:
        from midstream_cli.cli import drawing

        drawing.check(Path(given["figure"]))
    job, sources, jobs = _job(given), given["sources"], given["jobs"]
    if given["signatures"] is not None:
        from midstream_cli.cli import matching, occurring, operating

        library = Path(given["signatures"])
        search = (
            occurring.occurrences(library, job.threshold)
            if given["occurrences"]
            else matching.windows(library, given["hop"], given["top"] or TOP)
        )
        return operating.look_through(job, sources, search, jobs)
    method, feature = _method(given, asked), given["feature"]
    if way == "--pairwise":
        from midstream_cli.cli import matrices

        return matrices.compare_all_pairs(
            job, sources, feature=feature, method=method, clusters=given["clusters"], jobs=jobs
        )
    if way == "--find":
        from midstream_cli.cli import finding

        top = given["top"] or (TOP if job.threshold is None else None)
        return finding.find_all(job, sources, feature=feature, method=method, top=top, jobs=jobs)
    from midstream_cli.cli import pairing

    return pairing.compare_pair(job, sources, feature=feature, method=method)


def _way(given: Mapping[str, Any]) -> str:
    """Which way to compare is asked for.

    Raises:
        UsageError: two of them are, or one that needs a library without it.
    """
    if given["occurrences"] and given["signatures"] is None:
        raise UsageError("--occurrences needs to know of what", "name a folder of signatures with --signatures")
    asked = {"--signatures": given["signatures"] is not None, "--find": given["find"], "--pairwise": given["pairwise"]}
    ways = [way for way, is_asked in asked.items() if is_asked]
    if len(ways) > 1:
        raise UsageError(f"{' and '.join(ways)} are different ways to compare", "choose one of them")
    return "--occurrences" if given["occurrences"] else ways[0] if ways else PAIR


def _meaningless(name: str, way: str) -> UsageError:
    """Rather say that an option means nothing here than pass over it."""
    option = f"--{name.replace('_', '-')}"
    others = " or ".join(each for each, meant in MEANT.items() if name in meant and each != PAIR)
    where = f"without {others}: two sources are compared as wholes" if way == PAIR else f"with {way}"
    if way in ("--signatures", "--occurrences") and name in MEANT[PAIR]:
        where += ": a signature says itself how it is compared"
    return UsageError(f"{option} means nothing {where}", f"leave {option} out; see midstream compare --help")


def _job(given: Mapping[str, Any]) -> Job:
    # the parser hands names of files and of formats on as text
    form = None if given["output_format"] is None else output.OutputFormat(given["output_format"])
    return Job(
        reading=Reading.asked(given),
        form=output.chosen(form, given["json"]),
        store=given["store"],
        threshold=given["threshold"],
        arguments=dict(given),
        plot=given["plot"],
        figure=None if given["figure"] is None else Path(given["figure"]),
    )


def _method(given: Mapping[str, Any], asked: Collection[str]) -> "Method":
    """How sequences are compared, as far as options say; flags that are not set leave it open."""
    from midstream_cli.compare.method import Method

    names = (given["transform"] or "").split(",")
    return Method(
        algorithm=given["algorithm"],
        units=given["units"],
        transforms=tuple(name.strip() for name in names if name.strip()),
        asked=frozenset(asked),
        **{name: given[name] if given[name] is not False else None for name in SETTINGS + OPEN},
    )
