"""Where results come from, and what recordings hold."""

from dataclasses import dataclass
from typing import Annotated, ClassVar


@dataclass(frozen=True, slots=True)
class Run:
    """One command at work on one source: where results come from."""

    TABLE: ClassVar[str] = "runs"

    run_id: Annotated[str, "twelve hexadecimal digits, unique to this run"]
    command: Annotated[str, "the subcommand"]
    arguments: Annotated[str, "all options in effect, as a JSON object"]
    version: Annotated[str, "the version of midstream"]
    source: Annotated[str, "the URL or path that was read"]
    started: Annotated[str, "UTC, ISO 8601"]
    seed: Annotated[int | None, "of the random generator, where the command uses one"]
    frames: Annotated[int, "frames read"]
    lost: Annotated[int, "frames that the sender numbered and that never came"]
    bad: Annotated[int, "malformed records passed over"]


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """What a recording holds, and what is wrong with it."""

    TABLE: ClassVar[str] = "recordings"

    path: Annotated[str, "the source, as it was named"]
    format: Annotated[str, "the format that read it"]
    kind: Annotated[str, "csi, token or numeric"]
    clock: Annotated[str, "device (since boot), host (Unix time) or none: no time per event, so no latencies"]
    frames: Annotated[int, "whole frames, those the receiver called damaged included"]
    nodes: Annotated[list[str], "MAC addresses or node numbers, most frames first; choices of a token stream"]
    duration_s: Annotated[float | None, "from the first to the last frame"]
    rate_hz: Annotated[float | None, "frames a second of the most frequent node"]
    gaps: Annotated[int, "silences of more than 10 median intervals and 50 ms"]
    longest_gap_s: Annotated[float | None, "the longest interval between two frames"]
    resets: Annotated[int, "restarts of the board"]
    lost: Annotated[int | None, "frames that the sender numbered and that never came; null where it numbers none"]
    late: Annotated[int, "frames that came out of order and were put back"]
    bad: Annotated[int, "malformed records passed over"]
    faults: Annotated[dict[str, int], "malformed records by kind of damage"]
    skipped: Annotated[dict[str, int], "whole records that are not frames, by kind"]
    dropped: Annotated[dict[str, int], "frames an analysis would leave out, by reason"]
    subcarriers: Annotated[int | None, "of the most frequent layout"]
    null_subcarriers: Annotated[list[int], "positions in the frame that carry nothing, in that layout"]
    layouts: Annotated[dict[str, int], "frames by number of subcarriers"]
    rssi_dbm: Annotated[float | None, "median received signal strength"]
    channel: Annotated[int | None, "WiFi channel"]
    usage: Annotated[dict[str, int], "token counts that the provider reported"]
