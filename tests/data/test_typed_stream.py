"""Large tables with types: read in blocks, they are what they are when read at once."""

import datetime as dt
import gzip
import io
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data import parquet
from core.data.archive import Budget, ReadLimits, Source
from core.data.importing import Job, import_files
from core.data.read import read_files
from core.data.sealed_file import SealedFile
from core.data.typed_evidence import TypedEvidence
from core.data.vault import Vault
from core.errors import JobCancelled, UnreadableFile
from core.progress import SilentProgress
from tests.data.as_large import import_as_large as put
from tests.data.impatient import Impatient

ROWS = 700
UTC = dt.UTC


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "block_rows", lambda columns: 60)


def sparse(make: Callable[[int], object]) -> list[object]:
    return [None if i % 11 == 5 else make(i) for i in range(ROWS)]


def every_type() -> pa.Table:
    draw = random.Random(4)
    day, noon = dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 12)
    step = dt.timedelta
    words = pa.array(sparse(lambda i: f"k{i % 5}"))
    return pa.table(
        {
            "id": pa.array(range(ROWS), pa.int32()),
            "long": pa.array(sparse(lambda i: i * 10**15 - 1), pa.int64()),
            "too long": pa.array(sparse(lambda i: 2**63 + i if i == 650 else i), pa.uint64()),
            "cents": pa.array(sparse(lambda i: round(draw.uniform(-9, 999), i % 3))),
            "late digits": pa.array([1.5] * 650 + [0.12345] * 50),
            "powers": pa.array(sparse(lambda i: 1e-9 * i if i > 600 else float(i))),
            "single": pa.array(sparse(lambda i: i / 8), pa.float32()),
            "infinite": pa.array([float("inf") if i % 100 == 7 else i / 2 for i in range(ROWS)]),
            "price": pa.array(sparse(lambda i: Decimal(i) / 4), pa.decimal128(9, 2)),
            "huge": pa.array(sparse(lambda i: Decimal(10**19 + i % 9)), pa.decimal128(22, 0)),
            "yes": pa.array(sparse(lambda i: i % 3 == 0)),
            "day": pa.array(sparse(lambda i: day + step(i))),
            "midnight": pa.array(sparse(lambda i: noon + step(i, hours=-12)), pa.timestamp("ms")),
            "late noon": pa.array([noon - step(hours=12)] * 690 + [noon] * 10, pa.timestamp("us")),
            "milli": pa.array(
                sparse(lambda i: noon + step(0, i, i % 2 * 2000)), pa.timestamp("us")
            ),
            "nano": pa.array([10**9 * i + i // 600 for i in range(ROWS)], pa.timestamp("ns")),
            "zoned": pa.array(
                sparse(lambda i: noon + step(0, i)), pa.timestamp("s", "Europe/Oslo")
            ),
            "time": pa.array(sparse(lambda i: dt.time(i % 24, i % 60)), pa.time32("s")),
            "span": pa.array(sparse(lambda i: step(0, i, 500_000)), pa.duration("us")),
            "city": words.dictionary_encode(),
            "note": pa.array(sparse(lambda i: f"note {i}"), pa.large_string()),
            "looks dated": pa.array(sparse(lambda i: f"2024-01-{1 + i % 28:02d}")),
            "raw": pa.array(sparse(lambda i: b"\xff" if i == 699 else b"ok"), pa.binary()),
            "plain raw": pa.array(sparse(lambda i: b"k%d" % (i % 7)), pa.binary()),
            "nested": pa.array(sparse(lambda i: {"a": i % 3, "b": [i % 2]})),
            "nothing": pa.nulls(ROWS),
            "empty": pa.nulls(ROWS, pa.float64()),
            "": pa.array(range(ROWS)),
            "__index_level_0__": pa.array(range(ROWS)),
        }
    )


def test_parquet_in_batches_is_as_at_once(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(every_type(), path, row_group_size=250)
    whole = read_files([(path.name, path)])
    found = put(vault, path)
    assert found.rows == {"t": ROWS}
    expected, table = whole.tables["t"], found.schema["t"]
    for one, other in zip(table.columns, whole.schema["t"].columns, strict=True):
        assert one == other
    assert table == whole.schema["t"]
    pd.testing.assert_frame_equal(vault.read_table("d/0.parquet", table), expected)
    assert sorted(found.notes) == sorted(whole.notes)


def test_content_hash_does_not_depend_on_the_way(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(every_type(), path)
    job = Job(vault, "e", lambda i: f"e/{i}.parquet", ReadLimits(), SilentProgress())
    assert put(vault, path).content_hash == import_files([("t.parquet", path)], job).content_hash


@pytest.mark.parametrize("packed", [False, True])
def test_parquet_out_of_sealed_pieces(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    out = io.BytesIO()
    pq.write_table(every_type(), out, row_group_size=100)
    data = gzip.compress(out.getvalue()) if packed else out.getvalue()
    monkeypatch.setattr("core.data.sealed_file.PIECE", 5_000)
    monkeypatch.setattr("core.data.sealed_copy.PIECE", 5_000)
    upload = SealedFile(vault, "uploads/u")
    for number, start in enumerate(range(0, len(data), 5_000)):
        upload.write(number, data[start : start + 5_000])
    path = tmp_path / ("t.parquet.gz" if packed else "t.parquet")
    found = put(vault, path, place=upload)
    pd.testing.assert_frame_equal(
        vault.read_table("d/0.parquet", found.schema["t"])[["id"]],
        pd.DataFrame({"id": pd.array(range(ROWS), "Int64")}),
    )
    assert [p.name for p in (vault.root / "d").iterdir()] == ["0.parquet"]
    plain = out.getvalue()[100:140]
    assert not any(plain in p.read_bytes() for p in vault.root.rglob("*") if p.is_file())


def test_parquet_that_breaks_in_the_middle_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [f"word {i}" for i in range(9000)]}), path, row_group_size=3000)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = b"\xff" * 2000
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match="damaged Parquet"):
        put(vault, path)
    assert not [p for p in vault.root.rglob("*") if p.is_file()]


@pytest.mark.parametrize("steps", [0, 5, 15])
def test_parquet_cancelled(vault: Vault, tmp_path: Path, steps: int) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": range(600)}), path)
    with pytest.raises(JobCancelled):
        put(vault, path, Impatient(steps))
    assert not [p for p in vault.root.rglob("*") if p.is_file()]


def test_parquet_says_what_does_not_fit(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), path)
    with pytest.raises(UnreadableFile, match="rows"):
        put(vault, path)
    pq.write_table(pa.table({f"c{i}": [1] * 90 for i in range(30)}), path)
    with pytest.raises(UnreadableFile, match="30 columns; at most 20"):
        put(vault, path, max_columns=20)
    big = pa.table({"a": ["x" * 40 + str(i) for i in range(2000)]})
    pq.write_table(big, path, use_dictionary=False)
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        put(vault, path, max_bytes=50_000)


