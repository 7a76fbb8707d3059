"""Token streams whose faults are known: ordinary documents that are on every machine, and what may go wrong from a token on."""

import ast
import pydoc_data.topics
import re
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

BEGINS, LASTS = 600, 400
"""The token from which something is wrong, and for how many."""
LONGEST = 3000
"""Tokens of a document, at most."""
RATE_HZ, JITTER = 40.0, 0.3

Random = np.random.Generator


class Token(NamedTuple):
    """One token."""

    time_ns: int
    text: str
    logprob: float


class Draft(NamedTuple):
    """A stream before its times are summed up."""

    texts: list[str]
    logprobs: list[float]
    seconds: list[float]


def cut(text: str) -> list[str]:
    """A text in pieces as tokenisers cut it: words with the space before them, long ones in several, signs, numbers."""
    return [str(piece) for piece in re.findall(r" ?[^\W\d_]{1,8}| ?\d{1,3}| ?(?:[^\s\w]|_)+|\s+", text)]


def documents() -> Iterator[tuple[str, list[str]]]:
    """Python's reference manual, prose with lists and examples, and its modules: source code and their documentation."""
    for text in pydoc_data.topics.topics.values():
        yield "manual", cut(text)[:LONGEST]
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = path.read_text("utf-8", "replace")
        yield "source code", cut(text)[:LONGEST]
        yield "documentation", cut("\n\n".join(_documentation(text)))[:LONGEST]


def _documentation(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""


def draft(texts: list[str], random: Random) -> Draft:
    """A stream of these tokens at a steady rate, each as surprising as those of a fluent model."""
    n = len(texts)
    logprobs = -(random.exponential(0.25, n) + (random.random(n) < 0.06) * random.exponential(3.0, n))
    seconds = np.exp(random.normal(-np.log(RATE_HZ) - JITTER**2 / 2, JITTER, n))
    return Draft(list(texts), logprobs.tolist(), seconds.tolist())


def stream(draft: Draft) -> list[Token]:
    """The tokens and when they come."""
    times = np.cumsum(np.round(np.array(draft.seconds) * 1e9).astype(np.int64)).tolist()
    return [Token(*each) for each in zip(times, draft.texts, draft.logprobs, strict=True)]


def _script(d: Draft, _: Random) -> None:
    letters = str.maketrans({chr(97 + at): chr(0x430 + at) for at in range(26)})
    d.texts[BEGINS:] = [text.lower().translate(letters) for text in d.texts[BEGINS:]]


def _gibberish(d: Draft, random: Random) -> None:
    for at in range(BEGINS, len(d.texts)):
        d.texts[at] = "".join(map(chr, random.integers(33, 127, len(d.texts[at]))))
        d.logprobs[at] = -float(random.exponential(5.0))


def _surprise(d: Draft, _: Random) -> None:
    d.logprobs[BEGINS:] = [4.0 * each - 1.0 for each in d.logprobs[BEGINS:]]


def _creeping(d: Draft, _: Random) -> None:
    for at in range(BEGINS, len(d.logprobs)):
        d.logprobs[at] -= 4.0 * (at - BEGINS) / LASTS


def _slower(d: Draft, _: Random) -> None:
    d.seconds[BEGINS:] = [2.0 * each for each in d.seconds[BEGINS:]]


def _white_space(d: Draft, random: Random) -> None:
    kinds = ["\n", "\n\n", "  ", " \n", "\t"]
    d.texts[BEGINS:] = [kinds[at] for at in random.integers(0, len(kinds), len(d.texts) - BEGINS)]


def _loop(d: Draft, random: Random) -> None:
    length = int(random.integers(6, 40))
    for at in range(BEGINS, len(d.texts)):
        d.texts[at] = d.texts[at - length]


def _counting(d: Draft, _: Random) -> None:
    items = "".join(f'{{"id": {at}, "name": "item {at}", "stock": true}},\n' for at in range(LASTS))
    d.texts[BEGINS:] = cut(items)[: len(d.texts) - BEGINS]


def _stall(d: Draft, _: Random) -> None:
    d.seconds[BEGINS] = 1.5


FAULTS: dict[str, Callable[[Draft, Random], None]] = {
    "stall of 1.5 s": _stall,
    "loop of 6 to 40 tokens": _loop,
    "items with a changing number": _counting,
    "white space": _white_space,
    "another script": _script,
    "gibberish": _gibberish,
    "surprise by 1 nat and more": _surprise,
    "surprise that creeps up": _creeping,
    "half the rate": _slower,
}
