"""Make recordings/ and signatures/ anew: every file in them comes from these commands and no other.

python scripts/library.py [FOLDER]
"""

import subprocess
import sys
from pathlib import Path

SCENES = ("idle_room", "walking_slow", "door_open")

COMMANDS = (
    *(f"simulate {scene} recordings/{scene} --duration 20s --seed 11 --force" for scene in SCENES),
    (
        "capture-signature recordings/idle_room --label idle --idle --background recordings/idle_room --average 5 "
        "--out signatures/idle_room.sig.json --force"
    ),
    (
        "capture-signature recordings/walking_slow --label walking --background recordings/idle_room --average 5 "
        "--out signatures/walking_slow.sig.json --force"
    ),
    (
        "capture-signature recordings/door_open --label door --from 2s --background recordings/idle_room "
        "--out signatures/door_open.sig.json --force"
    ),
)


def main() -> int:
    """Run the commands in the folder that holds recordings/ and signatures/."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    for command in COMMANDS:
        print(f"$ midstream {command}")
        words = [sys.executable, "-m", "midstream_cli", *command.split(), "--quiet"]
        words += ["--store", "none", "--json"] if command.startswith("capture") else []
        code = subprocess.run(words, cwd=folder, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
