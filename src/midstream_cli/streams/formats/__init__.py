"""What bytes mean: one file here is one format, called as `--input-format` calls it, with `_` for `-`.

A format is a module with `KIND`, `sniff(head)` and `decode(stream, tally, info)`, and where its frames can also be
written, `encode(recording)`. Its first docstring line is its help.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Protocol, cast

from midstream_cli.errors import UsageError
from midstream_cli.frames import Kind, StreamInfo
from midstream_cli.recordings import Recording
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream


class Format(Protocol):
    """What a module of this package offers."""

    KIND: Kind

    def sniff(self, head: bytes) -> bool:
        """Whether a stream that begins with these bytes is of this format."""
        ...

    def decode(self, stream: ByteStream, tally: Tally, info: StreamInfo) -> Iterator[Recording]:
        """The frames of a stream, piece by piece; damage is counted and passed over, never fatal."""
        ...


class WritableFormat(Format, Protocol):
    """A format whose frames can also be written."""

    def encode(self, recording: Recording) -> Iterator[bytes]:
        """The bytes that hold these frames: one message each where the format has messages, else any pieces."""
        ...


@cache
def names() -> tuple[str, ...]:
    """All formats by the names users type, without importing them."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Format:
    """The format of this name.

    Raises:
        UsageError: there is none.
    """
    if name not in names():
        from difflib import get_close_matches

        close = get_close_matches(name, names(), n=1)
        guess = f"did you mean {close[0]}? " if close else ""
        raise UsageError(f"no format is called {name!r}", f"{guess}known are {', '.join(names())}")
    return cast(Format, importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))


def writable() -> list[str]:
    """The formats whose frames can also be written."""
    return [name for name in names() if hasattr(load(name), "encode")]


def recognise(head: bytes) -> str | None:
    """The name of the format of a stream that begins with these bytes, or None where nothing knows them yet."""
    return next((name for name in names() if load(name).sniff(head)), None)
