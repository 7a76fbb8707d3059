"""Conditions say what Python's own operators say, and what is missing is neither equal nor unequal."""

import math
import operator
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.errors import UsageError
from midstream_cli.logic import fields
from midstream_cli.logic.predicate import parse
from midstream_cli.results import IntrospectionSnapshot

Values = Mapping[str, Any]

SNAPSHOT = fields.of_result(IntrospectionSnapshot)

SPELT = {
    "!": ["!", "~", "not ", "NOT "],
    "&": ["&", "&&", " and ", " AND "],
    "|": ["|", "||", " or "],
    "^": ["^", " xor "],
    "->": ["->", "=>", " implies "],
    "<->": ["<->", " iff "],
    "==": ["==", "="],
}

LEVEL = {"->": 0, "<->": 0, "^": 1, "|": 2, "&": 3, "!": 4, "atom": 5}

COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

JOINED: dict[str, Callable[[bool, bool], bool]] = {
    "->": lambda a, b: (not a) or b,
    "<->": operator.eq,
    "^": operator.ne,
    "|": operator.or_,
    "&": operator.and_,
}


@dataclass(frozen=True)
class Said:
    """A condition as someone may write it, and what it is to mean."""

    text: str
    meant: Callable[[Values], bool]
    level: int


def there(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def number(draw: st.DrawFn) -> int | float:
    return draw(st.one_of(st.integers(-3, 3), st.sampled_from([-0.5, 0.0, 0.5, 2.5e-3, 1e300])))


@st.composite
def comparisons(draw: st.DrawFn) -> Said:
    name, sign, value = draw(st.sampled_from("xyz")), draw(st.sampled_from(list(COMPARED))), number(draw)
    spelt, compare = draw(st.sampled_from(SPELT.get(sign, [sign]))), COMPARED[sign]
    if draw(st.booleans()):
        other = draw(st.sampled_from("xyz"))
        return Said(
            f"{name}{spelt}{other}",
            lambda v: there(v.get(name)) and there(v.get(other)) and compare(v[name], v[other]),
            LEVEL["atom"],
        )
    if draw(st.booleans()):
        return Said(
            f"{value!r} {spelt} {name}", lambda v: there(v.get(name)) and compare(value, v[name]), LEVEL["atom"]
        )
    return Said(f"{name} {spelt} {value!r}", lambda v: there(v.get(name)) and compare(v[name], value), LEVEL["atom"])


@st.composite
def questions(draw: st.DrawFn) -> Said:
    name, wanted = draw(st.sampled_from("xyz")), draw(st.booleans())
    which = draw(st.sampled_from(["truth", "text", "in", "between", "null", "constant"]))
    no = "" if wanted else "not "
    if which == "truth":
        return Said("flag", lambda v: v.get("flag") is True, LEVEL["atom"])
    if which == "text":
        word = draw(st.sampled_from(["calm", "a\"b'", "\\"]))
        escaped = word.replace("\\", "\\\\").replace('"', '\\"')
        return Said(f'word {"==" if wanted else "!="} "{escaped}"', is_word(word, wanted), LEVEL["atom"])
    if which == "in":
        values = draw(st.lists(st.integers(-3, 3), min_size=1, max_size=3))
        listed = ", ".join(map(str, values))
        return Said(
            f"{name} {no}in ({listed})", lambda v: there(v.get(name)) and (v[name] in values) == wanted, LEVEL["atom"]
        )
    if which == "between":
        low, high = sorted((number(draw), number(draw)))
        return Said(
            f"{name} {no}between {low!r} and {high!r}",
            lambda v: there(v.get(name)) and (low <= v[name] <= high) == wanted,
            LEVEL["atom"],
        )
    if which == "null":
        return Said(f"{name} is {no}null", lambda v: there(v.get(name)) != wanted, LEVEL["atom"])
    return Said(str(wanted).lower(), lambda _: wanted, LEVEL["atom"])


def is_word(word: str, wanted: bool) -> Callable[[Values], bool]:
    return lambda v: there(v.get("word")) and (v["word"] == word) == wanted


@st.composite
def joined(draw: st.DrawFn, parts: st.SearchStrategy[Said]) -> Said:
    sign = draw(st.sampled_from(list(LEVEL)[:-1]))
    spelt, level = draw(st.sampled_from(SPELT[sign])), LEVEL[sign]
    first = draw(parts)
    if sign == "!":
        return Said(spelt + bracketed(draw, first, level), lambda v: not first.meant(v), level)
    second, join = draw(parts), JOINED[sign]
    # -> and <-> bind to the right, the others to the left
    right = sign in ("->", "<->")
    left_text, right_text = bracketed(draw, first, level + right), bracketed(draw, second, level + (not right))
    return Said(f"{left_text} {spelt} {right_text}", lambda v: join(first.meant(v), second.meant(v)), level)


def bracketed(draw: st.DrawFn, said: Said, least: int) -> str:
    """In parentheses where it binds more weakly than that, and now and then where it does not."""
    return f"({said.text})" if said.level < least or draw(st.integers(0, 4)) == 0 else said.text


conditions = st.recursive(st.one_of(comparisons(), questions()), joined, max_leaves=12)

some_values = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from([None, math.nan, -3, -0.5, 0, 0.5, 1, 2, 2.5e-3, math.inf]) for name in "xyz"},
        "flag": st.sampled_from([None, True, False]),
        "word": st.sampled_from([None, "calm", "a\"b'", "\\"]),
    },
)


