"""Tables in the vault in parts: whole, in order, encrypted, gone when broken off."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data import parts
from core.data.blocks import empty_frame
from core.data.parts import read_parts, read_whole, write_parts
from core.data.schema import Column, ColumnType, Table
from core.data.vault import Vault
from core.errors import IntegrityError, NotFound
from core.keys import Keys

TABLE = Table("t", (Column("i", ColumnType.INTEGER), Column("c", ColumnType.CATEGORY)))


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    monkeypatch.setattr(parts, "block_rows", lambda columns: 100)
    return Vault(tmp_path, Keys(bytes(32)))


def rows(count: int, start: int = 0) -> pd.DataFrame:
    numbers = np.arange(start, start + count)
    words = pd.array([f"secret{i % 7}" for i in numbers], "string[pyarrow]")
    return pd.DataFrame({"i": pd.array(numbers, "Int64"), "c": words})


@pytest.mark.parametrize("count", [0, 1, 100, 101, 350])
def test_blocks_come_back_in_order(vault: Vault, count: int) -> None:
    frame = rows(count)
    cut = [frame.iloc[i : i + 40] for i in range(0, max(count, 1), 40)]
    assert write_parts(vault, "runs/a/0.parquet", cut, TABLE) == count
    pd.testing.assert_frame_equal(read_whole(vault, "runs/a/0.parquet", TABLE), frame)
    sizes = [len(part) for part in read_parts(vault, "runs/a/0.parquet", TABLE)]
    assert all(size == 100 for size in sizes[:-1])


def test_no_rows_at_all(vault: Vault) -> None:
    assert write_parts(vault, "t.parquet", [], TABLE) == 0
    made = read_whole(vault, "t.parquet", TABLE)
    pd.testing.assert_frame_equal(made, empty_frame(TABLE))


@pytest.mark.parametrize("limit", [0, 1, 100, 130, 9999])
def test_the_first_rows(vault: Vault, limit: int) -> None:
    write_parts(vault, "t.parquet", [rows(350)], TABLE)
    made = read_whole(vault, "t.parquet", TABLE, limit)
    pd.testing.assert_frame_equal(made, rows(350).head(limit))


def test_a_table_in_one_file_is_read_too(vault: Vault) -> None:
    vault.write_table("t.parquet", rows(50), TABLE)
    pd.testing.assert_frame_equal(read_whole(vault, "t.parquet", TABLE, 20), rows(20))


def test_nothing_is_readable_on_disk(vault: Vault) -> None:
    write_parts(vault, "t.parquet", [rows(350)], TABLE)
    files = [p for p in vault.root.rglob("*") if p.is_file()]
    assert len(files) == 5
    assert all(b"secret" not in p.read_bytes() for p in files)


def test_what_is_broken_off_is_removed(vault: Vault) -> None:
    def breaking() -> Iterator[pd.DataFrame]:
        yield rows(250)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_parts(vault, "runs/a/0.parquet", breaking(), TABLE)
    assert not [p for p in vault.root.rglob("*") if p.is_file()]
    with pytest.raises(NotFound):
        read_whole(vault, "runs/a/0.parquet", TABLE)


def test_a_part_in_the_place_of_another_is_noticed(vault: Vault) -> None:
    write_parts(vault, "t.parquet", [rows(150)], TABLE)
    (vault.root / "t.parquet" / "1.parquet").rename(vault.root / "t.parquet" / "0.parquet")
    with pytest.raises(IntegrityError, match="other rows"):
        read_whole(vault, "t.parquet", TABLE)


def test_a_random_sample_of_a_stored_table(vault: Vault) -> None:
    vault.write_table("t.parquet", rows(5000), TABLE)
    first, total = vault.sample_table("t.parquet", TABLE, 700, np.random.default_rng(1))
    again, _ = vault.sample_table("t.parquet", TABLE, 700, np.random.default_rng(1))
    assert total == 5000
    pd.testing.assert_frame_equal(first, again)
    assert first["i"].is_unique
    assert first["i"].is_monotonic_increasing
    assert len(first) == 700
    assert 2300 < first["i"].mean() < 2700
    assert (first["c"] == "secret" + (first["i"] % 7).astype("string[pyarrow]")).all()
    whole, total = vault.sample_table("t.parquet", TABLE, 5000, np.random.default_rng(1))
    pd.testing.assert_frame_equal(whole, rows(5000))
