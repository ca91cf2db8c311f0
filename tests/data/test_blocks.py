"""Blocks of rows: how they are cut changes neither bytes nor hashes, and half files vanish."""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import write
from core.data.blocks import LEAST_ROWS, MOST_ROWS, block_rows, empty_frame, joined, rebatch
from core.data.hashing import TableHash, content_hash, schema_hash
from core.data.schema import Column, ColumnType, Schema, Table
from core.data.write import FORMATS, encode_blocks, write_blocks, write_table

TABLE = Table(
    "t",
    (
        Column("id", ColumnType.INTEGER),
        Column("x", ColumnType.NUMBER),
        Column("c", ColumnType.CATEGORY),
        Column("d", ColumnType.DATE),
    ),
    "id",
)


def rows(count: int) -> pd.DataFrame:
    rng = np.random.default_rng(count)
    return pd.DataFrame(
        {
            "id": pd.array(np.arange(count), "Int64"),
            "x": np.where(rng.random(count) < 0.1, np.nan, rng.normal(size=count)),
            "c": pd.array(rng.choice(["a", "b,", None], count), "string[pyarrow]"),
            "d": pd.Series(rng.integers(0, 9999, count)).astype("datetime64[D]").astype(
                "datetime64[us]"
            ) if count else pd.Series([], dtype="datetime64[us]"),
        }
    )  # fmt: skip


def cut(frame: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    for start in range(0, len(frame), size):
        yield frame.iloc[start : start + size]


@given(st.lists(st.integers(0, 40), max_size=8), st.integers(1, 30))
def test_rebatched_rows_are_the_same_rows_in_even_blocks(sizes: list[int], size: int) -> None:
    frame = rows(sum(sizes))
    ends = np.cumsum([0, *sizes])
    parts = [frame.iloc[a:b] for a, b in itertools.pairwise(ends)]
    even = list(rebatch(parts, size))
    assert [len(part) for part in even[:-1]] == [size] * (len(even) - 1)
    pd.testing.assert_frame_equal(joined(even, TABLE), frame)


def test_blocks_are_smaller_for_wide_tables() -> None:
    assert block_rows(1) == MOST_ROWS
    assert block_rows(15) == MOST_ROWS
    assert block_rows(100) == 32_768
    assert block_rows(5000) == LEAST_ROWS


@pytest.mark.parametrize("format", FORMATS)
def test_the_bytes_do_not_depend_on_the_cuts(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "block_rows", lambda columns: 100)
    frame = rows(450)
    whole = io.BytesIO()
    write_table(frame, TABLE, whole, format)
    for size in (450, 100, 7):
        pieces = io.BytesIO()
        assert write_blocks(cut(frame, size), TABLE, pieces, format) == 450
        assert pieces.getvalue() == whole.getvalue()
    assert len(list(encode_blocks(cut(frame, 7), TABLE, format))) >= 5


def test_a_row_group_holds_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "block_rows", lambda columns: 100)
    path = tmp_path / "t.parquet"
    write_blocks(cut(rows(250), 30), TABLE, path, "parquet")
    about = pq.ParquetFile(path).metadata
    assert [about.row_group(i).num_rows for i in range(about.num_row_groups)] == [100, 100, 50]


@pytest.mark.parametrize("format", FORMATS)
def test_no_blocks_at_all_is_an_empty_table(format: str) -> None:
    none, empty = io.BytesIO(), io.BytesIO()
    assert write_blocks([], TABLE, none, format) == 0
    write_table(empty_frame(TABLE), TABLE, empty, format)
    assert none.getvalue() == empty.getvalue()


def test_text_of_large_tables_has_no_length_in_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("t", (Column("k", ColumnType.TEXT), Column("c", ColumnType.TEXT)), "k")
    text = pd.array(["abc", "de", "f"], "string[pyarrow]")
    frame = pd.DataFrame({"k": text, "c": text})
    whole, large = io.BytesIO(), io.BytesIO()
    write_table(frame, table, whole, "sql")
    monkeypatch.setattr(write, "block_rows", lambda columns: 2)
    write_table(frame, table, large, "sql")
    assert b'"c" VARCHAR(3)' in whole.getvalue()
    assert b'"k" VARCHAR(255)' in large.getvalue()
    assert b'"c" TEXT' in large.getvalue()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_what_is_broken_off_leaves_no_file_and_keeps_the_old_one(
    tmp_path: Path, name: str, stop: type[BaseException]
) -> None:
    def breaking() -> Iterator[pd.DataFrame]:
        yield rows(300_000)
        raise stop

    path = tmp_path / name
    path.write_bytes(b"before")
    with pytest.raises(stop):
        write_blocks(breaking(), TABLE, path, write.format_of(path))
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert path.read_bytes() == b"before"


@given(st.integers(0, 60), st.integers(1, 70))
def test_hashing_block_by_block_is_hashing_at_once(count: int, size: int) -> None:
    frame, schema = rows(count), Schema((TABLE,))
    hashed = TableHash(TABLE)
    for part in cut(frame, size):
        hashed.update(part)
    assert schema_hash({"t": hashed}, schema) == content_hash({"t": frame}, schema)
