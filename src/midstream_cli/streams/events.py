"""Events in JSON, as servers send them: server-sent events (`data: {...}`), or one object a line.

Both come through the same parser, line by line, so that a log may be either, or both: a line that begins with `{` is an
event of its own, everything else is read as the lines of server-sent events (WHATWG HTML, 9.2.6). Beyond the standard,
what real logs need: an event at the end of a log needs no blank line after it, and where the blank lines were lost, an
event that is whole ends with the next one's first line.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream

LONGEST = 1 << 24
"""Bytes of one event; the last event of a response may repeat all of it, images included."""

DONE = b"[DONE]"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One JSON object of a stream."""

    data: JsonObject
    name: str
    """What `event:` said; empty where nothing did."""
    time_ns: int
    """When the chunk arrived that completed it; 0 where the bytes were recorded earlier."""
    where: str
    """The line in the stream on which it begins."""


def events(stream: ByteStream, tally: Tally, longest: int = LONGEST) -> Iterator[list[Event]]:
    """The events of a stream: one list for each chunk that completed any.

    Broken JSON is counted as a fault and passed over; `[DONE]`, pings, comments and other text are counted as skipped.
    """
    parser = EventParser(tally, longest)
    for chunk in stream.chunks:
        found = parser.finish() if chunk.gap else []
        found += parser.feed(chunk.data, chunk.time_ns) if chunk.data else []
        found += parser.finish() if stream.datagrams else []
        if found:
            yield found
    last = parser.finish()
    if last:
        yield last


def sent_event(data: Mapping[str, Any], name: str = "") -> bytes:
    """An object as one server-sent event."""
    return (f"event: {name}\n".encode() if name else b"") + b"data: " + json_line(data) + b"\n"


def json_line(data: Mapping[str, Any]) -> bytes:
    """An object as one line. Half characters, which UTF-8 cannot hold, are written as JSON escapes."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"


def event_with(pattern: bytes) -> re.Pattern[bytes]:
    """What finds an event in the head of a stream: a line that is one, in either container, and matches `pattern`.

    Inside the strings of JSON a quote is escaped, so a pattern that holds quotes finds keys and values, not prose. A line
    that is indented is part of something larger, such as a cassette.
    """
    return re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n])(?:data:[ \t]*)?\{[^\r\n]*" + pattern)


class LineSplitter:
    r"""Lines out of bytes cut anywhere, ended by LF, CR or CR LF.

    Of a line longer than `longest` only its first `longest + 1` bytes are kept.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = bytearray()
        self._after_return = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that these bytes complete."""
        if self._after_return and data:
            # the line feed of a CR LF that was cut in two
            data, self._after_return = data.removeprefix(b"\n"), False
        if not data:
            return []
        self._after_return = data.endswith(b"\r")
        lines = data.splitlines()
        rest = b"" if data.endswith((b"\r", b"\n")) else lines.pop()
        if lines:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest.clear()
        self._rest += rest[: self._longest + 1 - len(self._rest)]
        return lines

    def finish(self) -> list[bytes]:
        """The last line, if it has no end."""
        lines = [bytes(self._rest)] if self._rest else []
        self._rest.clear()
        return lines


class EventParser:
    """Parses a stream of bytes into events, incrementally."""

    def __init__(self, tally: Tally, longest: int = LONGEST) -> None:
        self._tally = tally
        self._longest = longest
        self._lines = LineSplitter(longest)
        self._line_number = 0
        self._time_ns = 0
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0
        self._begun = 0

    def feed(self, data: bytes, time_ns: int = 0) -> list[Event]:
        """The events that these bytes complete."""
        self._time_ns = time_ns or self._time_ns
        return [event for line in self._lines.feed(data) for event in self._line(line)]

    def finish(self) -> list[Event]:
        """What the end of the stream completes."""
        found = [event for line in self._lines.finish() for event in self._line(line, last=True)]
        return found + self._ended(last=True)

    def _line(self, line: bytes, *, last: bool = False) -> list[Event]:
        self._line_number += 1
        if self._line_number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line:
            return self._ended()
        if len(line) > self._longest:
            self._tally.fault("endless line", self._here())
            return []
        if line.startswith(b"{"):
            return self._ended() + self._event(line, "", self._here(), last=last)
        if line.startswith(b":"):
            self._tally.skipped["comment"] += 1
            return []
        field, _, value = line.partition(b":")
        return self._field(field, value.removeprefix(b" "), line)

    def _field(self, field: bytes, value: bytes, line: bytes) -> list[Event]:
        found: list[Event] = []
        if field == b"data":
            if len(self._data) == 1 and _whole(self._data[0]):
                found = self._ended()
            self._add(value)
        elif field == b"event":
            if self._data and self._name:
                found = self._ended()
            self._name = value.decode("utf-8", "replace")
        elif field in (b"id", b"retry"):
            pass
        elif b'"' in line or line.rstrip().endswith(b"}"):
            self._tally.fault("record without a beginning", self._here())
        else:
            self._tally.skipped["other text"] += 1
        return found

    def _add(self, value: bytes) -> None:
        if not self._data:
            self._begun, self._size = self._line_number, 0
        self._data.append(value)
        self._size += len(value) + 1
        if self._size > self._longest:
            self._tally.fault("endless event", f"line {self._begun}")
            self._data.clear()

    def _ended(self, *, last: bool = False) -> list[Event]:
        """What a blank line, or the end of the stream, makes of the lines before it."""
        name, self._name = self._name, ""
        data, self._data = self._data, []
        where = f"line {self._begun}"
        joined = b"\n".join(data)
        if len(data) > 1 and not _whole(joined) and any(map(_whole, data)):
            return [event for line in data for event in self._event(line, name, where)]
        return self._event(joined, name, where, last=last) if data else []

    def _event(self, raw: bytes, name: str, where: str, *, last: bool = False) -> list[Event]:
        raw = raw.strip()
        if raw in (b"", DONE):
            self._tally.skipped["[DONE]" if raw else "empty event"] += 1
            return []
        try:
            value = json.loads(raw.decode())
        except UnicodeDecodeError:
            self._tally.fault("text is not UTF-8", where)
        except (ValueError, RecursionError):
            self._tally.fault("record cut short" if last else "broken JSON", where)
        else:
            if not isinstance(value, dict):
                self._tally.fault("event is not an object", where)
            elif name == "ping" or value.get("type") == "ping":
                self._tally.skipped["ping"] += 1
            else:
                return [Event(JsonObject(value, where, self._tally), name, self._time_ns, where)]
        return []

    def _here(self) -> str:
        return f"line {self._line_number}"


def _whole(raw: bytes) -> bool:
    """Whether this is an event already, so that a further line belongs to the next."""
    if raw.strip() == DONE:
        return True
    try:
        return isinstance(json.loads(raw.decode()), dict)
    except (ValueError, RecursionError):
        return False
