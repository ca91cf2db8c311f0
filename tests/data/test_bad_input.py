"""Files that cannot be used: each is refused, or read with a note, in plain words."""

import gzip
import io
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.archive import ReadLimits
from core.data.read import ReadResult, read_files, read_table
from core.data.schema import ColumnType
from core.errors import InvalidInput, UnreadableFile


@pytest.fixture
def put(tmp_path: Path):
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def zip_of(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def read(path: Path, **limits: int) -> ReadResult:
    return read_files([(path.name, path)], limits=ReadLimits(**limits))


def refused(path: Path, words: str, **limits: int) -> str:
    with pytest.raises(UnreadableFile, match=words) as caught:
        read(path, **limits)
    message = str(caught.value)
    assert path.name in message
    return message


@pytest.fixture(autouse=True)
def _nothing_left_behind(tmp_path_factory: pytest.TempPathFactory, monkeypatch):
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.parquet", "a.xlsx", "a.zip", "a.unknown"])
def test_an_empty_file(put, name: str) -> None:
    refused(put(name, b""), "is empty")


def test_an_empty_file_in_gzip_and_zip(put) -> None:
    refused(put("a.csv.gz", gzip.compress(b"")), "is empty")
    refused(put("a.zip", zip_of({"b.csv": b""})), "'b.csv in a.zip' is empty")
    refused(put("a.zip", zip_of({})), "holds no files")


@pytest.mark.parametrize("content", ["\n\n\n", "   \n", "\r\n"])
def test_a_blank_file(put, content: str) -> None:
    refused(put("a.csv", content), "is blank")


@pytest.mark.parametrize("content", ["a,b,c\n", "a,b,c", "name\n", "a;b\r\n"])
def test_a_header_without_rows(put, content: str) -> None:
    refused(put("a.csv", content), "has a header but no rows")


def test_no_rows_in_typed_formats(put, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "no rows")
    refused(put("a.json", "[]"), "no records")
    refused(put("b.json", "[{}]"), "list of records")
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.save(tmp_path / "a.xlsx")
    refused(tmp_path / "a.xlsx", "header but no rows")


def test_repeated_column_names_get_a_number_and_a_note(put) -> None:
    result = read(put("a.csv", "x,y,x,X,x_2\n1,2,3,4,5\n6,7,8,9,10\n"))
    assert result.schema["a"].names == ("x", "y", "x_3", "X_4", "x_2")
    assert result.tables["a"]["x_3"].tolist() == [3, 8]
    assert any("occur twice" in note and "'x_3'" in note for note in result.notes)


def test_empty_column_names_are_called_by_position(put) -> None:
    result = read(put("a.csv", ",b, \nx,2,u\ny,4,v\n"))
    assert result.schema["a"].names == ("column_1", "b", "column_3")
    assert any("2 columns without a name" in note for note in result.notes)


def test_ten_thousand_columns(put, tmp_path: Path) -> None:
    line = ",".join(f"c{i}" for i in range(10_000))
    values = ",".join("1" for _ in range(10_000))
    message = refused(put("a.csv", f"{line}\n{values}\n"), "has 10000 columns; at most 2000")
    assert "STUDIO_MAX_COLUMNS" in message
    wide = pa.table({f"c{i}": [1] for i in range(2_001)})
    pq.write_table(wide, tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "2001 columns")
    record = "{" + ",".join(f'"c{i}":1' for i in range(30)) + "}"
    refused(put("a.json", f"[{record}]"), "30 columns; at most 20", max_columns=20)


def test_broken_encoding_is_refused(put) -> None:
    text = ("name\n" + "Jürgen Müller\n" * 20).encode()
    refused(put("a.csv", text + b"J\xfcrgen\n"), "mixes encodings")


def test_binary_data_with_the_ending_of_a_text(put) -> None:
    junk = np.random.default_rng(0).integers(0, 256, 5_000, dtype="uint8").tobytes()
    refused(put("a.csv", junk), "not a text table")
    refused(put("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(1, 32)) * 40), "not a text table")


def test_null_bytes(put) -> None:
    refused(put("a.csv", b"a,b\n1,x\x00y\n"), "zero bytes")
    late = b"a,b\n" + b"1,x\n" * 5_000 + b"2,\x00\n"
    refused(put("b.csv", late), "zero bytes")


def test_a_zip_bomb_is_stopped_before_it_is_unpacked(put) -> None:
    bomb = put("a.zip", zip_of({"a.csv": b"a,b\n" + b"0,0\n" * 2_000_000}))
    refused(bomb, "unpacks to more than", max_bytes=1_000_000)
    refused(bomb, "times its size", free_bytes=1_000_000)


def test_a_gzip_bomb(put) -> None:
    bomb = put("a.csv.gz", gzip.compress(b"a,b\n" + b"0,0\n" * 2_000_000))
    refused(bomb, "unpacks to more than", max_bytes=1_000_000)
    refused(bomb, "times its size", free_bytes=1_000_000)


def test_the_limit_counts_all_files_of_a_dataset_together(put) -> None:
    rows = b"a,b\n" + b"1,2\n" * 1_000
    paths = [put(f"{name}.csv", rows) for name in "xyz"]
    files = [(path.name, path) for path in paths]
    assert len(read_files(files, limits=ReadLimits(max_bytes=3 * len(rows))).tables) == 3
    with pytest.raises(UnreadableFile, match=r"'z\.csv' unpacks"):
        read_files(files, limits=ReadLimits(max_bytes=3 * len(rows) - 1))


def test_a_workbook_that_is_a_bomb(put, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a>" + b" " * 3_000_000 + b"</a>")
    refused(put("a.xlsx", out.getvalue()), "unpacks to more than", max_bytes=1_000_000)


def test_a_parquet_file_that_is_a_bomb(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array(np.random.default_rng(0).integers(0, 2**60, 200_000))})
    pq.write_table(table, tmp_path / "a.parquet")
    refused(tmp_path / "a.parquet", "unpacks to more than", max_bytes=1_700_000)


def test_an_archive_in_an_archive(put) -> None:
    inner = zip_of({"b.csv": b"a\n1\n"})
    refused(put("a.zip", zip_of({"inner.zip": inner})), "another archive")
    refused(put("a.zip.gz", gzip.compress(inner)), "another archive")
    refused(put("a.csv.gz", gzip.compress(gzip.compress(b"a\n1\n"))), "another archive")


@pytest.mark.parametrize(
    "entry", ["../../x.csv", "/etc/x.csv", "C:\\x.csv", "c:x.csv", "a\\..\\..\\x.csv", "a/../x.csv"]
)
def test_a_path_in_the_name_of_a_zip_entry(put, tmp_path: Path, entry: str) -> None:
    before = sorted(tmp_path.parent.iterdir())
    path = put("a.zip", zip_of({"fine.csv": b"a\n1\n", entry: b"a\n1\n"}))
    refused(path, "path that leads out of the archive")
    assert sorted(tmp_path.parent.iterdir()) == before


def test_an_encrypted_zip_and_a_link(put) -> None:
    data = bytearray(zip_of({"a.csv": b"a\n1\n"}))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + flags] |= 1
    refused(put("a.zip", bytes(data)), "encrypted with a password")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    refused(put("b.zip", out.getvalue()), "is a link")


def test_a_damaged_zip(put) -> None:
    whole = zip_of({"a.csv": b"a,b\n" + os.urandom(4_000).hex().encode()})
    refused(put("a.zip", whole[: len(whole) // 2]), "a.zip")
    changed = bytearray(whole)
    changed[200] ^= 0xFF
    refused(put("b.zip", bytes(changed)), "cut off or damaged")


def test_a_damaged_gzip(put) -> None:
    whole = gzip.compress(b"a,b\n" + os.urandom(4_000).hex().encode())
    refused(put("a.csv.gz", whole[: len(whole) // 2]), "cut off or damaged")
    changed = bytearray(whole)
    changed[-6] ^= 0xFF
    refused(put("b.csv.gz", bytes(changed)), "cut off or damaged")


def test_a_zip_without_tables(put) -> None:
    refused(put("a.zip", zip_of({"README.md": b"# no table", "__MACOSX/x": b"1"})), "no table")


def test_files_in_a_zip_that_are_no_tables_are_left_out_with_a_note(put) -> None:
    entries = {"README.md": b"# hi", "folder/data.csv": b"a,b\n1,2\n", ".DS_Store": b"\x00"}
    result = read(put("a.zip", zip_of(entries)))
    assert list(result.tables) == ["data"]
    assert any("README.md" in note for note in result.notes)


def test_rows_with_a_wrong_number_of_fields_are_counted(put) -> None:
    rows = "".join(f"{i},x,1.5\n" for i in range(50))
    result = read(put("a.csv", f"a,b,c\n{rows}1,2\n3,4,5,6\n1,2\n{rows}"))
    assert len(result.tables["a"]) == 100
    text = " ".join(result.notes)
    assert "2 rows were left out because they have too few fields (the first is line 52)" in text
    assert "1 rows were left out because they have too many fields (the first is line 53)" in text


def test_a_header_that_does_not_fit_its_rows(put) -> None:
    rows = "".join(f"{i},x,1.5\n" for i in range(50))
    refused(put("a.csv", f"a,b\n{rows}"), "line 1 has another number of fields")
    refused(put("b.csv", "a,b,c,d\n" + rows), "fields")


def test_lines_before_the_header_are_skipped_with_a_note(put) -> None:
    rows = "".join(f"{i},x,1.5\n" for i in range(50))
    result = read(put("a.csv", f"Report of 2020\n\na,b,c\n{rows}"))
    assert result.schema["a"].names == ("a", "b", "c")
    assert any("2 lines before the header were skipped" in note for note in result.notes)


def test_extreme_numbers(put) -> None:
    result = read(put("a.csv", "x,y\n1e308,1\n-1e308,NaN\n5e-324,2\ninf,3\n1e999,4\n"))
    x = result.tables["a"]["x"]
    assert x.iloc[0] == 1e308
    assert x.iloc[2] == 5e-324
    assert x.isna().tolist() == [False, False, False, True, True]
    assert result.tables["a"]["y"].isna().tolist() == [False, True, False, False, False]
    assert result.schema["a"]["y"].type is ColumnType.INTEGER
    assert any("infinities are read as missing" in note for note in result.notes)


def test_extreme_numbers_in_typed_formats(put, tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1e308, np.inf, None, np.nan]}), tmp_path / "a.parquet")
    result = read(tmp_path / "a.parquet")
    assert result.tables["a"]["x"].isna().tolist() == [False, True, True, True]
    assert any("1 infinities" in note for note in result.notes)
    result = read(put("a.json", '[{"x": 1e308}, {"x": NaN}, {"x": Infinity}, {"x": null}]'))
    assert result.tables["a"]["x"].isna().tolist() == [False, True, True, True]


def test_workbooks_with_a_password_or_damage(put, tmp_path: Path) -> None:
    refused(put("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), "password")
    pd.DataFrame({"a": [1, 2]}).to_excel(tmp_path / "b.xlsx", index=False)
    whole = (tmp_path / "b.xlsx").read_bytes()
    refused(put("c.xlsx", whole[: len(whole) // 2]), "damaged")
    refused(put("d.xlsx", b"no workbook at all"), "damaged")
    refused(put("e.xlsx", zip_of({"xl/workbook.xml": b"<broken"})), "damaged")


def test_damaged_parquet(put, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": list(range(1_000))}), tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    refused(put("b.parquet", whole[: len(whole) // 2]), "damaged Parquet")
    refused(put("c.parquet", b"PAR1" + b"\xff" * 100 + b"PAR1"), "damaged Parquet")
    refused(put("d.parquet", b"nothing"), "damaged Parquet")


@pytest.mark.parametrize(
    "content",
    ["[1, 2, 3]", '["a"]', '"text"', "17", "{", '[{"a": 1}, {"a": ', "[[1]]",
     '[{"a": 1}\n{"a": 2}]', '[{"a": 1, "a": 2}]', "[" * 100_000],
)  # fmt: skip
def test_json_that_is_no_list_of_records(put, content: str) -> None:
    refused(put("a.json", content), "JSON")


def test_messages_carry_no_value_of_the_table(put) -> None:
    secret = "Sabine-Mustermann"
    for content in (f'[{{"a": "{secret}"}}, {{"a" "{secret}"]', f'[{{"{secret}": {secret}}}]'):
        assert secret not in refused(put("a.json", content), "JSON")


def test_a_very_long_cell(put) -> None:
    long = "x" * 3_000_000
    result = read(put("a.csv", f"a,b\n1,{long}\n2,y\n"))
    assert result.tables["a"]["b"].str.len().tolist() == [3_000_000, 1]
    too_long = "x" * 20_000_000
    path = put("b.csv", "a,b\n1,u\n3,z\n" + f"2,{too_long}\n")
    try:
        notes = " ".join(read(path).notes)
    except UnreadableFile as error:
        notes = str(error)
    assert "longer than 16 MiB" in notes or "cannot be" in notes


def test_a_missing_file_and_no_file(tmp_path: Path) -> None:
    refused(tmp_path / "none.csv", "cannot be opened")
    refused(tmp_path, "cannot be opened")
    with pytest.raises(InvalidInput, match="No file was given"):
        read_files([])


def test_read_table_wants_one_table(put) -> None:
    path = put("a.zip", zip_of({"a.csv": b"a\n1\n", "b.csv": b"a\n1\n"}))
    with pytest.raises(UnreadableFile, match="holds 2 tables where one is needed"):
        read_table(path)


def test_json_that_is_nested_beyond_reason(put):
    refused(put("deep.json", '{"a":' * 5000 + "1" + "}" * 5000), "not valid JSON")