@given(conditions, st.lists(some_values, min_size=1, max_size=4))
def test_a_condition_holds_where_python_says_so(said: Said, values: list[Values]) -> None:
    predicate = parse(said.text)
    assert [predicate.holds(each) for each in values] == [bool(said.meant(each)) for each in values]


@given(conditions)
def test_what_is_printed_reads_as_the_same(said: Said) -> None:
    predicate = parse(said.text)
    again = parse(str(predicate))
    assert again == predicate
    assert str(again) == str(predicate)


@given(st.lists(st.one_of(st.text(max_size=8), st.integers(0, 99)), min_size=1, max_size=3), st.text(max_size=8))
def test_any_name_and_any_text_can_be_quoted(path: list[str | int], text: str) -> None:
    from midstream_cli.logic.syntax import Comparison, Name

    asked = Comparison(Name((f"_{path[0]}", *path[1:])), "!=", text)
    assert parse(str(asked)).formula == asked


def test_and_binds_more_strongly_than_or_and_conclusions_go_to_the_right() -> None:
    assert str(parse("a | b & !c -> d -> e <-> f")) == "((a | (b & !c)) -> (d -> (e <-> f)))"
    assert str(parse("a xor b or c")) == "(a ^ (b | c))"
    assert str(parse("not x > 5 and not (a and b and c)")) == "(!(x > 5) & !(a & b & c))"


@pytest.mark.parametrize("missing", [{}, {"x": None}, {"x": math.nan}, {"x": np.float64("nan")}])
def test_what_is_missing_compares_with_nothing(missing: Values) -> None:
    asked = ["x == 3", "x != 3", "x < 3", "x >= 3", "x in (3)", "x not in (3)", "x between 0 and 9", "x", "x == x"]
    asked += ["x not between 0 and 9", "x is not null", "3 != x", "y != x"]
    assert [text for text in asked if parse(text).holds({**missing, "y": 1})] == []
    assert all(parse(f"!({text})").holds({**missing, "y": 1}) for text in asked)
    assert parse("x is null").holds(missing)
    assert parse("x is missing").holds(missing)


def test_values_of_other_kinds_are_unequal_and_neither_is_less() -> None:
    assert not parse('x < "a" | x >= "a" | x == "a" | x between "a" and "b"').holds({"x": 3})
    assert parse('x != "a" & x not in ("a", "b")').holds({"x": 3})
    assert not parse("x").holds({"x": "text"})
    assert not parse("x > 1 | x == 1").holds({"x": np.zeros(3)})
    assert parse("x is not null").holds({"x": np.zeros(3)})


def test_truths_count_as_1_and_0() -> None:
    assert parse("x & x == true & x = 1 & !(x == false)").holds({"x": True})
    assert parse("x & x == true").holds({"x": 1})
    assert parse("x").holds({"x": 0.5})
    assert not parse("x").holds({"x": 0})
    assert parse("x & y > 2").holds({"x": np.bool_(True), "y": np.float32(2.5)}) is True


TOP = {"top_k_similarity": [{"signature_id": "s1", "label": "walk", "score": 0.9}, {"label": "sit", "score": 0.1}]}


@pytest.mark.parametrize(
    "text",
    [
        "top_k_similarity[0].score > 0.8",
        "top_k_similarity[1].label == 'sit'",
        'top.label == "walk" & top.score > 0.8',
        "top_k_similarity[2].score is null",
        "top_k_similarity[0].score[0] is null",
        '"top_k_similarity"[0]."score" > 0.8',
    ],
)
def test_names_lead_into_what_is_inside(text: str) -> None:
    assert parse(text, SNAPSHOT if "[0].score[" not in text else None).holds(TOP)


def test_a_name_as_a_whole_comes_before_its_path() -> None:
    assert parse("top.score == 1").holds({"top.score": 1, **TOP})
    assert parse("a.b > 1").holds({"a.b": 2})
    assert parse("top.score > 1 & top > 1").holds({"top": 2, "top.score": 2})
    assert parse("a.b > 1", {"a.b": float}).names == {"a.b"}


