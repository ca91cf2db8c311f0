"""Reading every format; the samples and the shared data read right."""

import csv
import datetime as dt
import decimal
import gzip
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.archive import ReadLimits
from core.data.frames import canonical
from core.data.read import ReadResult, read_files, read_table
from core.data.samples import SAMPLES
from core.data.schema import ColumnType
from core.settings import Settings

T = ColumnType
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
TEXT = "id,name,born,score\n1,Zoë,1990-05-01,1.50\n2,Ötzi,1991-06-02,\n"


@pytest.fixture
def put(tmp_path: Path):
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def read(*paths: Path) -> ReadResult:
    return read_files([(path.name, path) for path in paths])


def types(result: ReadResult, name: str) -> dict[str, str]:
    return {c.name: c.type.value for c in result.schema[name].columns}


def check_text(path: Path) -> ReadResult:
    result = read(path)
    (name,) = result.tables
    frame = result.tables[name]
    assert frame["name"].tolist() == ["Zoë", "Ötzi"]
    assert frame["born"].iloc[0] == pd.Timestamp("1990-05-01")
    assert frame["score"].isna().tolist() == [False, True]
    assert canonical(frame, result.schema[name]).equals(frame)
    return result


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(put, delimiter: str) -> None:
    check_text(put("a.csv", TEXT.replace(",", delimiter)))


def test_tsv_and_line_ends(put) -> None:
    check_text(put("a.tsv", TEXT.replace(",", "\t").replace("\n", "\r\n")))
    check_text(put("b.csv", TEXT.rstrip("\n")))
    assert check_text(put("c.txt", TEXT)).notes == ()


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [("utf-8", False), ("utf-8-sig", False), ("utf-16", True), ("utf-16-le", True),
     ("utf-16-be", True), ("cp1252", True), ("latin-1", True)],
)  # fmt: skip
def test_encodings(put, encoding: str, noted: bool) -> None:
    result = check_text(put("a.csv", TEXT.encode(encoding)))
    assert any("encoded in" in note for note in result.notes) is noted


def test_gzip_and_zip(put) -> None:
    check_text(put("a.csv.gz", gzip.compress(TEXT.encode())))
    check_text(put("plain.gz", gzip.compress(TEXT.encode())))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x/people.csv", TEXT)
        archive.writestr("y/people.csv.gz", gzip.compress(TEXT.encode()))
        archive.writestr("more.json", '[{"k": 1}]')
    result = read(put("all.zip", out.getvalue()))
    assert list(result.tables) == ["people", "people_2", "more"]
    assert result.tables["people"].equals(result.tables["people_2"])


def test_content_decides_where_the_ending_does_not(put, tmp_path: Path) -> None:
    pq.write_table(pa.table({"k": [1, 2]}), tmp_path / "a.csv")
    assert types(read(tmp_path / "a.csv"), "a") == {"k": "integer"}
    assert types(read(put("b", '[{"k": true}]')), "b") == {"k": "boolean"}
    check_text(put("c.dat", TEXT))


def test_quoted_fields(put) -> None:
    rows = [["a", "b"], ["x, y", 'q"q'], ["line1\nline2", "z"], ["", "O'Neil"]]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    frame, _ = read_table(put("a.csv", out.getvalue()))
    assert frame.fillna("").to_numpy().tolist() == rows[1:]


def test_quotes_far_from_the_start(put) -> None:
    body = "".join(f"{i},plain\n" for i in range(60_000)) + '60000,"one, two"\n'
    frame, _ = read_table(put("a.csv", "k,v\n" + body))
    assert frame["v"].iloc[-1] == "one, two"
    assert len(frame) == 60_001


def test_a_single_column(put) -> None:
    frame, table = read_table(put("a.csv", "name\nAnn\nBob\n"))
    assert table.names == ("name",)
    assert frame["name"].tolist() == ["Ann", "Bob"]


def test_one_row_and_one_cell(put) -> None:
    frame, table = read_table(put("a.csv", "x\n1\n"))
    assert frame["x"].tolist() == [1]
    assert table["x"].type is T.INTEGER


