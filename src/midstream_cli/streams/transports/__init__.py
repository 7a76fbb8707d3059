"""Where bytes come from: one file here is one URL scheme.

A transport is a module with a function `open_stream(url, patience, tally)`. Its first docstring line is its help.
"""

import importlib
import pkgutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol, cast
from urllib.parse import SplitResult, parse_qsl, urlsplit

from midstream_cli.errors import UsageError
from midstream_cli.streams.tally import Tally


class Chunk(NamedTuple):
    """Some bytes, and when they came."""

    data: bytes
    """Empty from time to time on a live transport, so that waiting code can look around."""
    time_ns: int = 0
    """Unix time of arrival; 0 where the bytes were recorded earlier."""
    gap: bool = False
    """Bytes are missing before these: what had been begun does not go on here."""


@dataclass(slots=True)
class ByteStream:
    """An open transport."""

    chunks: Iterator[Chunk]
    release: Callable[[], object] | None = None
    """Lets go of the port, socket or file."""
    live: bool = False
    """Bytes come at the sender's pace, and each chunk says when."""
    sender_waits: bool = False
    """The sender is held up while nobody reads, as on a pipe: nothing ever needs to be dropped."""
    datagrams: bool = False
    """Each chunk is one whole message."""
    path: Path | None = None
    """The file or folder behind it, for formats that must seek."""
    size: int | None = None
    """Bytes in all, where that is known."""
    frame_rate_hz: float | None = None
    """How fast frames came, as the user says, for recordings that carry no times."""
    stopped: bool = False
    """Set from another thread: the chunks end with the next one."""
    read: int = 0
    """Bytes handed out so far."""
    _opened: Iterator[Chunk] = field(init=False)

    def __post_init__(self) -> None:
        self._opened = self.chunks
        self.chunks = self._until_stopped()

    def _until_stopped(self) -> Iterator[Chunk]:
        for chunk in self._opened:
            if self.stopped:
                return
            self.read += len(chunk.data)
            yield chunk

    def as_text(self) -> Iterator[Chunk]:
        """The chunks of a stream of lines: each message ends its line, and no line goes on past a gap."""
        for chunk in self.chunks:
            data = chunk.data
            if self.datagrams and data and not data.endswith(b"\n"):
                data += b"\n"
            yield chunk._replace(data=b"\n" + data if chunk.gap else data)

    def close(self) -> None:
        """Let go of the port, socket or file.

        While another thread waits for the next chunk, this only tells it to stop; that thread then closes the stream.
        """
        self.stopped = True
        close = getattr(self._opened, "close", None)
        try:
            if close:
                close()
        except ValueError:  # the generator is executing, in the other thread
            return
        if self.release:
            self.release()


def _unheard(sentence: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a live transport waits before it gives up, and whom it tells that it waits."""

    silence_s: float = 30.0
    """For the next byte."""
    reconnect_s: float = 30.0
    """For a port that went away to come back."""
    say: Callable[[str], None] = _unheard
    """Called with a sentence for the user, while the stream goes on; from whichever thread reads."""


TICK_S = 0.1
"""How long a live transport waits at a time; whoever reads it hears from it that often, with or without bytes."""


class Transport(Protocol):
    """What a module of this package offers."""

    def open_stream(self, url: str, patience: Patience, tally: Tally) -> ByteStream:
        """Open what `url` names.

        Raises:
            SourceError: it cannot be opened, or fell silent for too long.
        """
        ...


@cache
def names() -> tuple[str, ...]:
    """All schemes, without importing their modules."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(url: str) -> Transport:
    """The transport of a URL; a URL without a scheme is a path, and `-` is standard input.

    Raises:
        UsageError: nothing knows the scheme.
    """
    scheme = scheme_of(url)
    if scheme not in names():
        if not _known_to_pyserial(scheme):
            known = ", ".join(f"{name}://" for name in names())
            raise UsageError(
                f"no transport is called {scheme}:// (in {url})",
                f"known are {known}; paths need no scheme, - is standard input, and pyserial's own schemes work too",
            )
        scheme = "serial"
    return cast(Transport, importlib.import_module(f"{__name__}.{scheme}"))


def scheme_of(url: str) -> str:
    """`file` for a path, `stdin` for `-`, else what stands before `://`."""
    if url == "-":
        return "stdin"
    scheme, separator, _ = url.partition("://")
    return scheme.lower() if separator else "file"


def options(url: str, **known: type) -> tuple[SplitResult, dict[str, str]]:
    """A URL in parts, and its query as a mapping that holds known names only.

    Raises:
        UsageError: a name in the query is not known, its value is not of its type, or the URL is none.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UsageError(
            f"{url} is not a URL: {error}", "an IPv6 address stands in brackets: udp://[::]:5005"
        ) from None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name, value in query.items():
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise UsageError(f"{url} has no option {name!r}", f"options of {parts.scheme}:// are: {listed}")
        try:
            known[name](value)
        except ValueError:
            kind = {int: "a whole number", float: "a number"}.get(known[name], "text")
            raise UsageError(f"{name}={value} in {url} is not {kind}", f"write for example ?{name}=1") from None
    return parts, query


def _known_to_pyserial(scheme: str) -> bool:
    import importlib.util

    try:
        return importlib.util.find_spec(f"serial.urlhandler.protocol_{scheme}") is not None
    except ModuleNotFoundError:
        return False


def now_ns() -> int:
    """Unix time in nanoseconds; the one clock that stamps arrivals."""
    return time.time_ns()
