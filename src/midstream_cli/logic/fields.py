"""Which fields there are to ask for, of which kind each is, and what else a name may have been meant for."""

import re
import typing
from collections.abc import Mapping
from numbers import Real
from typing import Any

from midstream_cli.logic.syntax import Name

SHORT: Mapping[str, tuple[str | int, ...]] = {"top": ("top_k_similarity", 0)}
"""`top.score` is the score of the signature that most speaks for."""

NUMBER, TEXT, TRUTH = "a number", "text", "true or false"


def of_result(result: Any) -> dict[str, Any]:
    """The types of the fields of a result class by name, those inside lists as `list[].field`."""
    found: dict[str, Any] = {}
    for name, hint in typing.get_type_hints(result).items():
        if name == "TABLE":
            continue
        found[name] = plain = without_none(hint)
        inner = typing.get_args(plain)
        if typing.get_origin(plain) is list and typing.is_typeddict(inner[0]):
            fields = typing.get_type_hints(inner[0]).items()
            found |= {f"{name}[].{field}": without_none(each) for field, each in fields}
    return found


def without_none(hint: Any) -> Any:
    """`float` of `float | None`."""
    kinds = [each for each in typing.get_args(hint) if each is not type(None)]
    return kinds[0] if type(None) in typing.get_args(hint) and len(kinds) == 1 else hint


def longer(name: Name) -> Name | None:
    """What a short name stands for; None where it is none."""
    head, *rest = name.path
    return Name((*SHORT[head], *rest)) if rest and isinstance(head, str) and head in SHORT else None


def short(types: Mapping[str, Any]) -> list[str]:
    """How all fields are called, those inside lists by their short names."""
    heads = {str(path[0]): head for head, path in SHORT.items()}
    named = (key.partition("[].") for key in types)
    return [f"{heads.get(root, f'{root}[0]')}.{rest}" if rest else root for root, _, rest in named]


def find(name: Name, types: Mapping[str, Any]) -> Any:
    """The type of a field; None where that is not known.

    Raises:
        KeyError: there is no such field.
    """
    for each in (name, longer(name)):
        if each is None:
            continue
        for key in (each.key, re.sub(r"\[\d+\]", "[]", each.key)):
            if key in types:
                return types[key]
        root = str(each.path[0])
        inside = any(re.match(rf"{re.escape(root)}[.\[]", known) for known in types)
        if root in types and len(each.path) > 1 and not inside and kind(types[root]) is None:
            return None
    raise KeyError(name.key)


def choices(of: Any) -> tuple[str, ...]:
    """The only texts that a field can hold, where its type names them."""
    if typing.get_origin(of) is typing.Literal:
        return tuple(each for each in typing.get_args(of) if isinstance(each, str))
    return ()


def kind(of: Any) -> str | None:
    """The kind of value that a type is; None where it is none of those that can be compared, or not known."""
    if choices(of):
        return TEXT
    if not isinstance(of, type):
        return None
    if issubclass(of, bool) or of.__name__ in ("bool", "bool_"):
        return TRUTH
    return TEXT if issubclass(of, str) else NUMBER if issubclass(of, Real) else None


def meant(word: str, known: typing.Iterable[str]) -> str:
    """The hint for a word that is not known: what is most like it, else the first that there are."""
    from difflib import get_close_matches

    every = list(dict.fromkeys(known))
    near = get_close_matches(word, every, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(near)}?"
    some = ", ".join(every[:12]) + (", …" if len(every) > 12 else "")
    return f"there are: {some}" if every else ""