def test_a_header_of_words_above_text_only(put) -> None:
    frame, _ = read_table(put("a.csv", "first,last\nAnn,Lee\nBob,Roe\n"))
    assert list(frame) == ["first", "last"]
    assert len(frame) == 2


def test_a_file_without_header(put) -> None:
    result = read(put("a.csv", "39,State-gov,77516\n50,Private,83311\n"))
    assert result.schema["a"].names == ("column_1", "column_2", "column_3")
    assert len(result.tables["a"]) == 2
    assert any("looks like data" in note for note in result.notes)


@pytest.mark.parametrize("header", ["country,2019,2020", "0,1,2", "k,0,1", "x,size,10"])
def test_numbers_that_are_names(put, header: str) -> None:
    frame, _ = read_table(put("a.csv", f"{header}\nx,5,6\ny,7,8\n"))
    assert list(frame) == header.split(",")


def test_decimal_commas_in_a_file_with_semicolons(put) -> None:
    frame, table = read_table(put("a.csv", "k;v\n1;1,250\n2;3,500\n"))
    assert frame["v"].tolist() == [1.25, 3.5]
    assert table["v"].format.point == ","


def test_json_records_and_lines(put) -> None:
    rows = [
        {"i": 1, "f": 1.5, "s": "00123", "b": True, "d": "2020-01-31", "n": {"x": [1]}, "m": 1},
        {"i": None, "f": 2, "s": "7", "b": False, "d": "2020-02-01", "n": None, "m": "a"},
        {"i": 3, "f": 2.25, "s": "", "b": None, "d": None, "n": {"y": "ü"}, "extra": "late"},
    ]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    for path in (put("a.json", json.dumps(rows, indent=1)), put("b.jsonl", lines)):
        result = read(path)
        (frame,) = result.tables.values()
        (table,) = result.schema.tables
        assert [c.type for c in table.columns] == [
            T.INTEGER, T.NUMBER, T.CATEGORY, T.BOOLEAN, T.DATE, T.CATEGORY, T.CATEGORY, T.CATEGORY,
        ]  # fmt: skip
        assert frame["s"].tolist() == ["00123", "7", ""]
        assert frame["i"].isna().tolist() == [False, True, False]
        assert json.loads(frame["n"].iloc[0]) == {"x": [1]}
        assert frame["m"].tolist()[:2] == ["1", "a"]
        assert frame["extra"].tolist()[2] == "late"
        assert any("'n': nested values" in note for note in result.notes)
        assert any("'m': mixed types" in note for note in result.notes)


def test_json_objects(put) -> None:
    two = {"cats": [{"k": 1}], "dogs": [{"k": 2}, {"k": 3}], "made": "2020"}
    assert {n: len(f) for n, f in read(put("a.json", json.dumps(two))).tables.items()} == {
        "cats": 1,
        "dogs": 2,
    }
    assert list(read(put("b.json", json.dumps({"data": [{"k": 1}]}))).tables) == ["b"]
    assert read(put("c.json", json.dumps({"k": 1, "v": "x"}, indent=2))).tables["c"].shape == (1, 2)


def test_json_keeps_long_numbers_and_digits(put) -> None:
    frame, table = read_table(put("a.json", '[{"n": 12345678901234567890}, {"n": 1}]'))
    assert frame["n"].tolist() == ["12345678901234567890", "1"]
    frame, table = read_table(put("b.json", '[{"n": 1.50}, {"n": 2.25}]'))
    assert table["n"].format.decimals == 2
    assert frame["n"].tolist() == [1.5, 2.25]


def parquet(path: Path, **columns: pa.Array) -> ReadResult:
    pq.write_table(pa.table(columns), path)
    return read(path)


