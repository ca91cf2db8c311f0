"""Writing tables: what was read from CSV is written back equal, in every format."""

import csv
import gzip
import io
import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.read import read_files, read_table
from core.data.samples import SAMPLES
from core.data.schema import Column, ColumnType, Schema, Table, ValueFormat
from core.data.write import FORMATS, file_names, format_of, write_table
from core.errors import InvalidInput

T = ColumnType
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES = sorted(SHARED.rglob("*.csv.gz")) or [None]


def table_of(name: str = "t", **types: ColumnType) -> Table:
    return Table(name, tuple(Column(n, t) for n, t in types.items()))


def texts(*cells: str | None) -> pd.DataFrame:
    return pd.DataFrame({"x": pd.array(list(cells), dtype="string[pyarrow]")})


def written(frame: pd.DataFrame, table: Table, kind: str = "csv", escape: bool = False) -> str:
    out = io.BytesIO()
    write_table(frame, table, out, kind, escape_formulas=escape)
    assert not out.closed
    return out.getvalue().decode()


def cells_of(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content, newline="")))


def same_cells(original: bytes, frame: pd.DataFrame, table: Table) -> bool:
    return cells_of(original.decode()) == cells_of(written(frame, table))


def originals(key: str) -> dict[str, bytes]:
    found = {}
    for name, path in SAMPLES[key].paths:
        if name.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                found |= {n.removesuffix(".csv"): archive.read(n) for n in archive.namelist()}
        else:
            found[name.removesuffix(".csv.gz")] = gzip.decompress(path.read_bytes())
    return found


@pytest.mark.parametrize("key", SAMPLES)
def test_samples_come_back_equal(key: str) -> None:
    result = read_files(SAMPLES[key].paths)
    contents = originals(key)
    assert contents.keys() == result.tables.keys()
    for name, content in contents.items():
        assert same_cells(content, result.tables[name], result.schema[name])


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name if p else "none")
def test_shared_data_comes_back_equal(path: Path | None) -> None:
    if path is None:
        pytest.skip(f"{SHARED} is not on this machine")
    frame, table = read_table(path)
    assert same_cells(gzip.decompress(path.read_bytes()), frame, table)


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl", "parquet"])
@pytest.mark.parametrize("key", SAMPLES)
def test_every_format_is_read_back_the_same(kind: str, key: str, tmp_path: Path) -> None:
    result = read_files(SAMPLES[key].paths)
    for name, frame in result.tables.items():
        path = tmp_path / f"{name}{FORMATS[kind].ending}"
        write_table(frame, result.schema[name], path, kind, escape_formulas=False)
        again, table = read_table(path)
        pd.testing.assert_frame_equal(again, frame)
        assert [c.type for c in table.columns] == [c.type for c in result.schema[name].columns]


MIXED = Table(
    "mixed",
    (
        Column("i", T.INTEGER, format=ValueFormat(missing="NA")),
        Column("f", T.NUMBER, format=ValueFormat(decimals=2, fixed=True, least=2)),
        Column("b", T.BOOLEAN, format=ValueFormat(true="yes", false="no")),
        Column("d", T.DATE, format=ValueFormat(pattern="%d.%m.%Y")),
        Column("m", T.DATETIME, format=ValueFormat(pattern="%Y-%m-%dT%H:%MZ")),
        Column("t", T.TIME),
        Column("s", T.CATEGORY),
    ),
)


def mixed_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "i": pd.array([1, None], dtype="Int64"),
            "f": [1.5, float("nan")],
            "b": pd.array([True, None], dtype="boolean"),
            "d": pd.Series(["2020-01-31", None], dtype="datetime64[us]"),
            "m": pd.Series(["2020-01-31 12:30", None], dtype="datetime64[us]"),
            "t": pd.Series(["09:30:00", None], dtype="timedelta64[us]"),
            "s": pd.array(["O'Neil\\", None], dtype="string[pyarrow]"),
        }
    )


