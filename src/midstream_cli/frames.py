"""What flows, one instant at a time: channel state (`csi`), language-model tokens (`token`), plain numbers (`numeric`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Int64: TypeAlias = npt.NDArray[np.int64]
Float64: TypeAlias = npt.NDArray[np.float64]
Complex64: TypeAlias = npt.NDArray[np.complex64]

Kind = Literal["csi", "token", "numeric"]
Clock = Literal["device", "host", "none"]

TOKEN_KINDS = ("text", "thinking", "tool_call", "refusal", "citation", "finish")
"""What a token event can carry; `TokenRecording.kind` holds positions in this tuple."""


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What is true of a whole stream, known from its first frame on."""

    source: str = ""
    """Where it came from, as the user named it."""
    format: str = ""
    """The name of the format that read it."""
    kind: Kind = "csi"
    clock: Clock = "device"
    """`device`: nanoseconds since the board booted; `host`: since 1970; `none`: the stream carries no times."""
    amplitude_only: bool = False
    """The phases were lost before we saw the stream; imaginary parts are zero."""
    start_ns: int | None = None
    """Time of the stream's first frame, where what we see begins later."""


@dataclass(frozen=True, slots=True, eq=False)
class CsiFrame:
    """Channel state of one received packet."""

    time_ns: int
    node: int
    csi: Complex64
    """Shape (subcarriers,), in the order of the format's own buffer."""
    rssi: float = float("nan")
    """Received signal strength in dBm; NaN where the format has none."""
    noise_floor: float = float("nan")
    """In dBm; NaN where the format has none."""
    channel: int = 0
    """WiFi channel number; 0 where the format has none."""
    seq: int = -1
    """The sender's frame counter; -1 where the format has none."""
    segment: int = 0
    """How often the board had restarted before this frame."""
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenFrame:
    """One event of a language model's stream; not necessarily one token."""

    time_ns: int
    text: str
    choice: int = 0
    kind: str = "text"
    """One of `TOKEN_KINDS`."""
    logprob: float = float("nan")
    finish: str = ""
    """Why the choice ended, on its last event; empty before."""


@dataclass(frozen=True, slots=True)
class NumericFrame:
    """One row of named numbers."""

    time_ns: int
    values: Mapping[str, float]


Frame: TypeAlias = CsiFrame | TokenFrame | NumericFrame


def node_name(node: int) -> str:
    """A node as people write it: `20:50:0D:2A:A2:E4` for a MAC address, `3` for a node number."""
    if node < 1 << 16:
        return str(node)
    return ":".join(f"{node >> shift & 0xFF:02X}" for shift in range(40, -1, -8))


def node_number(name: str) -> int:
    """The inverse of `node_name`.

    Raises:
        ValueError: neither a MAC address nor a whole number.
    """
    return int(name.replace(":", ""), 16) if ":" in name else int(name)
