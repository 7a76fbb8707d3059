"""Pictures of motion: on a terminal, and in files, read back as SVG."""

import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from midstream_cli.attractor import analysis, rows
from midstream_cli.attractor.series import series
from midstream_cli.cli import motion_drawing, motion_pictures
from midstream_cli.cli.motion_facts import facts, headline, sentences
from midstream_cli.cli.motion_panels import PANELS, PICTURES, Detail, Motion, panels, stretches
from midstream_cli.compare.named import Named
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

DETAIL = Detail(states=500, periods=10, rounds=10, cells=60)
PARTS = ("course", "phase", "recurrence", "divergence", "sums", "slopes")


def henon(count: int) -> Float64:
    """The first coordinate of Henon's map."""
    x, y, seen = 0.1, 0.1, np.empty(count)
    for i in range(count):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        seen[i] = x
    return seen


@cache
def stream(kind: str) -> Named:
    """A stream of one column: a map without times, a flow at 50 Hz, one that stands still, and a short one."""
    made = {
        "map": henon(1500),
        "flow": np.sin(0.2 * np.arange(1500)) + np.sin(0.2 * np.sqrt(2) * np.arange(1500)),
        "still": np.ones(300),
        "short": henon(60),
    }[kind]
    times = np.arange(len(made)) / 50 if kind == "flow" else None
    return Named(f"{kind}.csv", "columns", made[:, None], parameters={"columns": ["x"]}, time_s=times)


@cache
def motions(kind: str, windows: int = 1) -> tuple[Motion, ...]:
    """A stream's motion, or that of so many windows of it."""
    whole = series(stream(kind))
    length = len(whole.values) // windows
    made = []
    for at in range(windows):
        part = whole.window(at * length, length)
        info = analysis.analyze(part.values, rate_hz=part.rate_hz)
        made.append(Motion(part, info, rows.row(info, part, path=f"{kind}.csv", feature="columns")))
    return tuple(made)


def words_of(svg: Path) -> list[str]:
    """The texts of a picture."""
    root = ET.fromstring(svg.read_text())  # noqa: S314 - of our own making
    return [text for each in root.iter() if each.tag.endswith("text") if (text := "".join(each.itertext()).strip())]


def dots_of(line: str) -> int:
    return sum(0x2800 < ord(character) <= 0x28FF for character in line)


def test_a_map_jumps_and_a_flow_does_not() -> None:
    assert PANELS["phase"](motions("map")[0], DETAIL).strokes[0].kind == "points"  # type: ignore[union-attr]
    assert PANELS["phase"](motions("flow")[0], DETAIL).strokes[0].kind == "line"  # type: ignore[union-attr]


def test_a_phase_portrait_is_the_series_over_itself_a_delay_before() -> None:
    panel = PANELS["phase"](motions("map")[0], DETAIL)
    assert panel is not None
    (stroke,) = panel.strokes
    assert stroke.y[1:] == pytest.approx(1 - 1.4 * stroke.x[1:] ** 2 + 0.3 * stroke.x[:-1])
    assert (panel.x, panel.y) == ("x(t)", "x(t + 1 samples)")


def test_the_fit_lies_where_the_number_was_read_and_has_its_slope() -> None:
    (motion,) = motions("map")
    panel = PANELS["divergence"](motion, DETAIL)
    assert panel is not None
    assert motion.info.largest is not None
    region = motion.info.largest.region
    assert region is not None
    (fit,) = [stroke for stroke in panel.strokes if stroke.kind == "fit"]
    assert panel.fitted == tuple(fit.x)
    assert fit.x.tolist() == [region.first, region.last]
    assert (fit.y[1] - fit.y[0]) / (fit.x[1] - fit.x[0]) == pytest.approx(region.slope)
    assert panel.title == f"divergence: {region.slope:.3g}/sample"


def test_with_times_both_units_are_shown() -> None:
    panel = PANELS["course"](motions("flow")[0], DETAIL)
    assert panel is not None
    assert panel.second is not None
    assert panel.second[0] == pytest.approx(0.02)
    assert panel.second[1] == "seconds"
    recurrence = PANELS["recurrence"](motions("flow")[0], DETAIL)
    assert recurrence is not None
    assert recurrence.extent[1] == pytest.approx(30.0)
    assert recurrence.x == "seconds"


def test_slopes_are_drawn_for_each_dimension_with_the_bounds_of_the_plateau() -> None:
    (motion,) = motions("map")
    assert motion.info.correlation is not None
    dimension = motion.info.correlation.dimension
    panel = PANELS["slopes"](motion, DETAIL)
    assert panel is not None
    assert panel.band == (dimension.low, dimension.high)
    assert [stroke.label for stroke in panel.strokes if stroke.kind == "line"] == [f"m = {m}" for m in range(1, 9)]
    (fit,) = [stroke for stroke in panel.strokes if stroke.kind == "fit"]
    assert set(fit.y) == {dimension.value}
    sums = PANELS["sums"](motion, DETAIL)
    assert sums is not None
    assert sums.fitted == panel.fitted
    falls = [np.diff(stroke.y).min() for stroke in sums.strokes if len(stroke.y) > 1]
    assert min(falls) >= 0


@pytest.mark.parametrize("name", sorted(PANELS))
def test_what_stands_still_has_no_picture_but_its_course_and_its_state(name: str) -> None:
    panel = PANELS[name](motions("still")[0], DETAIL)
    assert (panel is not None) == (name in {"course", "phase"})