def test_csv_in_the_formats_of_the_columns() -> None:
    assert written(mixed_frame(), MIXED) == (
        "i,f,b,d,m,t,s\n1,1.50,yes,31.01.2020,2020-01-31T12:30Z,09:30:00,O'Neil\\\nNA,,,,,,\n"
    )


def test_json_is_typed() -> None:
    records = json.loads(written(mixed_frame(), MIXED, "json"))
    assert records[0] == {
        "i": 1, "f": 1.5, "b": True, "d": "31.01.2020", "m": "2020-01-31T12:30Z", "t": "09:30:00",
        "s": "O'Neil\\",
    }  # fmt: skip
    assert set(records[1].values()) == {None}


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_json_text_is_escaped(kind: str) -> None:
    cells = ['q"', "back\\slash", "new\nline", "tab\t", "\x01\x1f", "ü東", "\u2028", ""]
    content = written(texts(*cells), table_of(x=T.TEXT), kind)
    lines = content.strip("\n").split("\n")
    records = json.loads(content) if kind == "json" else [json.loads(line) for line in lines]
    assert [record["x"] for record in records] == cells


def test_json_column_names_are_escaped() -> None:
    frame = texts("v").rename(columns={"x": 'a"b\n'})
    assert json.loads(written(frame, table_of(**{'a"b\n': T.TEXT}), "json")) == [{'a"b\n': "v"}]


def test_no_rows_in_any_format(tmp_path: Path) -> None:
    empty = mixed_frame().iloc[:0]
    assert written(empty, MIXED) == "i,f,b,d,m,t,s\n"
    assert json.loads(written(empty, MIXED, "json")) == []
    assert written(empty, MIXED, "jsonl") == ""
    assert "INSERT" not in written(empty, MIXED, "sql")
    write_table(empty, MIXED, tmp_path / "a.parquet", "parquet")
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 0


def test_parquet_has_types_and_zones(tmp_path: Path) -> None:
    write_table(mixed_frame(), MIXED, tmp_path / "a.parquet", "parquet")
    schema = pq.read_schema(tmp_path / "a.parquet")
    assert [str(kind) for kind in schema.types] == [
        "int64", "double", "bool", "date32[day]", "timestamp[us, tz=UTC]", "time64[us]",
        "large_string",
    ]  # fmt: skip
    assert set(pq.read_table(tmp_path / "a.parquet").to_pylist()[1].values()) == {None}


def test_moments_are_cut_to_the_resolution_of_their_pattern(tmp_path: Path) -> None:
    frame = mixed_frame()
    frame["m"] += pd.Timedelta(seconds=59, microseconds=7)
    write_table(frame, MIXED, tmp_path / "a.parquet", "parquet")
    moment = pq.read_table(tmp_path / "a.parquet").column("m")[0].as_py()
    assert moment.isoformat() == "2020-01-31T12:30:00+00:00"
    assert "12:30:00.000000" in written(frame, MIXED, "sql")
    old = pd.DataFrame({"m": pd.Series(["1901-02-03 04:05:59"], dtype="datetime64[us]")})
    assert "1901-02-03T04:05Z" in written(old, MIXED.select(("m",)))


def test_sql_runs_and_holds_the_same_values() -> None:
    script = written(mixed_frame(), MIXED, "sql")
    with duckdb.connect() as connection:
        connection.execute(script)
        rows = connection.execute(
            'SELECT i, f, b, d::VARCHAR, m::VARCHAR, s FROM "mixed"'
        ).fetchall()
    assert rows[0] == (1, 1.5, True, "2020-01-31", "2020-01-31 12:30:00", "O'Neil\\")
    assert rows[1] == (None,) * 6
    connection = sqlite3.connect(":memory:")
    connection.executescript(script)
    assert connection.execute('SELECT count(*) FROM "mixed"').fetchone() == (2,)
    connection.close()


