"""The live view: what it shows, that it stands still, that nothing disturbs it, and that it leaves a terminal in order."""

import math
import re
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_terminal import Terminal
from snapshots_shown import Clock, Paper, event, similarity, snapshot, viewed

from midstream_cli.cli import console
from midstream_cli.cli.view.layout import render
from midstream_cli.cli.view.palette import TRUE, Palette, palette_of
from midstream_cli.cli.view.screen import Screen
from midstream_cli.cli.view.state import UNSEEN, Node
from midstream_cli.cli.view.text import cells
from midstream_cli.cli.watch_view import View
from midstream_cli.results import IntrospectionSnapshot

PLAIN, ASCII = Palette(0), Palette(0, unicode=False)
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def picture(view: View, clock: Clock, width: int, height: int, palette: Palette = PLAIN) -> str:
    """What the view would show now."""
    view._state.settle(clock.now_s)
    return "\n".join(render(view._state, width, height, palette))


def pass_by(view: View, clock: Clock, *shown: IntrospectionSnapshot) -> None:
    """Show snapshots, the view's clock with them."""
    for each in shown:
        clock.now_s = 1000.0 + (each.time_s or 0.0)
        view.show([each])


def walking(view: View, clock: Clock) -> None:
    """A quiet room, then somebody walks."""
    rows = 10.0 + 0.1 * np.sin(np.arange(12) + np.arange(1200)[:, None] * 1.7)
    rows[1080:, :6] *= 1.4
    for i in range(600):
        moving = i >= 540
        told = [
            similarity("walking", 0.93 if moving else 0.02, above=moving, margin=12.3, start_s=54.1),
            similarity("door_open", 0.12 if moving else 0.01),
            similarity("行走 fast", 0.0),
        ]
        view.rows("", rows[2 * i : 2 * i + 2])
        pass_by(
            view,
            clock,
            snapshot(
                i / 10,
                "transient" if moving else "periodic" if i > 300 else "idle",
                attractor_confidence=0.99,
                attractor_dim=None if moving else 1.0,
                period_s=None if moving or i <= 300 else 4.2,
                change_score=8.5 if moving else 1.0,
                top_k_similarity=told,
                unknown_motion=0.3 if moving else 0.0,
                background="steady",
                baseline_frozen=moving,
                baseline_age_s=i / 10 - 54.0 if moving else 0.1,
                frames_lost=12,
            ),
        )
    view.tell(
        [
            event("regime", "transient", 54.0, previous="periodic"),
            event("match", "walking", 54.4, score=0.93, margin=12.3),
        ]
    )
    view.status(dropped=3, lost=12)


def several(view: View, clock: Clock) -> None:
    """Three nodes, one of which says nothing any more."""
    for i in range(300):
        told = [similarity("walking", 0.9 if i > 250 else 0.1, above=i > 250, margin=9.0)]
        for node, regime in (("1", "idle"), ("kitchen", "chaotic" if i > 250 else "idle"), ("3", "periodic")):
            if node != "3" or i < 200:
                pass_by(
                    view,
                    clock,
                    snapshot(
                        i / 10, regime, node=node, change_score=1.0, top_k_similarity=told if node == "kitchen" else []
                    ),
                )
    view.tell([event("back", "3", 22.0, node="3"), event("match", "walking", 25.1, node="kitchen", score=0.9)])


def talking(view: View, clock: Clock) -> None:
    """A model that goes round."""
    words = [
        *"The unicorn said \x1b[31mnothing.\nThen it sang: ".replace(" ", " |").split("|"),
        *["la ", "le ", "lu "] * 12,
    ]
    for i, word in enumerate(words):
        view.text("0", word)
        loop = 3.0 if i > 20 else None
        stalled = 2.13 if i == 4 else None
        pass_by(
            view,
            clock,
            snapshot(
                i / 30,
                "periodic" if loop else "unknown",
                node="0",
                rate_hz=30.0,
                loop_tokens=loop,
                stalled_s=stalled,
                drift_score=0.7,
            ),
        )
    view.tell([event("loop", "loop", 0.7, tokens=3.0), event("stall", "stall", 0.1, seconds=2.13)])


def measuring(view: View, clock: Clock) -> None:
    """Columns of numbers."""
    for i in range(400):
        values = np.array([[math.sin(i / 10), 1e6 * i, math.nan]])
        view.rows("", values, ["temperature", "pressure", "broken"])
        pass_by(
            view, clock, snapshot(i / 10, "periodic", rate_hz=10.0, period_s=6.283, attractor_dim=1.0, change_score=0.5)
        )


