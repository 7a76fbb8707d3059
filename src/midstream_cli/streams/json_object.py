"""An object of JSON that someone else wrote, read field by field without trusting its types."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

from midstream_cli.streams.tally import Tally

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class JsonObject:
    """An object whose fields are absent, null or of the type asked for; a field of another type is counted as a fault.

    What is absent, null or wrong reads as nothing: empty text, no objects, NaN.
    """

    values: Mapping[str, Any]
    where: str
    """Where in the stream it stands."""
    tally: Tally

    def text(self, name: str) -> str:
        """A string; half a character, as a stream cut between UTF-16 units leaves it, becomes U+FFFD."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._wrong(name, "text")
            return ""
        if not value.isascii() and _HALF_CHARACTER.search(value):
            self.tally.note("the stream cuts characters in half; each half reads U+FFFD")
            return _HALF_CHARACTER.sub("\ufffd", value)
        return value

    def whole(self, name: str, absent: int | None = None, most: int = (1 << 63) - 1) -> int | None:
        """A whole number of 0 to `most`; None where it is something else, `absent` where there is none."""
        value = self.values.get(name)
        if value is None:
            return absent
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        self._wrong(name, "a whole number")
        return None

    def number(self, name: str) -> float:
        """A number; NaN where there is none."""
        number = _number(self.values.get(name))
        if number is None:
            self._wrong(name, "a number")
        return nan if number is None else number

    def numbers(self, name: str) -> list[float]:
        """A list of numbers, NaN for each null; those of its elements that are something else are counted, and NaN."""
        value = self.values.get(name)
        if value is None:
            return []
        found = [_number(item) for item in value] if isinstance(value, list) else [None]
        if None in found:
            self._wrong(name, "a list of numbers")
        return [nan if number is None else number for number in found]

    def object(self, name: str) -> "JsonObject":
        """An object within this one; empty where there is none."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, dict):
            self._wrong(name, "an object")
            value = None
        return JsonObject(value or {}, self.where, self.tally)

    def objects(self, name: str) -> list["JsonObject"]:
        """A list of objects; those of its elements that are something else are counted and left out."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self._wrong(name, "a list")
            return []
        found = [JsonObject(item, self.where, self.tally) for item in value if isinstance(item, dict)]
        if len(found) < len(value):
            self._wrong(name, "a list of objects")
        return found

    def _wrong(self, name: str, expected: str) -> None:
        self.tally.fault(f"{name} is not {expected}", self.where)


def _number(value: object) -> float | None:
    """NaN for null, None for what is not a number, or none that a float can hold."""
    if value is None:
        return nan
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