def test_sql_cannot_be_broken_out_of() -> None:
    name = 'x"); DROP TABLE t; --'
    frame = texts("'); DROP TABLE t; --", "a'b''c").rename(columns={"x": name})
    script = written(frame, Table('t"', (Column(name, T.TEXT),)), "sql")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS k")
        connection.execute(script)
        assert connection.execute('SELECT * FROM "t"""').fetchall() == [
            ("'); DROP TABLE t; --",),
            ("a'b''c",),
        ]
        assert connection.execute("SELECT k FROM t").fetchone() == (1,)


def test_sql_primary_key_and_many_rows() -> None:
    frame = pd.DataFrame({"k": pd.array(range(1_234), dtype="Int64")})
    script = written(frame, Table("t", (Column("k", T.INTEGER),), "k"), "sql")
    assert script.count("INSERT") == 3
    with duckdb.connect() as connection:
        connection.execute(script)
        assert connection.execute("SELECT sum(k), count(*) FROM t").fetchone() == (760_761, 1_234)
        with pytest.raises(duckdb.ConstraintException):
            connection.execute("INSERT INTO t VALUES (5)")


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-",
     "＝1+1", "+49 151 1234567", "--", "=", "@x"],
)  # fmt: skip
def test_formulas_are_escaped(cell: str) -> None:
    content = written(texts(cell, "safe"), table_of(x=T.TEXT), escape=True)
    assert cells_of(content)[1] == ["'" + cell]
    assert cells_of(written(texts(cell, "safe"), table_of(x=T.TEXT)))[1] == [cell]


@pytest.mark.parametrize(
    "cell", ["-5", "+49151", "-1.5", "-1,5", "+.5", "-1e-5", "a=1", "1-2", "'=1", "x@y.de", " =1"]
)
def test_plain_numbers_and_harmless_text_are_not_escaped(cell: str) -> None:
    content = written(texts(cell, "safe"), table_of(x=T.TEXT), escape=True)
    assert cells_of(content)[1] == [cell]


def test_numbers_and_names_with_formulas() -> None:
    frame = pd.DataFrame({"=A1": pd.array([-5], dtype="Int64"), "y": [-0.5]})
    table = table_of(**{"=A1": T.INTEGER, "y": T.NUMBER})
    assert written(frame, table, escape=True) == "'=A1,y\n-5,-0.5\n"


def test_a_single_column_with_missing_values_keeps_its_rows(tmp_path: Path) -> None:
    frame = texts("a", None, "b", None)
    table = table_of(x=T.CATEGORY)
    write_table(frame, table, tmp_path / "t.csv", "csv")
    again, _ = read_table(tmp_path / "t.csv")
    assert again["x"].isna().tolist() == [False, True, False, True]


awkward = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
    st.text(alphabet="a\",;\n\r\t '#\\|", max_size=6),
    st.sampled_from(["1", "", "NA", "2020-01-01"]),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(awkward, awkward), min_size=1, max_size=8))
def test_any_text_comes_back_or_is_noted(rows: list[tuple[str, str]]) -> None:
    table = table_of(word=T.TEXT, other=T.TEXT)
    frame = pd.DataFrame(rows, columns=["word", "other"]).astype("string[pyarrow]")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        write_table(frame, table, path, "csv", escape_formulas=False)
        result = read_files([("t.csv", path)])
    again = cells_of(written(result.tables["t"], result.schema["t"]))
    assert [tuple(row) for row in again[1:]] == rows or result.notes


def test_only_the_columns_of_the_table_are_written() -> None:
    frame = mixed_frame()
    assert written(frame, MIXED.select(("s", "i"))) == "s,i\nO'Neil\\,1\n,NA\n"


def test_gzip_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        write_table(mixed_frame(), MIXED, tmp_path / name, "csv")
    first = (tmp_path / "a.csv.gz").read_bytes()
    assert first == (tmp_path / "b.csv.gz").read_bytes()
    assert gzip.decompress(first).startswith(b"i,f,b")


