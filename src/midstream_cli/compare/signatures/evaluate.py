"""How well signatures tell labelled windows apart."""

from collections import Counter
from collections.abc import Iterable

from midstream_cli.results import Confusion, Match


def confusion(found: Iterable[tuple[str, Match]]) -> list[Confusion]:
    """How often windows of each truth were nearest to signatures of each label.

    Args:
        found: the true label of a window, and its nearest signature.
    """
    counts = Counter((truth, match.label) for truth, match in found)
    truths = sorted({truth for truth, _ in counts})
    labels = sorted({label for _, label in counts} | set(truths))
    totals = {truth: sum(counts[truth, label] for label in labels) for truth in truths}
    return [
        Confusion(truth, label, counts[truth, label], counts[truth, label] / totals[truth])
        for truth in truths
        for label in labels
    ]


def balanced_accuracy(confusions: Iterable[Confusion]) -> float:
    """Mean recall over the truths, which does not depend on how many windows each has."""
    recalls = [each.recall for each in confusions if each.truth == each.predicted]
    return sum(recalls) / len(recalls) if recalls else 0.0
