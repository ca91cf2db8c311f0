"""Large files: so many rows drawn at random, the same for the same seed, types as in the whole."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.archive import ReadLimits
from core.data.read import read_files
from core.data.schema import ColumnType
from core.errors import UnreadableFile

ROWS = 20_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    frame = pd.DataFrame(
        {
            "n": np.arange(ROWS),
            "x": [f"{i % 97 / 4:.2f}" for i in range(ROWS)],
            "d": [f"{1 + i % 28:02d}.03.2024" for i in range(ROWS)],
            "c": [["a", "b, c", ""][i % 3] for i in range(ROWS)],
        }
    )
    frame.to_csv(folder / "t.csv", index=False)
    frame.to_csv(folder / "bare.csv", index=False, header=False)
    frame.to_parquet(folder / "t.parquet", row_group_size=3000)
    frame.to_csv(
        folder / "t.zip", index=False, compression={"method": "zip", "archive_name": "t.csv"}
    )
    return folder


def read(path: Path, most: int | None, seed: int = 1):
    return read_files([(path.name, path)], limits=ReadLimits(max_rows=most, seed=seed))


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "bare.csv"])
def test_rows_are_drawn_evenly_and_repeat_with_the_seed(folder: Path, name: str) -> None:
    first, again, other = (read(folder / name, 500, seed) for seed in (1, 1, 2))
    (frame,), (same,), (different,) = (r.tables.values() for r in (first, again, other))
    pd.testing.assert_frame_equal(frame, same)
    assert not frame.equals(different)
    assert 499 <= len(frame) <= 501
    assert list(first.rows.values()) == [ROWS]
    number = frame.iloc[:, 0]
    assert number.is_monotonic_increasing
    assert 9_000 < number.mean() < 11_000
    assert any("rows were drawn at random" in note for note in first.notes)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_types_and_values_are_those_of_the_whole(folder: Path, name: str) -> None:
    some, whole = read(folder / name, 700), read(folder / name, None)
    assert some.schema["t"].names == whole.schema["t"].names
    assert [c.type for c in some.schema["t"].columns] == [c.type for c in whole.schema["t"].columns]
    assert some.schema["t"]["d"].type in {ColumnType.DATE, ColumnType.CATEGORY}
    taken = whole.tables["t"].set_index("n").loc[some.tables["t"]["n"]].reset_index()
    pd.testing.assert_frame_equal(taken, some.tables["t"])


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.zip"])
def test_all_rows_of_small_files_and_of_archives(folder: Path, name: str) -> None:
    limit = 500 if name == "t.zip" else ROWS + 1
    result = read(folder / name, limit)
    assert len(result.tables["t"]) == ROWS
    assert result.rows == {"t": ROWS}
    assert not any("drawn" in note for note in result.notes)


def test_a_file_that_is_drawn_from_may_be_larger_than_what_may_be_held(folder: Path) -> None:
    limits = ReadLimits(max_bytes=1000, max_rows=100)
    assert len(read_files([("t.csv", folder / "t.csv")], limits=limits).tables["t"]) == 100


def test_a_file_that_is_read_whole_keeps_its_limit(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('[{"a": 1}, {"a": 2}]' + " " * 2000)
    with pytest.raises(UnreadableFile, match="unpacks to more"):
        read_files([("t.json", path)], limits=ReadLimits(max_bytes=1000, max_rows=1))
