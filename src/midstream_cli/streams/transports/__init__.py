"""Where bytes come from: one file here is one URL scheme.

A transport is a module with a function `open_stream(url, patience, tally)`. Its first docstring line is its help.
"""

import importlib
import pkgutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class ByteStream:
    """An open transport."""

    chunks: Iterator[Chunk]
    live: bool = False
    """Bytes come at the sender's pace, and each chunk says when."""
    datagrams: bool = False
    """Each chunk is one whole message."""
    path: Path | None = None
    """The file or folder behind it, for formats that must seek."""
    size: int | None = None
    """Bytes in all, where that is known."""
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

    def close(self) -> None:
        """Let go of the port, socket or file; no thread may be reading it any more."""
        close = getattr(self._opened, "close", None)
        if close:
            close()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a live transport waits before it gives up."""

    silence_s: float = 30.0
    """For the next byte."""
    reconnect_s: float = 30.0
    """For a port that went away to come back."""


class Transport(Protocol):
    """What a module of this package offers."""

    def open_stream(self, url: str, patience: Patience, tally: Tally) -> ByteStream:
        """Open what `url` names.

        Raises:
            SourceError: it cannot be opened, or fell silent for too long.
        """
        ...


def names() -> list[str]:
    """All schemes, without importing their modules."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


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
        UsageError: a name in the query is not known, or its value is not of its type.
    """
    parts = urlsplit(url)
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
