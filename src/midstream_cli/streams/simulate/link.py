"""The channel between two antennas in a room where something happens."""

import numpy as np

from midstream_cli.frames import Complex64, Float64
from midstream_cli.streams.simulate import fixtures, propagation, shadow
from midstream_cli.streams.simulate.room import Room
from midstream_cli.streams.simulate.scripts import Script

STILL_ORDER, MOVING_ORDER = 5, 2
"""Walls met on the way: by the still part of the channel, and on either side of something that moves."""

AT_ONCE = 64
"""Packets worked on together: their paths fit into the cache, and the matrices stay too small to wake other threads."""

SHADOW_DEPTH = 0.7
"""Share of the amplitude that a body amid a path takes: 10 dB, as people do who cross a 2.4 GHz link."""


class Link:
    """One sender and the receiver; what does not move is computed once."""

    def __init__(self, room: Room, script: Script, node: int, centre_hz: float) -> None:
        self._room, self._script = room, script
        self._sender, self._receiver = (
            propagation.images(antenna, room.size_m, room.reflection, MOVING_ORDER)
            for antenna in (room.senders[node], room.receiver)
        )
        way_m = np.linalg.norm((MOVING_ORDER + 1) * room.size_m)
        self._band = propagation.Band.of(centre_hz, 2 * float(way_m))
        images = propagation.images(room.senders[node], room.size_m, room.reflection, STILL_ORDER)
        paths = propagation.direct(images, room.receiver, self._band.frequencies).astype(np.complex64)
        paths[0] *= np.float32(room.direct)
        self._ways = shadow.legs(self._sender, room.receiver)
        self._shaded, farther = np.split(paths, [int((images.bounces <= 1).sum())])
        self._still = farther.sum(axis=0) + self._by_way_of(room.furniture[:, None], room.furniture_m2[:, None])[0]
        empty = self._shaded.sum(axis=0) + self._still + self._by_way_of(*fixtures.door(room, np.zeros(1)))[0]
        self.power = float((np.abs(empty) ** 2).mean())
        """Gain in power of the empty room with its door closed, a mean over the subcarriers."""

    def channel(self, time_s: Float64) -> Complex64:
        """Of subcarriers -26..26 at each time since the scene began, shape (n, 53)."""
        parts = [self._channel(time_s[start : start + AT_ONCE]) for start in range(0, len(time_s), AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty((0, len(self._still)), np.complex64)

    def _channel(self, time_s: Float64) -> Complex64:
        script, phase_s = self._script, time_s % self._script.period_s
        opened, which = np.unique(script.door.at(phase_s), return_inverse=True)
        channel: Complex64 = self._still + self._by_way_of(*fixtures.door(self._room, opened))[which]
        if script.fan_hz:
            channel += self._by_way_of(*fixtures.fan(self._room, script.fan_hz * time_s))
        if script.body is None:
            channel += self._shaded.sum(axis=0)
            return channel
        trunk, height_m, presence = script.body.trunk(time_s, phase_s)
        channel += self._by_way_of(*script.body.points(time_s, phase_s))
        share = shadow.passed(trunk, height_m, SHADOW_DEPTH * presence, self._ways)
        channel += share.astype(np.complex64) @ self._shaded
        return channel

    def _by_way_of(self, points: Float64, cross_sections: Float64) -> Complex64:
        return propagation.scattered(points, cross_sections, self._sender, self._receiver, self._band)
