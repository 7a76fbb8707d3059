"""The grammar of conditions: from weakest to strongest `-> <->` (to the right), `^`, `|`, `&`, `!`, comparisons."""

from collections.abc import Mapping
from typing import Any

from midstream_cli.errors import UsageError
from midstream_cli.logic.checks import Checks
from midstream_cli.logic.lexer import COMPARISONS, TEMPORAL, Token, tokens, wrong
from midstream_cli.logic.syntax import (
    Between,
    Comparison,
    Constant,
    Formula,
    Joined,
    Literal,
    Missing,
    Name,
    Not,
    Truth,
    Within,
    written,
)

LEVELS: Mapping[str, int] = {"->": 0, "<->": 0, "^": 1, "|": 2, "&": 3}
"""How strongly a sign binds."""

TO_THE_RIGHT = frozenset(("->", "<->"))
"""Signs of which `a -> b -> c` is `a -> (b -> c)`."""

MIRRORED: Mapping[str, str] = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}

ASKING = frozenset(("in", "between", "is"))

DEEPEST = 64
"""Parentheses, negations and conclusions inside one another; more is no condition that anyone wrote."""


class Parser:
    """Reads one condition, from the first token to the last."""

    def __init__(self, text: str, types: Mapping[str, Any] | None) -> None:
        self._text = text
        self._check = Checks(text, types)
        self._tokens = tokens(text)
        self._at = 0
        self._deep = 0

    @property
    def now(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._at]

    @property
    def _end(self) -> int:
        """Where the latest token has ended."""
        return self._tokens[self._at - 1].end

    def take(self, *kinds: str) -> Token | None:
        """The next token where it is of such a kind, and goes on; else None."""
        token = self.now
        if token.kind not in kinds:
            return None
        self._at += 1
        return token

    def _wrong(self, token: Token, message: str, hint: str = "") -> UsageError:
        return wrong(self._text, token.at, token.end, message, hint)

    def _shown(self, token: Token) -> str:
        """A token as it is written."""
        return self._text[token.at : token.end]

    def whole(self) -> Formula:
        """All of the text.

        Raises:
            UsageError: it is no condition.
        """
        if self.now.kind == "end":
            raise UsageError("the condition is empty", "write one, such as score > 0.5")
        formula = self.formula()
        token = self.now
        if token.kind == "end":
            return formula
        if token.kind == ")":
            raise self._wrong(token, "this parenthesis was never opened", "leave it out, or put a ( before")
        raise self._wrong(token, f"{self._shown(token)} cannot follow what is before it", _joining(token))

    def formula(self, least: int = 0) -> Formula:
        """What signs that bind at least as strongly join."""
        left = self.unary()
        while (sign := self.now.kind) in LEVELS and LEVELS[sign] >= least:
            parts = [left]
            while (token := self.take(sign)) is not None:
                parts.append(self._inside(token, LEVELS[sign] + (sign not in TO_THE_RIGHT)))
            left = Joined(sign, tuple(parts))
        return left

    def _inside(self, token: Token, least: int | None) -> Formula:
        """What a sign is applied to, one deeper; `least` None: something that no sign joins."""
        self._deep += 1
        if self._deep > DEEPEST:
            raise self._wrong(token, f"this is nested deeper than {DEEPEST} levels", "say it in several conditions")
        found = self.unary() if least is None else self.formula(least)
        self._deep -= 1
        return found

    def unary(self) -> Formula:
        """A condition that no sign joins: negated, in parentheses, or one question about a field."""
        if token := self.take("!"):
            return Not(self._inside(token, None))
        if (token := self.take("(")) is None:
            return self.atom()
        found = self._inside(token, 0)
        if self.take(")"):
            return found
        if self.now.kind == "end":
            raise self._wrong(token, "this parenthesis is never closed", "put a ) where it ends")
        raise self._wrong(self.now, f"{self._shown(self.now)} cannot follow what is before it", _joining(self.now))

    def atom(self) -> Formula:
        """One question about a field."""
        first = self.now
        if first.kind in ("true", "false") and self._tokens[self._at + 1].kind not in COMPARISONS:
            self._at += 1
            return Constant(first.kind == "true")
        if first.kind in ("number", "true", "false"):
            return self._mirrored(first, self.literal())
        name = self.name()
        if sign := self.take(*COMPARISONS):
            return self._comparison(name, sign)
        if self.now.kind in ASKING or self._is_denied():
            return self._asked(name)
        self._check.truth(name, first, self._end)
        return Truth(name)

    def _is_denied(self) -> bool:
        """Whether `not in` or `not between` comes."""
        return self.now.kind == "!" and self._tokens[self._at + 1].kind in ASKING

    def _asked(self, name: Name) -> Formula:
        wanted = self.take("!") is None
        if self.take("in"):
            return self._within(name, wanted=wanted)
        if self.take("between"):
            return self._between(name, wanted=wanted)
        if not wanted:
            raise self._wrong(self.now, "not goes behind is", f"{name} is not null")
        self._at += 1
        return self._missing(name)

    def name(self, *, beside: Name | None = None, compared: bool = False) -> Name:
        """A field; whatever is in quotes is a name here.

        Args:
            beside: the field that it is compared with, where there is one before.
            compared: it stands to the right of a comparison.

        Raises:
            UsageError: something else comes, or there is no such field.
        """
        first = self.take("name", "text", "column")
        if first is None:
            token = self.now
            if token.kind == "end":
                raise self._wrong(token, "something is missing here", "a condition such as score > 0.5")
            hint = "a condition is a name and what it is compared with: score > 0.5"
            raise self._wrong(token, f"a name is expected here, not {self._shown(token)}", hint)
        alone = not compared and self.now.kind not in COMPARISONS | ASKING and not self._is_denied()
        if alone and first.kind == "name" and first.text in TEMPORAL:
            hint = f"to mean a field of that name, put it in quotes: `{first.text}`"
            raise self._wrong(first, f"{first.text} is a word of temporal logic, which cannot stand here", hint)
        path: list[str | int] = [first.text]
        self._path(path)
        name = Name(tuple(path))
        self._check.known(name, first, self._end, beside=beside)
        return name

    def _path(self, path: list[str | int]) -> None:
        """The rest of a name: `.field` and `[0]`, as often as they come."""
        while token := self.take(".", "["):
            part = self.now
            if token.kind == "[":
                if not (part.kind == "number" and part.text.isdecimal() and len(part.text) < 10):
                    raise self._wrong(part, "a place in a list is a whole number, counted from 0", "the first is [0]")
                self._at += 1
                if self.take("]") is None:
                    raise self._wrong(token, "this bracket is never closed", f"put a ] behind {part.text}")
                path.append(int(part.text))
            elif part.kind in ("name", "text", "column") or part.text.isidentifier():
                self._at += 1
                path.append(part.text)
            else:
                raise self._wrong(part, "a name is expected behind the dot", "top.score, for example")

    def literal(self) -> Literal:
        """A number, a truth, or a text in quotes.

        Raises:
            UsageError: something else comes.
        """
        token = self.take("number", "text", "true", "false")
        if token is None:
            hint = f'text goes in quotes: "{self.now.text}"' if self.now.kind == "name" else ""
            told = f"not {self._shown(self.now)}" if self.now.text else "and there is nothing"
            raise self._wrong(self.now, f"a value is expected here, {told}", hint)
        if token.kind == "text":
            return token.text
        if token.kind != "number":
            return token.kind == "true"
        whole = token.text.lstrip("+-").isdecimal() and len(token.text) < 400
        return int(token.text) if whole else float(token.text)

    def _mirrored(self, first: Token, value: Literal) -> Formula:
        """`5 < x` as `x > 5`."""
        sign = self.take(*COMPARISONS)
        if sign is None:
            turned = self._tokens[self._at - 2].text == "=>"
            hint = "greater or equal is >=" if turned else "compare a name with it: score > 0.5"
            raise self._wrong(first, f"{first.text} alone is no condition", hint)
        name = self.name(compared=True)
        self._no_chain(f"{first.text} {sign.text} {name} & {name}")
        self._check.value(name, first, value, MIRRORED.get(sign.kind, sign.kind))
        return Comparison(name, MIRRORED.get(sign.kind, sign.kind), value)

    def _comparison(self, name: Name, sign: Token) -> Formula:
        token = self.now
        if token.kind in ("name", "column"):
            other = self.name(beside=name, compared=True)
            self._check.alike(name, token, self._end, other)
            self._no_chain(f"{name} {sign.text} {other} & {other}")
            return Comparison(name, sign.kind, other)
        if token.kind == "null":
            raise self._wrong(token, "nothing compares with null", f"{name} is{' not' * (sign.kind == '!=')} null")
        if token.kind in COMPARISONS or token.kind in ("->", "!"):
            raise self._wrong(
                token, f"{sign.text}{token.text} is no comparison", OTHERWISE.get(sign.text + token.text, "")
            )
        value = self.literal()
        self._check.value(name, token, value, sign.kind)
        self._no_chain(f"{name} {sign.text} {written(value)} & {written(value)}")
        return Comparison(name, sign.kind, value)

    def _no_chain(self, before: str) -> None:
        """A second comparison behind the first is an error: whether it goes on from there, people disagree."""
        if self.now.kind in COMPARISONS:
            hint = f"say both: {before} {self.now.text} …"
            raise self._wrong(self.now, "one comparison cannot follow another", hint)

    def _within(self, name: Name, *, wanted: bool) -> Formula:
        bracket = self.take("(", "[")
        if bracket is None:
            raise self._wrong(self.now, "the values of in stand in parentheses", f'{name} in ("a", "b")')
        values = []
        while True:
            token = self.now
            values.append(self.literal())
            self._check.value(name, token, values[-1], "in")
            if self.take(")" if bracket.kind == "(" else "]"):
                return Within(name, tuple(values), wanted)
            if self.take(",") is None:
                raise self._wrong(bracket, "this list is never closed", "values have commas between, and a ) behind")

    def _between(self, name: Name, *, wanted: bool) -> Formula:
        found: list[Literal] = []
        for _ in range(2):
            token = self.now
            found.append(self.literal())
            self._check.value(name, token, found[-1], "<=")
            if len(found) == 1 and self.take("&", ",") is None:
                raise self._wrong(self.now, "between has two values", f"{name} between {written(found[0])} and …")
        self._check.ordered(name, token, found[0], found[1])
        return Between(name, found[0], found[1], wanted)

    def _missing(self, name: Name) -> Formula:
        unwanted = self.take("!") is not None
        if self.take("null") or (self.now.text == "missing" and self.take("name")):
            return Missing(name, not unwanted)
        hint = f"{name} {'!=' if unwanted else '=='} {self._shown(self.now) or '…'}"
        raise self._wrong(self.now, "only null can stand here", hint)


def _joining(token: Token) -> str:
    """What may have been forgotten before a token."""
    if token.kind in ("name", "text", "column", "number", "true", "false", "(", "!"):
        return "two conditions are joined by and, or, ->; a name with blanks in it goes in `backticks`"
    return ""


OTHERWISE: Mapping[str, str] = {"<>": "unequal is !=", "=!": "unequal is !=", "=<": "less or equal is <="}
"""Comparisons of other languages."""