def test_parquet_types(tmp_path: Path) -> None:
    stamp = dt.datetime(2020, 1, 31, 12, 30, 5, 120_000)
    zoned = pa.array([stamp, None], pa.timestamp("ms", "Europe/Berlin"))
    result = parquet(
        tmp_path / "a.parquet",
        i8=pa.array([1, None], pa.int8()),
        u64=pa.array([2**63, 1], pa.uint64()),
        f32=pa.array([0.1, None], pa.float32()),
        dec=pa.array([decimal.Decimal("1.50"), None], pa.decimal128(10, 2)),
        whole=pa.array([decimal.Decimal(5), None], pa.decimal128(10, 0)),
        b=pa.array([True, None]),
        d=pa.array([dt.date(2020, 1, 31), None]),
        t=pa.array([dt.time(9, 30), None], pa.time32("s")),
        naive=pa.array([stamp, None], pa.timestamp("ns")),
        zoned=zoned,
        s=pa.array(["1", None]),
        cat=pa.array(["x", None]).dictionary_encode(),
        none=pa.nulls(2),
        nested=pa.array([{"a": [1]}, None]),
        blob=pa.array([b"\xff\x00", None]),
        gap=pa.array([dt.timedelta(seconds=90), None], pa.duration("ms")),
    )
    frame, table = result.tables["a"], result.schema["a"]
    assert [c.type for c in table.columns] == [
        T.INTEGER, T.CATEGORY, T.NUMBER, T.NUMBER, T.INTEGER, T.BOOLEAN, T.DATE, T.TIME,
        T.DATETIME, T.DATETIME, T.CATEGORY, T.CATEGORY, T.CATEGORY, T.CATEGORY, T.CATEGORY,
        T.NUMBER,
    ]  # fmt: skip
    assert canonical(frame, table).equals(frame)
    assert frame["f32"].iloc[0] == 0.1
    assert frame["zoned"].iloc[0] == pd.Timestamp("2020-01-31 12:30:05.120")
    assert table["zoned"].format.pattern == "%Y-%m-%d %H:%M:%S.%f+00:00"
    assert (table["naive"].format.decimals, table["dec"].format.fixed) == (3, True)
    assert frame["nested"].iloc[0] == '{"a": [1]}'
    assert frame["blob"].iloc[0] == "ff00"
    assert frame["gap"].iloc[0] == 90.0
    assert frame.drop(columns="u64").iloc[1].isna().all()
    for words in ("'nested': nested", "'blob': binary", "'gap': durations", "'zoned': zoned"):
        assert any(words in note for note in result.notes)


def test_parquet_by_pandas_with_an_index(tmp_path: Path) -> None:
    frame = pd.DataFrame({"v": [1, 2, 3]}, index=[5, 6, 7])
    frame.to_parquet(tmp_path / "a.parquet")
    result = read(tmp_path / "a.parquet")
    assert result.schema["a"].names == ("v",)
    assert any("index" in note for note in result.notes)


def test_excel_sheets_and_types(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "people"
    first.append([])
    first.append(["id", "born", "seen", "at", "score", "name", "mixed", None])
    first.append(
        [
            1,
            dt.date(1990, 5, 1),
            dt.datetime(2020, 1, 1, 12, 30),
            dt.time(9, 30),
            1.5,
            "00123",
            1,
            "u",
        ]
    )
    first.append([2, dt.date(1991, 6, 2), None, None, 2, "#N/A", "x", "v"])
    book.create_sheet("blank")
    book.create_sheet("more").append(["only", "header"])
    second = book.create_sheet("accounts")
    second.append(["k"])
    second.append([True])
    book.save(tmp_path / "a.xlsx")
    result = read(tmp_path / "a.xlsx")
    assert list(result.tables) == ["people", "accounts"]
    assert types(result, "people") == {
        "id": "integer", "born": "date", "seen": "datetime", "at": "time", "score": "number",
        "name": "category", "mixed": "category", "column_8": "category",
    }  # fmt: skip
    frame = result.tables["people"]
    assert frame["name"].tolist()[0] == "00123"
    assert frame["name"].isna().tolist() == [False, True]
    assert frame["mixed"].tolist() == ["1", "x"]
    assert types(result, "accounts") == {"k": "boolean"}


def test_one_sheet_is_called_like_its_file(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1, 2]}).to_excel(tmp_path / "sales.xlsx", index=False)
    assert list(read(tmp_path / "sales.xlsx").tables) == ["sales"]


