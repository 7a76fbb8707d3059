"""What kind of motion a series is: embedding, exponents, dimensions, regimes, change."""

from typing import TYPE_CHECKING

from midstream_cli.lazy import public_names

if TYPE_CHECKING:
    from midstream_cli.attractor.analysis import AttractorInfo as AttractorInfo
    from midstream_cli.attractor.analysis import analyze as analyze
    from midstream_cli.attractor.dimensions.correlation_dimension import CorrelationDimension as CorrelationDimension
    from midstream_cli.attractor.dimensions.correlation_dimension import correlation_dimension as correlation_dimension
    from midstream_cli.attractor.embedding.delay_vectors import embed as embed
    from midstream_cli.attractor.embedding.embedding import Embedding as Embedding
    from midstream_cli.attractor.estimate import Estimate as Estimate
    from midstream_cli.attractor.exponents.divergence import LargestExponent as LargestExponent
    from midstream_cli.attractor.exponents.largest import lyapunov as lyapunov
    from midstream_cli.attractor.exponents.spectrum import Spectrum as Spectrum
    from midstream_cli.attractor.exponents.spectrum import lyapunov_spectrum as lyapunov_spectrum
    from midstream_cli.attractor.exponents.zero_one import zero_one as zero_one
    from midstream_cli.attractor.loops import Repetition as Repetition
    from midstream_cli.attractor.loops import repetition as repetition
    from midstream_cli.attractor.ordinal import permutation_entropy as permutation_entropy
    from midstream_cli.attractor.recurrences.quantification import Recurrence as Recurrence
    from midstream_cli.attractor.recurrences.quantification import recurrence as recurrence
    from midstream_cli.attractor.regime.types import AttractorType as AttractorType
    from midstream_cli.attractor.surrogates import surrogate_test as surrogate_test
    from midstream_cli.errors import InsufficientData as InsufficientData

_MODULES = {
    "analysis": "AttractorInfo analyze InsufficientData",
    "dimensions.correlation_dimension": "CorrelationDimension correlation_dimension",
    "embedding.delay_vectors": "embed",
    "embedding.embedding": "Embedding",
    "estimate": "Estimate",
    "exponents.divergence": "LargestExponent",
    "exponents.largest": "lyapunov",
    "exponents.spectrum": "Spectrum lyapunov_spectrum",
    "exponents.zero_one": "zero_one",
    "ordinal": "permutation_entropy",
    "recurrences.quantification": "Recurrence recurrence",
    "regime.types": "AttractorType",
    "loops": "Repetition repetition",
    "surrogates": "surrogate_test",
}

if not TYPE_CHECKING:
    # a type checker that saw it would take every misspelt name for one of its own
    __getattr__, __dir__ = public_names(__name__, _MODULES)