def test_formats_by_ending_and_by_key() -> None:
    assert [format_of(f"x{f.ending}") for f in FORMATS.values()] == list(FORMATS)
    assert format_of("x.CSV.gz") == "csv"
    with pytest.raises(InvalidInput, match=r"must end in one of \.csv"):
        format_of("x.docx")
    with pytest.raises(InvalidInput, match="must be one of csv, parquet"):
        write_table(mixed_frame(), MIXED, io.BytesIO(), "xml")


def test_file_names_are_safe_and_differ() -> None:
    tables = {n: table_of(n, x=T.TEXT) for n in ("../a", "a/b", "a_b", "Ünï", "..")}
    names = file_names(tables, "csv")
    assert names["Ünï"] == "Ünï.csv"
    assert len(set(names.values())) == 5
    assert not any("/" in name or name.startswith(".") for name in names.values())


def test_numbers_without_a_format_keep_every_digit() -> None:
    values = [0.1, 1e-7, 1e300, 123456789.123456789, -0.0, 5.0]
    frame = pd.DataFrame({"x": values})
    content = written(frame, table_of(x=T.NUMBER))
    assert [float(cell) for (cell,) in cells_of(content)[1:]] == values
    assert pa.array(values).to_pylist() == [
        r["x"] for r in json.loads(written(frame, table_of(x=T.NUMBER), "json"))
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet", "json", "jsonl"])
def test_odd_column_names_come_back(tmp_path: Path, kind: str) -> None:
    titles = ["", " spaced ", "line\nbreak", "Name", "name", "'; DROP TABLE t; --", "a.b", "日本"]
    path = tmp_path / f"t.{kind}"
    with (tmp_path / "real.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([titles, list("abcdefgh"), list("ijklmnop")])
    frame, table = read_table(tmp_path / "real.csv")
    (table,) = Schema.from_dict(Schema((table,)).to_dict()).tables
    write_table(frame, table, path, kind)
    if kind == "csv":
        with path.open(newline="", encoding="utf-8") as file:
            assert next(csv.reader(file)) == titles
    elif kind == "parquet":
        assert pq.read_table(path).column_names == titles
    else:
        records = pd.read_json(path, lines=kind == "jsonl")
        assert list(records) == titles


def test_repeated_column_names_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,a\nx,y,z\n", encoding="utf-8")
    frame, table = read_table(path)
    assert written(frame, table).splitlines()[0] == "a,b,a_2"


def test_parquet_columns_get_their_types_back(tmp_path: Path) -> None:
    days = pd.to_datetime(["2020-01-01", "2020-02-29", None])
    kinds = {
        "ns": pa.array(days + pd.Timedelta(1, "s"), pa.timestamp("ns")),
        "midnights": pa.array(days, pa.timestamp("ns")),
        "zoned": pa.array(days, pa.timestamp("ms", "Europe/Berlin")),
        "date": pa.array(days, pa.date32()),
        "single": pa.array([0.5, 0.1, None], pa.float32()),
        "price": pa.array(["1.20", "12.30", None]).cast(pa.decimal128(9, 2)),
        "time": pa.array([5, 86_399, None], pa.time32("s")),
        "kind": pa.array(["a", "b", None]).dictionary_encode(),
        "whole": pa.array([1, 2, None], pa.int64()),
    }
    pq.write_table(pa.table(kinds), tmp_path / "real.parquet")
    frame, table = read_table(tmp_path / "real.parquet")
    write_table(frame, table, tmp_path / "made.parquet", "parquet")
    real, made = (pq.read_table(tmp_path / f"{n}.parquet") for n in ("real", "made"))
    for name, values in kinds.items():
        assert made[name].to_pylist() == values.to_pylist()
        if name != "kind":
            assert made[name].type == real[name].type
    assert made.to_pandas()["kind"].dtype == "category"
