"""Signatures found in a stream of vectors, against every subsequence by itself and plain loops."""

import math
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.compare.live.spring import Spring, Subsequence
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.compare.warping.dtw import dtw
from midstream_cli.errors import UsageError
from strategies import cuts, spans
from subsequences import by_vectors, carried, steps, whole, within

many = settings(max_examples=60, deadline=None)

WEIGHTS = {"symmetric1": 1, "symmetric2": 2}

Reported = set[tuple[Any, ...]]
"""When, which signature, first position, position after the last, accumulated distance."""


@st.composite
def cases(draw: st.DrawFn, dims: int | None = None) -> tuple[list[Any], Any]:
    """Whole numbers, often equal: templates of unequal lengths, and a stream that has some of them in it."""
    dims = dims or draw(st.sampled_from([1, 1, 2]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    most = draw(st.sampled_from([0, 1, 2, 5, 100]))
    templates = [
        random.integers(0, most + 1, (length, dims)).astype(float)
        for length in draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    ]
    parts = [random.integers(0, most + 1, (draw(st.integers(0, 12)), dims)).astype(float)]
    for which in draw(st.lists(st.integers(0, 3), max_size=4)):
        planted = templates[which % len(templates)]
        parts.append(np.repeat(planted, random.integers(1, 3, len(planted)), axis=0))
        parts.append(random.integers(0, most + 1, (random.integers(0, 6), dims)).astype(float))
    return templates, np.concatenate(parts)


def exact(dims: int) -> str:
    """The metric that adds whole numbers only, so that equal distances are equal to the last bit."""
    return "euclidean" if dims == 1 else "squared"


def told(expected: list[list[tuple[int, int, int, float]]]) -> Reported:
    return {(now, which, *rest) for which, reported in enumerate(expected) for now, *rest in reported}


def found(spring: Spring, stream: Any) -> Reported:
    reported = by_vectors(spring, stream)
    assert all(match.decided == min(now + 1, len(stream)) for now, match in reported)
    return {(now, match.signature, match.start, match.end, match.distance) for now, match in reported}


def walk(seed: int, n: int, dims: int) -> Any:
    return np.cumsum(np.random.default_rng(seed).normal(0, 1, (n, dims)), axis=0)


patterns = st.sampled_from(sorted(WEIGHTS))
thresholds = st.sampled_from([math.inf, 0.0, 0.3, 1.0, 5.0])


# plain loops and every subsequence


@many
@given(case=cases(), pattern=patterns, threshold=thresholds, power=st.sampled_from([0, 0, 600, -600]))
def test_without_a_window_the_plain_loops_report_the_same_at_the_same_time(
    case: tuple[list[Any], Any], pattern: str, threshold: float, power: int
) -> None:
    templates, stream = case
    metric = exact(stream.shape[1])
    power = power if metric == "euclidean" else power // 2
    scale = math.ldexp(1.0, power * (2 if metric == "squared" else 1))
    expected = [carried(one.tolist(), stream.tolist(), threshold, WEIGHTS[pattern], metric)[0] for one in templates]
    scaled = [np.ldexp(one, power) for one in templates]
    spring = Spring(scaled, threshold=threshold * scale, step_pattern=pattern, metric=metric)
    if any(one.any() for one in templates):
        assert found(spring, np.ldexp(stream, power)) == {(*place, far * scale) for *place, far in told(expected)}


@many
@given(
    case=cases(),
    pattern=patterns,
    threshold=thresholds,
    window=st.integers(0, 9),
    shift=st.sampled_from([0, 0, 1 << 40]),
)
def test_within_a_window_the_plain_loops_report_the_same_at_the_same_time(
    case: tuple[list[Any], Any], pattern: str, threshold: float, window: int, shift: int
) -> None:
    templates, stream = case
    metric = exact(stream.shape[1])
    rows = stream.tolist()
    expected = [within(one.tolist(), rows, window, threshold, WEIGHTS[pattern], metric) for one in templates]
    moved = [one + shift for one in templates]
    spring = Spring(moved, threshold=threshold, step_pattern=pattern, metric=metric, window=window)
    assert found(spring, stream + shift) == told(expected)


@many
@given(case=cases(dims=1), pattern=patterns)
def test_of_every_end_the_plain_loops_know_the_nearest_subsequence_that_started_last(
    case: tuple[list[Any], Any], pattern: str
) -> None:
    (template, *_), stream = case
    rows, weight = stream[:16].tolist(), WEIGHTS[pattern]
    # nothing is reported, thus nothing forgotten, where nothing is near enough
    _, ends = carried(template.tolist(), rows, -1.0, weight)
    every = [
        min((whole(template.tolist(), rows[start : end + 1], None, weight), -start) for start in range(end + 1))
        for end in range(len(rows))
    ]
    assert ends == [(distance, -start) for distance, start in every]


@many
@given(case=cases(dims=1), pattern=patterns, threshold=thresholds, window=st.integers(0, 4))
def test_what_overlaps_a_match_within_the_window_is_farther_or_gave_way_to_another(
    case: tuple[list[Any], Any], pattern: str, threshold: float, window: int
) -> None:
    (template, *_), stream = case
    rows, weight = stream[:24].tolist(), WEIGHTS[pattern]
    near: dict[tuple[int, int], float] = {}
    for start, end in product(range(len(rows)), range(1, len(rows) + 1)):
        if 0 < end - start <= len(template) + window:
            distance = whole(template.tolist(), rows[start:end], window, weight)
            mean = distance / steps(template.tolist(), end - start, weight)
            if distance < math.inf and mean <= threshold:
                near[start, end] = mean
    spring = Spring([template], threshold=threshold, step_pattern=pattern, window=window)
    matches = spring.extend(stream[:24]) + spring.finish()
    assert (len(matches) > 0) == (len(near) > 0)
    assert min((match.normalised for match in matches), default=None) == min(near.values(), default=None)
    for match in matches:
        assert match.normalised == near[match.start, match.end]
        for (start, end), mean in near.items():
            if start < match.end and match.start < end and mean < match.normalised:
                # one that is nearer than the match had to give way to another
                assert any(
                    other <= mean and begin < end and start < stop and (begin, stop) != (start, end)
                    for (begin, stop), other in near.items()
                )


@many
@given(
    seed=st.integers(0, 9999),
    dims=st.integers(1, 5),
    window=st.sampled_from([None, 2, 5]),
    metric=st.sampled_from(["euclidean", "squared"]),
    pattern=patterns,
)
def test_the_distance_of_a_match_is_that_of_the_two_whole_sequences(
    seed: int, dims: int, window: int | None, metric: str, pattern: str
) -> None:
    stream, template = walk(seed, 60, dims), walk(seed + 1, 8, dims)
    spring = Spring([template], step_pattern=pattern, metric=metric, window=window)
    matches = [match for _, match in by_vectors(spring, stream)]
    # without a window, paths that the first match gives up may hide the best ones of those that follow
    assert matches
    for match in matches if window is not None else matches[:1]:
        stretch = stream[match.start : match.end].tolist()
        expected = whole(template.tolist(), stretch, window, WEIGHTS[pattern], metric)
        assert match.distance == pytest.approx(expected, rel=1e-12)
        divisor = steps(template.tolist(), len(stretch), WEIGHTS[pattern])
        assert match.normalised == pytest.approx(expected / divisor, rel=1e-12)
        if pattern == "symmetric2" and metric == "euclidean":
            other = dtw(stretch, template, window=window)
            assert match.distance == pytest.approx(other.distance, rel=1e-12)


@many
@given(seed=st.integers(0, 9999), dims=st.integers(1, 3))
def test_without_a_window_no_match_is_told_nearer_than_it_is(seed: int, dims: int) -> None:
    stream, template = walk(seed, 80, dims), walk(seed + 1, 6, dims)
    matches = [match for _, match in by_vectors(Spring([template], threshold=1.5), stream)]
    for match in matches:
        stretch = stream[match.start : match.end].tolist()
        assert match.normalised <= 1.5
        assert match.distance >= whole(template.tolist(), stretch) * (1 - 1e-12)


def test_matches_of_one_signature_are_disjoint_and_in_order() -> None:
    stream = walk(1, 3000, 2)
    spring = Spring([walk(2, 12, 2), walk(3, 20, 2)], window=4)
    matches = spring.extend(stream) + spring.finish()
    for which in (0, 1):
        own = [match for match in matches if match.signature == which]
        assert len(own) > 50
        assert all(one.end <= other.start for one, other in pairwise(own))


def test_what_is_equal_is_reported_with_its_last_vector() -> None:
    template, stream = walk(1, 9, 3), walk(2, 60, 3)
    stream[20:29] = template
    for window in (None, 0, 3):
        spring = Spring([template], threshold=0.0, window=window)
        assert by_vectors(spring, stream) == [(28, Subsequence(0, 20, 29, 0.0, 0.0, 29))]


def test_a_slower_and_a_faster_repetition_are_found_whole() -> None:
    template = np.sin(np.linspace(0, 6, 20))[:, None]
    stream = np.full((200, 1), 5.0)
    stream[30:70] = np.repeat(template, 2, axis=0)
    stream[120:130] = template[::2]
    matches = Spring([template], threshold=0.1).extend(stream)
    # of equally near stretches the first to end counts, and the last to start
    assert [(match.start, match.end) for match in matches] == [(31, 69), (120, 130)]
    assert Spring([template], threshold=0.05, window=3).extend(stream) == []


# how a stream comes


@many
@given(
    seed=st.integers(0, 999),
    places=cuts,
    window=st.sampled_from([None, 0, 3]),
    gaps=st.lists(st.integers(0, 199), max_size=3),
)
def test_vector_by_vector_and_in_pieces_come_to_the_same(
    seed: int, places: list[int], window: int | None, gaps: list[int]
) -> None:
    stream, templates = walk(seed, 200, 2), [walk(seed + 1, 7, 2), walk(seed + 2, 10, 2)]
    stream[gaps, 1] = np.nan
    spring = Spring(templates, window=window, threshold=2.0)
    whole_stream = spring.extend(stream) + spring.finish()
    cut = Spring(templates, window=window, threshold=2.0)
    pieces = [match for span in spans(200, places) for match in cut.extend(stream[span])] + cut.finish()
    single = Spring(templates, window=window, threshold=2.0)
    assert pieces == whole_stream
    assert [match for _, match in by_vectors(single, stream)] == whole_stream


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e200, -1e200])
@pytest.mark.parametrize("window", [None, 3])
def test_nothing_reaches_across_a_vector_that_cannot_be_compared(bad: float, window: int | None) -> None:
    stream, template = walk(5, 80, 2), walk(6, 6, 2)
    before, after = Spring([template], window=window), Spring([template], window=window)
    expected = before.extend(stream[:40]) + [
        # what was waiting is reported with the gap
        match._replace(decided=41)
        for match in before.finish()
    ]
    later = after.extend(stream[41:]) + after.finish()
    expected += [
        match._replace(start=match.start + 41, end=match.end + 41, decided=match.decided + 41) for match in later
    ]
    stream[40, 1] = bad
    spring = Spring([template], window=window)
    assert spring.extend(stream) + spring.finish() == expected
    assert spring.position == 80


