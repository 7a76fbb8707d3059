"""The `CSI_DATA` lines read one at a time with regular expressions: the slow and obvious twin of the vectorised parser."""

import base64
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from math import nan
from typing import Any

from midstream_cli.streams.csi_line import Fields, LineParser
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.whole_lines import whole_lines

BOOT = re.compile(rb"ESP-ROM:|rst:0x|(?<![A-Za-z])ets [A-Z][a-z]{2} +\d")
REAL = rb"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
FORMS = {
    "int": rb"-?\d{1,15}",
    "real": REAL,
    "mac": rb"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}",
    "text": rb"(?!.*CSI_DATA)[ -~]{0,32}",
    "moment": REAL + rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?",
}


@dataclass
class Log:
    """What a log holds."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    """The fields of each good record by name; its `values`, `host_time_s`, and what stood before it."""
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Where each fault was met, in order, and its name."""
    skipped: Counter[str] = field(default_factory=Counter)


def read_slowly(text: bytes, fields: Fields) -> Log:
    """Read a log line by line."""
    log = Log()
    before = {"booted": False, "headed": False, "rx_format": False}
    lines = text.split(b"\n")
    for number, line in enumerate(lines if lines[-1] else lines[:-1], start=1):
        parts = re.split(rb"CSI_DATA,", line)
        header = re.search(rb"(^|,)type,.*,local_timestamp,", parts[0])
        if header and len(parts) > 1 and b"[" not in parts[1]:
            del parts[1]
        other = re.search(rb"(RADAR_DADA|DEVICE_INFO),", parts[0])
        if BOOT.search(parts[0]):
            before["booted"] = True
        if header:
            before["headed"], before["rx_format"] = True, b",rx_format," in parts[0]
            log.skipped["header"] += 1
        elif re.match(rb"[-0-9 ,]*\]", parts[0]) or re.search(rb"([0-9]|^),\"*\[[-0-9 ,]*\]", parts[0]):
            log.faults.append((f"line {number}", "record without a beginning"))
        elif other:
            log.skipped[other[1].decode()] += 1
        elif len(parts) == 1 and line.strip():
            log.skipped["other text"] += 1
        for part in parts[1:]:
            frame, fault, rest = read_record(part, fields)
            if fault:
                log.faults.append((f"line {number}", fault))
            else:
                log.frames.append(frame | before)
                before["booted"] = before["headed"] = False
            if BOOT.search(rest):
                before["booted"] = True
    return log


def read_record(part: bytes, fields: Fields) -> tuple[dict[str, Any], str, bytes]:  # noqa: PLR0911 - one for each fault
    """The text behind one `CSI_DATA,`: its frame, or its fault; and what does not belong to it."""
    names = fields.names
    if fields.base64_data and b"[" not in part:
        words = part.split(b",", len(names))
        if len(words) <= len(names):
            return {}, "record cut short", part
        if b"]" in part:
            return {}, "garbage in the fields", part
        data = words.pop().strip(b'" \r')
        if not re.fullmatch(rb"(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?", data) or b"_" in data:
            return {}, "data is not base64", part
        values = [byte - 256 if byte > 127 else byte for byte in base64.b64decode(data)]
        frame, fault = read_fields(words, values, False, nan, fields)
        return frame, fault, part
    if not (found := re.fullmatch(rb"([^[]*)\[([^]]*)\](.*)", part, re.DOTALL)):
        return {}, "record cut short", part
    head, data, rest = found.groups()
    if head.count(b",") != len(names):
        return {}, "wrong number of fields", part
    if b"]" in head:
        return {}, "garbage in the fields", part
    if b"[" in data:
        return {}, "garbage in the data", part
    values = []
    garbage = not re.fullmatch(rb"[ ,]*(?:-?\d{1,5}(?:[ ,]+|$))*", data)
    if not garbage:
        values = [int(word) for word in data.replace(b",", b" ").split()]
        garbage = any(not -32768 <= value <= 32767 for value in values)
    host_time_s = nan
    if host := re.match(rb'"?,([^][]*)', rest):
        word = re.sub(rb"\r{1,2}$", b"", host[1])
        if len(word) >= 10 and re.fullmatch(REAL, word) and 1e9 < float(word) < 1e10:
            host_time_s = float(word)
        rest = b""
    frame, fault = read_fields(head.split(b",")[:-1], values, garbage, host_time_s, fields)
    return frame, fault, rest


def read_fields(  # noqa: PLR0911 - one for each fault
    words: list[bytes], values: list[int], garbage: bool, host_time_s: float, fields: Fields
) -> tuple[dict[str, Any], str]:
    """A record whose parts are known: its frame, or its fault."""
    if garbage:
        return {}, "garbage in the data"
    if not values:
        return {}, "no data"
    if fields.pairs and len(values) % 2:
        return {}, "odd number of values"
    if not fields.pairs and min(values) < 0:
        return {}, "negative amplitude"
    kinds = kinds_of(fields)
    named = dict(zip(fields.names, words, strict=True))
    for kind in dict.fromkeys(kinds.values()):
        if not all(readable(named[name], kind) for name in fields.names if kinds[name] == kind):
            return {}, f"{kind} field unreadable"
    frame = {name: read_word(word, kinds[name]) for name, word in named.items()}
    if fields.counted and frame["len"] != len(values):
        return {}, "length does not match"
    if not fields.pairs and 2 * len(values) not in (frame["len"], 128):
        return {}, "length does not match"
    return frame | {"values": values, "host_time_s": host_time_s}, ""


@cache
def kinds_of(fields: Fields) -> dict[str, str]:
    """What each field holds, in their order."""
    kinds = dict.fromkeys(fields.names, "int") | {name: "mac" for name in fields.names if name == "mac"}
    known = {fields.text: "text", fields.real: "real", fields.moment: "moment"}
    return {name: known.get(name, kind) for name, kind in kinds.items()}


def readable(word: bytes, kind: str) -> bool:
    """Whether a field holds what it should."""
    try:
        return re.fullmatch(FORMS[kind], word) is not None and read_word(word, kind) is not None
    except ValueError:  # a day that no month has
        return False


def read_word(word: bytes, kind: str) -> Any:
    """One field."""
    match kind:
        case "int":
            return int(word)
        case "mac":
            return int(word.replace(b":", b""), 16)
        case "real":
            return float(word)
        case "moment":
            when = word.decode()
            return (
                float(when) / 1000 if b":" not in word else datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp()
            )
    return word.decode()


def read_fast(chunks: Iterable[bytes], fields: Fields) -> Log:
    """Read the same with the parser, from text cut into chunks."""
    tally = NoisyTally()
    parser = LineParser(fields, tally)
    log = Log(skipped=tally.skipped, faults=tally.found)
    for block in whole_lines(iter(chunks), tally):
        lines = parser.parse(block)
        if lines is None:
            continue
        ends = lines.counts.cumsum()
        for i, row in enumerate(lines.evidence.tolist()):
            frame = {name: column[i].item() for name, column in lines.fields.items()}
            frame |= {"values": lines.values[ends[i] - lines.counts[i] : ends[i]].tolist()}
            frame |= {"host_time_s": float(lines.host_time_s[i])}
            log.frames.append(frame | dict(zip(("booted", "headed", "rx_format"), row, strict=True)))
    return log


class NoisyTally(Tally):
    """A tally that remembers every fault."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def fault(self, name: str, where: str, count: int = 1) -> None:
        """Remember one fault."""
        super().fault(name, where, count)
        self.found.append((where, name))
