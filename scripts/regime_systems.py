"""All systems that the table of regimes is trained on, by regime."""

from regime_cycles import CYCLES
from regime_noises import NOISES
from regime_points import POINTS
from regime_simulation import System
from regime_strange import STRANGE
from regime_tori import TORI

_REGIMES = {"point": POINTS, "limit_cycle": CYCLES, "torus": TORI, "strange": STRANGE, "noise": NOISES}

SYSTEMS = tuple(System(name, regime, draw) for regime, those in _REGIMES.items() for name, draw in those.items())
