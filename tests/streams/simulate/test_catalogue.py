"""Scenes and settings by the names users type."""

from typing import Any

import numpy as np
import pytest

from midstream_cli.errors import UsageError
from midstream_cli.recordings import CsiRecording
from midstream_cli.streams.simulate import catalogue, scenes, tokens
from midstream_cli.streams.simulate.dynamics.systems import SYSTEMS


def only(scene: str, **settings: Any) -> CsiRecording:
    (piece,) = catalogue.play(scene, settings).pieces
    assert isinstance(piece, CsiRecording)
    return piece


def test_every_scene_is_known_by_its_name_and_says_what_happens() -> None:
    assert set(catalogue.names()) == set(scenes.names()) | set(tokens.SCENES) | set(SYSTEMS)
    for name in catalogue.names():
        assert len(catalogue.about(name)) > 10
        kind = "token" if name in tokens.SCENES else "numeric" if name in SYSTEMS else "csi"
        assert catalogue.kind_of(name) == kind


def test_a_misspelt_scene_is_guessed() -> None:
    with pytest.raises(UsageError, match="no scene is called 'walkin'") as error:
        catalogue.play("walkin", {})
    assert "did you mean walking? known are" in error.value.hint
    assert "chat" in error.value.hint


def test_settings_of_channel_state_reach_the_scene() -> None:
    play = catalogue.play(
        "walking", {"duration": "2", "rate": "50", "nodes": "2", "uptime": "100", "secondary": "none"}
    )
    (piece,) = play.pieces
    assert len(piece) == 200
    assert piece.time_ns[0] == pytest.approx(100e9, abs=1e8)
    assert play.truth == [(0.0, 2.0, "walking")]


def test_gain_control_can_be_turned_off() -> None:
    spreads = []
    for on in (1, 0):
        samples = only("idle_room", duration=5, gain_steps=on).matrix()[:, 6:32]
        spreads.append(np.abs(samples).mean(axis=1).std())
    assert spreads[0] > 3 * spreads[1]


def test_the_size_of_a_room_is_written_as_people_do() -> None:
    small, large = (only("idle_room", duration=1, size=size) for size in ("4x3x2.5", "9x8x3"))
    assert not np.array_equal(small.csi, large.csi)
    for size in ("4x3", "wide", "4x3x2.5x1"):
        with pytest.raises(UsageError, match="no size of a room"):
            catalogue.play("idle_room", {"size": size})


def test_tokens_are_counted_or_timed() -> None:
    for given, count in (
        ({}, 400),
        ({"tokens": 30}, 30),
        ({"duration": 2.0}, 80),
        ({"duration": 2.0, "rate": 10.0}, 20),
    ):
        # one more event says why the stream ended
        assert sum(map(len, catalogue.play("chat", given).pieces)) == count + 1


def test_a_stream_of_tokens_has_an_end() -> None:
    with pytest.raises(UsageError, match="has an end"):
        catalogue.play("chat", {"duration": "inf"})


def test_nobody_knows_what_happens_when_in_a_stream_of_tokens_or_one_without_end() -> None:
    assert catalogue.play("loop", {}).truth is None
    assert catalogue.play("walking", {"duration": "inf"}).truth is None