SITUATIONS = {"walking": walking, "several": several, "talking": talking, "measuring": measuring}

PICTURES: dict[tuple[str, int, int, Palette], str] = {
    ("walking", 80, 24, PLAIN): """
udp://:5566                                  0:59     100 Hz  12 lost, 3 dropped
▲ transient  for 5.9 s   sure 99 %
exponent -       dimension -      rhythm -

change 8.5          ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇▇
last minute         ······························≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈≈▲▲▲▲▲▲

● walking           ███████████████████████████▉    0.93   +12 nats  since 5.8 s
  door_open         ███▋           ┊                0.12
  行走 fast                        ┊                0.00
  unknown motion    █████████                       0.30
  background frozen while something moves, learnt 5 s ago

12 subcarriers against their usual level, the last 9.6 s
                                                                      ▓█████████
                                                                      ▓█████████
                                                                      ▓█████████
                                                                      ▓█████████
                                                                      ▓█████████
                                                                      ▓█████████
                                                                      ▓█████████

    0:54  ▲ periodic → transient
    0:54  ● walking  0.93  +12 nats ahead
""",
    ("several", 64, 24, PLAIN): """
udp://:5566                     0:29    3 nodes  nothing dropped
  1         · idle                ▁▁▁▁▁▁▁▁▁▁
▸ kitchen   ◆ chaotic             ▁▁▁▁▁▁▁▁▁▁ walking        0.90
  3         ≈ periodic               ▁▁▁▁▁▁▁         silent 10 s

kitchen  ◆ chaotic    for 4.8 s
exponent -       dimension -      rhythm -

change 1.0                                  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
last minute                                 ·················◆◆◆

● walking           ████████████▋   0.90    +9 nats
  unknown motion                    0.00
  background unknown

    0:22  3: is back
    0:25  kitchen: ● walking  0.90
""",
    ("talking", 44, 14, PLAIN): """
udp://:5566  choice 0
0:01  30 tokens/s  nothing dropped
≈ periodic   for 0.7 s

change 0.0                                 ▁
                                           ≈

loop 3 tokens      stall 2.1 s, 1 s ago
drift 0.7
Then it sang: la le lu la le lu la le lu la
le lu la le lu la le lu la le lu la le lu la
le lu la le lu la le lu la le lu

    0:00  paused for 2.1 s
""",
    ("measuring", 72, 12, ASCII): """
udp://:5566                             0:39      10 Hz  nothing dropped
~ periodic   for 40 s
exponent -       dimension 1.0    rhythm 9.5 a minute

change 0.5                              ________________________________
last minute                             ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

3 columns, the last 4.1 s
temperature         __________...---==+++***###@@@@@@@@@@@@@@      0.882
pressure            _____.....-----=====+++++*****#####@@@@@@  3.929e+08
broken              _________________________________________          -
""",
}


def drawn(situation: str, width: int, height: int, palette: Palette = PLAIN) -> str:
    """The picture of a situation."""
    view, clock, _ = viewed()
    SITUATIONS[situation](view, clock)
    return picture(view, clock, width, height, palette)


@pytest.mark.parametrize(("situation", "width", "height", "palette"), list(PICTURES), ids=str)
def test_pictures_are_as_they_were(situation: str, width: int, height: int, palette: Palette) -> None:
    assert drawn(situation, width, height, palette).strip("\n") == PICTURES[situation, width, height, palette].strip(
        "\n"
    )


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize(
    "palette", [PLAIN, ASCII, Palette(16), Palette(256), Palette(TRUE), Palette(TRUE, unicode=False)]
)
def test_every_picture_fits_its_terminal_and_says_the_same_with_colours(situation: str, palette: Palette) -> None:
    view, clock, _ = viewed("udp://:5566")
    SITUATIONS[situation](view, clock)
    for width, height in ((1, 1), (9, 3), (20, 50), (40, 24), (63, 12), (80, 24), (200, 60)):
        shown = picture(view, clock, width, height, palette).split("\n")
        assert len(shown) <= height
        bare = [COLOUR.sub("", line) for line in shown]
        assert all(cells(line) <= width for line in bare)
        assert "\x1b" not in "".join(bare)
        assert palette.unicode or "".join(bare).isascii()
        assert palette.colours or bare == shown
        if palette.unicode and width >= 40 and situation != "walking":
            # only the subcarriers look otherwise
            assert bare == picture(view, clock, width, height).split("\n")


