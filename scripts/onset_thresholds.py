"""Make the table of thresholds of the onset detector: the statistic of white normal frames, simulated.

Run as `python scripts/onset_thresholds.py`: some four minutes. Frames of so many channels go through the detector with
nothing for an alarm; then alarms are counted for each threshold, one until the statistic has been below 0.7 of it for
sixteen frames. The logarithm of alarms a frame is fitted with a line in the square of the threshold, weighted by the
alarms counted: the tail of a normal number, with a factor. Seeds are those below, and nothing is accepted or compared with frames of these seeds.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from midstream_cli.attractor.change.onset import Onset
from midstream_cli.attractor.kernels import onset as kernels
from midstream_cli.attractor.kernels.onset import CALM, FALLEN
from midstream_cli.frames import Float64

TABLE = Path(__file__).resolve().parents[1] / "src/midstream_cli/attractor/change/thresholds.json"
CHANNELS = (1, 2, 3, 4, 8, 16, 32, 64, 128)
FRAMES = {1: 4_000_000, 2: 3_000_000, 3: 3_000_000, 4: 3_000_000, 8: 3_000_000}
OTHERWISE = 1_500_000
SEED = 20_260_101
PIECE = 50_000
LEARN = 3_000
"""Frames of which no alarm is counted."""
HEIGHTS = np.arange(2.5, 6.0, 0.1)
FEWEST = 5
"""Alarms that a threshold must have, to count in the fit."""
MOST = 3e-4
"""Alarms a frame, beyond which one runs into the other."""


def statistic(channels: int, frames: int, seed: int) -> Float64:
    """The statistic of white normal frames, where nothing is an alarm."""
    random = np.random.default_rng([seed, channels])
    detector = Onset(channels, split_gain=False)
    detector._s[[kernels.HEAD + kernels.TABLE, kernels.HEAD + kernels.THRESHOLD]] = 1e9  # noqa: SLF001 - none is known yet
    found = [detector.trace(random.normal(size=(PIECE, channels))).statistic for _ in range(frames // PIECE)]
    return np.concatenate(found)[LEARN:]


def alarms(statistic: Float64, height: float) -> int:
    """How often the statistic exceeds a threshold, one alarm until it has settled."""
    loud = np.flatnonzero(statistic > FALLEN * height)
    # between two frames beyond half of it, so many are quiet
    which = np.cumsum(np.diff(loud, prepend=loud[:1]) > CALM)
    return len(np.unique(which[statistic[loud] > height]))


def row(channels: int, frames: int) -> dict[str, object]:
    """One row of the table."""
    found = statistic(channels, frames, SEED)
    counts = np.array([alarms(found, height) for height in HEIGHTS])
    enough = (counts >= FEWEST) & (counts < len(found) * MOST)
    fit = np.polynomial.Polynomial.fit(
        HEIGHTS[enough] ** 2, np.log(counts[enough] / len(found)), 1, w=np.sqrt(counts[enough])
    )
    level, slope = fit.convert().coef
    return {
        "channels": channels,
        "frames": len(found),
        "log_rate": [round(float(level), 5), 0.0, round(float(slope), 5)],
    }


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the frames")
    share = parser.parse_args().share
    rows = []
    for channels in CHANNELS:
        rows.append(row(channels, round(FRAMES.get(channels, OTHERWISE) * share)))
        print(rows[-1], flush=True)
    made = {"command": "python scripts/onset_thresholds.py", "seed": SEED, "rows": rows}
    text = json.dumps(made).replace('{"channels"', '\n{"channels"').replace("]}]}", "]}\n]}")
    TABLE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
