"""When the segments of a capture begin and end, in seconds after the stream's first frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from midstream_cli.errors import SignatureError, UsageError

DEFAULT_S = 2.0
"""How long a segment of channel state is, where nothing else is asked for."""

MARGIN_S = 1.5
"""Read on so long after a segment: filters and sliding windows look ahead."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Segments of one length, and how far to read for them."""

    starts_s: Sequence[float] = ()
    """Empty where they are spread over a recording whose end is not known yet."""
    seconds: float | None = None
    """None takes the stream from the start to its end."""
    until_s: float | None = None
    """None reads to the end."""

    def prompts(self, name: str) -> Callable[[float], str]:
        """What to tell the person in front of a live source, so many seconds after its first frame."""

        def text(passed_s: float) -> str:
            for i, start in enumerate(self.starts_s, 1):
                which = f" (take {i} of {len(self.starts_s)})" if len(self.starts_s) > 1 else ""
                if passed_s < start:
                    return f"{name}{which} begins in {start - passed_s:.0f} s"
                if self.seconds is None or passed_s < start + self.seconds:
                    left = "" if self.seconds is None else f", {start + self.seconds - passed_s:.1f} s left"
                    return f"{name}{which}: now{left}"
            return "done"

        return text


def of_grid(
    start_s: float | None, end_s: float | None, seconds: float | None, takes: int, *, wait_s: float | None
) -> Schedule:
    """The segments of a stream whose vectors come at an even rate.

    Args:
        start_s: where the first may begin.
        end_s: where the last has to end.
        seconds: how long each is; None takes what is between the two for one take, else the default.
        takes: how many.
        wait_s: the pause before each, for the person in front of a live source; None for a recording.

    Raises:
        UsageError: the segments have no room before `end_s`.
    """
    start = start_s or 0.0
    if seconds is None:
        seconds = end_s - start if end_s is not None and takes == 1 else DEFAULT_S
    if wait_s is not None:
        start = max(start, wait_s)
    starts = [start + i * (seconds + (wait_s or 0.0)) for i in range(takes)] if wait_s is not None else [start]
    if end_s is not None and starts[-1] + seconds > end_s + 1e-9:
        raise UsageError(
            f"{takes} x {seconds:g} s do not fit before --to {end_s:g}", "choose a later --to or a shorter --duration"
        )
    if wait_s is None and takes > 1:
        return Schedule((), seconds, None if end_s is None else end_s + MARGIN_S)
    return Schedule(starts, seconds, starts[-1] + seconds + MARGIN_S)


def of_events(start_s: float | None, end_s: float | None, seconds: float | None, takes: int) -> Schedule:
    """The segment of a stream whose vectors come as its events do; all of it, where nothing else is asked for.

    Raises:
        UsageError: several takes, which would differ in length, or no room before `end_s`.
    """
    if takes > 1:
        raise UsageError("takes of tokens or plain numbers cannot be averaged", "leave --average out")
    start = start_s or 0.0
    if seconds is not None and end_s is not None and start + seconds > end_s:
        raise UsageError(f"{seconds:g} s do not fit before --to {end_s:g}", "leave --to or --duration out")
    if seconds is None and end_s is not None:
        seconds = end_s - start
    return Schedule((start,), seconds, None if seconds is None else start + seconds)


def spread(first_s: float, last_s: float, seconds: float, takes: int) -> list[float]:
    """Where so many segments begin that share a recording evenly.

    Raises:
        SignatureError: they have no room beside one another; takes that overlap are one take several times.
    """
    room = last_s - first_s - seconds
    if room < 0:
        raise SignatureError(
            f"a take of {seconds:g} s needs more than the {max(last_s - first_s, 0.0):.2f} s there are",
            "choose an earlier --from or a shorter --duration",
        )
    if room < (takes - 1) * seconds:
        fitting = int((last_s - first_s) / seconds)
        raise SignatureError(
            f"{takes} takes of {seconds:g} s overlap in the {last_s - first_s:.2f} s there are",
            f"choose --average {fitting} or a shorter --duration" if fitting > 1 else "leave --average out",
        )
    return [first_s + i * room / (takes - 1) for i in range(takes)]