def test_after_the_end_it_begins_anew_and_counts_on() -> None:
    stream, template = walk(5, 50, 2), walk(6, 6, 2)
    spring = Spring([template], window=2)
    once = spring.extend(stream) + spring.finish()
    again = spring.extend(stream) + spring.finish()
    assert again == [
        match._replace(start=match.start + 50, end=match.end + 50, decided=match.decided + 50) for match in once
    ]
    assert spring.finish() == []


def test_numbers_of_any_kind_make_a_vector() -> None:
    stream, template = np.round(walk(1, 60, 2)), np.round(walk(2, 5, 2))
    expected = Spring([template]).extend(stream)
    assert expected
    wide = np.zeros((60, 4))
    wide[:, ::2] = stream
    for vectors in (stream.tolist(), list(stream.astype(np.float32)), list(wide[:, ::2]), list(stream.astype(int))):
        spring = Spring([template])
        assert [match for vector in vectors for match in spring.update(vector)] == expected
    frozen = stream.copy()
    frozen.flags.writeable = False
    assert Spring([template]).extend(frozen) == expected


def test_of_one_dimension_numbers_stand_for_vectors() -> None:
    stream, template = walk(1, 60, 1), walk(2, 5, 1)
    expected = Spring([template]).extend(stream)
    spring = Spring([template[:, 0]])
    assert [match for value in stream[:, 0].tolist() for match in spring.update(value)] == expected
    assert Spring([template]).extend(stream[:, 0]) == expected