@pytest.mark.parametrize("regime", ["idle", "periodic", "transient", "chaotic", "unknown"])
@pytest.mark.parametrize("palette", [PLAIN, ASCII])
def test_a_regime_is_told_by_a_word_and_a_sign_of_its_own(regime: str, palette: Palette) -> None:
    view, clock, _ = viewed()
    pass_by(view, clock, snapshot(0.0, regime))
    assert f"{palette.regime(regime)} {regime}" in picture(view, clock, 80, 24, palette)
    assert len({palette.regime(each) for each in ("idle", "periodic", "transient", "chaotic", "unknown")}) == 5


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("background steady, learnt just now", {"background": "steady", "baseline_age_s": 0.2}),
        ("background steady, learnt 7 s ago", {"background": "steady", "baseline_age_s": 7.3}),
        ("background frozen while something moves", {"background": "steady", "baseline_frozen": True}),
        ("background not steady: matches are held back", {"background": "unsettled", "suppressed": True}),
        ("background: learning what is usual here", {"background": "learning"}),
    ],
)
def test_the_background_is_told_in_plain_words(said: str, known: dict[str, Any]) -> None:
    view, clock, _ = viewed()
    pass_by(view, clock, snapshot(0.0, top_k_similarity=[similarity("door", 0.0)], **known))
    assert said in picture(view, clock, 80, 24)


def test_places_stay_while_numbers_change() -> None:
    view, clock, _ = viewed()
    rng = np.random.default_rng(1)
    seen, orders = set(), set()
    for i in range(400):
        unsure = i % 3 == 0
        told = [similarity(name, float(rng.random() * 0.04)) for name in ("a", "b", "c")]
        rng.shuffle(told)
        pass_by(
            view,
            clock,
            snapshot(
                i / 8,
                "idle",
                lyapunov_exponent=None if unsure else float(rng.normal()),
                attractor_dim=None if unsure else 2.0,
                top_k_similarity=told,
                change_score=float(rng.random()),
            ),
        )
        shown = picture(view, clock, 80, 24).split("\n")
        # the names of everything, where they begin
        seen.add(
            tuple(
                (
                    at,
                    *(
                        word.start()
                        for word in re.finditer(
                            "exponent|dimension|rhythm|change|unknown motion| [abc] |background", line
                        )
                    ),
                )
                for at, line in enumerate(shown)
            )
        )
        orders.add("".join(line.strip()[0] for line in shown if re.match("  [abc] ", line)))
    assert len(orders) == 1
    assert len(seen) == 1


def test_a_match_of_a_single_frame_is_seen_for_a_second() -> None:
    view, clock, _ = viewed()
    lit = {}
    for i in range(3000):
        above = i == 1001
        pass_by(
            view,
            clock,
            snapshot(
                i / 1000, top_k_similarity=[similarity("walking", 0.97 if above else 0.0, above=above, start_s=0.6)]
            ),
        )
        if i % 125 == 0:
            lit[i] = "● walking" in picture(view, clock, 80, 24)
    assert [i for i, seen in lit.items() if seen] == list(range(1125, 2126, 125))


def test_a_thousand_snapshots_a_second_make_eight_pictures_a_second() -> None:
    view, clock, paper = viewed()
    with patch.object(console, "_shown", None), view:
        for i in range(10_000):
            pass_by(view, clock, snapshot(i / 1000))
        for _ in range(10_000):
            view.tick()
        while_idle = len(paper.pictures)
        assert 75 <= while_idle <= 81
        for _ in range(80):
            clock.now_s += 0.05
            view.tick()
        # every third of these moments comes late enough
        assert 26 <= len(paper.pictures) - while_idle <= 33


def test_slow_drawing_takes_a_quarter_of_the_time_at_most() -> None:
    view, clock, paper = viewed()
    slow = Screen.draw

    def draw(screen: Screen, lines: list[str], size: tuple[int, int]) -> None:
        clock.now_s += 0.5
        slow(screen, lines, size)

    with patch.object(Screen, "draw", draw), view:
        for _ in range(1000):
            clock.now_s += 0.01
            view.tick()
    assert 4 <= len(paper.pictures) <= 7


LABELS = st.text(max_size=30) | st.sampled_from(
    ["\x1b[2J\x1b[H", "行走" * 20, "👩‍💻🦄", "a\nb\rc\x07", "\u202eevil", "e" + "\u0301" * 20]
)
NUMBERS = st.none() | st.floats()
SHARES = st.floats()
REGIMES = st.sampled_from(["idle", "periodic", "transient", "chaotic", "unknown"]) | LABELS


