"""A person as a handful of scattering points: a trunk that breathes and sways, two legs and two arms that swing."""

from dataclasses import dataclass, field

import numpy as np

from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.motion import Ramp, Walk

CHEST, BACK, HEAD = (0.14, 0.0, 1.28), (-0.08, 0.0, 1.05), (0.03, 0.0, 1.62)
"""Forward, to the left and above the floor, in metres, of one who stands."""

CROSS_SECTIONS_M2 = (1.2, 0.7, 0.2, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1)
"""Chest, back, head, knees, ankles, wrists. People send about 1 m2 straight back at 2.4 GHz, and more aside and onward,
which is where a receiver in the same room mostly stands."""

HIP_M, THIGH_M, LEG_M, SHOULDER_M, ARM_M = 0.92, 0.44, 0.86, 1.42, 0.60
HALF_HIPS_M, HALF_SHOULDERS_M = 0.10, 0.22

SEAT_DROP_M = 0.45
"""So much lower is the trunk of one who sits."""

HEIGHT_M = 1.75

BOB_M = 0.02
"""The trunk rises and falls so far with every step."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What one person does, over one period of a scene."""

    walk: Walk
    presence: Ramp
    """1 in the room, 0 out of it."""
    seated: Ramp
    """0 stands, 1 sits."""
    lean: Ramp
    """How far the trunk leans forward, in metres."""
    step_m: float = 0.7
    """Length of a step; with the speed it sets the rate of steps."""
    breathing_m: float = 0.01
    """How far the chest moves between breathing out and in: 4 mm in shallow breaths, 12 mm in deep ones (De Groote et
    al., "Chest wall motion during tidal breathing", J. Appl. Physiol. 83(5), 1997)."""
    breathing_hz: float = 0.25
    breathing: Ramp = field(default_factory=lambda: Ramp.of((0.0, 1.0)))
    """1 breathes so deep, 0 so shallow that it does not show."""
    sway_m: Float64 = field(default_factory=lambda: np.zeros((0, 2)))
    """Shape (tones, 2): amplitudes of slow movements of one who tries to keep still, along either axis of the floor."""
    sway_hz: Float64 = field(default_factory=lambda: np.zeros(0))
    swaying: Ramp = field(default_factory=lambda: Ramp.of((0.0, 1.0)))

    def trunk(self, time_s: Float64, phase_s: Float64) -> tuple[Float64, Float64, Float64]:
        """Where the trunk is, shape (n, 2); the height of its head, (n,); and its presence, (n,).

        Args:
            time_s: since the scene began; breathing and swaying go by it, for they do not repeat with the scene.
            phase_s: since the period began; all else goes by it.
        """
        place = np.stack([np.interp(phase_s, self.walk.time_s, self.walk.place[:, axis]) for axis in range(2)], axis=1)
        if len(self.sway_hz):
            angles = 2 * np.pi * (time_s[:, None] * self.sway_hz + np.arange(len(self.sway_hz)) * 0.61803)
            place += (np.sin(angles) @ self.sway_m) * self.swaying.at(phase_s)[:, None]
        return place, HEIGHT_M - SEAT_DROP_M * self.seated.at(phase_s), self.presence.at(phase_s)

    def points(self, time_s: Float64, phase_s: Float64) -> tuple[Float64, Float64]:
        """Where the points are, shape (9, n, 3), and their cross sections, (9, n)."""
        place, height, presence = self.trunk(time_s, phase_s)
        heading = np.interp(phase_s, self.walk.time_s, self.walk.heading)
        own = self._posture(time_s, phase_s, HEIGHT_M - height)
        forward, left, up = own[..., 0], own[..., 1], own[..., 2]
        cosine, sine = np.cos(heading), np.sin(heading)
        points = np.stack(
            [place[:, 0] + forward * cosine - left * sine, place[:, 1] + forward * sine + left * cosine, up], axis=-1
        )
        return points, np.array(CROSS_SECTIONS_M2)[:, None] * presence**2

    def _posture(self, time_s: Float64, phase_s: Float64, drop: Float64) -> Float64:
        """The points as the body itself sees them: forward, to the left, and above the floor; shape (9, n, 3)."""
        stride, pace = self._gait(phase_s)
        swing = np.arcsin(self.step_m / 2 / LEG_M) * pace * np.sin(stride)
        seated = drop / SEAT_DROP_M
        own = np.empty((9, len(time_s), 3))
        own[:3] = np.array([CHEST, BACK, HEAD])[:, None]
        chest = self.breathing.at(phase_s) * np.sin(2 * np.pi * self.breathing_hz * time_s)
        own[0, :, 0] += self.breathing_m / 2 * chest
        own[:3, :, 0] += self.lean.at(phase_s)
        own[:3, :, 2] -= drop + BOB_M / 2 * np.cos(2 * stride) * pace
        for side, sign in ((0, 1.0), (1, -1.0)):
            leg, arm = sign * swing, -0.7 * sign * swing
            for row, length, reach, low in ((3, THIGH_M, 0.45, 0.5), (5, LEG_M, 0.45, 0.08)):
                own[row + side] = _pendulum(leg, HIP_M, length, sign * HALF_HIPS_M)
                # one who sits has the thighs level and the shanks upright
                own[row + side, :, 0] += seated * (reach - own[row + side, :, 0])
                own[row + side, :, 2] += seated * (low - own[row + side, :, 2])
            own[7 + side] = _pendulum(arm, SHOULDER_M, ARM_M, sign * HALF_SHOULDERS_M)
            own[7 + side, :, 2] -= drop
        return own

    def _gait(self, phase_s: Float64) -> tuple[Float64, Float64]:
        """The phase of the stride, and how far the limbs swing of what they do at a full pace; each shape (n,).

        Limbs are pendulums in step with the distance walked, two steps a stride, and rest when the body does (after
        Boulic, Thalmann, Thalmann, "A global human walking model with real-time kinematic personification", The Visual
        Computer 6, 1990, with the joints below the knee left out).
        """
        walked = np.interp(phase_s, self.walk.time_s, self.walk.distance_m)
        return np.pi * walked / self.step_m, np.interp(phase_s, self.walk.time_s, self.walk.pace)


def _pendulum(angle: Float64, pivot_m: float, length_m: float, aside_m: float) -> Float64:
    """A point on a limb that swings forward by `angle`, shape (n, 3)."""
    aside = np.full(len(angle), aside_m)
    return np.stack([length_m * np.sin(angle), aside, pivot_m - length_m * np.cos(angle)], axis=-1)


def sway(random: np.random.Generator, rms_m: float, tones: int = 6) -> tuple[Float64, Float64]:
    """Amplitudes and frequencies of swaying, for `Body`: most of it is slower than 0.7 Hz, the slower the stronger.

    After the sway of quiet standing and sitting (Winter, "Human balance and posture control during standing and
    walking", Gait & Posture 3, 1995).
    """
    frequencies = random.uniform(0.08, 0.7, tones)
    amplitudes = random.normal(size=(tones, 2)) / np.sqrt(frequencies)[:, None]
    return amplitudes * (rms_m / np.sqrt((amplitudes**2).sum(axis=0) / 2)), frequencies