def test_a_vector_may_be_written_over_afterwards() -> None:
    stream, template, vector = walk(1, 60, 2), walk(2, 5, 2), np.zeros(2)
    spring, reported = Spring([template]), list[Subsequence]()
    for row in stream:
        vector[:] = row
        reported += spring.update(vector)
        vector[:] = 99
    assert reported == Spring([template]).extend(stream)


# many signatures


def test_signatures_do_not_compete_however_many_there_are() -> None:
    random = np.random.default_rng(1)
    stream = walk(1, 300, 3)
    templates = [walk(at + 2, int(random.integers(1, 14)), 3) for at in range(50)]
    limits = random.uniform(0, 2, 50).tolist()
    for window in (None, 2):
        together = Spring(templates, threshold=limits, window=window)
        reported = together.extend(stream) + together.finish()
        for which, (template, limit) in enumerate(zip(templates, limits, strict=True)):
            alone = Spring([template], threshold=limit, window=window)
            expected = [match._replace(signature=which) for match in alone.extend(stream) + alone.finish()]
            assert [match for match in reported if match.signature == which] == expected


def signature(template: Any, **changed: Any) -> Signature:
    return Signature("s", "s", template, "columns", **changed)


def test_a_signature_brings_its_scale_its_window_and_its_threshold() -> None:
    stream, template = walk(1, 400, 2), walk(2, 9, 2)
    stream[100:109] = template + 0.01
    background = Background(np.array([3.0, -1.0]), np.array([0.5, 4.0]))
    # 1 / (1 + 0.25) = 0.8
    one = signature(template, background=background, window=2, promotion_threshold=0.8)
    other = signature(template, promotion_threshold=0.5)
    spring = Spring([one, other, template])
    reported = spring.extend(stream) + spring.finish()
    alike = Spring([one.whiten(template)], threshold=0.25, window=2)
    expected = alike.extend(one.whiten(stream)) + alike.finish()
    own = [match for match in reported if match.signature == 0]
    assert own
    assert [match[1:3] for match in own] == [match[1:3] for match in expected]
    assert [match.normalised for match in own] == pytest.approx([match.normalised for match in expected], rel=1e-12)
    free = Spring([template], threshold=1.0)
    expected = free.extend(stream) + free.finish()
    assert [match[1:] for match in reported if match.signature == 1] == [match[1:] for match in expected]
    assert {match.signature for match in reported} == {0, 1, 2}


