"""The picture of the README: what a terminal shows of a real run, as SVG."""

import os
import re
import subprocess
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

COMMAND = "midstream compare demo://day --signatures signatures"
COLUMNS = 92

WIDTH, LINE, MARGIN = 8.4, 20, 20
"""Of a character and of a line at a font size of 14, and around the text; in pixels."""

CELLS = {"█": (12, "#7ee787"), "░": (12, "#2f6f43"), "·": (2, "#3d4450")}
"""Height and colour of a timeline's cells: a match, the nearest, neither."""

PAGE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">
<title>{title}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14"
   fill="#e6edf3">
{lines}
</g>
</svg>
"""


def picture() -> str:
    """The command and what it prints, drawn."""
    shown = [f"$ {COMMAND}", *output(COMMAND).splitlines()]
    return PAGE.format(
        width=max(map(len, shown)) * WIDTH + 2 * MARGIN,
        height=len(shown) * LINE + 2 * MARGIN,
        title=escape(f"$ {COMMAND}"),
        lines="\n".join(part for number, text in enumerate(shown) for part in line(text, MARGIN + number * LINE)),
    )


def output(command: str) -> str:
    """What a command prints on a terminal."""
    words = [*command.split()[1:], "--output-format", "table", "--store", "none", "--quiet"]
    environment = os.environ | {"COLUMNS": str(COLUMNS), "NO_COLOR": "1", "PYTHONUTF8": "1"}
    run = [sys.executable, "-m", "midstream_cli", *words]
    return subprocess.run(run, cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout


def line(text: str, top: float) -> list[str]:
    """A line, each stretch at its own column, so that no font can push the columns apart."""
    stretches = re.finditer("|".join(f"{cell}+" for cell in CELLS) + f"|[^{''.join(CELLS)} ]+", text)
    return [stretch(found[0], MARGIN + found.start() * WIDTH, top) for found in stretches]


def stretch(text: str, x: float, top: float) -> str:
    """A word, or cells of a timeline that are alike."""
    width = len(text) * WIDTH
    if text[0] not in CELLS:
        return f'<text x="{x:.1f}" y="{top + 14:.0f}" textLength="{width:.1f}">{escape(text)}</text>'
    height, colour = CELLS[text[0]]
    return f'<rect x="{x:.1f}" y="{top + 9 - height / 2:.0f}" width="{width:.1f}" height="{height}" fill="{colour}"/>'
