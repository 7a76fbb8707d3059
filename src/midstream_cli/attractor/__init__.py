"""What kind of motion a series is: embedding, exponents, dimensions, regimes, change."""

from typing import TYPE_CHECKING

from midstream_cli.lazy import public_names

if TYPE_CHECKING:
    from midstream_cli.attractor.analysis import AttractorInfo as AttractorInfo
    from midstream_cli.attractor.analysis import analyze as analyze
    from midstream_cli.attractor.analyzer import AttractorAnalyzer as AttractorAnalyzer
    from midstream_cli.attractor.analyzer import BehaviorSummary as BehaviorSummary
    from midstream_cli.attractor.analyzer import PhasePoint as PhasePoint
    from midstream_cli.attractor.analyzer import Trajectory as Trajectory
    from midstream_cli.attractor.change.changes import Change as Change
    from midstream_cli.attractor.change.changes import ChangeKind as ChangeKind
    from midstream_cli.attractor.change.changes import State as State
    from midstream_cli.attractor.change.onset import Onset as Onset
    from midstream_cli.attractor.dimensions.correlation_dimension import CorrelationDimension as CorrelationDimension
    from midstream_cli.attractor.dimensions.correlation_dimension import correlation_dimension as correlation_dimension
    from midstream_cli.attractor.dimensions.kaplan_yorke import kaplan_yorke as kaplan_yorke
    from midstream_cli.attractor.embedding.channels import leading_components as leading_components
    from midstream_cli.attractor.embedding.delay import mutual_information as mutual_information
    from midstream_cli.attractor.embedding.delay_vectors import embed as embed
    from midstream_cli.attractor.embedding.dimension import Cao as Cao
    from midstream_cli.attractor.embedding.dimension import FalseNeighbours as FalseNeighbours
    from midstream_cli.attractor.embedding.dimension import cao as cao
    from midstream_cli.attractor.embedding.dimension import false_neighbours as false_neighbours
    from midstream_cli.attractor.embedding.embedding import Embedding as Embedding
    from midstream_cli.attractor.embedding.embedding import choose as choose
    from midstream_cli.attractor.embedding.sampling import even as even
    from midstream_cli.attractor.estimate import Estimate as Estimate
    from midstream_cli.attractor.exponents.divergence import LargestExponent as LargestExponent
    from midstream_cli.attractor.exponents.largest import lyapunov as lyapunov
    from midstream_cli.attractor.exponents.spectrum import Spectrum as Spectrum
    from midstream_cli.attractor.exponents.spectrum import lyapunov_spectrum as lyapunov_spectrum
    from midstream_cli.attractor.exponents.zero_one import ZeroOne as ZeroOne
    from midstream_cli.attractor.exponents.zero_one import zero_one as zero_one
    from midstream_cli.attractor.live.loops import LoopWatch as LoopWatch
    from midstream_cli.attractor.live.regimes import Moment as Moment
    from midstream_cli.attractor.live.regimes import RegimeWatch as RegimeWatch
    from midstream_cli.attractor.live.rules import Regime as Regime
    from midstream_cli.attractor.loops import Repetition as Repetition
    from midstream_cli.attractor.loops import repetition as repetition
    from midstream_cli.attractor.ordinal import complexity_entropy as complexity_entropy
    from midstream_cli.attractor.ordinal import missing_patterns as missing_patterns
    from midstream_cli.attractor.ordinal import permutation_entropy as permutation_entropy
    from midstream_cli.attractor.ordinal import weighted_permutation_entropy as weighted_permutation_entropy
    from midstream_cli.attractor.recurrences.plot import recurrence_plot as recurrence_plot
    from midstream_cli.attractor.recurrences.quantification import Recurrence as Recurrence
    from midstream_cli.attractor.recurrences.quantification import recurrence as recurrence
    from midstream_cli.attractor.regime.classifier import Classification as Classification
    from midstream_cli.attractor.regime.classifier import classify as classify
    from midstream_cli.attractor.regime.types import AttractorType as AttractorType
    from midstream_cli.attractor.surrogates import SurrogateTest as SurrogateTest
    from midstream_cli.attractor.surrogates import iaaft as iaaft
    from midstream_cli.attractor.surrogates import surrogate_test as surrogate_test
    from midstream_cli.errors import InsufficientData as InsufficientData

_MODULES = {
    "analysis": "AttractorInfo analyze InsufficientData",
    "analyzer": "AttractorAnalyzer BehaviorSummary PhasePoint Trajectory",
    "change.changes": "Change ChangeKind State",
    "change.onset": "Onset",
    "dimensions.correlation_dimension": "CorrelationDimension correlation_dimension",
    "dimensions.kaplan_yorke": "kaplan_yorke",
    "embedding.channels": "leading_components",
    "embedding.delay": "mutual_information",
    "embedding.delay_vectors": "embed",
    "embedding.dimension": "Cao FalseNeighbours cao false_neighbours",
    "embedding.embedding": "Embedding choose",
    "embedding.sampling": "even",
    "estimate": "Estimate",
    "exponents.divergence": "LargestExponent",
    "exponents.largest": "lyapunov",
    "exponents.spectrum": "Spectrum lyapunov_spectrum",
    "exponents.zero_one": "ZeroOne zero_one",
    "live.loops": "LoopWatch",
    "live.regimes": "Moment RegimeWatch",
    "live.rules": "Regime",
    "loops": "Repetition repetition",
    "ordinal": "complexity_entropy missing_patterns permutation_entropy weighted_permutation_entropy",
    "recurrences.plot": "recurrence_plot",
    "recurrences.quantification": "Recurrence recurrence",
    "regime.classifier": "Classification classify",
    "regime.types": "AttractorType",
    "surrogates": "SurrogateTest iaaft surrogate_test",
}

if not TYPE_CHECKING:
    # a type checker that saw it would take every misspelt name for one of its own
    __getattr__, __dir__ = public_names(__name__, _MODULES)
