"""JSON lines: read in blocks, they are what they are when read at once; bad lines go aside."""

import gzip
import json
import random
from pathlib import Path

import pandas as pd
import pytest

from core.data import json_lines
from core.data.aside_store import aside_csv, read_asides
from core.data.read import read_files
from core.data.schema import ColumnType
from core.data.vault import Vault
from core.errors import JobCancelled, UnreadableFile
from tests.data.as_large import import_as_large as put
from tests.data.impatient import Impatient

ROWS = 1200
T = ColumnType


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "BLOCK", 60_000)


def record(i: int, draw: random.Random) -> dict[str, object]:
    full = {
        "id": i,
        "cents": round(draw.uniform(-9, 9999), i % 4),
        "late": i if i < 1100 else i + 0.125,
        "long": 10**19 + i % 7,
        "flag": None if i % 13 == 1 else i % 3 == 0,
        "city": draw.choice(["Oslo", "Žilina", 'a "b"', "NA", ""]),
        "note": f"line {i}\nof many",
        "day": None if i % 9 == 1 else f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}",
        "day and blank": "" if i == 1190 else "2024-01-02",
        "when": f"2024-05-01T{i % 24:02d}:{i % 60:02d}:00",
        "late word": "none" if i == 1195 else f"2024-01-{1 + i % 28:02d}",
        "number then text": i if i < 1150 else str(i),
        "flag and number": True if i % 2 else 1,
        "code": f"{i % 90:05d}",
        "nested": {"a": [i % 2, "x"]} if i % 5 else [1],
        "nothing": None,
    }
    if i % 3 == 0:
        del full["city"]
    return full if i < 1000 else {**full, "new": i % 4}


def lines() -> list[str]:
    draw = random.Random(6)
    return [json.dumps(record(i, draw), ensure_ascii=False) for i in range(ROWS)]


def test_the_same_as_at_once(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(lines()) + "\n")
    whole, found = read_files([(path.name, path)]), put(vault, path)
    assert found.rows == {"t": ROWS}
    table = found.schema["t"]
    for one, other in zip(table.columns, whole.schema["t"].columns, strict=True):
        assert one == other
    assert table == whole.schema["t"]
    pd.testing.assert_frame_equal(vault.read_table("d/0.parquet", table), whole.tables["t"])
    assert sorted(found.notes) == sorted(whole.notes)
    assert (table["late"].type, table["late word"].type) == (T.NUMBER, T.CATEGORY)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_packed_and_encoded(vault: Vault, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.ndjson.gz"
    path.write_bytes(gzip.compress("\n".join(lines()).encode(encoding)))
    found = put(vault, path)
    assert found.rows == {"t": ROWS}
    assert found.frames["t"]["city"].iloc[:9].notna().sum() == 6


def test_bad_lines_are_kept_aside(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    rows = [f'{{"a": {i}, "b": "name {i}"}}' for i in range(4000)]
    rows[9], rows[1999] = '{"a": 1, "b": ', "[1, 2]"
    rows[2500], rows[2501] = '{"a": 1, "a": 2}', ""
    rows[3999] = '{"a": 5'
    path.write_text("\n".join(rows))
    found = put(vault, path)
    assert found.rows == {"t": 3995}
    aside = read_asides(vault, "d")[0]
    assert aside.first == (
        (10, "are not valid JSON"),
        (2000, "are no records in braces"),
        (2501, "have a key twice"),
        (4000, "are not valid JSON"),
    )
    assert aside.by_reason["are not valid JSON"] == 2
    assert b'\n2000,are no records in braces,"[1, 2]"' in b"".join(aside_csv(vault, "d", 0, aside))
    said = "2 rows were left out because they are not valid JSON (the first is line 10)."
    assert f"Table 't': {said}" in found.notes
    assert found.schema["t"]["a"].type is T.INTEGER


def test_records_without_values(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n' * 9000 + "{}\n")
    found = put(vault, path)
    assert found.rows["t"] + sum(a.count for a in found.asides.values()) == 9001


def test_mostly_bad_lines(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n' + "nope\n" * 20)
    with pytest.raises(UnreadableFile, match="mostly lines that are no JSON records"):
        put(vault, path)


def test_one_record_over_many_lines_is_no_json_lines(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{"a": i} for i in range(50)], indent=1))
    assert put(vault, path).rows == {"t": 50}


@pytest.mark.parametrize("steps", [0, 2, 6])
def test_cancelled(vault: Vault, tmp_path: Path, steps: int) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(lines()))
    with pytest.raises(JobCancelled):
        put(vault, path, Impatient(steps))
    assert not [p for p in vault.root.rglob("*") if p.is_file()]


def test_too_many_fields(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("".join(f'{{"c{i}": 1}}\n' for i in range(40)) * 3)
    with pytest.raises(UnreadableFile, match="columns; at most 20"):
        put(vault, path, max_columns=20)
