"""Snapshots tell of events, each once, when it begins."""

from typing import Any

from midstream_cli.introspection.events import Events
from midstream_cli.results import Event, IntrospectionSnapshot, Similarity


def at(frame: int, **known: Any) -> IntrospectionSnapshot:
    known.setdefault("time_s", frame / 10)
    return IntrospectionSnapshot(timestamp_ns=frame * 10**8, frame_count=frame, path="p", **known)


def like(score: float, margin: float = 9.0, *, name: str = "walk", above: bool | None = None) -> Similarity:
    return Similarity(
        signature_id=name,
        label=name.upper(),
        score=score,
        above_threshold=score >= 0.5 if above is None else above,
        margin=margin,
        start_frame=3,
        start_s=0.3,
    )


def told(*snapshots: IntrospectionSnapshot) -> list[Event]:
    return Events().update(snapshots)


def kinds(*snapshots: IntrospectionSnapshot) -> list[tuple[int, str]]:
    return [(each.frame_count, each.kind) for each in told(*snapshots)]


def test_nothing_happens_where_nothing_changes() -> None:
    assert told(at(1), at(2), at(3)) == []


def test_a_match_is_told_when_it_is_sure_and_not_again_while_it_lasts() -> None:
    scores = [(0.3, 9.0), (0.6, 2.0), (0.6, 5.0), (0.99, 9.0), (0.2, 9.0), (0.9, 9.0)]
    found = told(*(at(i, top_k_similarity=[like(*each)]) for i, each in enumerate(scores)))
    assert [(each.frame_count, each.kind, each.name) for each in found] == [(2, "match", "WALK")]
    assert (found[0].signature_id, found[0].score, found[0].margin, found[0].start_s) == ("walk", 0.6, 5.0, 0.3)


def test_a_match_that_was_over_for_two_seconds_is_told_again() -> None:
    pauses = [(0, 0.9), (5, 0.005), (10, 0.9), (15, 0.005), (29, 0.005), (31, 0.9)]
    assert kinds(*(at(i, top_k_similarity=[like(score)]) for i, score in pauses)) == [(0, "match"), (31, "match")]


def test_a_signature_that_left_the_best_is_over() -> None:
    found = kinds(
        at(1, top_k_similarity=[like(0.9)]), at(2, top_k_similarity=[like(0.1, name="run")]),
        at(22, top_k_similarity=[like(0.9)]),
    )  # fmt: skip
    assert found == [(1, "match"), (22, "match")]


def test_streams_without_times_are_clocked_by_their_frames() -> None:
    scores = [(0, 0.9), (30, 0.001), (40, 0.9), (90, 0.001), (110, 0.9)]
    found = kinds(*(at(i, time_s=None, top_k_similarity=[like(score)]) for i, score in scores))
    assert found == [(0, "match"), (110, "match")]


def test_two_signatures_are_told_one_after_the_other() -> None:
    found = told(at(1, top_k_similarity=[like(0.9)]), at(2, top_k_similarity=[like(0.9, name="run"), like(0.8, -9.0)]))
    assert [each.name for each in found] == ["WALK", "RUN"]


def test_nothing_is_matched_on_a_background_that_is_not_steady() -> None:
    assert kinds(at(1, top_k_similarity=[like(0.9)], suppressed=True, unknown_motion=0.9)) == []


def test_nothing_is_matched_and_nothing_moves_before_the_background_is_known() -> None:
    found = kinds(*(at(i, top_k_similarity=[like(0.9)], unknown_motion=0.9, background=background)
                    for i, background in enumerate(("learning", "steady"))))  # fmt: skip
    assert found == [(1, "background"), (1, "match"), (1, "motion")]


def test_regimes_are_told_with_what_was_before() -> None:
    found = told(
        at(1), at(2, regime="idle", regime_changed=True), at(3, regime="periodic", regime_changed=True, period_s=2.0)
    )
    assert [(each.previous, each.name, each.seconds) for each in found] == [
        ("unknown", "idle", None), ("idle", "periodic", 2.0),
    ]  # fmt: skip


def test_motion_that_no_signature_is_of_is_told_once() -> None:
    course = [(0, 0.4), (1, 0.6), (2, 0.3), (3, 0.7), (4, 0.0), (10, 0.8), (31, 0.0), (32, 0.8)]
    assert kinds(*(at(i, unknown_motion=p) for i, p in course)) == [(1, "motion"), (32, "motion")]


def test_the_background_is_told_of_when_it_changes() -> None:
    found = told(at(1), at(2, background="learning"), at(3, background="steady"), at(4, background="unsettled"))
    assert [(each.kind, each.previous, each.name) for each in found] == [
        ("background", "learning", "steady"), ("background", "steady", "unsettled"),
    ]  # fmt: skip


def test_a_node_that_comes_back_is_told_of_with_how_long_it_was_away() -> None:
    found = told(at(1, node="a"), at(2, node="b"), at(80, node="a"), at(81, node="a"))
    assert [(each.kind, each.node, each.name) for each in found] == [("back", "a", "a")]
    assert found[0].seconds == 7.9
    assert found[0].start_s == 0.1


def test_nodes_do_not_know_of_one_another() -> None:
    found = told(*(at(1, node=node, top_k_similarity=[like(0.9)]) for node in "ab"))
    assert [(each.node, each.kind) for each in found] == [("a", "match"), ("b", "match")]


def test_loops_stalls_and_drift_of_tokens_are_told_when_they_begin() -> None:
    found = told(
        at(1, loop_tokens=4.0), at(2, loop_tokens=4.0), at(3), at(4, loop_tokens=2.0), at(5, stalled_s=0.25),
        at(6, drifted=True, drift_score=7.0), at(7, drifted=True),
    )  # fmt: skip
    assert [(each.frame_count, each.kind) for each in found] == [(1, "loop"), (4, "loop"), (5, "stall"), (6, "drift")]
    assert (found[0].tokens, found[2].seconds, found[2].start_s) == (4.0, 0.25, 0.25)


def test_what_was_told_is_remembered_when_it_is_gone_on_from() -> None:
    first, second = Events(), Events()
    first.update([at(1, top_k_similarity=[like(0.9)])])
    second.resume(first.known())
    assert second.update([at(2, top_k_similarity=[like(0.9)])]) == []
