"""What is wrong with a condition although it can be read: fields that are not there, kinds that do not compare."""

from collections.abc import Mapping
from typing import Any, get_origin

from midstream_cli.logic import fields
from midstream_cli.logic.fields import NUMBER, TEXT, TRUTH
from midstream_cli.logic.lexer import Token, wrong
from midstream_cli.logic.syntax import Literal, Name, written


class Checks:
    """Holds a condition against the fields that there are.

    Every method raises a UsageError that shows the place in the text, where it finds something wrong.
    """

    def __init__(self, text: str, types: Mapping[str, Any] | None) -> None:
        self._text, self._types = text, types

    def known(self, name: Name, first: Token, end: int, *, beside: Name | None = None) -> None:
        """There is such a field.

        Args:
            first: its first token.
            end: where it has ended.
            beside: what it is compared with, where it stands to the right and may have been meant as text.
        """
        if self._types is None:
            return
        try:
            fields.find(name, self._types)
        except KeyError:
            places = [key.replace("[]", "[0]") for key in self._types]
            hint = fields.meant(name.key, places if "[" in name.key else fields.short(self._types))
            if beside is not None and self._kind(beside) in (TEXT, None):
                hint = f"text goes in quotes: {written(name.key)}"
            elif first.kind == "text":
                hint = f"{hint}; text goes to the right of a comparison".removeprefix("; ")
            raise wrong(self._text, first.at, end, f"there is no field {_brief(str(name))}", hint) from None

    def truth(self, name: Name, first: Token, end: int) -> None:
        """A field can be asked whether it is true."""
        if self._kind(name) == TEXT:
            hint = f"compare it: {name} == {written((*self._choices(name), '…')[0])}"
            raise wrong(self._text, first.at, end, f"{name} is text, neither true nor false", hint)
        if self._types is not None and get_origin(fields.find(name, self._types)) is list:
            hint = f"ask for what is in it: {name}[0]"
            raise wrong(self._text, first.at, end, f"{name} is a list, neither true nor false", hint)

    def value(self, name: Name, token: Token, value: Literal, sign: str) -> None:
        """A field can be compared with a value.

        Args:
            token: the value's.
            sign: of the comparison.
        """
        own, of = self._kind(name), _kind_of(value)
        if own is not None and own != of:
            raise self._wrong(token, f"{name} is {own}, and {written(value)} is {of}", _fit(name, own, value))
        if TRUTH in (own, of) and sign not in ("==", "!=", "in"):
            raise self._wrong(token, f"of true and false neither is more ({sign})", f"{name} == true")
        choices = self._choices(name)
        if choices and value not in choices:
            raise self._wrong(token, f"{name} is never {written(value)}", fields.meant(str(value), choices))

    def alike(self, name: Name, token: Token, end: int, other: Name) -> None:
        """Two fields can be compared."""
        mine, theirs = self._kind(name), self._kind(other)
        if mine and theirs and mine != theirs:
            message = f"{name} is {mine}, and {other} is {theirs}"
            raise wrong(self._text, token.at, end, message, "compare fields of one kind")

    def ordered(self, name: Name, token: Token, low: Literal, high: Literal) -> None:
        """There can be something between two values, of which the token is the second's."""
        if _kind_of(low) != _kind_of(high):
            told = f"{written(low)} is {_kind_of(low)}, and {written(high)} is {_kind_of(high)}"
            raise self._wrong(token, told, "both values of between are of one kind")
        if low > high:  # type: ignore[operator]
            hint = f"{name} between {written(high)} and {written(low)}"
            raise self._wrong(token, f"nothing is between {written(low)} and {written(high)}", hint)

    def _kind(self, name: Name) -> str | None:
        return None if self._types is None else fields.kind(fields.find(name, self._types))

    def _choices(self, name: Name) -> tuple[str, ...]:
        return () if self._types is None else fields.choices(fields.find(name, self._types))

    def _wrong(self, token: Token, message: str, hint: str) -> Exception:
        return wrong(self._text, token.at, token.end, message, hint)


def _brief(word: str) -> str:
    return word if len(word) <= 60 else word[:59] + "…"


def _kind_of(value: Literal) -> str:
    return TRUTH if isinstance(value, bool) else TEXT if isinstance(value, str) else NUMBER


def _fit(name: Name, own: str, value: Literal) -> str:
    """How to write what was probably meant."""
    if own == TRUTH:
        return f"{name} alone, or {name} == false"
    if own == TEXT:
        return f'text goes in quotes: "{written(value)}"'
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return "compare it with a number"
        return f"a number has no quotes: {value}"
    return f"compare it with a number: {name} == {int(value)}"
