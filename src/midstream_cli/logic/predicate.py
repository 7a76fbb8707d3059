"""Conditions on named values, such as `regime == "chaotic" & top.score > 0.9`: read once, asked of every snapshot.

Comparisons are `== = != < <= > >=`, `in ("a", "b")`, `between 1 and 2`, `is null`; a name alone asks whether it is true, or
a number other than 0. They are joined by `! not ~`, `& && and`, `| || or`, `^ xor`, `-> implies` and `<-> iff`, each weaker
than the one before, and by parentheses. A word in quotes is text where it stands to the right of a comparison and a name
where it stands to the left; in backticks it is a name anywhere.

What is missing (absent, null or NaN) compares with nothing: every comparison with it is false, `!=`, `not in` and `not
between` included, and so is the bare name. `!` turns that around like anything else: of a missing x, `x != 3` is false, and
`!(x == 3)` true. `x is null` asks for it.

Values of different kinds are unequal, and neither is less; truths are the numbers 1 and 0.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from midstream_cli.logic import syntax
from midstream_cli.logic.fields import longer
from midstream_cli.logic.parser import Parser
from midstream_cli.logic.syntax import Between, Comparison, Constant, Formula, Joined, Missing, Name, Not, Truth, Within

Values = Mapping[str, Any]
Test = Callable[[Values], bool]

_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition; `str` of it says with parentheses how it was understood, and reads as the same."""

    formula: Formula
    _test: Test = field(repr=False, compare=False)

    @property
    def names(self) -> frozenset[str]:
        """The fields that it looks at, such as `regime` and `top.score`."""
        return frozenset(name.key for name in syntax.names(self.formula))

    def holds(self, values: Values) -> bool:
        """Whether it is true of these values; one inside others is found by its path, or by the path as its name."""
        return bool(self._test(values))

    def __str__(self) -> str:
        return str(self.formula)


def parse(text: str, names: Mapping[str, Any] | None = None) -> Predicate:
    """Read a condition.

    Args:
        names: the types of all fields that there are, as `fields.of_result` gives them; None allows any name. Of types
            other than numbers, truths, text and `Literal` texts nothing is known.

    Raises:
        UsageError: it is no condition, there is no such field, or a field is compared with what it can never be; the
            message shows the place.
    """
    formula = Parser(text, names).whole()
    return Predicate(formula, _test(formula))


def _test(formula: Formula) -> Test:
    """A function that says whether a formula is true of values."""
    match formula:
        case Constant(value):
            return lambda _: value
        case Not(part):
            test = _test(part)
            return lambda values: not test(values)
        case Joined(sign, parts):
            return _joined(sign, [_test(part) for part in parts])
        case _:
            return _asked(formula)


def _asked(atom: Truth | Comparison | Within | Between | Missing) -> Test:
    """The same for one question about a field."""
    value = _value(atom.name)
    match atom:
        case Truth():
            return _truth(value)
        case Comparison(_, sign, Name() as other):
            return _compared_fields(value, _COMPARED[sign], _value(other))
        case Comparison(_, sign, other):
            return _compared(value, _COMPARED[sign], other)
        case Within(_, values, wanted):
            return _compared(value, _is_in if wanted else _is_not_in, values)
        case Between(_, low, high, wanted):
            return _compared(value, _is_between if wanted else _is_not_between, (low, high))
        case Missing(_, wanted):
            return lambda values: _is_there(value(values)) != wanted


def _value(name: Name) -> Callable[[Values], Any]:
    """A function that finds a field's value; None where there is none."""
    key = name.key
    if len(name.path) == 1:
        return lambda values: values.get(key)
    paths = [each.path for each in (name, longer(name)) if each is not None]

    def inside(values: Values) -> Any:
        found = values.get(key)
        for path in paths:
            if found is None:
                found = values
                for part in path:
                    if (found := _part(found, part)) is None:
                        break
        return found

    return inside


def _part(whole: Any, part: str | int) -> Any:
    """A field of a mapping, or an item of a list; None where there is none."""
    if isinstance(part, str):
        # what is asked for every frame is a dict, of which that is told at once
        return whole.get(part) if isinstance(whole, dict) or isinstance(whole, Mapping) else None  # noqa: SIM101
    return whole[part] if isinstance(whole, list | tuple) and part < len(whole) else None


def _compared(value: Callable[[Values], Any], compare: Callable[[Any, Any], Any], other: Any) -> Test:
    def test(values: Values) -> bool:
        found = value(values)
        try:
            # what is missing compares with nothing, and NaN is not even itself
            return found is not None and found == found and compare(found, other)  # noqa: PLR0124
        except (TypeError, ValueError):
            return False

    return test


def _compared_fields(
    value: Callable[[Values], Any], compare: Callable[[Any, Any], Any], other: Callable[[Values], Any]
) -> Test:
    def test(values: Values) -> bool:
        return _compared(value, compare, against)(values) if _is_there(against := other(values)) else False

    return test


def _truth(value: Callable[[Values], Any]) -> Test:
    def test(values: Values) -> bool:
        found = value(values)
        return found is True or (found is not False and not isinstance(found, str) and _is_there(found) and found != 0)

    return test


def _is_there(value: Any) -> bool:
    try:
        return value is not None and bool(value == value)  # noqa: PLR0124
    except ValueError:
        return True


def _is_in(value: Any, values: tuple[Any, ...]) -> bool:
    return value in values


def _is_not_in(value: Any, values: tuple[Any, ...]) -> bool:
    return value not in values


def _is_between(value: Any, bounds: tuple[Any, Any]) -> bool:
    return bool(bounds[0] <= value <= bounds[1])


def _is_not_between(value: Any, bounds: tuple[Any, Any]) -> bool:
    return not _is_between(value, bounds)


def _joined(sign: str, tests: list[Test]) -> Test:
    first, second = tests[:2]
    if sign == "->":
        return lambda values: not first(values) or second(values)
    if sign == "<->":
        return lambda values: bool(first(values)) == bool(second(values))
    if sign == "^":
        return lambda values: sum(bool(test(values)) for test in tests) % 2 == 1
    return _until(tests, decides=sign == "|")


def _until(tests: list[Test], *, decides: bool) -> Test:
    """Ask one after the other, until one decides for all; a loop, as `any` over a generator takes twice as long."""

    def test(values: Values) -> bool:
        for each in tests:
            if (not each(values)) is not decides:
                return decides
        return not decides

    return test
