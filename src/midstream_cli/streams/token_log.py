"""From a provider's events to token frames: what all its formats share."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import fsum, isnan, nan

from midstream_cli.errors import FormatError
from midstream_cli.frames import Clock, StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording
from midstream_cli.streams.events import Event, events
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

TIMELESS = "the stream has no time per event, so there are no latencies"

LAST_CHOICE = (1 << 16) - 1
"""A choice with a larger number is damage: providers allow some hundred."""

GENERATED = ("text", "thinking", "tool_call", "refusal")
"""Kinds of events that tokens were generated for."""


class Usage:
    """Token counts that a provider reports, kept in `tally.usage`, added up over the responses of one log."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._response = ""
        self._before: dict[str, int] = {}

    def report(self, response: str | None, **counts: int | None) -> None:
        """Take counts of a response by its id, None for the same as last time; they replace what it said before."""
        known = {name: count for name, count in counts.items() if count is not None}
        if response is not None and response != self._response:
            self._response, self._before = response, dict(self._tally.usage)
        for name, count in known.items():
            self._tally.usage[name] = self._before.get(name, 0) + count


Reader = Callable[[Event, Usage], Iterator[TokenFrame]]
"""What a format knows: the frames of one event, stamped with the event's time unless they carry their own."""


def decode_events(stream: ByteStream, tally: Tally, info: StreamInfo, read: Reader) -> Iterator[TokenRecording]:
    """Decode a stream of events; one recording for each chunk that brought frames.

    The clock is `host` where the first frame has a time, its own or that of its arrival; else `none`, with a note.
    """
    usage, seen = Usage(tally), Counter[str]()
    clock: Clock | None = None
    for batch in events(stream, tally):
        frames = [frame for event in batch for frame in _counted(event, usage, tally, read)]
        if not frames:
            continue
        if clock is None:
            clock = "host" if frames[0].time_ns else "none"
            info = replace(info, clock=clock)
            if clock == "none":
                tally.note(TIMELESS)
        seen.update(frame.kind for frame in frames if frame.text)
        seen["end"] += sum(frame.finish != "" for frame in frames)
        yield TokenRecording.of(info, frames)
    _note_tokens(tally, seen)


def _counted(event: Event, usage: Usage, tally: Tally, read: Reader) -> list[TokenFrame]:
    bad = tally.bad
    note_error(event.data, tally)
    frames = list(read(event, usage))
    if not frames and tally.bad == bad:
        tally.skipped["event without text"] += 1
    return frames


def note_error(data: JsonObject, tally: Tally) -> None:
    """Say what the provider says went wrong, in the `error` of an event or in an event that is an error."""
    error = data.values.get("error")
    if not error and data.values.get("type") != "error":
        return
    holder = error if isinstance(error, dict) else data.values
    message = error if isinstance(error, str) else holder.get("message")
    tally.note(f"the provider reported an error: {str(message)[:200]!r}")


def _note_tokens(tally: Tally, seen: Counter[str]) -> None:
    """Say so where events are not tokens: by more than 5 %, and by more than an end-of-text token each time."""
    tokens = tally.usage.get("completion")
    if tokens is None:
        return
    if not seen["thinking"]:
        tokens -= tally.usage.get("reasoning", 0)
    generated = [kind for kind in GENERATED if seen[kind]]
    count = sum(seen[kind] for kind in generated)
    if count and abs(tokens - count) > max(0.05 * tokens, seen["end"]):
        what = "text events" if generated == ["text"] else "events"
        tally.note(f"{count} {what} carry {tokens} tokens: an event is not a token")


def total_logprob(values: Iterable[float]) -> float:
    """The log probability of several tokens in a row, leaving out those that are not known; NaN where none is."""
    known = [value for value in values if not isnan(value)]
    return fsum(known) if known else nan


def logprobs(holder: JsonObject, name: str) -> list[float]:
    """Those of a list of tokens, each of which says its own."""
    return [token.number("logprob") for token in holder.objects(name)]


Piece = tuple[str, str, float]
"""Kind, text and log probability."""


def with_finish(pieces: Sequence[Piece], finish: str, choice: int, time_ns: int) -> Iterator[TokenFrame]:
    """The frames of one choice in one event: where `finish` says why it ends, the last one does, or one of its own."""
    if finish and not pieces:
        yield TokenFrame(time_ns, "", choice, "finish", finish=finish)
    for i, (kind, text, logprob) in enumerate(pieces, 1):
        yield TokenFrame(time_ns, text, choice, kind, logprob, finish if i == len(pieces) else "")


def written(
    recording: TokenRecording, name: str, kinds: Sequence[str], *, one_choice: bool = False
) -> list[TokenFrame]:
    """The frames of a recording, in so far as a format can hold them.

    Args:
        name: the format.
        kinds: what it has a place for.
        one_choice: it has no place for more than one choice.

    Raises:
        FormatError: it cannot hold them all.
    """
    frames = list(recording)
    homeless = sorted({frame.kind for frame in frames} - set(kinds))
    if homeless:
        raise FormatError(f"{name} has no place for {', '.join(homeless)} events", "write tokens-jsonl instead")
    if one_choice and any(frame.choice != frames[0].choice for frame in frames):
        raise FormatError(f"{name} has no place for several choices", "choose one with --node, or write tokens-jsonl")
    return frames