def test_it_says_which_fields_it_looks_at() -> None:
    text = "top.score > 0.5 & `my column` < 3 | other == x | !flag | true"
    assert parse(text).names == {"top.score", "my column", "other", "x", "flag"}


def test_quotes_are_names_on_the_left_and_text_on_the_right() -> None:
    assert parse('"my column" == "my column"').holds({"my column": "my column"})
    assert parse("`my column` == `other column`").holds({"my column": 1, "other column": 1})


def test_letters_of_temporal_logic_are_names_only_where_something_is_compared_with_them() -> None:
    assert parse("X > 1 & Y in (2) & G is null & 3 > F & X != U & R not in (1)").holds(
        {"X": 2, "Y": 2, "F": 1, "U": 9, "R": 2}
    )
    assert parse("`X` & !`F`").holds({"X": True, "F": False})
    for text in ("X", "F x > 1", "G[0,10] x", "always x", "X[0].a > 1", "not F", "x & G"):
        with pytest.raises(UsageError, match="temporal logic") as told:
            parse(text)
        assert "`" in told.value.hint


def test_three_comparisons_cost_less_than_two_microseconds() -> None:
    predicate = parse('regime == "chaotic" & change_score > 3 & attractor_confidence >= 0.9', SNAPSHOT)
    values = {"regime": "chaotic", "change_score": 4.0, "attractor_confidence": 0.95}
    costs = []
    for _ in range(20):
        begun = time.thread_time()
        for _ in range(1000):
            assert predicate.holds(values)
        costs.append((time.thread_time() - begun) / 1000)
    # measured in coverage, too, which takes several times as long
    assert min(costs) < 20e-6


def test_any_number_of_conditions_can_stand_in_a_row() -> None:
    many = " or ".join(f"x == {i}" for i in range(5000))
    predicate = parse(many)
    assert predicate.holds({"x": 4999})
    assert not predicate.holds({"x": 5000})
    assert parse(str(predicate)) == predicate


@pytest.mark.parametrize("text", ["(" * 9000 + "x", "!" * 9000 + "x", "x -> " * 9000 + "x", "((x) & " * 9000])
def test_what_is_nested_too_deeply_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="nested deeper than 64"):
        parse(text)


@example("i'\n'")
@given(st.text(alphabet="xy01 .\"'`()[]!&|<>=-,\\\nFé in", max_size=24))
def test_any_text_is_a_condition_or_an_error_with_its_place(text: str) -> None:
    try:
        predicate = parse(text)
    except UsageError as error:
        said = str(error).split("\n")
        predicate = None
    if predicate is None:
        assert len(said) == 1 or set(said[2].strip()) == {"^"}
    else:
        assert parse(str(predicate)) == predicate
        assert isinstance(predicate.holds({"x": 1.0}), bool)


Regimes = Literal["idle", "periodic", "transient", "chaotic", "unknown"]


