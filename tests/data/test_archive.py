"""Opening packed files, piece by piece; refusals are in ``test_bad_input``."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from core.data.archive import Budget, ReadLimits
from core.data.names import column_names, table_name, unique
from core.data.scratch import path_of, scratch
from core.data.unpack import sources
from core.errors import UnreadableFile


def opened(path: Path, budget: Budget | None = None) -> list[tuple[str, str, bytes]]:
    budget = budget or Budget(ReadLimits())
    return [(s.name, s.inner, s.file.read()) for s in sources(path.name, path, budget)]


def test_plain_gzip_and_zip(tmp_path: Path) -> None:
    plain, packed, many = (tmp_path / name for name in ("a.csv", "b.csv.gz", "c.zip"))
    plain.write_bytes(b"one")
    packed.write_bytes(gzip.compress(b"two"))
    with zipfile.ZipFile(many, "w") as archive:
        archive.writestr("folder/", "")
        archive.writestr("folder/x.csv", b"three")
        archive.writestr("y.csv.gz", gzip.compress(b"four"))
        archive.writestr("__MACOSX/._x.csv", b"junk")
    assert opened(plain) == [("a.csv", "a.csv", b"one")]
    assert opened(packed) == [("b.csv.gz", "b.csv", b"two")]
    assert opened(many) == [
        ("x.csv in c.zip", "x.csv", b"three"),
        ("y.csv.gz in c.zip", "y.csv", b"four"),
    ]


def test_the_budget_counts_unpacked_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 10_000))
    budget = Budget(ReadLimits(max_bytes=25_000))
    opened(path, budget)
    opened(path, budget)
    assert budget.spent == 20_000
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        opened(path, budget)


def test_several_gzip_parts_in_one_file_are_read_through(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"x\n") + gzip.compress(b"1\n"))
    assert opened(path)[0][2] == b"x\n1\n"


def test_a_folder_in_the_name_of_an_upload_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    (source,) = sources("C:\\Users\\me\\sales.2020.csv", path, Budget(ReadLimits()))
    assert (source.stem, source.ending) == ("sales.2020", ".csv")


def test_scratch_files_have_a_path_and_leave_nothing() -> None:
    with scratch() as file:
        file.write(b"secret")
        place = Path(path_of(file))
        assert place.read_bytes() == b"secret"
    assert isinstance(file, io.IOBase)
    assert file.closed


def test_names() -> None:
    assert unique(["a", "A", "a_2", "a"]) == ["a", "A_3", "a_2", "a_4"]
    assert table_name(" x\n ") == "x"
    assert table_name("\u200b") == "table"
    names, notes = column_names([" a ", "", "b\tc", "x" * 300], "'f'", ReadLimits())
    assert names == ["a", "column_2", "b c", "x" * 200]
    assert len(notes) == 1
