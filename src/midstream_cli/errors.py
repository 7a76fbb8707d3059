"""Every error a user can meet, and the exit code each one ends with.

MidstreamError
├── UsageError            2   the request itself does not make sense
├── SourceError           3   bytes could not be had: no such port, silent peer, unreadable file
├── FormatError           4   bytes came, but not in the form they should have
│   ├── LayoutError       4   frames of different shapes where one shape is needed
│   └── SignatureError    4   a signature that is damaged, or does not fit what it is compared with
├── StoreError            5   results could not be kept or read back
└── InsufficientData      6   a series too short for what was asked of it
"""

from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """What the exit code of every command means."""

    OK = 0
    """Done; where a question was asked, the answer is yes."""
    NO = 1
    """Done, and the answer is no: nothing under the threshold, a property that does not hold."""
    USAGE = 2
    """The command line or a configuration file asks for something that does not exist."""
    SOURCE = 3
    """A source could not be opened, fell silent or went away for good."""
    FORMAT = 4
    """The bytes are not in a form that can be read, or a signature does not fit them."""
    STORE = 5
    """The store could not be opened, written or queried."""
    UNDECIDED = 6
    """The stream ended before the answer was certain, or holds too little for one."""
    BUG = 70
    """A defect in midstream itself."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C, SIGTERM or a terminal that closed; what had come in until then was kept."""


class MidstreamError(Exception):
    """What happened, and in `hint` what to do next."""

    exit_code = ExitCode.BUG

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the hint when the error crosses a process boundary."""
        return type(self), (str(self), self.hint)


class UsageError(MidstreamError):
    """The request itself does not make sense."""

    exit_code = ExitCode.USAGE


class SourceError(MidstreamError):
    """Bytes could not be had."""

    exit_code = ExitCode.SOURCE


class FormatError(MidstreamError):
    """Bytes came, but not in the form they should have."""

    exit_code = ExitCode.FORMAT


class LayoutError(FormatError):
    """Frames of different shapes where one shape is needed."""


class SignatureError(FormatError):
    """A signature that is damaged, or does not fit what it is compared with."""


class StoreError(MidstreamError):
    """Results could not be kept or read back."""

    exit_code = ExitCode.STORE


class InsufficientData(MidstreamError):  # noqa: N818 - an answer as much as an error; the name is known
    """A series too short for what was asked of it."""

    exit_code = ExitCode.UNDECIDED

    def __init__(self, needed: int, available: int, what: str = "the analysis") -> None:
        missing = needed - available
        super().__init__(
            f"{what} needs {needed} samples, and there are {available}: {missing} {'is' if missing == 1 else 'are'} missing",
            "record longer, or ask for less: a smaller embedding dimension or delay, one indicator alone",
        )
        self.needed = needed
        self.available = available
        self.what = what

    @property
    def missing(self) -> int:
        """How many samples more it takes."""
        return self.needed - self.available

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the numbers when the error crosses a process boundary."""
        return type(self), (self.needed, self.available, self.what)