def test_a_batch_holds_few_bytes_of_wide_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [f"{i:01000d}" for i in range(500)]}), path, use_dictionary=False)
    monkeypatch.setattr(parquet, "block_rows", lambda columns: 10_000)
    monkeypatch.setattr(parquet, "_BATCH_BYTES", 50_000)
    with path.open("rb") as file:
        source = Source("t.parquet", "t.parquet", file)
        stream = parquet.open_parquet(source, Budget(ReadLimits()), SilentProgress())
        sizes = [block.num_rows for block in stream.blocks(0)]
    assert sum(sizes) == 500
    assert 30 < max(sizes) < 60


def test_one_type_for_blocks_of_several() -> None:
    evidence = TypedEvidence()
    blocks = [pa.nulls(2), pa.array([1, 2]), pa.array([0.25, None]), pa.array([7], pa.int8())]
    for block in blocks:
        evidence.add(pa.chunked_array([block]))
    column = evidence.settle("x")
    assert (column.type.value, column.format.decimals) == ("number", 2)
    read = [evidence.read(pa.chunked_array([block]))[0] for block in blocks]
    assert pd.concat(read[1:]).fillna(-1).tolist() == [1, 2, 0.25, -1, 7]
    assert {str(part.dtype) for part in read} == {"float64"}


def test_blocks_that_no_type_holds_are_text() -> None:
    evidence = TypedEvidence()
    blocks = [pa.array([1, 2]), pa.array(["two", "2"]), pa.array([b"\xff", None])]
    for block in blocks:
        evidence.add(pa.chunked_array([block]))
    evidence.settle("x")
    evidence.begin()
    read = [evidence.read(pa.chunked_array([block]))[0] for block in blocks]
    assert pd.concat(read).fillna("-").tolist() == ["1", "2", "two", "2", "ff", "-"]
    assert evidence.settle("x").type.value == "category"
    assert evidence.notes == ("Column 'x': mixed types are read as text.",)
