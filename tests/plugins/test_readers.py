"""Readers that plug-ins add: the house's names, types, limits and messages around them."""

import gzip
import zipfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from core.data.added import ReaderInfo
from core.data.folders import folder_files
from core.data.read import ReadLimits, add_reader, read_files
from core.data.schema import ColumnType
from core.errors import UnreadableFile
from core.plugins import load_plugins
from tests.plugins.packages import registries_kept

REC = "%rec: Book\n\nTitle: A\nYear: 1999\nBorn: 2020-01-31\n\nTitle: B\nPrice: 2.50\n"


def test_the_reader_of_the_example(installed: Path, tmp_path: Path) -> None:
    path = tmp_path / "books.rec"
    path.write_text(REC)
    load_plugins(["synth-studio-example"])
    read = read_files([("books.rec", path)])
    (table,) = read.schema.tables
    assert table.name == "books"
    assert [(c.name, c.type) for c in table.columns] == [
        ("Title", ColumnType.CATEGORY),
        ("Year", ColumnType.INTEGER),
        ("Born", ColumnType.DATE),
        ("Price", ColumnType.NUMBER),
    ]
    assert read.tables["books"]["Year"].tolist()[0] == 1999
    assert read.tables["books"]["Price"].isna().tolist() == [True, False]
    assert [file.path for file in folder_files([tmp_path])] == ["books.rec"]


def test_packed_files_are_unpacked_before(installed: Path, tmp_path: Path) -> None:
    load_plugins(["synth-studio-example"])
    packed, archive = tmp_path / "b.rec.gz", tmp_path / "b.zip"
    packed.write_bytes(gzip.compress(REC.encode()))
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("one.rec", REC)
        out.writestr("two.csv", "x,y\n1,2\n3,4\n")
    assert list(read_files([("b.rec.gz", packed)]).tables) == ["b"]
    assert set(read_files([("b.zip", archive)]).tables) == {"one", "two"}


def test_a_file_that_the_reader_refuses(installed: Path, tmp_path: Path) -> None:
    load_plugins(["synth-studio-example"])
    path = tmp_path / "x.rec"
    path.write_text("nothing to see")
    with pytest.raises(UnreadableFile, match=r"Line 1 is no `Field: value`"):
        read_files([("x.rec", path)])
    path.write_bytes(b"Title: \xff\xfe\n")
    with pytest.raises(UnreadableFile, match=r"error of its own \(UnicodeDecodeError"):
        read_files([("x.rec", path)])


def read_with(read, path: Path, limits: ReadLimits | None = None):
    path.write_text("anything")
    with registries_kept():
        add_reader(ReaderInfo("of_a_test", "Things", (".thing",), read))
        return read_files([(path.name, path)], limits=limits)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "error of its own"),
        ({"t": 7}, "something that is no table"),
        ({"t": pa.table({"a": pa.array([], pa.int64())})}, "without rows"),
        ({"t": pa.table({})}, "without rows"),
    ],
)
def test_what_is_no_table_is_refused(found: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=said):
        read_with(lambda file, stem: found, tmp_path / "a.thing")


def test_a_value_that_the_reader_quotes_is_not_told(tmp_path: Path) -> None:
    def read(file, stem):
        raise ValueError("secret 4711")

    with pytest.raises(UnreadableFile) as caught:
        read_with(read, tmp_path / "a.thing")
    assert "secret" not in str(caught.value)


def test_the_limits_hold(tmp_path: Path) -> None:
    wide = pa.table({f"c{i}": [1] for i in range(9)})
    limits = replace(ReadLimits(), max_columns=8)
    with pytest.raises(UnreadableFile, match="STUDIO_MAX_COLUMNS"):
        read_with(lambda file, stem: {"t": wide}, tmp_path / "a.thing", limits)
    large = pa.table({"c": pa.array(range(10_000))})
    limits = replace(ReadLimits(), max_bytes=50_000)
    with pytest.raises(UnreadableFile, match="STUDIO_UPLOAD_GIB"):
        read_with(lambda file, stem: {"t": large}, tmp_path / "a.thing", limits)


def test_several_tables_and_odd_names(tmp_path: Path) -> None:
    one = pa.table([pa.array([1]), pa.array(["x"])], names=["", ""])
    two = pa.table({"f": pa.array([1.5]), "u": pa.array([{"k": 1}])})
    read = read_with(lambda file, stem: {"one": one, "two": two}, tmp_path / "a.thing")
    assert read.schema["one"].names == ("column_1", "column_2")
    assert [c.type for c in read.schema["two"].columns] == [ColumnType.NUMBER, ColumnType.CATEGORY]
    assert any("without a name" in note for note in read.notes)
