"""How bodies, doors and fans move."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.streams.simulate import fixtures
from midstream_cli.streams.simulate.body import (
    ARM_M,
    CHEST,
    HIP_M,
    LEG_M,
    SEAT_DROP_M,
    SHOULDER_M,
    THIGH_M,
    Body,
    sway,
)
from midstream_cli.streams.simulate.motion import TURN_S, Ramp, Walk, tour
from midstream_cli.streams.simulate.room import MARGIN_M, build

ALWAYS, NEVER = Ramp.of((0.0, 1.0)), Ramp.of((0.0, 0.0))
ROOM = build(1)


def body(walk: Walk, **settings: Any) -> Body:
    return Body(walk, **({"presence": ALWAYS, "seated": NEVER, "lean": NEVER} | settings))


def straight(speed: float = 1.3, seconds: float = 10.0) -> Walk:
    return Walk.along(np.array([[0.0, 0.0], [speed * seconds, 0.0]]), 0.0, seconds)


@given(st.lists(st.tuples(st.floats(0.1, 5.0), st.floats(-3.0, 3.0)), min_size=1, max_size=6))
def test_a_ramp_meets_its_knots_and_stays_between_them(steps: list[tuple[float, float]]) -> None:
    knots = list(zip(np.cumsum([step for step, _ in steps]).tolist(), [value for _, value in steps], strict=True))
    ramp = Ramp.of(*knots)
    np.testing.assert_allclose(ramp.at(np.array([time for time, _ in knots])), [value for _, value in knots], atol=1e-9)
    for (start, before), (end, after) in pairwise(knots):
        values = ramp.at(np.linspace(start, end, 50))
        assert (np.diff(values) * np.sign(after - before) >= -1e-9).all()
    np.testing.assert_array_equal(ramp.at(np.array([-1.0, 99.0])), [knots[0][1], knots[-1][1]])


def test_a_ramp_starts_and_ends_at_rest() -> None:
    values = Ramp.of((0.0, 0.0), (1.0, 1.0)).at(np.array([0.0, 0.001, 0.5, 0.999, 1.0]))
    assert values[1] < 1e-7
    assert values[3] > 1 - 1e-7
    assert values[2] == pytest.approx(0.5)


@given(st.integers(0, 2**32), st.floats(5.0, 80.0))
def test_a_tour_stays_in_the_room_and_is_about_as_long_as_asked(seed: int, length_m: float) -> None:
    places = tour(ROOM, np.random.default_rng(seed), length_m, ROOM.doorway, ROOM.chair)
    np.testing.assert_array_equal(places[[0, -1]], [ROOM.doorway, ROOM.chair])
    inner = places[1:-1]
    assert ((inner >= MARGIN_M) & (inner <= ROOM.size_m[:2] - MARGIN_M)).all()
    longest_m = float(np.linalg.norm(ROOM.size_m[:2]))
    assert abs(np.linalg.norm(np.diff(places, axis=0), axis=1).sum() - length_m) <= 2 * longest_m


def test_a_walk_keeps_its_pace_and_stops_gently() -> None:
    walk = straight(1.3)
    speed = np.linalg.norm(np.diff(walk.place, axis=0), axis=1) / np.diff(walk.time_s)
    # starting and stopping take a little of the time
    assert speed[100:-100] == pytest.approx(13.0 / (10.0 - TURN_S))
    assert speed.argmax() not in (0, len(speed) - 1)
    assert speed[0] < 0.02
    assert walk.pace[0] < 0.02
    np.testing.assert_allclose(walk.place[[0, -1]], [[0.0, 0.0], [13.0, 0.0]])
    assert walk.distance_m[-1] == pytest.approx(13.0)


def test_a_closed_walk_goes_on_where_it_began() -> None:
    places = np.array([[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 1.0]])
    walk = Walk.along(places, 0.0, 6.0, closed=True)
    np.testing.assert_allclose(walk.place[0], walk.place[-1])
    ends = np.exp(1j * walk.heading[[0, -1]])
    assert ends[0] == pytest.approx(ends[1])
    speed = np.linalg.norm(np.diff(walk.place, axis=0), axis=1)
    # the corner at the seam is rounded like the others
    assert speed.max() < 1.05 * np.median(speed)
    assert speed[0] == pytest.approx(speed[-1], rel=0.2)


def test_walks_are_joined_without_a_jump_of_heading() -> None:
    walk = Walk.joined(
        Walk.along(np.array([[0.0, 0.0], [-3.0, 0.1]]), 0.0, 2.0),
        Walk.along(np.array([[-3.0, 0.1], [-6.0, 0.0]]), 3.0, 2.0),
    )
    assert np.abs(np.diff(walk.heading)).max() < 0.5
    assert walk.distance_m[-1] == pytest.approx(2 * np.hypot(3.0, 0.1))
    assert (np.diff(walk.time_s) > 0).all()


def test_limbs_keep_their_length_and_feet_stay_above_the_floor() -> None:
    time_s = np.linspace(2.0, 8.0, 500)
    points, areas = body(straight()).points(time_s, time_s)
    trunk, _, _ = body(straight()).trunk(time_s, time_s)
    for rows, pivot_m, length_m in (((3, 4), HIP_M, THIGH_M), ((5, 6), HIP_M, LEG_M), ((7, 8), SHOULDER_M, ARM_M)):
        for row in rows:
            forward, up = points[row, :, 0] - trunk[:, 0], points[row, :, 2] - pivot_m
            np.testing.assert_allclose(np.hypot(forward, up), length_m)
    assert points[..., 2].min() > 0.0
    assert (areas > 0).all()


def test_legs_swing_by_the_length_of_a_step_at_the_rate_of_steps() -> None:
    time_s = np.linspace(2.0, 8.0, 6001)
    points, _ = body(straight(1.4), step_m=0.7).points(time_s, time_s)
    apart_m = points[5, :, 0] - points[6, :, 0]
    assert apart_m.max() == pytest.approx(0.7, rel=1e-3)
    steps = int((np.diff(apart_m > 0)).sum())
    assert steps == pytest.approx(6.0 * 14.0 / (10.0 - TURN_S) / 0.7, abs=1)


def test_a_body_at_rest_does_not_move_at_all() -> None:
    time_s = np.linspace(0.0, 10.0, 100)
    still = body(Walk.resting(np.array([2.0, 2.0]), 0.3), breathing=NEVER)
    points, _ = still.points(time_s, time_s)
    np.testing.assert_allclose(points, points[:, :1] + np.zeros((1, 100, 1)), atol=1e-12)


@given(st.floats(-np.pi, np.pi), st.floats(0.1, 0.5))
def test_the_chest_breathes_forward_by_its_depth_at_its_rate(heading: float, rate_hz: float) -> None:
    time_s = np.arange(0.0, 20.0, 0.01)
    sitter = body(Walk.resting(np.array([2.0, 2.0]), heading), seated=ALWAYS, breathing_m=0.01, breathing_hz=rate_hz)
    points, _ = sitter.points(time_s, time_s)
    forward = points[0, :, :2] @ [np.cos(heading), np.sin(heading)]
    aside = points[0, :, :2] @ [-np.sin(heading), np.cos(heading)]
    assert np.ptp(forward) == pytest.approx(0.01, rel=1e-2)
    assert np.ptp(aside) < 1e-9
    np.testing.assert_allclose(forward - forward.mean(), 0.005 * np.sin(2 * np.pi * rate_hz * time_s), atol=2e-3)
    np.testing.assert_allclose(points[1], points[1, :1] + np.zeros((len(time_s), 1)), atol=1e-12)


def test_who_sits_is_lower() -> None:
    at = np.zeros(1)
    standing, sitting = (
        body(Walk.resting(np.zeros(2), 0.0), seated=ramp).points(at, at)[0] for ramp in (NEVER, ALWAYS)
    )
    assert standing[0, 0, 2] - sitting[0, 0, 2] == pytest.approx(SEAT_DROP_M)
    assert standing[0, 0, 2] == pytest.approx(CHEST[2])


def test_who_is_not_there_scatters_nothing() -> None:
    _, areas = body(Walk.resting(np.zeros(2), 0.0), presence=NEVER).points(np.zeros(3), np.zeros(3))
    np.testing.assert_array_equal(areas, 0.0)


@given(st.integers(0, 2**32))
def test_swaying_is_as_strong_as_asked(seed: int) -> None:
    amplitudes, frequencies = sway(np.random.default_rng(seed), 0.003)
    np.testing.assert_allclose(np.sqrt((amplitudes**2).sum(axis=0) / 2), 0.003)
    assert ((frequencies > 0) & (frequencies < 1.0)).all()


def test_a_door_turns_about_its_hinge() -> None:
    points, _ = fixtures.door(ROOM, np.array([0.0, 0.5, 1.0]))
    from_hinge = np.linalg.norm(points[..., :2] - ROOM.hinge, axis=-1)
    np.testing.assert_allclose(from_hinge, from_hinge[:, :1] + np.zeros(3))
    np.testing.assert_allclose(points[:, 0, 0], 0.0)
    assert (points[:, 2, 0] > 0.2).all()


def test_a_fan_looks_the_same_after_every_blade() -> None:
    points, _ = fixtures.fan(ROOM, np.array([0.0, 1 / 3]))
    first, then = (sorted(points[:, i].round(9).tolist()) for i in range(2))
    np.testing.assert_allclose(first, then, atol=1e-8)
