"""The fixture of ADR-099, from the shell: recognised on the ramp's first frame."""

import json
import math
from pathlib import Path

from command_line import midstream

QUIET = 200
RAMP = (1, 2, 3, 4, 5, 5, 5, 5, 5, 5)
PERIOD_S = 0.033


def test_the_ramp_is_recognised_on_its_first_frame_and_nothing_before(tmp_path: Path) -> None:
    values = [0.05 * math.sin(0.31 * k) for k in range(QUIET)] + [float(x) for x in RAMP]
    rows = "".join(f"{i * PERIOD_S:.3f},{value!r}\n" for i, value in enumerate(values))
    (tmp_path / "fixture.csv").write_text(f"t,x\n{rows}")
    ramp = {
        "id": "motion_ramp", "label": "ramp", "vectors": [[1], [2], [3], [4], [5]],
        "dtw": {"window": 8, "step_pattern": "symmetric2"}, "promotion_threshold": 0.7,
    }  # fmt: skip
    (tmp_path / "motion_ramp.sig.json").write_text(json.dumps(ramp))
    asked = ("watch", "fixture.csv", "--signatures", "motion_ramp.sig.json", "--store", "none")
    events = midstream(*asked, "--events", folder=tmp_path).rows
    assert [(row["frame_count"], row["name"]) for row in events if row["kind"] == "match"] == [(QUIET + 1, "ramp")]
    assert [row["kind"] for row in events if row["frame_count"] > QUIET] == ["regime", "match"]
    snapshots = midstream(*asked, folder=tmp_path).rows
    changed = [row["frame_count"] for row in snapshots if row["regime_changed"] and row["frame_count"] > QUIET]
    assert changed[0] == QUIET + 1
    best = snapshots[QUIET]["top_k_similarity"][0]
    assert (best["start_frame"], best["above_threshold"]) == (QUIET, True)
