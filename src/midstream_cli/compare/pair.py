"""Two sequences compared as wholes, whatever they are."""

from typing import TYPE_CHECKING, Any

from midstream_cli.compare.method import OF_NAMES, Method, Settled, settle
from midstream_cli.compare.named import Named
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
    """Compare two sequences of which it is decided how.

    Raises:
        UsageError: they have different dimensions, or lengths that do not fit the method.
    """
    a, b = settled.sequences
    one = found(settled)
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
        operations=operations(settled, one.operations) if settled.algorithm in OF_NAMES else [],
        dtw_window=settled.settings.get("window"),
        units=settled.units,
        transforms=list(settled.transforms),
        convention=settled.convention,
    )


def operations(settled: Settled, found: "Operations") -> list[Edit]:
    """What turns the first of two sequences of names into the second, with their texts, as far as those are known."""
    a, b = settled.sequences
    texts = {**a.texts, **b.texts}
    old, new = ([texts.get(number) for number in each.values[:, 0].tolist()] for each in (a, b))
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
    if settled.algorithm in OF_NAMES:
        from midstream_cli.compare.names import edit

        kernel = edit.lcs if settled.algorithm == "lcs" else edit.edit_distance
        return kernel(a[:, 0], b[:, 0], alignment=alignment)
    if settled.algorithm == "euclidean":
        return euclidean(a, b)
    if settled.algorithm == "soft-dtw":
        from midstream_cli.compare.warping.soft import soft_dtw_divergence

        divergence = soft_dtw_divergence(a, b)
        return Alignment(divergence, divergence / (len(a) + len(b)))
    return dtw(a, b, alignment=alignment and not settled.settings.get("independent"), **settled.settings)