@pytest.mark.parametrize(
    ("text", "message", "caret", "hint"),
    [
        ('regme == "idle"', "there is no field regme", (0, 5), "did you mean regime?"),
        ("top.scor > 1", "there is no field top.scor", (0, 8), "did you mean top.score"),
        ("top_k_similarity[0].scor > 1", "there is no field", (0, 24), "top_k_similarity[0].score"),
        ("regime == chaotic", "there is no field chaotic", (10, 7), 'text goes in quotes: "chaotic"'),
        ('"idle" == regime', "there is no field idle", (0, 6), "text goes to the right"),
        ("regime == 3", "regime is text, and 3 is a number", (10, 1), 'text goes in quotes: "3"'),
        ('regime == "chaos"', 'regime is never "chaos"', (10, 7), "did you mean chaotic?"),
        ("regime", "regime is text, neither true nor false", (0, 6), 'regime == "idle"'),
        ("top_k_similarity", "top_k_similarity is a list, neither", (0, 16), "top_k_similarity[0]"),
        ('rate_hz > "3"', 'rate_hz is a number, and "3" is text', (10, 3), "a number has no quotes: 3"),
        ('rate_hz in (3, "fast")', "is a number", (15, 6), "compare it with a number"),
        ("rate_hz == true", "true is true or false", (11, 4), "rate_hz == 1"),
        ("regime_changed == 1", "is true or false, and 1 is a number", (18, 1), "regime_changed alone"),
        ("regime_changed > false", "neither is more", (17, 5), "regime_changed == true"),
        ("rate_hz == regime", "rate_hz is a number, and regime is text", (11, 6), "of one kind"),
        ("rate_hz between 5 and 1", "nothing is between 5 and 1", (22, 1), "between 1 and 5"),
        ('rate_hz between 1 and "z"', "is text", (22, 3), "a number"),
        ("rate_hz between 1", "between has two values", (17, 1), "between 1 and"),
        ("rate_hz => 5", "5 alone is no condition", (11, 1), "greater or equal is >="),
        ("rate_hz =< 5", "=< is no comparison", (9, 1), "less or equal is <="),
        ("rate_hz <> 5", "<> is no comparison", (9, 1), "unequal is !="),
        ("rate_hz =! 5", "=! is no comparison", (9, 1), "unequal is !="),
        ("0 < rate_hz < 5", "one comparison cannot follow another", (12, 1), "0 < rate_hz & rate_hz < …"),
        ("rate_hz > 0 < 5", "one comparison cannot follow another", (12, 1), "say both"),
        ("rate_hz == null", "nothing compares with null", (11, 4), "rate_hz is null"),
        ("rate_hz != null", "nothing compares with null", (11, 4), "rate_hz is not null"),
        ("rate_hz is 5", "only null can stand here", (11, 1), "rate_hz == 5"),
        ('regime is not "idle"', "only null can stand here", (14, 6), 'regime != "idle"'),
        ("rate_hz not is null", "not goes behind is", (12, 2), "rate_hz is not null"),
        ("rate_hz >", "a value is expected here", (9, 1), ""),
        ('regime in "idle"', "in parentheses", (10, 6), 'regime in ("a", "b")'),
        ('regime in ("idle"', "this list is never closed", (10, 1), "a ) behind"),
        ("(regime_changed", "this parenthesis is never closed", (0, 1), "put a )"),
        ("regime_changed)", "this parenthesis was never opened", (14, 1), "put a ( before"),
        ("regime_changed 'a\nb'", "'a b' cannot follow", (15, 2), "joined by and, or"),
        ("(regime_changed 5)", "5 cannot follow", (16, 1), "joined by and, or"),
        ("regime_changed baseline_frozen", "cannot follow", (15, 15), "`backticks`"),
        ("regime_changed &", "something is missing here", (16, 1), "score > 0.5"),
        ("& regime_changed", "a name is expected here, not &", (0, 1), "score > 0.5"),
        ("5", "5 alone is no condition", (0, 1), "score > 0.5"),
        ("rate-hz > 5", "- means nothing here", (4, 1), "`backticks`"),
        ("regime == 'idle", "the ' is never closed", (10, 1), "put another '"),
        ("regime == \u201cidle\u201d", "is no quote that programs know", (10, 1), "use"),
        ("top_k_similarity[-1].score > 5", "counted from 0", (17, 2), "[0]"),
        ("top_k_similarity[0.score > 5", "counted from 0", (17, 2), "[0]"),
        ("top_k_similarity[0 > 5", "this bracket is never closed", (16, 1), "]"),
        ("top. > 5", "a name is expected behind the dot", (5, 1), "top.score"),
        ("regime_changed & (\n  rate_hz < 'x')", "is a number", (12, 3), "a number"),
    ],
)
def test_an_error_shows_the_place_and_the_way_out(text: str, message: str, caret: tuple[int, int], hint: str) -> None:
    with pytest.raises(UsageError) as told:
        parse(text, {**SNAPSHOT, "regime": Regimes})
    said, line, carets = str(told.value).split("\n")
    assert message in said
    assert line.strip() in text
    assert carets == " " * (caret[0] + 2) + "^" * caret[1]
    assert hint in told.value.hint


def test_nothing_is_a_condition_only_in_writing() -> None:
    for text in ("", " \n"):
        with pytest.raises(UsageError, match="the condition is empty"):
            parse(text)


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    text = "x > 1 & " * 100 + "y ? 2" + " & x > 1" * 100
    with pytest.raises(UsageError) as told:
        parse(text)
    _, line, carets = str(told.value).split("\n")
    assert line[carets.index("^")] == "?"
    assert len(line) < 140
    assert line.strip().startswith("…")
    assert line.endswith("…")


def test_of_fields_whose_type_says_nothing_anything_can_be_asked() -> None:
    types = {"meta": dict, "values": list, "any": object}
    assert parse("meta.rssi > 3 & values[1] == 'a' & any == 3 & any != 'b'", types).holds(
        {"meta": {"rssi": 4}, "values": ["b", "a"], "any": 3}
    )
    with pytest.raises(UsageError, match='1 is a number, and "b" is text'):
        parse("any between 1 and 'b'", types)
    with pytest.raises(UsageError, match="there is no field other"):
        parse("other.rssi > 3", types)


def test_the_types_of_a_result_are_those_of_its_fields() -> None:
    assert SNAPSHOT["lyapunov_exponent"] is float
    assert SNAPSHOT["regime_changed"] is bool
    assert SNAPSHOT["top_k_similarity[].start_s"] is float
    assert "TABLE" not in SNAPSHOT
    assert parse("top.start_s < 3 & top.above_threshold & top.label != 'x'", SNAPSHOT).names
