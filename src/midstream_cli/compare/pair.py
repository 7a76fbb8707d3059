"""Two sequences compared as wholes, whatever they are."""

from typing import TYPE_CHECKING, Any

from midstream_cli.compare.method import Method, Settled, settle
from midstream_cli.compare.named import Named
from midstream_cli.compare.warping.accumulation import MOST_CELLS
from midstream_cli.compare.warping.dtw import Alignment, dtw
from midstream_cli.compare.warping.euclidean import euclidean
from midstream_cli.results import Comparison, Edit

if TYPE_CHECKING:
    from midstream_cli.compare.names.operations import Operations


def compare(a: Named, b: Named, method: Method | None = None) -> Comparison:
    """Compare two sequences of the same feature; by default names by edit distance, everything else by DTW.

    Raises:
        UsageError: they hold different features, or at different rates, or the method does not fit them.
    """
    return compare_settled(settle([a, b], method))


def compare_settled(settled: Settled) -> Comparison:
    """Compare two sequences of which it is decided how; two that are too long for an alignment, by their distance alone.

    Raises:
        UsageError: they have different dimensions, or lengths that do not fit the method.
    """
    a, b = settled.sequences
    one = found(settled, alignment=is_alignable(settled))
    return Comparison(
        a=a.name,
        b=b.name,
        feature=a.feature,
        algorithm=settled.algorithm,
        length_a=len(a.values),
        length_b=len(b.values),
        distance=float(one.distance),
        normalised=float(one.normalised),
        alignment=one.path.tolist() if one.path is not None else [],
        operations=operations(settled, one.operations) if settled.of_names else [],
        dtw_window=settled.settings.get("window"),
        units=settled.units,
        transforms=list(settled.transforms),
        convention=settled.convention,
    )


def is_alignable(settled: Settled) -> bool:
    """Whether there is an alignment, and memory for it."""
    if settled.algorithm == "soft-dtw" or settled.settings.get("independent"):
        return False
    if settled.algorithm != "dtw" or settled.settings.keys() & {"window", "window_shape"}:
        return True
    a, b = settled.sequences
    return len(a.values) * len(b.values) <= MOST_CELLS


def operations(settled: Settled, found: "Operations") -> list[Edit]:
    """What turns the first of two sequences of names into the second, with their texts, as far as those are known."""
    a, b = settled.sequences
    old, new = a.words(), b.words()
    return [
        Edit(
            operation=tag,
            a=src,
            b=dest,
            text_a=old[src] if tag != "insert" else None,
            text_b=new[dest] if tag != "delete" else None,
        )
        for tag, src, dest in found
    ]


def found(settled: Settled, *, alignment: bool = True) -> Any:
    """What the kernel of the algorithm finds of two sequences: `distance`, `normalised`, and `path`, where there is one.

    Of names, `operations` too.

    Raises:
        UsageError: they have different dimensions, or lengths that do not fit the method.
    """
    a, b = (each.values for each in settled.sequences)
    if settled.of_names:
        from midstream_cli.compare.names import edit

        kernel = edit.lcs if settled.algorithm == "lcs" else edit.edit_distance
        return kernel(a[:, 0], b[:, 0], alignment=alignment)
    if settled.algorithm == "euclidean":
        return euclidean(a, b)
    if settled.algorithm == "soft-dtw":
        from midstream_cli.compare.warping.soft import soft_dtw_divergence

        divergence = soft_dtw_divergence(a, b)
        return Alignment(divergence, divergence / (len(a) + len(b)))
    return dtw(a, b, alignment=alignment, **settled.settings)
