"""What a body in the way takes from the paths that pass it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.streams.simulate.propagation import images
from midstream_cli.streams.simulate.shadow import legs, passed

SIZE_M = np.array([5.0, 4.0, 2.6])
SENDER, RECEIVER = np.array([0.5, 1.0, 1.0]), np.array([4.5, 2.0, 1.2])
WAYS = legs(images(SENDER, SIZE_M, -np.full((3, 2), 0.7), 1), RECEIVER)


def share(x: float, y: float, height_m: float = 1.75, depth: float = 0.7) -> list[float]:
    shares: list[float] = passed(np.array([[x, y]]), np.array([height_m]), np.array([depth]), WAYS)[0].tolist()
    return shares


def test_the_legs_of_a_path_over_a_wall_meet_on_that_wall_and_are_as_long_as_the_path_from_its_image() -> None:
    mirrored = images(SENDER, SIZE_M, -np.full((3, 2), 0.7), 1)
    for path in range(1, 7):
        (first, second) = np.flatnonzero(WAYS.path == path)
        bend = WAYS.end[first]
        np.testing.assert_array_equal(WAYS.start[second], bend)
        assert np.isclose(bend, 0.0).any() or np.isclose(bend, SIZE_M).any()
        assert ((bend >= -1e-9) & (bend <= SIZE_M + 1e-9)).all()
        length_m = np.linalg.norm(bend - SENDER) + np.linalg.norm(RECEIVER - bend)
        assert length_m == pytest.approx(np.linalg.norm(RECEIVER - mirrored.positions[path]))


def test_a_body_amid_the_direct_path_takes_its_depth() -> None:
    middle = (SENDER + RECEIVER) / 2
    assert share(middle[0], middle[1])[0] == pytest.approx(0.3, abs=1e-6)


def test_a_body_far_aside_takes_nothing() -> None:
    assert share(2.5, 3.9)[0] == pytest.approx(1.0, abs=1e-6)


def test_a_path_over_the_head_is_not_shadowed() -> None:
    middle = (SENDER + RECEIVER) / 2
    assert share(middle[0], middle[1], height_m=0.5)[0] == pytest.approx(1.0, abs=1e-6)


def test_nobody_takes_nothing() -> None:
    np.testing.assert_array_equal(share(2.5, 1.5, depth=0.0), 1.0)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 0.9))
def test_what_passes_is_a_share_and_never_less_than_both_legs_leave(x: float, y: float, depth: float) -> None:
    left = np.array(share(5.0 * x, 4.0 * y, depth=depth))
    assert ((left >= (1 - depth) ** 2 - 1e-6) & (left <= 1.0)).all()


@given(st.floats(0.0, 0.5), st.floats(0.01, 0.5))
def test_the_shadow_fades_with_the_distance_from_the_path(near_m: float, more_m: float) -> None:
    middle, along = (SENDER + RECEIVER) / 2, (RECEIVER - SENDER)[:2]
    aside = np.array([-along[1], along[0]]) / np.linalg.norm(along)
    near, far = (share(*(middle[:2] + aside * distance))[0] for distance in (near_m, near_m + more_m))
    assert near < far
