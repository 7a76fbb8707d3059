"""All scenes by name, of channel state, tokens and numbers, and what can be set about them, by the names users type."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from midstream_cli.errors import UsageError
from midstream_cli.frames import Kind
from midstream_cli.recordings import Recording
from midstream_cli.streams.simulate import scenes, tokens
from midstream_cli.streams.simulate.dynamics import playing
from midstream_cli.streams.simulate.dynamics.systems import SYSTEMS
from midstream_cli.streams.simulate.setup import Setup

FORMATS: dict[Kind, str] = {"csi": "esp32-csi-tool", "token": "ollama", "numeric": "csv"}
"""What a scene is written in where nothing else is asked for; of the formats of tokens, Ollama's carries times."""

TOKENS, TOKEN_RATE_HZ = 400, 40.0


def names() -> list[str]:
    """All scenes: those of channel state first, then those of tokens, then systems whose answers are known."""
    return scenes.names() + list(tokens.SCENES) + list(SYSTEMS)


def kind_of(scene: str) -> Kind:
    """What a scene is a stream of.

    Raises:
        UsageError: there is no such scene.
    """
    if scene in scenes.names():
        return "csi"
    if scene in tokens.SCENES:
        return "token"
    if scene in SYSTEMS:
        return "numeric"
    from difflib import get_close_matches

    close = get_close_matches(scene, names(), n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    raise UsageError(f"no scene is called {scene!r}", f"{guess}known are {', '.join(names())}")


def about(scene: str) -> str:
    """What happens in a scene, in one sentence."""
    if kind_of(scene) == "numeric":
        return SYSTEMS[scene].about
    return tokens.SCENES[scene].about if kind_of(scene) == "token" else scenes.about(scene)


def options(scene: str) -> dict[str, type]:
    """What can be set about a scene, and of which type it is."""
    if kind_of(scene) == "token":
        return {"duration": float, "rate": float, "seed": int, "tokens": int, "choices": int}
    if kind_of(scene) == "numeric":
        known: dict[str, type] = {"duration": float, "rate": float, "seed": int, "samples": int, "noise": float}
        return known | {"columns": str} | ({"tau": float} if scene == "mackey_glass" else {})
    return {name: kind for name, (_, kind) in _OF_CSI.items()}


_OF_CSI: dict[str, tuple[str, type]] = {
    "duration": ("duration_s", float),
    "rate": ("rate_hz", float),
    "seed": ("seed", int),
    "room": ("room", int),
    "size": ("size_m", str),
    "nodes": ("nodes", int),
    "snr": ("snr_db", float),
    "loss": ("loss", float),
    "gain_steps": ("gain_steps", int),
    "secondary": ("secondary", str),
    "breathing": ("breathing_hz", float),
    "uptime": ("booted_s", float),
}
"""The field of `Setup` that each option sets, and the type of the option."""


@dataclass(frozen=True, slots=True)
class Play:
    """A scene about to be played."""

    scene: str
    kind: Kind
    pieces: Iterator[Recording]
    truth: list[tuple[float, float, str]] | None
    """What happens when, as `scenes.truth` has it, or the regime that a system is in; None where nobody knows, or where
    it never ends."""


def play(scene: str, settings: Mapping[str, Any]) -> Play:
    """Play a scene.

    Args:
        settings: values by the names of `options`, as text or as what they are; what is missing is as usual.

    Raises:
        UsageError: there is no such scene, or a value makes no sense.
    """
    kind = kind_of(scene)
    typed = {name: options(scene)[name](value) for name, value in settings.items()}
    if kind == "token":
        return Play(scene, kind, _tokens(scene, typed), None)
    if kind == "numeric":
        return _system(scene, typed)
    if "size" in typed:
        typed["size"] = _size(typed["size"])
    setup = Setup(**{_OF_CSI[name][0]: value for name, value in typed.items()})
    truth = None if math.isinf(setup.duration_s) else scenes.truth(scene, setup)
    return Play(scene, kind, scenes.simulate(scene, setup), truth)


def _tokens(scene: str, settings: dict[str, Any]) -> Iterator[Recording]:
    rate_hz = settings.get("rate", TOKEN_RATE_HZ)
    count = settings.get("tokens", TOKENS)
    if "duration" in settings:
        if not math.isfinite(settings["duration"] * rate_hz):
            raise UsageError("a stream of tokens has an end", "set a duration, or how many tokens there are")
        count = round(settings["duration"] * rate_hz)
    if count < 1:
        raise UsageError("a stream of tokens has one at least", "choose a longer duration, or more tokens")
    return tokens.simulate(
        scene, tokens=count, rate_hz=rate_hz, seed=settings.get("seed", 1), choices=settings.get("choices", 1)
    )


def _system(scene: str, settings: dict[str, Any]) -> Play:
    rate_hz = settings.get("rate", SYSTEMS[scene].rate_hz)
    samples = float(settings.get("samples", playing.SAMPLES))
    if "duration" in settings:
        samples = settings["duration"] * rate_hz
        samples = samples if math.isinf(samples) else float(round(samples))
    chosen = {"rate_hz": settings.get("rate"), "samples": samples, "columns": settings.get("columns", "")}
    chosen |= {name: settings[name] for name in ("seed", "noise") if name in settings}
    chosen |= {"tau_s": settings["tau"]} if "tau" in settings else {}
    pieces = playing.simulate(scene, playing.Sampling(**chosen))
    truth = None if math.isinf(samples) else [(0.0, samples / rate_hz, SYSTEMS[scene].regime)]
    return Play(scene, kind_of(scene), pieces, truth)


def _size(text: str) -> tuple[float, float, float]:
    """A room's size as people write it: `5x4x2.6`, in metres.

    Raises:
        UsageError: it is written in another way.
    """
    try:
        length, width, height = map(float, text.split("x"))
    except ValueError:
        raise UsageError(f"{text!r} is no size of a room", "write length x width x height: 5x4x2.6") from None
    return length, width, height
