"""All systems by name: how they move, and what is true of them."""

from dataclasses import dataclass

from midstream_cli.streams.simulate.dynamics import delay, flows, maps, signals
from midstream_cli.streams.simulate.dynamics.blocks import Course

MAP_RATE_HZ = 100.0
"""Steps a second of what has no time of its own."""


@dataclass(frozen=True, slots=True)
class System:
    """A system, and its answers."""

    about: str
    """What it does, in one sentence."""
    columns: tuple[str, ...]
    """Names of the coordinates that are seen; a state may have more."""
    rate_hz: float
    """Samples a second where nothing else is asked for; a second is a unit of the system's own time."""
    regime: str
    """`point`, `limit cycle`, `torus`, `strange` or `noise`."""
    course: Course
    exponents: tuple[float, ...] = ()
    """The largest Lyapunov exponents that are known, a second of a flow and a step of a map; those of the coordinates
    that are seen come first, and a flow has one that is 0."""
    is_map: bool = False


SYSTEMS: dict[str, System] = {
    "logistic": System(
        "The logistic map at r = 4, strange: its exponent is ln 2 a step.",
        ("x",),
        MAP_RATE_HZ,
        "strange",
        maps.course(maps.logistic, (0.3,)),
        (0.693147,),
        is_map=True,
    ),
    "henon": System(
        "Hénon's map, strange: its exponents are 0.419 and -1.623 a step.",
        ("x", "y"),
        MAP_RATE_HZ,
        "strange",
        maps.course(maps.henon, (0.0, 0.0)),
        (0.4192, -1.6232),
        is_map=True,
    ),
    "ikeda": System(
        "Light in a ring by Ikeda, strange: its exponents are 0.508 and -0.719 a step.",
        ("x", "y"),
        MAP_RATE_HZ,
        "strange",
        maps.course(maps.ikeda, (0.1, 0.1)),
        (0.5078, -0.7185),
        is_map=True,
    ),
    "lorenz": System(
        "Lorenz's convection, strange: its exponents are 0.906, 0 and -14.57 a second.",
        ("x", "y", "z"),
        50.0,
        "strange",
        flows.course(flows.lorenz, (1.0, 1.0, 20.0), longest_s=0.01, settling_s=50.0),
        (0.9056, 0.0, -14.5722),
    ),
    "rossler": System(
        "Rössler's flow, strange: its exponents are 0.071, 0 and -5.39 a second.",
        ("x", "y", "z"),
        10.0,
        "strange",
        flows.course(flows.rossler, (1.0, 1.0, 0.1), longest_s=0.02, settling_s=500.0),
        (0.0714, 0.0, -5.3943),
    ),
    "ueda": System(
        "Ueda's driven oscillator, strange: its exponents are 0.103, 0 and -0.153 a second.",
        ("x", "v"),
        10.0,
        "strange",
        flows.course(flows.ueda, (2.0, 0.0, 0.0), longest_s=0.02, settling_s=500.0),
        (0.1035, 0.0, -0.1535),
    ),
    "mackey_glass": System(
        "Mackey and Glass's making of blood, strange: a delay of 17 s, the largest exponent 0.005 a second.",
        ("x",),
        1.0,
        "strange",
        delay.course(17.0),
        (0.00515, 0.0),
    ),
    "van_der_pol": System(
        "Van der Pol's oscillator, a limit cycle of 6.66 s.",
        ("x", "v"),
        10.0,
        "limit cycle",
        flows.course(flows.van_der_pol, (1.0, 0.5, 0.0), longest_s=0.01, settling_s=200.0),
        (0.0, -1.0599),
    ),
    "sine": System("One tone of 1 Hz.", ("x",), 50.0, "limit cycle", signals.course(signals.sine), (0.0,)),
    "torus": System(
        "Two tones that never meet again, 1 Hz and the square root of two.",
        ("x",),
        20.0,
        "torus",
        signals.course(signals.torus),
        (0.0, 0.0),
    ),
    "damped": System(
        "A tone of 1 Hz that comes to rest: its exponent is -0.05 a second.",
        ("x",),
        20.0,
        "point",
        signals.course(signals.damped),
        (-signals.DECAY, -signals.DECAY),
    ),
    "ar1": System("Noise with a memory: nine tenths of the sample before.", ("x",), MAP_RATE_HZ, "noise", signals.ar1),
    "white_noise": System("Noise without a memory.", ("x",), MAP_RATE_HZ, "noise", signals.white_noise),
}
