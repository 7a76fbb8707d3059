"""Places that resemble a query are the nearest of all stretches, none across a silence, with the times they have."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from midstream_cli.compare.method import Method
from midstream_cli.compare.named import Named
from midstream_cli.compare.search.places import places
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

RANDOM = np.random.default_rng(7)
QUERY = RANDOM.normal(size=(5, 2))
STREAM = RANDOM.normal(size=(18, 2))


def named(values: Float64, name: str = "a", **changed: Any) -> Named:
    return Named(name, "bands8", values, **changed)


def slow_dtw(a: Float64, b: Float64, window: int | None = None) -> float:
    """DTW (symmetric2) cell by cell."""
    sums: dict[tuple[int, int], float] = {}
    for i, j in itertools.product(range(len(a)), range(len(b))):
        if window is None or abs(i - j) <= window:
            cost = math.dist(a[i], b[j])
            ways = [(i - 1, j - 1, 2), (i - 1, j, 1), (i, j - 1, 1)]
            sums[i, j] = cost if i == j == 0 else min(sums.get((k, m), math.inf) + w * cost for k, m, w in ways)
    return sums.get((len(a) - 1, len(b) - 1), math.inf)


def brute(
    query: Float64, stream: Float64, top: int, allowed: Any = None, **settings: Any
) -> list[tuple[int, int, float]]:
    """The nearest of all stretches, then the nearest of those that share nothing with it, and so on."""
    stretches = [
        (slow_dtw(query, stream[i:j], **settings), j, -i)
        for i, j in itertools.combinations(range(len(stream) + 1), 2)
        if allowed is None or allowed(i, j)
    ]
    taken: list[tuple[int, int, float]] = []
    for distance, end, negative in sorted(stretches):
        start = -negative
        if distance < math.inf and len(taken) < top and all(end <= i or start >= j for i, j, _ in taken):
            taken.append((start, end, distance))
    return taken


@pytest.mark.parametrize("top", [1, 3])
def test_the_nearest_of_all_stretches_come_first(top: int) -> None:
    found = places(named(QUERY, "q"), named(STREAM, "s"), top=top)
    expected = brute(QUERY, STREAM, top)
    assert [(place.start_frame, place.end_frame) for place in found] == [(i, j) for i, j, _ in expected]
    assert [place.distance for place in found] == pytest.approx([distance for *_, distance in expected])
    for rank, place in enumerate(found, 1):
        assert (place.query, place.path, place.rank, place.start_s) == ("q", "s", rank, None)
        assert place.normalised == pytest.approx(place.distance / (5 + place.end_frame - place.start_frame))


def test_no_place_reaches_across_a_silence_and_times_are_those_of_the_recording() -> None:
    at = np.arange(18) + np.where(np.arange(18) >= 9, 20, 0)
    stream = named(STREAM, rate_hz=2.0, time_s=at / 2.0)
    found = places(named(QUERY), stream, top=4)
    expected = brute(QUERY, STREAM, 4, allowed=lambda i, j: j <= 9 or i >= 9)
    assert [(place.start_frame, place.end_frame) for place in found] == [(i, j) for i, j, _ in expected]
    for place in found:
        assert place.start_s == at[place.start_frame] / 2 - 0.25
        assert place.end_s == at[place.end_frame - 1] / 2 + 0.25


def test_a_signature_is_warped_within_its_own_window_in_units_of_its_background() -> None:
    background = Background(np.array([0.5, -1.0]), np.array([2.0, 0.1]))
    signature = Signature("s", "s", QUERY, "bands8", window=1, background=background)
    query = named(QUERY, signature=signature)
    expected = brute(background.whiten(QUERY), background.whiten(STREAM), 2, window=1)
    found = places(query, named(STREAM), top=2)
    assert [(place.start_frame, place.end_frame) for place in found] == [(i, j) for i, j, _ in expected]
    assert [place.distance for place in found] == pytest.approx([distance for *_, distance in expected])
    wide = places(query, named(STREAM), Method(window=3, units="feature"), top=1)
    assert wide[0].distance == pytest.approx(brute(QUERY, STREAM, 1, window=3)[0][2])


def test_with_z_normalise_a_place_of_another_level_and_scale_is_found() -> None:
    stream = STREAM.copy()
    stream[6:11] = QUERY * 40.0 + 9.0
    (found,) = places(named(QUERY), named(stream), Method(transforms=("z-normalise",)), top=1)
    assert (found.start_frame, found.end_frame) == (6, 11)
    assert found.distance == pytest.approx(0.0, abs=1e-6)
    assert found.convention.endswith("each stretch z-normalised")


def test_position_by_position_places_are_as_long_as_the_query() -> None:
    (found,) = places(named(QUERY), named(STREAM), Method("euclidean"), top=1)
    distances = [float(np.linalg.norm(STREAM[i : i + 5] - QUERY)) for i in range(14)]
    assert found.distance == pytest.approx(min(distances))
    assert (found.start_frame, found.end_frame) == (
        distances.index(min(distances)),
        distances.index(min(distances)) + 5,
    )


def test_names_are_found_by_edits() -> None:
    text, query = np.array([[float(ord(c))] for c in "abcdefgh"]), np.array([[float(ord(c))] for c in "cxe"])
    stream = Named("s", "token-ids", text, categorical=True)
    (found,) = places(Named("q", "token-ids", query, categorical=True), stream, top=1)
    assert (found.start_frame, found.end_frame, found.distance, found.algorithm) == (2, 5, 1.0, "edit")


def test_a_threshold_is_of_the_normalised_distance() -> None:
    every = places(named(QUERY), named(STREAM), top=3)
    least, most = (pick(place.normalised for place in every) for pick in (min, max))
    assert places(named(QUERY), named(STREAM), top=3, threshold=most) == every
    assert places(named(QUERY), named(STREAM), top=3, threshold=least * 0.999) == []


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (Method("lcs"), "lcs finds nothing"),
        (Method("soft-dtw"), "soft-dtw finds nothing"),
        (Method(transforms=("z-normalise", "derivative")), "after all else"),
    ],
)
def test_what_cannot_be_looked_for_is_an_error(method: Method, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        places(named(QUERY), named(STREAM), method)
    assert caught.value.hint
