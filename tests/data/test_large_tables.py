"""Large tables of databases: through the vault in batches, they are what they are when held."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from core.data import importing, spool
from core.data.archive import ReadLimits
from core.data.importing import Imported, Job
from core.data.sources import Opened, Selection, TableName, extract, import_selections
from core.data.spool import Spool
from core.data.vault import Vault
from core.errors import JobCancelled, UnreadableFile
from core.progress import SilentProgress
from tests.data.impatient import Impatient

TABLES = """
CREATE TABLE depots (land TEXT, nr INTEGER, built TEXT, PRIMARY KEY (land, nr));
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, pay REAL, loose, born TEXT, photo BLOB,
                     gone TEXT);
CREATE TABLE visits (no INTEGER PRIMARY KEY, person INTEGER REFERENCES people (id), land TEXT,
                     nr INTEGER, late, FOREIGN KEY (land, nr) REFERENCES depots (land, nr));
CREATE TABLE strays (stray INTEGER PRIMARY KEY, person INTEGER REFERENCES people (id));
"""
NAMES = ("depots", "people", "visits", "strays")


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Opened]:
    path = tmp_path / "shop.db"
    made = sqlite3.connect(path)
    made.executescript(TABLES)
    made.executemany(
        "INSERT INTO depots VALUES (?, ?, ?)",
        [("ns"[i % 2], i // 2, f"19{50 + i}-02-03") for i in range(40)],
    )
    made.executemany(
        "INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, NULL)",
        [
            (
                7 * i,
                f"Name {i}",
                None if i % 9 == 4 else i / 4,
                "x" if i == 590 else i % 5,
                None if i % 7 == 3 else f"19{50 + i % 40}-0{1 + i % 9}-11",
                b"\xff%d" % (i % 3),
            )
            for i in range(600)
        ],
    )
    made.executemany(
        "INSERT INTO visits VALUES (?, ?, ?, ?, ?)",
        [
            (i, None if i == 5 else 7 * (i % 600), "ns"[i % 2], i % 40 // 2, 0.5 if i > 880 else i)
            for i in range(900)
        ],
    )
    made.executemany(
        "INSERT INTO strays VALUES (?, ?)", [(i, 7 * i + i // 599) for i in range(600)]
    )
    made.commit()
    made.close()
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        yield Opened(connection, "sqlite")
    engine.dispose()


def take(source: Opened, vault: Vault, folder: str, progress=None, **limits: int) -> Imported:
    chosen = [Selection(TableName("", name)) for name in NAMES]
    job = Job(
        vault, folder, lambda i: f"{folder}/{i}.parquet", ReadLimits(**limits),
        progress or SilentProgress(),
    )  # fmt: skip
    return import_selections(source, chosen, job)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table is large, and fewer rows are drawn than there are."""
    monkeypatch.setattr(spool, "HELD", 0)
    monkeypatch.setattr(spool, "PIECE", 4000)
    monkeypatch.setattr(extract, "BATCH", 100)
    monkeypatch.setattr(importing, "DRAWN_ROWS", 30)


def test_the_same_as_held(source: Opened, vault: Vault, request: pytest.FixtureRequest) -> None:
    held = take(source, vault, "held")
    request.getfixturevalue("small")
    found = take(source, vault, "spooled")
    assert found.schema == held.schema
    assert found.rows == held.rows
    assert found.content_hash == held.content_hash
    assert found.composite == held.composite
    assert set(held.notes) <= set(found.notes)
    for place, table in enumerate(held.schema.tables):
        pd.testing.assert_frame_equal(
            vault.read_table(f"spooled/{place}.parquet", table), held.frames[table.name]
        )
        assert len(found.frames[table.name]) == 30
    assert sorted(p.name for p in (vault.root / "spooled").iterdir()) == [
        f"{i}.parquet" for i in range(4)
    ]
    kinds = {c.name: c.type.value for c in found.schema["people"].columns}
    assert (kinds["loose"], kinds["born"], kinds["pay"]) == ("category", "date", "number")
    assert found.schema["visits"]["late"].type.value == "number"


@pytest.mark.usefixtures("small")
def test_keys_of_the_catalogue_hold_over_all_rows(source: Opened, vault: Vault) -> None:
    found = take(source, vault, "d")
    links = {(r.parent, r.child): r.child_columns for r in found.schema.relationships}
    assert links == {("people", "visits"): ("person",), ("depots", "visits"): ("land", "nr")}
    assert any("'strays': 'person' points to rows of 'people'" in note for note in found.notes)


@pytest.mark.usefixtures("small")
def test_cancelled_or_too_large_leaves_nothing_fetched(source: Opened, vault: Vault) -> None:
    with pytest.raises(JobCancelled):
        take(source, vault, "d", Impatient(12))
    with pytest.raises(UnreadableFile, match="has more than"):
        take(source, vault, "d", max_bytes=3000)
    assert not list(vault.root.glob("d/fetched*"))


def test_a_spool_gives_back_what_it_took(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "HELD", 100)
    monkeypatch.setattr(spool, "PIECE", 50)
    kept = Spool(vault, "d/s")
    batches = [pa.table({"x": [i] * 9}) for i in range(4)] + [pa.table({"x": ["a", None]})]
    for batch in batches:
        kept.add(batch)
    assert kept.pieces > 1
    for _ in range(2):
        read = list(kept.read())
        assert [v for t in read for v in t["x"].to_pylist()] == [
            v for t in batches for v in t["x"].to_pylist()
        ]
    kept.close()
    assert not vault.exists("d/s/0")
