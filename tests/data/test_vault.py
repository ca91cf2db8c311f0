"""The vault keeps what it is given, encrypted, and notices when it was touched."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from core.data.frames import canonical
from core.data.schema import Column, ColumnType, Table
from core.data.vault import Vault
from core.errors import IntegrityError, NotFound, StorageError
from core.keys import Keys
from core.settings import Settings

SECRET = "Wilhelmina Vanderbilt"
TABLE = Table(
    "people",
    (
        Column("name; DROP", ColumnType.CATEGORY),
        Column("age", ColumnType.INTEGER),
        Column("weight", ColumnType.NUMBER),
        Column("member", ColumnType.BOOLEAN),
        Column("born", ColumnType.DATE),
        Column("seen", ColumnType.DATETIME),
        Column("wakes", ColumnType.TIME),
        Column("note", ColumnType.TEXT),
    ),
)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", Keys.from_settings(Settings(home=tmp_path)))


@pytest.fixture
def people() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "name; DROP": [SECRET, None, "Ünal 李"],
            "age": [41, None, 2**62],
            "weight": [70.25, float("nan"), 1e308],
            "member": [True, None, False],
            "born": pd.to_datetime(["1980-02-29", None, "1700-01-01"]),
            "seen": pd.to_datetime(["2024-05-06 07:08:09.123456", None, "2024-01-01 00:00:00.0"]),
            "wakes": pd.to_timedelta(["06:30:00", None, "23:59:59"]),
            "note": [None, None, None],
        }
    )
    return canonical(frame, TABLE)


def test_a_table_comes_back_as_it_went_in(vault: Vault, people: pd.DataFrame) -> None:
    vault.write_table("datasets/a/0.parquet", people, TABLE)
    pd.testing.assert_frame_equal(vault.read_table("datasets/a/0.parquet", TABLE), people)


@pytest.mark.parametrize("name", TABLE.names)
def test_one_column_can_be_read(vault: Vault, people: pd.DataFrame, name: str) -> None:
    vault.write_table("t.parquet", people, TABLE)
    pd.testing.assert_series_equal(vault.read_column("t.parquet", TABLE, name), people[name])


def test_a_limit_gives_the_first_rows(vault: Vault, people: pd.DataFrame) -> None:
    vault.write_table("t.parquet", people, TABLE)
    pd.testing.assert_frame_equal(vault.read_table("t.parquet", TABLE, limit=2), people.head(2))


def test_no_file_holds_a_plain_value(vault: Vault, people: pd.DataFrame) -> None:
    vault.write_table("datasets/a/0.parquet", people, TABLE)
    vault.write_blob("runs/b/report.json", SECRET.encode())
    files = [path for path in vault.root.rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        assert SECRET.split()[0].encode() not in path.read_bytes()
        assert b"wakes" not in path.read_bytes()


def test_another_key_cannot_read(vault: Vault, people: pd.DataFrame, tmp_path: Path) -> None:
    vault.write_table("t.parquet", people, TABLE)
    vault.write_blob("b", b"sealed")
    other = Vault(vault.root, Keys.from_settings(Settings(home=tmp_path / "other", key="ab" * 32)))
    with pytest.raises(IntegrityError, match=r"t\.parquet"):
        other.read_table("t.parquet", TABLE)
    with pytest.raises(IntegrityError):
        other.read_blob("b")


def test_a_changed_byte_is_noticed(vault: Vault, people: pd.DataFrame) -> None:
    vault.write_table("t.parquet", people, TABLE)
    path = vault.root / "t.parquet"
    blob = bytearray(path.read_bytes())
    blob[len(blob) // 2] ^= 1
    path.write_bytes(bytes(blob))
    with pytest.raises(IntegrityError):
        vault.read_table("t.parquet", TABLE)


def test_a_blob_moved_to_another_place_is_noticed(vault: Vault) -> None:
    vault.write_blob("runs/a/report.json", b"report of a")
    vault.write_blob("runs/b/report.json", b"report of b")
    (vault.root / "runs/a/report.json").replace(vault.root / "runs/b/report.json")
    with pytest.raises(IntegrityError):
        vault.read_blob("runs/b/report.json")


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "", "a/../../b"])
def test_no_path_leads_out(vault: Vault, path: str) -> None:
    with pytest.raises(NotFound):
        vault.write_blob(path, b"")


def test_the_access_opens_the_same_vault_and_hides_its_key(vault: Vault) -> None:
    vault.write_blob("b", b"blob")
    assert vault.access.open().read_blob("b") == b"blob"
    assert vault.access.keys.derive("vault").hex() not in repr(vault.access)


def test_check_leaves_nothing_behind(vault: Vault) -> None:
    vault.check()
    assert list(vault.root.iterdir()) == []


def test_no_rows_are_no_rows(vault: Vault, people: pd.DataFrame) -> None:
    vault.write_table("t.parquet", people, TABLE)
    assert len(vault.read_table("t.parquet", TABLE, limit=0)) == 0
    assert len(vault.read_table("t.parquet", TABLE, limit=-5)) == 0


def test_checks_at_the_same_time_do_not_disturb_each_other(vault: Vault) -> None:
    with ThreadPoolExecutor(8) as threads:
        for check in [threads.submit(vault.check) for _ in range(80)]:
            check.result()
    assert list(vault.root.iterdir()) == []


def test_a_full_disk_is_named_and_nothing_half_written_stays(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.write_blob("runs/a/report.json", b"first")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"report\.json.*the disk is full"):
        vault.write_blob("runs/a/report.json", b"second")
    assert vault.read_blob("runs/a/report.json") == b"first"
    assert [path.name for path in vault.root.rglob("*") if path.is_file()] == ["report.json"]


def test_a_disk_that_duckdb_cannot_write_is_named_too(
    vault: Vault, people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.data.vault._draft_of", lambda path: Path("/proc/no/such.partial"))
    with pytest.raises(StorageError, match="cannot be written"):
        vault.write_table("t.parquet", people, TABLE)


def test_a_sweep_takes_what_was_half_written_or_half_removed(vault: Vault) -> None:
    vault.write_blob("runs/a/report.json", b"kept")
    (vault.root / "runs/a/model.12345678.partial").write_bytes(b"half")
    (vault.root / "runs/b.12345678.partial").mkdir()
    (vault.root / "runs/b.12345678.partial/model").write_bytes(b"half")
    (vault.root / "runs/c").mkdir()
    assert vault.sweep() == 2
    assert [path.name for path in (vault.root / "runs").iterdir()] == ["a"]
    assert [path.name for path in vault.root.rglob("*") if path.is_file()] == ["report.json"]


def test_a_single_file_is_removed_whole(vault: Vault) -> None:
    vault.write_blob("runs/a/model", b"gone")
    vault.write_blob("runs/a/report.json", b"kept")
    vault.remove("runs/a/model")
    vault.remove("runs/a/model")
    assert [path.name for path in vault.root.rglob("*") if path.is_file()] == ["report.json"]


def test_a_mark_says_what_is_unfinished(vault: Vault) -> None:
    vault.mark("datasets/a")
    vault.mark("datasets/b")
    vault.unmark("datasets/a")
    assert vault.marked() == ["datasets/b"]
    vault.remove("datasets/b")
    assert vault.marked() == []
    vault.remove("datasets/never")