@st.composite
def any_snapshots(draw: st.DrawFn) -> IntrospectionSnapshot:
    told = [
        {
            "signature_id": str(i),
            "label": draw(LABELS),
            "score": draw(SHARES),
            "above_threshold": draw(st.booleans()),
            "margin": draw(SHARES),
            "start_frame": draw(st.none() | st.integers(-5, 10**12)),
            "start_s": draw(NUMBERS),
        }
        for i in draw(st.lists(st.integers(0, 9), max_size=5, unique=True))
    ]
    optional = (
        "lyapunov_exponent",
        "attractor_dim",
        "time_s",
        "rate_hz",
        "period_s",
        "baseline_age_s",
        "loop_tokens",
        "stalled_s",
        "drift_score",
    )
    sure = ("attractor_confidence", "change_score", "unknown_motion")
    given: dict[str, Any] = {name: draw(NUMBERS) for name in optional} | {name: draw(SHARES) for name in sure}
    return IntrospectionSnapshot(
        timestamp_ns=draw(st.integers(-(2**62), 2**62)),
        frame_count=draw(st.integers(0, 2**62)),
        regime=draw(REGIMES),
        top_k_similarity=told,  # type: ignore[arg-type]
        node=draw(st.sampled_from(["", "1", "2"]) | LABELS),
        frames_lost=draw(st.none() | st.integers(0, 2**62)),
        background=draw(st.sampled_from(["none", "learning", "steady", "unsettled"]) | LABELS),
        suppressed=draw(st.booleans()),
        baseline_frozen=draw(st.booleans()),
        **given,
    )


@st.composite
def any_events(draw: st.DrawFn) -> Any:
    kinds = ["match", "motion", "regime", "background", "loop", "stall", "drift", "back"]
    return event(
        draw(st.sampled_from(kinds) | LABELS),
        draw(LABELS),
        draw(NUMBERS),
        node=draw(LABELS),
        previous=draw(st.none() | LABELS),
        score=draw(NUMBERS),
        margin=draw(NUMBERS),
        seconds=draw(NUMBERS),
        tokens=draw(NUMBERS),
    )


@settings(max_examples=60)
@given(
    st.lists(any_snapshots(), max_size=6),
    st.lists(any_events(), max_size=4),
    st.lists(LABELS, max_size=3),
    st.integers(1, 120),
    st.integers(1, 40),
    st.sampled_from([PLAIN, ASCII, Palette(16), Palette(TRUE)]),
    st.lists(st.floats(0, 1e6), max_size=5),
)
def test_whatever_comes_the_terminal_is_not_harmed(
    snapshots: list[IntrospectionSnapshot],
    events: list[Any],
    texts: list[str],
    width: int,
    height: int,
    palette: Palette,
    passed: list[float],
) -> None:
    view, clock, paper = viewed("\x1b]2;title\x07 source\n")
    with np.errstate(all="ignore"), patch.object(Screen, "size", lambda _: (width, height)), view:
        view._palette = palette
        for i, each in enumerate(snapshots):
            view.rows(
                each.node, np.array([[each.change_score, 1.0, math.nan]]), ["a", "\x1b[J", "行"] if i % 2 else None
            )
            view.show([each])
            clock.now_s += passed[i % len(passed)] if passed else 0.1
        for text in texts:
            view.text("1", text)
        view.tell(events)
        view.status(dropped=10**18, bad=3, lost=2**62)
        clock.now_s += 1.0
        view.tick()
    # which complains about everything that it should not get
    terminal = Terminal(width, height)
    for text in paper.writes:
        terminal.feed(text)
    assert terminal.modes == {7, 25}


def test_the_terminal_is_as_it_was_and_the_last_picture_stays() -> None:
    view, clock, paper = viewed()
    terminal = Terminal(80, 24)
    terminal.feed("$ midstream watch\r\n")
    with view:
        pass_by(view, clock, snapshot(0.0, "idle"), snapshot(1.0, "chaotic"), snapshot(2.0, "chaotic"))
        for text in paper.writes:
            terminal.feed(text)
        assert terminal.modes == {1049}
        assert any("◆ chaotic" in line for line in terminal.text)
        paper.writes.clear()
    for text in paper.writes:
        terminal.feed(text)
    assert terminal.modes == {7, 25}
    assert terminal.text[0] == "$ midstream watch"
    assert any("◆ chaotic" in line for line in terminal.text)
    assert console._shown is None


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_exception_leaves_the_terminal_in_order(error: type[BaseException]) -> None:
    view, clock, paper = viewed()

    def fail() -> None:
        with view:
            pass_by(view, clock, snapshot(0.0))
            raise error

    with pytest.raises(error):
        fail()
    terminal = Terminal(80, 24)
    terminal.feed("".join(paper.writes))
    assert terminal.modes == {7, 25}


