"""What conditions are made of, and how each is written so that it can be read in one way only."""

from collections.abc import Iterator
from dataclasses import dataclass

from midstream_cli.logic.lexer import is_plain, quoted

Literal = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Name:
    """A field, or one inside another: `top_k_similarity[0].score` is ("top_k_similarity", 0, "score")."""

    path: tuple[str | int, ...]

    @property
    def key(self) -> str:
        """All of it as one name, without quotes."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)[1:]

    def __str__(self) -> str:
        parts = (part if isinstance(part, int) or is_plain(part) else quoted(part, "`") for part in self.path)
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)[1:]


@dataclass(frozen=True, slots=True)
class Constant:
    """True, or false, whatever comes."""

    value: bool

    def __str__(self) -> str:
        return written(self.value)


@dataclass(frozen=True, slots=True)
class Truth:
    """A field that is true, or a number other than 0."""

    name: Name

    def __str__(self) -> str:
        return str(self.name)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against a value, or against another field."""

    name: Name
    sign: str
    other: Literal | Name

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.other if isinstance(self.other, Name) else written(self.other)}"


@dataclass(frozen=True, slots=True)
class Within:
    """A field that is one of some values; `wanted` false: one that is none of them."""

    name: Name
    values: tuple[Literal, ...]
    wanted: bool = True

    def __str__(self) -> str:
        return f"{self.name} {'in' if self.wanted else 'not in'} ({', '.join(map(written, self.values))})"


@dataclass(frozen=True, slots=True)
class Between:
    """A field that is at least one value and at most another; `wanted` false: one that is not."""

    name: Name
    low: Literal
    high: Literal
    wanted: bool = True

    def __str__(self) -> str:
        how = "between" if self.wanted else "not between"
        return f"{self.name} {how} {written(self.low)} and {written(self.high)}"


@dataclass(frozen=True, slots=True)
class Missing:
    """A field that is absent, null or NaN; `wanted` false: one that is not."""

    name: Name
    wanted: bool = True

    def __str__(self) -> str:
        return f"{self.name} is {'null' if self.wanted else 'not null'}"


@dataclass(frozen=True, slots=True)
class Not:
    """What holds where another does not."""

    part: "Formula"

    def __str__(self) -> str:
        plain = isinstance(self.part, Constant | Truth | Not | Joined)
        return f"!{self.part}" if plain else f"!({self.part})"


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by `& | ^ -> <->`: two, or of the first three any number."""

    sign: str
    parts: tuple["Formula", ...]

    def __str__(self) -> str:
        return f"({f' {self.sign} '.join(map(str, self.parts))})"


Atom = Constant | Truth | Comparison | Within | Between | Missing
Formula = Atom | Not | Joined


def written(value: Literal) -> str:
    """A value as it is read back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value, '"')
    return repr(value).replace("inf", "1e999")


def atoms(formula: Formula) -> Iterator[Atom]:
    """What a condition asks of single values, in the order in which it is written."""
    if isinstance(formula, Not):
        yield from atoms(formula.part)
    elif isinstance(formula, Joined):
        for part in formula.parts:
            yield from atoms(part)
    else:
        yield formula


def names(formula: Formula) -> Iterator[Name]:
    """The fields that a condition looks at."""
    for atom in atoms(formula):
        if not isinstance(atom, Constant):
            yield atom.name
        if isinstance(atom, Comparison) and isinstance(atom.other, Name):
            yield atom.other
