"""Comparing sequences: alignment, edit distances, signatures."""

from typing import TYPE_CHECKING

from midstream_cli.lazy import public_names

if TYPE_CHECKING:
    from midstream_cli.compare.live.sliding import SlidingWindow as SlidingWindow
    from midstream_cli.compare.live.spring import Spring as Spring
    from midstream_cli.compare.live.spring import Subsequence as Subsequence
    from midstream_cli.compare.many.cluster import Clusters as Clusters
    from midstream_cli.compare.many.cluster import cluster as cluster
    from midstream_cli.compare.many.pairwise import pairwise as pairwise
    from midstream_cli.compare.names.edit import Edits as Edits
    from midstream_cli.compare.names.edit import edit_distance as edit_distance
    from midstream_cli.compare.names.edit import lcs as lcs
    from midstream_cli.compare.recognition.candidates import Candidate as Candidate
    from midstream_cli.compare.recognition.candidates import Recognition as Recognition
    from midstream_cli.compare.recognition.recogniser import Recogniser as Recogniser
    from midstream_cli.compare.search.find import find as find
    from midstream_cli.compare.search.stretches import Stretch as Stretch
    from midstream_cli.compare.temporal.comparator import ComparisonAlgorithm as ComparisonAlgorithm
    from midstream_cli.compare.temporal.comparator import ComparisonResult as ComparisonResult
    from midstream_cli.compare.temporal.comparator import SimilarityMatch as SimilarityMatch
    from midstream_cli.compare.temporal.comparator import TemporalComparator as TemporalComparator
    from midstream_cli.compare.temporal.elements import Sequence as Sequence
    from midstream_cli.compare.temporal.elements import TemporalElement as TemporalElement
    from midstream_cli.compare.temporal.memory import CacheStats as CacheStats
    from midstream_cli.compare.temporal.recurring import Pattern as Pattern
    from midstream_cli.compare.warping.alignment import Alignment as Alignment
    from midstream_cli.compare.warping.barycenter import barycenter as barycenter
    from midstream_cli.compare.warping.barycenter import medoid as medoid
    from midstream_cli.compare.warping.dtw import distance as distance
    from midstream_cli.compare.warping.dtw import dtw as dtw
    from midstream_cli.compare.warping.euclidean import euclidean as euclidean
    from midstream_cli.compare.warping.soft import SoftAlignment as SoftAlignment
    from midstream_cli.compare.warping.soft import soft_dtw as soft_dtw
    from midstream_cli.compare.warping.soft import soft_dtw_divergence as soft_dtw_divergence
    from midstream_cli.compare.warping.transform import derivative as derivative
    from midstream_cli.compare.warping.transform import transformed as transformed
    from midstream_cli.compare.warping.transform import z_normalise as z_normalise

_MODULES = {
    "live.sliding": "SlidingWindow",
    "live.spring": "Spring Subsequence",
    "many.cluster": "Clusters cluster",
    "many.pairwise": "pairwise",
    "names.edit": "Edits edit_distance lcs",
    "recognition.candidates": "Candidate Recognition",
    "recognition.recogniser": "Recogniser",
    "search.find": "find",
    "search.stretches": "Stretch",
    "temporal.comparator": "ComparisonAlgorithm ComparisonResult SimilarityMatch TemporalComparator",
    "temporal.elements": "Sequence TemporalElement",
    "temporal.memory": "CacheStats",
    "temporal.recurring": "Pattern",
    "warping.alignment": "Alignment",
    "warping.barycenter": "barycenter medoid",
    "warping.dtw": "dtw distance",
    "warping.euclidean": "euclidean",
    "warping.soft": "SoftAlignment soft_dtw soft_dtw_divergence",
    "warping.transform": "derivative transformed z_normalise",
}

if not TYPE_CHECKING:
    # a type checker that saw it would take every misspelt name for one of its own
    __getattr__, __dir__ = public_names(__name__, _MODULES)
