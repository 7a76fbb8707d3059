"""From what users type to the recordings they mean."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from midstream_cli.errors import SourceError
from midstream_cli.streams.expand import MANIFEST, expand


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as users have it, and we in it."""
    for name in (
        "walk_1.csv",
        "walk_2.csv",
        "sit.csi.jsonl",
        "sit.csi.meta.json",
        "README.md",
        "walk.sig.json",
        ".hidden.csv",
        "deep/down/fall.csv",
        f"day/{MANIFEST}",
        "day/segment-000000.parquet",
        "take[1].csv",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "nothing").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


IN_FOLDER = ["day", "deep/down/fall.csv", "sit.csi.jsonl", "take[1].csv", "walk_1.csv", "walk_2.csv"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ([], []),
        (["walk_1.csv"], ["walk_1.csv"]),
        (["not there.csv"], ["not there.csv"]),
        (["walk_2.csv", "walk_1.csv"], ["walk_2.csv", "walk_1.csv"]),
        (["walk_?.csv"], ["walk_1.csv", "walk_2.csv"]),
        (["walk_2.csv", "walk_*.csv"], ["walk_2.csv", "walk_1.csv"]),
        (["**/*.csv"], ["deep/down/fall.csv", "take[1].csv", "walk_1.csv", "walk_2.csv"]),
        (["walk_[12].csv"], ["walk_1.csv", "walk_2.csv"]),
        (["take[1].csv"], ["take[1].csv"]),
        (["day"], ["day"]),
        (["d*"], ["day", "deep/down/fall.csv"]),
        (["deep"], ["deep/down/fall.csv"]),
        (["."], IN_FOLDER),
        (["./walk_1.csv", "walk_1.csv"], ["walk_1.csv"]),
        (["-"], ["-"]),
        (["serial:///dev/ttyUSB*", "udp://0.0.0.0:5005", "demo://walking"], None),
        (["file:///tmp/a*.csv"], None),
    ],
)
def test_what_is_typed_means(place: Path, typed: list[str], meant: list[str] | None) -> None:
    assert place.is_dir()
    assert expand(typed) == (typed if meant is None else meant)


def test_an_absolute_folder_gives_absolute_paths(place: Path) -> None:
    assert expand([str(place)]) == [str(place / name) for name in IN_FOLDER]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(("typed", "said"), [("*.pcap", "no file matches"), ("nothing", "holds no recording")])
def test_what_means_nothing_is_told_with_advice(typed: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        expand([typed])
    assert caught.value.hint


@pytest.mark.usefixtures("place")
def test_among_others_what_means_nothing_stands_for_itself() -> None:
    assert expand(["walk_1.csv", "*.pcap", "nothing"]) == ["walk_1.csv", "*.pcap", "nothing"]


def test_a_folder_that_links_back_to_itself_is_entered_once(place: Path) -> None:
    (place / "deep" / "down" / "again").symlink_to(place / "deep", target_is_directory=True)
    assert expand(["deep"]) == ["deep/down/fall.csv"]


def test_a_folder_that_may_not_be_entered_stands_for_itself_among_the_others(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "deep" / "other").mkdir()
    (place / "deep" / "other" / "sit.csv").touch()
    enter = Path.iterdir

    def guarded(folder: Path) -> Iterator[Path]:
        if folder.name == "down":
            raise PermissionError(13, "Permission denied")
        return enter(folder)

    monkeypatch.setattr(Path, "iterdir", guarded)
    assert expand(["deep"]) == ["deep/down", "deep/other/sit.csv"]