def test_what_is_said_meanwhile_stays_on_the_usual_screen(capsys: pytest.CaptureFixture[str]) -> None:
    view, clock, paper = viewed()
    terminal = Terminal(80, 24)
    with view:
        console.warning("a board restarted")
        terminal.feed("".join(paper.writes))
        assert terminal.modes == {7, 25}
        with console.progress("reading", None) as bar:
            bar.update(1.0)
        clock.now_s += 1.0
        view.tick()
        terminal.feed(paper.writes[-1])
        assert 1049 in terminal.modes
    assert "a board restarted" in capsys.readouterr().err


def test_only_what_has_changed_is_written_and_nothing_is_cleared() -> None:
    view, clock, paper = viewed()
    terminal, sizes = Terminal(80, 24), []
    with view:
        for i in range(300):
            pass_by(view, clock, snapshot(i / 10, "idle" if i < 200 else "periodic", change_score=i % 7 / 3))
            terminal.feed("".join(paper.writes))
            drawn_last = [COLOUR.sub("", line).rstrip() for line in view._screen._drawn]
            assert terminal.text[: len(drawn_last)] == drawn_last
            sizes += [text.count("\x1b[K") for text in paper.writes]
            paper.writes.clear()
        assert terminal.cleared == 1
    # the time, the change, the present of the last minute: of 24 lines; and now and then all of them
    assert np.median(sizes) <= 4


def test_another_size_is_drawn_anew() -> None:
    view, clock, paper = viewed()
    sizes = iter([(80, 24)] * 3 + [(50, 12)] * 50)
    with patch.object(Screen, "size", lambda _: next(sizes)), view:
        for i in range(8):
            pass_by(view, clock, snapshot(i / 4))
        first, rest = paper.writes[:3], paper.writes[3:]
    assert "\x1b[2J" in rest[0]
    terminal = Terminal(50, 12)
    terminal.modes = {1049}
    terminal.feed("".join(rest))
    assert terminal.text[0].startswith("udp://:5566")
    assert len(first) == 3


def test_a_terminal_that_goes_away_stops_nothing() -> None:
    view, clock, paper = viewed()

    with view:
        with patch.object(paper, "write", side_effect=OSError(5, "Input/output error")):
            for i in range(100):
                pass_by(view, clock, snapshot(i / 10))
        assert view.gone


def test_a_terminal_that_does_not_take_what_is_written_is_not_waited_for() -> None:
    view, clock, paper = viewed()
    with patch.object(Screen, "ready", lambda _: False), view:
        for i in range(100):
            pass_by(view, clock, snapshot(i / 10))
        assert paper.writes == []


@pytest.mark.parametrize(
    ("environ", "encoding", "expected"),
    [
        ({"TERM": "xterm-256color"}, "utf-8", Palette(256)),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "utf-8", Palette(TRUE)),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "utf-8", Palette(0)),
        ({"TERM": "linux"}, "utf-8", Palette(16)),
        ({"TERM": "vt100"}, "ascii", Palette(0, unicode=False)),
        ({"TERM": "xterm"}, "latin-1", Palette(16, unicode=False)),
        ({"TERM": "xterm"}, None, Palette(16, unicode=False)),
    ],
)
def test_a_terminal_gets_what_it_can_show(environ: dict[str, str], encoding: str | None, expected: Palette) -> None:
    paper = Paper()
    paper.encoding = encoding  # type: ignore[assignment]
    assert palette_of(paper, environ) == expected


def test_frames_of_another_layout_do_not_tear_the_picture() -> None:
    view, clock, _ = viewed()
    for i in range(200):
        view.rows("", np.full((1, 64 if i % 3 else 128), 5.0))
        pass_by(view, clock, snapshot(i / 100))
    rolling = view._state.nodes[""].rolling
    assert rolling is not None
    assert rolling.channels == 128
    assert rolling.count >= 6


def test_of_a_text_that_nobody_sees_little_is_kept() -> None:
    node = Node("0", 0.0)
    for _ in range(5000):
        node.write("nothing but words, ")
    assert len(node.text) <= UNSEEN
    assert node.text.endswith("words, ")