def test_limits_come_from_the_settings() -> None:
    limits = ReadLimits.from_settings(Settings(upload_gib=0.5, max_columns=7))
    assert (limits.max_bytes, limits.max_columns) == (2**29, 7)


def shared(*parts: str) -> Path:
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return path


def test_the_census() -> None:
    frame, table = read_table(shared("single", "census_train.csv.gz"))
    assert len(frame) == 24_421
    integers = {"age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week"}
    for column in table.columns:
        assert column.type is (T.INTEGER if column.name in integers else T.CATEGORY)
    assert (frame["workclass"] == "?").sum() == 1_395
    assert frame.isna().sum().sum() == 0


def test_series_and_missing_values() -> None:
    frame, table = read_table(shared("series", "airline-passengers.csv.gz"))
    assert (table["Month"].type, table["Month"].format.pattern) == (T.DATE, "%Y-%m")
    frame, table = read_table(shared("single", "titanic_train.csv.gz"))
    assert (table["age"].type, frame["age"].isna().sum()) == (T.NUMBER, 147)
    frame, table = read_table(shared("single", "airbnb_train.csv.gz"))
    assert (table["last_review"].type, frame["last_review"].isna().sum()) == (T.DATE, 4_937)


def test_a_relational_dataset() -> None:
    paths = sorted(shared("relational_bank").glob("*.gz"))
    result = read(*paths)
    district = result.schema["district"]
    assert [district[f"A{i}"].type for i in (2, 4, 10)] == [T.TEXT, T.INTEGER, T.NUMBER]
    assert district["A12"].type is T.NUMBER
    assert district["A12"].format.missing == "?"
    links = {(r.child, r.parent) for r in result.schema.relationships}
    assert links == {
        ("disp", "account"), ("loan", "account"), ("order", "account"), ("disp", "client"),
        ("card", "disp"), ("account", "district"), ("client", "district"),
    }  # fmt: skip


def test_players_and_a_league_called_na() -> None:
    folder = shared("relational_baseball")
    result = read(folder / "players.csv.gz", folder / "batting.csv.gz")
    assert (result.tables["batting"]["league"] == "NA").sum() == 738
    assert result.tables["batting"]["RBI"].isna().sum() == 756
    assert result.schema["players"].primary_key == "id"
    (link,) = result.schema.relationships
    assert (link.child, link.child_key, link.parent_key) == ("batting", "players_id", "id")


@pytest.mark.slow
def test_a_hundred_thousand_rows_take_seconds(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    n = 100_000
    pd.DataFrame(
        {
            "id": np.arange(n),
            "x": rng.normal(size=n).round(3),
            "day": (np.datetime64("2000-01-01") + rng.integers(0, 9_000, n)).astype(str),
            "s": rng.choice(["a", "b", "c,d"], n),
        }
    ).to_csv(tmp_path / "a.csv", index=False)
    frame, table = read_table(tmp_path / "a.csv")
    assert [c.type for c in table.columns] == [T.INTEGER, T.NUMBER, T.DATE, T.CATEGORY]
    assert len(frame) == n


def test_quotes_escaped_by_a_backslash(put) -> None:
    frame, _ = read_table(put("a.csv", 'k,v\n1,"say \\"hi\\", twice"\n2,"x"\n3,"y, z"\n'))
    assert frame["v"].tolist() == ['say "hi", twice', "x", "y, z"]


def test_reading_in_several_threads_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda key: read_files(SAMPLES[key].paths), ["sensors"] * 4))
    assert all(one.tables["sensors"].equals(found[0].tables["sensors"]) for one in found)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("rows", [1, 60])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_line_breaks_in_quoted_headers_and_cells(
    tmp_path: Path, end: str, rows: int, encoding: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(end.join(['a,"b\nc",d', *['1,"x\ny",z'] * rows, ""]).encode(encoding))
    frame, table = read_table(path)
    assert [c.title for c in table.columns] == ["a", "b\nc", "d"]
    assert frame["b c"].tolist() == ["x\ny"] * rows
