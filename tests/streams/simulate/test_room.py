"""Rooms by their numbers."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import UsageError
from midstream_cli.streams.simulate.room import DOOR_WIDTH_M, LARGEST_M, MOST_NODES, SMALLEST_M, Room, build


@given(
    seed=st.integers(0, 2**31),
    size_m=st.tuples(*(st.floats(low, high) for low, high in zip(SMALLEST_M, LARGEST_M, strict=True))),
    nodes=st.integers(1, MOST_NODES),
)
def test_everything_stands_in_the_room(seed: int, size_m: tuple[float, float, float], nodes: int) -> None:
    room = build(seed, size_m, nodes)
    for place in (room.receiver, *room.senders, *room.furniture, room.fan):
        assert ((place > 0) & (place < room.size_m)).all()
    for place in (room.chair, room.doorway):
        assert ((place > 0) & (place < room.size_m[:2])).all()
    assert 0 < room.hinge[1] < room.hinge[1] + DOOR_WIDTH_M < room.size_m[1]


def test_a_number_is_always_the_same_room() -> None:
    first, second = build(7), build(7)
    for field in fields(Room):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(second, field.name))


def test_another_number_is_another_room() -> None:
    assert not np.allclose(build(1).receiver, build(2).receiver)


def test_a_further_node_leaves_the_others_where_they_are() -> None:
    one, three = build(1, nodes=1), build(1, nodes=3)
    np.testing.assert_array_equal(one.senders[0], three.senders[0])
    np.testing.assert_array_equal(one.furniture, three.furniture)
    assert len({tuple(sender) for sender in three.senders}) == 3


def test_who_sits_on_the_chair_looks_between_the_antennas() -> None:
    room = build(3)
    looking = np.array([np.cos(room.heading_on_chair), np.sin(room.heading_on_chair)])
    angles = []
    for antenna in (room.receiver, room.senders[0]):
        way = antenna[:2] - room.chair
        angles.append(np.arccos(way @ looking / np.linalg.norm(way)))
    assert angles[0] == pytest.approx(angles[1])


@pytest.mark.parametrize("size_m", [(2.0, 4.0, 2.6), (5.0, 50.0, 2.6), (5.0, 4.0, float("nan"))])
def test_a_size_that_no_room_has_is_refused(size_m: tuple[float, float, float]) -> None:
    with pytest.raises(UsageError, match="a room of"):
        build(1, size_m)


@pytest.mark.parametrize("nodes", [0, MOST_NODES + 1])
def test_too_many_nodes_are_refused(nodes: int) -> None:
    with pytest.raises(UsageError, match=f"{nodes} nodes"):
        build(1, nodes=nodes)