def test_what_is_asked_for_all_goes_before_what_signatures_bring() -> None:
    stream, template = walk(1, 200, 2), walk(2, 9, 2)
    spring = Spring([signature(template, window=2, promotion_threshold=0.9)], threshold=math.inf, window=0)
    plain = Spring([template], window=0)
    assert spring.extend(stream) + spring.finish() == plain.extend(stream) + plain.finish()


def test_a_signature_cut_out_of_the_stream_is_at_distance_zero_on_any_scale() -> None:
    stream = walk(3, 100, 4) * np.array([1e-6, 1.0, 1e3, 1e9])
    background = Background(stream.mean(axis=0), stream.std(axis=0) / 7)
    cut = signature(stream[30:50], background=background, window=3, promotion_threshold=1.0)
    assert [match[1:5] for match in Spring([cut]).extend(stream)] == [(30, 50, 0.0, 0.0)]


# bounded


@pytest.mark.parametrize("window", [None, 3])
def test_what_is_kept_does_not_grow(window: int | None) -> None:
    spring = Spring([np.zeros(6), np.arange(9.0)], threshold=0.1, window=window)
    sizes = []
    for part in range(5):
        spring.extend(np.random.default_rng(part).integers(0, 4, 2000).astype(float))
        sizes.append((spring._state.nbytes, spring._table.nbytes))
        used = spring.in_use()
        assert len(used) <= 24
        assert (np.diff(used) > 0).all()
        assert used[-1] == spring.position - 1
    assert len(set(sizes)) == 1


@many
@given(case=cases(dims=1), window=st.sampled_from([None, 0, 2]))
def test_matches_begin_and_end_with_vectors_that_were_in_use(case: tuple[list[Any], Any], window: int | None) -> None:
    templates, stream = case
    spring, used = Spring(templates, window=window, threshold=1.0), set[int]()
    for now, vector in enumerate(stream):
        matches = spring.update(vector)
        assert all({match.start, match.end - 1} <= used | {now} for match in matches)
        used = set(spring.in_use().tolist())
    assert all({match.start, match.end - 1} <= used for match in spring.finish())


# what is refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"signatures": []}, "no signature"),
        ({"signatures": [[]]}, "signature 0 is empty"),
        ({"signatures": [[1.0], [1.0, math.nan]]}, "signature 1 has a value that is not finite"),
        ({"signatures": [[1.0], [[1.0, 2.0]]]}, "1 and of 2 dimensions"),
        ({"signatures": [[1.0]], "window": -1}, "window of -1"),
        ({"signatures": [[1.0]], "window": 10**9}, "too wide"),
        ({"signatures": [[1.0]], "threshold": -0.5}, "threshold of -0.5"),
        ({"signatures": [[1.0]], "threshold": math.nan}, "threshold of nan"),
        ({"signatures": [[1.0], [2.0]], "threshold": [1.0]}, "1 thresholds for 2 signatures"),
        ({"signatures": [[1.0]], "step_pattern": "asymmetric"}, "asymmetric"),
        ({"signatures": [[1.0]], "metric": "cosine"}, "cosine"),
        ({"signatures": [[1e200], [1.0]]}, "too different"),
    ],
)
def test_what_cannot_be_matched_is_refused_with_advice(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        Spring(**arguments)
    assert caught.value.hint


@pytest.mark.parametrize("vector", [1.0, [1.0], [1.0, 2.0, 3.0], np.zeros(3), np.zeros((2, 2)), []])
def test_a_vector_of_other_dimensions_is_refused_and_leaves_no_trace(vector: Any) -> None:
    spring = Spring([walk(1, 4, 2)])
    with pytest.raises(UsageError, match="dimensions") as caught:
        spring.update(vector)
    assert caught.value.hint
    assert spring.position == 0


def test_of_no_vectors_there_are_no_matches() -> None:
    spring = Spring([walk(1, 4, 2)])
    assert spring.extend(np.empty((0, 2))) == []
    assert spring.finish() == []