def test_windows_stand_for_what_is_nearest_to_their_middles() -> None:
    (one,) = motions("flow")
    assert stretches([one])[0] == pytest.approx((0.0, 30.0))
    first, second, third = motions("flow", 3)
    assert np.array(stretches([first, second, third])) == pytest.approx(np.array([[0, 10], [10, 20], [20, 30]]))
    assert stretches(motions("map", 2)) == [(0, 750), (750, 1500)]


@pytest.mark.parametrize("columns", [80, 120, 24])
@pytest.mark.parametrize("kind", ["map", "flow", "still", "short"])
@pytest.mark.parametrize("name", ["overview", *PICTURES, "timeline"])
def test_no_picture_is_wider_than_the_terminal(
    name: str, kind: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = motion_pictures.picture(name, stream(kind), motions(kind))
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith(f"{kind}.csv"[: columns - 1])


def test_an_overview_has_four_panels_two_and_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = motion_pictures.picture("overview", stream("map"), motions("map"))
    heads = [
        i
        for i, line in enumerate(lines)
        if re.search("phase portrait +recurrence plot|divergence: .* +dimension: ", line)
    ]
    assert len(heads) == 2
    assert sum(map(dots_of, lines)) > 100
    assert sum(line.count("━") for line in lines) > 10


def test_what_a_number_was_read_from_is_in_front_where_there_are_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    plain = motion_pictures.picture("divergence", stream("map"), motions("map"))
    assert not any("\x1b" in line for line in plain)
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = motion_pictures.picture("divergence", stream("map"), motions("map"))
    fitted = "".join(re.findall("\x1b\\[38;5;203m(.*?)\x1b\\[39m", "\n".join(coloured)))
    assert dots_of(fitted) > 10
    assert [re.sub("\x1b\\[[0-9;]*m", "", line) for line in coloured] == plain


def test_a_timeline_has_a_line_for_each_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    several = motions("flow", 3)
    lines = motion_pictures.picture("overview", stream("flow"), several)
    kinds = {motion.row.attractor_type for motion in several}
    assert {line.split()[0] for line in lines[1:-1]} == kinds
    assert lines[-1].split()[-2:] == ["30", "s"]
    assert all(set(line) & set("█░") for line in lines[1:-1])


@pytest.mark.parametrize("name", ["overview", *PICTURES, "timeline"])
@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf"])
def test_every_picture_is_drawn_to_a_file(name: str, ending: str, tmp_path: Path) -> None:
    if ending == ".svg" or name == "overview":
        figure = tmp_path / f"a{ending}"
        motion_drawing.draw(figure, name, [(stream("map"), motions("map"))])
        beginning = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}[ending]
        assert figure.read_bytes().startswith(beginning)


def test_a_figure_says_what_it_is_how_sure_with_its_exponent_and_dimension(tmp_path: Path) -> None:
    (motion,) = motions("map")
    motion_drawing.draw(tmp_path / "a.svg", "overview", [(stream("map"), [motion])])
    words = words_of(tmp_path / "a.svg")
    text = " ".join(words)
    assert headline(motion.row) in text
    assert "map.csv (columns)" in text
    assert "$" not in text
    for panel in panels("overview", motion, motion_drawing.DETAIL, PARTS):
        assert panel.title in text
    assert {"m = 1", "m = 8", "radius", "local slope"} <= set(words)


def test_features_are_drawn_below_one_another(tmp_path: Path) -> None:
    drawn = [(stream("map"), motions("map")), (stream("flow"), motions("flow"))]
    motion_drawing.draw(tmp_path / "a.svg", "phase", drawn)
    words = words_of(tmp_path / "a.svg")
    assert words.count("phase portrait") == 2
    assert any(word.startswith("flow.csv") for word in words)


def test_a_timeline_of_windows_has_their_types_and_exponents(tmp_path: Path) -> None:
    motion_drawing.draw(tmp_path / "a.svg", "overview", [(stream("flow"), motions("flow", 3))])
    words = words_of(tmp_path / "a.svg")
    assert {motion.row.attractor_type for motion in motions("flow", 3)} <= set(words)
    assert {"time in seconds", "exponent per second"} <= set(words)


def test_what_there_is_no_picture_of_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no divergence picture of it"):
        motion_drawing.draw(tmp_path / "a.svg", "divergence", [(stream("still"), motions("still"))])
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_there_is_not_is_found_out_before(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no picture is called 'portrait'") as caught:
        motion_pictures.check("portrait", None)
    assert "phase, divergence, recurrence, correlation" in caught.value.hint
    with pytest.raises(UsageError, match="not the name of a picture"):
        motion_pictures.check("phase", tmp_path / "a.txt")


def test_facts_begin_with_what_matters_and_leave_out_what_is_not_known() -> None:
    said = facts(motions("map")[0].row)
    assert list(said)[:5] == ["source", "samples", "type", "exponent", "dimension"]
    assert said["type"].startswith("strange")
    assert re.fullmatch(r"0\.\d+ \(0\.\d+ to 0\.\d+\) per sample", said["exponent"])
    still = facts(motions("still")[0].row)
    assert list(still) == ["source", "samples", "type"]
    assert still["type"] == "point, 100% sure"
    assert "per second" in facts(motions("flow")[0].row)["exponent"]


def test_reasons_are_sentences_that_fit() -> None:
    lines = sentences(motions("short")[0].row, 40)
    assert len(lines) >= 3
    assert max(map(len, lines)) <= 40
    assert lines[0][0].isupper()
    assert lines[-1].endswith(".")
