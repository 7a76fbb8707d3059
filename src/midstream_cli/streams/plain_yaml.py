"""YAML as plain data: mappings, lists, text and bytes, out of a file that nobody vouches for."""

import base64
from dataclasses import dataclass, field
from typing import Any

from midstream_cli.streams.tally import Tally

DEEPEST = 100
"""Levels of nesting; what goes deeper is no recording, and the parser slows down with depth."""

BINARY = "tag:yaml.org,2002:binary"


def plain_yaml(text: bytes, tally: Tally) -> Any:
    """The first document: every scalar is text, None where it is empty, or bytes where it says `!!binary`.

    Damage is counted, and what stands before it is kept. It is built from the parser's events, because the loaders that
    come with PyYAML lose everything to one error, and recurse, so that deep nesting ends the process.
    """
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = _Document(tally)
    event: Any
    try:
        for event in yaml.parse(text.decode("utf-8", "replace"), loader):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            if not document.take(event):
                tally.fault("YAML nested too deeply", f"line {event.start_mark.line + 1}")
                break
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        tally.fault("YAML that cannot be read", f"line {mark.line + 1}" if mark else "the whole file")
    return document.closed()


def from_base64(text: str, where: str, tally: Tally) -> bytes | None:
    """The bytes behind the text; None, and a fault, where it is not base64."""
    try:
        return base64.b64decode(text)
    except ValueError:
        tally.fault("data is not base64", where)
        return None


@dataclass(slots=True)
class _Open:
    """A list or a mapping whose end has not come; of a mapping, keys and values in turn."""

    mapping: bool = False
    anchor: str | None = None
    items: list[Any] = field(default_factory=list)

    def closed(self) -> Any:
        pairs = zip(self.items[::2], self.items[1::2], strict=False)
        return {key: value for key, value in pairs if isinstance(key, str)} if self.mapping else self.items


class _Document:
    """Puts the events of a parser together."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._stack = [_Open()]
        self._anchors: dict[str, Any] = {}

    def take(self, event: Any) -> bool:
        """Take the next event; false where it goes too deep."""
        import yaml

        match event:
            case yaml.CollectionStartEvent():
                self._stack.append(_Open(isinstance(event, yaml.MappingStartEvent), event.anchor))
            case yaml.CollectionEndEvent():
                self._close()
            case yaml.ScalarEvent():
                self._add(self._scalar(event), event.anchor)
            case yaml.AliasEvent():
                self._add(self._anchors.get(str(event.anchor)), None)
        return len(self._stack) <= DEEPEST

    def closed(self) -> Any:
        """The document, with everything ended that is still open."""
        while len(self._stack) > 1:
            self._close()
        return next(iter(self._stack[0].items), None)

    def _close(self) -> None:
        ended = self._stack.pop()
        self._add(ended.closed(), ended.anchor)

    def _add(self, value: Any, anchor: str | None) -> None:
        self._stack[-1].items.append(value)
        if anchor:
            self._anchors[anchor] = value

    def _scalar(self, event: Any) -> str | bytes | None:
        if event.tag == BINARY:
            return from_base64(event.value, f"line {event.start_mark.line + 1}", self._tally)
        return event.value or None
