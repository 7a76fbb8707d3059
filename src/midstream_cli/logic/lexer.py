"""The words and signs that conditions are written in, and the caret under the one that is wrong."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from midstream_cli.errors import UsageError

SIGNS: Mapping[str, str] = {
    **dict.fromkeys(("!", "~", "¬", "not"), "!"),
    **dict.fromkeys(("&", "&&", "/\\", "and"), "&"),
    **dict.fromkeys(("|", "||", "\\/", "or"), "|"),
    **dict.fromkeys(("^", "xor"), "^"),
    **dict.fromkeys(("->", "-->", "=>", "→", "implies"), "->"),
    **dict.fromkeys(("<->", "<=>", "↔", "iff"), "<->"),
    **dict.fromkeys(("=", "=="), "=="),
    **dict.fromkeys(("!=", "≠"), "!="),
    **dict.fromkeys(("<=", "≤"), "<="),
    **dict.fromkeys((">=", "≥"), ">="),
    **{sign: sign for sign in ("<", ">", "(", ")", "[", "]", ",", ".", "in", "between", "is", "true", "false")},
    **dict.fromkeys(("null", "none"), "null"),
}
"""Every way to write a sign, and the one by which it goes from then on. Words may be in capitals."""

_LETTERS = ("F", "G", "X", "N", "U", "W", "R", "V", "M", "O", "H", "P", "S", "Y", "Z", "A", "E", "wX", "wY")
_BRANCHING = ("AG", "AF", "AX", "EG", "EF", "EX")
_WORDS = ("always", "eventually", "next", "until", "unless", "release", "once", "historically", "since", "prev", "last")

TEMPORAL = frozenset(_LETTERS + _BRANCHING + _WORDS)
"""Words that temporal logic has its own use for: names only where a comparison follows, or in quotes."""

COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))

_SIGN = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True) if not sign.isalpha())

_TOKEN = re.compile(
    rf"""(?P<blank>\s+)
    | (?P<number>[+-]?(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<name>[^\W\d]\w*)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<column>`(?:[^`\\]|\\.)*`)
    | (?P<sign>{_SIGN})""",
    re.VERBOSE | re.DOTALL,
)

_AROUND = 60
"""Characters shown on either side of a place in a long line."""


class Token(NamedTuple):
    """A word or a sign."""

    kind: str
    """A value of `SIGNS`, or number, name, text (in quotes), column (in backticks), end."""
    text: str
    """As it is meant: without quotes around it."""
    at: int
    """Where it begins in the whole text."""
    end: int
    """Where it has ended."""


def tokens(text: str) -> list[Token]:
    """The words and signs of a text, and a token of kind `end` behind the last.

    Raises:
        UsageError: there is something in it that is none.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _strange(text, at)
        kind, word, at = str(match.lastgroup), match.group(), match.end()
        if kind == "sign" or (kind == "name" and _is_sign(word)):
            found.append(Token(SIGNS[word.lower()], word, match.start(), at))
        elif kind in ("text", "column"):
            found.append(Token(kind, re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL), match.start(), at))
        elif kind != "blank":
            found.append(Token(kind, word, match.start(), at))
    return [*found, Token("end", "", len(text.rstrip()), len(text.rstrip()))]


def _is_sign(word: str) -> bool:
    """Whether a word is a sign; `In` is a name, `in` and `IN` are not."""
    return word.lower() in SIGNS and (word.islower() or word.isupper() or word in ("True", "False", "None"))


def is_plain(word: str) -> bool:
    """Whether a name can do without quotes anywhere."""
    return re.fullmatch(r"[^\W\d]\w*", word) is not None and not _is_sign(word) and word not in TEMPORAL


def quoted(word: str, quote: str) -> str:
    """A word in quotes of that kind, as `tokens` reads it back."""
    return quote + word.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


def _strange(text: str, at: int) -> UsageError:
    sign = text[at]
    if sign in "\"'`":
        return wrong(text, at, at + 1, f"the {sign} is never closed", f"put another {sign} where it ends")
    if sign in "\u201c\u201d\u201e\u2018\u2019\xab\xbb":
        return wrong(text, at, at + 1, f"{sign} is no quote that programs know", "use \" or '")
    return wrong(text, at, at + 1, f"{sign} means nothing here", "a name with such a sign in it goes in `backticks`")


def wrong(text: str, at: int, end: int, message: str, hint: str = "") -> UsageError:
    """An error that shows the line of a text, and carets under what is wrong there.

    Args:
        at: where that begins.
        end: where it has ended.
        message: what is wrong.
        hint: the likely remedy.
    """
    start = text.rfind("\n", 0, at) + 1
    stop = text.find("\n", at)
    line = text[start : stop if stop >= 0 else len(text)]
    column, width = at - start, max(1, end - at)
    cut = max(0, column - _AROUND)
    shown = line[cut : column + min(width, _AROUND) + _AROUND]
    head = "…" if cut else ""
    tail = "…" if cut + len(shown) < len(line) else ""
    indent = " " * (len(head) + column - cut)
    carets = "^" * max(1, min(width, cut + len(shown) - column))
    message, clean = ("".join(" " if sign.isspace() else sign for sign in each) for each in (message, shown))
    return UsageError(f"{message}\n  {head}{clean}{tail}\n  {indent}{carets}", hint)
