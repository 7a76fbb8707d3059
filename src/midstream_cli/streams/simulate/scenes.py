"""Scenes by name: streams of channel state as a board in the room would send them, and what truly happened when."""

import math
from collections.abc import Iterator

import numpy as np

from midstream_cli.errors import UsageError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.simulate import board
from midstream_cli.streams.simulate.link import Link
from midstream_cli.streams.simulate.propagation import EDGE
from midstream_cli.streams.simulate.radio import Radio
from midstream_cli.streams.simulate.room import build
from midstream_cli.streams.simulate.scripts import SCENES, script
from midstream_cli.streams.simulate.setup import Setup
from midstream_cli.streams.simulate.traffic import arrivals

DEFAULT = Setup()


def names() -> list[str]:
    """All scenes."""
    return sorted(SCENES)


def about(scene: str) -> str:
    """What happens in a scene, in one sentence."""
    return (SCENES[scene].__doc__ or "").partition("\n")[0]


def truth(scene: str, setup: Setup = DEFAULT) -> list[tuple[float, float, str]]:
    """What happens when: start and end in seconds since the scene began, and a label; without gaps.

    Raises:
        UsageError: the scene never ends.
    """
    if math.isinf(setup.duration_s):
        raise UsageError("a scene without an end has no list of labels", "set a duration")
    room = build(setup.room, setup.size_m, setup.nodes)
    acts = script(scene, room, setup.seed, setup.breathing_hz).acts
    labels: list[tuple[float, float, str]] = []
    now = 0.0
    while now < setup.duration_s:
        for act in acts:
            start, now = now, now + act.seconds
            if labels and labels[-1][2] == act.label:
                start = labels.pop()[0]
            if start < setup.duration_s:
                labels.append((start, min(now, setup.duration_s), act.label))
    return labels


def simulate(scene: str, setup: Setup = DEFAULT, *, frames: int | None = None) -> Iterator[CsiRecording]:
    """The frames of a scene, piece by piece, in bounded memory.

    Two setups that differ in duration only give the same frames as far as the shorter one goes; in loss only, the
    frames of the one with less loss are among those of the other.

    Args:
        frames: in every piece but the last; about a thousand where it is not given. The frames are the same.
    """
    pieces = _played(scene, setup)
    return pieces if frames is None else _cut(pieces, frames)


def _played(scene: str, setup: Setup) -> Iterator[CsiRecording]:
    room = build(setup.room, setup.size_m, setup.nodes)
    play = script(scene, room, setup.seed, setup.breathing_hz)
    links = [Link(room, play, node, board.CENTRE_HZ) for node in range(setup.nodes)]
    power = np.array([link.power for link in links])
    radio = Radio(setup.seed, setup.snr_db, setup.gain_steps, setup.secondary)
    info = StreamInfo(f"demo://{scene}", "demo")
    for packets in arrivals(setup.seed, setup.rate_hz, setup.duration_s, setup.loss, setup.nodes):
        # the whole block, so that no frame depends on which others are lost
        number, time_s, sender = packets.number, packets.time_s, packets.number % setup.nodes
        channel = np.empty((len(number), 2 * EDGE + 1), np.complex64)
        for node, link in enumerate(links):
            channel[sender == node] = link.channel(time_s[sender == node])
        samples, rssi = radio.receive(channel, power[sender], packets.block)
        address = board.FIRST_NODE + (setup.room << 8) + sender
        whole = board.recording(
            info, time_s, setup.booted_s, address, number // setup.nodes, samples, rssi, setup.secondary
        )
        if packets.received.any():
            yield whole.take(packets.received)


def _cut(pieces: Iterator[CsiRecording], frames: int) -> Iterator[CsiRecording]:
    """The same frames in pieces of another size."""
    waiting: list[CsiRecording] = []
    for piece in pieces:
        waiting.append(piece)
        if sum(map(len, waiting)) < frames:
            continue
        joined = concatenate(waiting)
        whole = len(joined) // frames * frames
        for start in range(0, whole, frames):
            yield joined.take(slice(start, start + frames))
        waiting = [joined.take(slice(whole, None))]
    if sum(map(len, waiting)):
        yield concatenate(waiting)
