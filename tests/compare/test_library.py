"""A folder of signatures: what is wrong with it as a whole."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from midstream_cli.compare.signatures.library import check, files, load
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.compare.signatures.signature_file import write
from midstream_cli.errors import MidstreamError, SignatureError, SourceError


def put(folder: Path, name: str, **changed: Any) -> Path:
    """Write a signature without fault."""
    background = Background(np.zeros(2), np.ones(2), "quiet", 10.0, np.eye(2), 4.0, 40)
    vectors = np.random.default_rng(1).normal(0, 1, (8, 2))
    path = folder / f"{name}.sig.json"
    known: dict[str, Any] = {"feature_kind": "doppler", "window": 1, "rate_hz": 32.0, "background": background}
    write(Signature(**({"id": name, "label": name, "vectors": vectors} | known | changed)), path)
    return path


def test_a_folder_without_fault_is_loaded_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("sit", "fall", "walk"):
        put(tmp_path, name)
    (tmp_path / "notes.txt").touch()
    assert [signature.id for signature in load(tmp_path)] == ["fall", "sit", "walk"]
    assert check(tmp_path) == []


def test_one_file_is_a_library_of_one(tmp_path: Path) -> None:
    path = put(tmp_path, "walk")
    assert files(path) == [path]
    assert [signature.id for signature in load(path)] == ["walk"]


def test_where_there_is_no_signature_is_told(tmp_path: Path) -> None:
    for place, said in ((tmp_path / "nowhere", "no folder"), (tmp_path, "holds no signature")):
        for act in (files, load, check):
            with pytest.raises(SourceError, match=said) as caught:
                act(place)
            assert "capture-signature" in caught.value.hint


def test_two_signatures_of_one_id_are_an_error(tmp_path: Path) -> None:
    put(tmp_path, "walk")
    put(tmp_path, "other", id="walk")
    with pytest.raises(SignatureError, match=r"other\.sig\.json.*walk\.sig\.json both have the id walk") as caught:
        load(tmp_path)
    assert caught.value.hint
    assert [(severe, "both have the id walk" in text) for _, text, severe in check(tmp_path)] == [(True, True)]


def test_check_tells_every_damage_where_load_stops_at_the_first(tmp_path: Path) -> None:
    put(tmp_path, "walk")
    for name in ("bad", "worse"):
        (tmp_path / f"{name}.sig.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SignatureError, match="bad"):
        load(tmp_path)
    assert [(path.name, severe) for path, _, severe in check(tmp_path)] == [
        ("bad.sig.json", True),
        ("worse.sig.json", True),
    ]


def test_a_feature_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "walk", feature_kind="dopler")
    with pytest.raises(SignatureError, match=r"walk\.sig\.json.*dopler") as caught:
        load(tmp_path)
    assert "doppler" in caught.value.hint
    assert [severe for _, text, severe in check(tmp_path) if "dopler" in text] == [True]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"feature_kind": ""}, "does not name its feature"),
        ({"background": None}, "no background"),
        ({"vectors": np.zeros((3, 2))}, "3 vectors only"),
        ({"window": 8}, "constrains nothing"),
        ({"background": Background(np.zeros(2), np.ones(2))}, "they count as independent"),
        ({"background": Background(np.zeros(2), np.ones(2), "", 1.0, np.eye(2), 4.0, 8)}, "as much as 2 vectors"),
        ({"evidence_threshold": 9.0, "calibrated_hours": 0.5}, "foretold from 30.0 min"),
    ],
)
def test_doubts_are_told_and_do_not_keep_it_from_loading(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    path = put(tmp_path, "walk", **changed)
    assert [(where, said in text, severe) for where, text, severe in check(tmp_path)] == [(path, True, False)]
    assert len(load(tmp_path)) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"feature_kind": "bands8"}, "different features compete: bands8, doppler"),
        ({"feature_kind": ""}, "different features compete: unnamed, doppler"),
        (
            {"background": Background(np.zeros(2), np.ones(2), "busy", 10.0, np.eye(2))},
            "different backgrounds: busy, quiet",
        ),
    ],
)
def test_mixtures_are_doubtful(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    put(tmp_path, "sit")
    put(tmp_path, "walk", **changed)
    found = [(severe, said in text) for where, text, severe in check(tmp_path) if where == tmp_path]
    assert found == [(False, True)]
    assert len(load(tmp_path)) == 2


@pytest.mark.parametrize(
    "changed", [{}, {"id": "sit"}, {"feature_kind": "nothing"}, {"background": None}, {"feature_kind": "bands8"}]
)
@pytest.mark.parametrize("damaged", [False, True])
def test_what_loads_is_what_check_finds_no_error_in(tmp_path: Path, changed: dict[str, Any], damaged: bool) -> None:
    put(tmp_path, "sit")
    put(tmp_path, "walk", **changed)
    if damaged:
        (tmp_path / "x.sig.json").write_text('{"vectors": [[NaN]]}', encoding="utf-8")
    errors = [text for _, text, severe in check(tmp_path) if severe]
    if not errors:
        assert len(load(tmp_path)) == 2
        return
    with pytest.raises(MidstreamError) as caught:
        load(tmp_path)
    assert str(caught.value) in errors
