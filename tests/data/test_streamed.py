"""Large text tables: read in blocks, they are what they are when read at once."""

import gzip
import io
import random
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.data import importing, records, streamed
from core.data.archive import ReadLimits
from core.data.aside_store import aside_csv, read_asides
from core.data.importing import Imported, Job, import_files
from core.data.read import read_files
from core.data.records import last_row_end, row_blocks
from core.data.schema import ColumnType
from core.data.sniff import Dialect, ReadOptions
from core.data.vault import Vault
from core.errors import JobCancelled, UnreadableFile
from core.progress import SilentProgress
from tests.data.as_large import import_as_large

COMMA = Dialect(",", '"', '"', 0, 2)
T = ColumnType


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed, "BLOCK", 20_000)


def put(vault: Vault, path: Path, progress=None, **options: object) -> Imported:
    """Import a file as if it were large."""
    return import_as_large(vault, path, progress, options=ReadOptions(**options))


def mixed(rows: int) -> str:
    draw = random.Random(3)
    lines = ["id,amount,price,day,when,flag,code,city,note,gap,compact,empty"]
    for i in range(rows):
        lines.append(
            ",".join(
                [
                    str(i - 50),
                    f"{draw.uniform(-9, 9999):.{draw.randrange(4)}f}1",
                    f"{draw.uniform(0, 99):.2f}",
                    f"{1 + i % 31:02d}/{1 + i % 7 * 2 % 12:02d}/20{i % 30:02d}"
                    if i % 31 < 28
                    else "",
                    f"2024-03-{1 + i % 28:02d} {i % 24:02d}:{i % 60:02d}:00",
                    "yes" if i % 3 else "no",
                    f"{i % 90:05d}",
                    draw.choice(["Oslo", '"Bergen, old"', "NA", "Žilina"]),
                    f'"line {i}\nwith ""quotes"""',
                    draw.choice(["NA", "1.5", "7"]),
                    f"2023{1 + i % 12:02d}{1 + i % 28:02d}",
                    "",
                ]
            )
        )
    return "\n".join(lines) + "\n"


def test_the_same_as_at_once(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(mixed(1500))
    whole = read_files([("t.csv", path)])
    found = put(vault, path)
    assert found.rows == {"t": 1500}
    expected, table = whole.tables["t"], found.schema["t"]
    assert table.columns == whole.schema["t"].columns
    pd.testing.assert_frame_equal(vault.read_table("d/0.parquet", table), expected)
    pd.testing.assert_frame_equal(found.frames["t"], expected)


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_archives_are_unpacked_as_they_are_read(vault: Vault, tmp_path: Path, kind: str) -> None:
    text = mixed(500).encode()
    path = tmp_path / f"t.csv.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(text))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("t.csv", text)
    assert put(vault, path).rows == {"t": 500}
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableFile, match="cut off or damaged"):
        put(vault, path)


def test_a_bomb_is_stopped(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 5_000_000))
    limits = ReadLimits(held_bytes=1, free_bytes=1000)
    job = Job(vault, "d", lambda i: f"d/{i}.parquet", limits, SilentProgress())
    with pytest.raises(UnreadableFile, match="times its size"):
        import_files([("t.csv.gz", path)], job)


def test_a_type_may_be_told_by_a_late_row(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{i},{i},01/02/2024,5,7" for i in range(4000)]
    rows += ["x,1.5,13/02/2024,31/02/2024,9"]
    path.write_text("a,b,c,d,e\n" + "\n".join(rows) + "\n")
    found = put(vault, path)
    kinds = {c.name: c.type for c in found.schema["t"].columns}
    assert kinds == {"a": T.TEXT, "b": T.NUMBER, "c": T.DATE, "d": T.CATEGORY, "e": T.INTEGER}
    assert found.schema["t"]["c"].format.pattern == "%d/%m/%Y"
    assert any("'a': 1 of 4001 values are no numbers" in note for note in found.notes)


def test_a_day_that_does_not_exist_makes_a_text(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    days = [f"{1 + i % 28:02d}/{1 + i % 12:02d}/2024" for i in range(4000)]
    days[3500] = "31/02/2024"
    days[2000] = "31/12/2024"
    path.write_text("a,k\n" + "".join(f"{day},1\n" for day in days))
    found = put(vault, path)
    assert found.schema["t"]["a"].type is T.CATEGORY
    assert vault.read_table("d/0.parquet", found.schema["t"])["a"].tolist() == days


def test_rows_that_cannot_be_read_are_kept_aside(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{i},name {i}" for i in range(3000)]
    rows[10], rows[2500] = '10,"two\nlines"', "2500,too,many"
    rows[2900] = "alone"
    path.write_text("id,name\n" + "\n".join(rows) + "\n")
    found = put(vault, path)
    assert found.rows == {"t": 2998}
    aside = read_asides(vault, "d")[0]
    assert aside.count == 2
    assert aside.first == ((2503, "have too many fields"), (2903, "have too few fields"))
    text = b"".join(aside_csv(vault, "d", 0, aside)).decode()
    assert '2503,have too many fields,"2500,too,many"' in text
    assert any("the first is line 2503" in note for note in found.notes)


@pytest.mark.parametrize("drawn", [50, 10_000])
def test_keys_are_found_over_all_rows_of_large_tables(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: int
) -> None:
    monkeypatch.setattr(importing, "DRAWN_ROWS", drawn)
    tables = {
        "customers": ["customer_id,name", *(f"{7 * i},name {i}" for i in range(900))],
        "orders": ["order_id,customer_id", *(f"{i},{7 * (i % 900)}" for i in range(2000))],
        "visits": ["visit_id,customer_id", *(f"{i % 1999},{7 * (i % 950)}" for i in range(2000))],
    }
    files = []
    for name, lines in tables.items():
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(lines) + "\n")
        files.append((path.name, path))
    limits = ReadLimits(held_bytes=1)
    job = Job(vault, "d", lambda i: f"d/{i}.parquet", limits, SilentProgress())
    found = import_files(files, job)
    assert len(found.frames["orders"]) == min(drawn, 2000)
    keys = {table.name: table.primary_key for table in found.schema.tables}
    assert keys == {"customers": "customer_id", "orders": "order_id", "visits": None}
    assert [(r.parent, r.child) for r in found.schema.relationships] == [("customers", "orders")]
    assert any("'visits'" in note and "5.3% of its values" in note for note in found.notes)


def test_small_files_keep_their_rows_aside_too(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1,"x\ny"\n2,3,4\n' + "5,6\n" * 20)
    job = Job(vault, "d", lambda i: f"d/{i}.parquet", ReadLimits(), SilentProgress())
    found = import_files([("t.csv", path)], job)
    assert found.rows == {"t": 21}
    assert read_asides(vault, "d")[0].first == ((4, "have too many fields"),)


def test_what_a_person_says_has_the_last_word(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("01/02/2024;1.234;5,5\n" * 3000, encoding="cp1252")
    said = {"header": False, "point": ",", "thousands": ".", "month_first": True}
    for held in (1, 1 << 30):
        job = Job(
            vault, "d", lambda i: f"d/{i}.parquet", ReadLimits(held_bytes=held), SilentProgress(),
            {"t.csv": ReadOptions(**said)},
        )  # fmt: skip
        found = import_files([("t.csv", path)], job)
        day, whole, part = found.frames["t"].iloc[0]
        assert (day, whole, part) == (pd.Timestamp(2024, 1, 2), 1234, 5.5)
        assert found.rows == {"t": 3000}


def test_cancelled_in_the_middle(vault: Vault, tmp_path: Path) -> None:
    class Impatient(SilentProgress):
        calls = 0

        def step(self, done, total, note="", values=None):
            self.calls += 1
            if self.calls > 12:
                raise JobCancelled("stop")

    path = tmp_path / "t.csv"
    path.write_text(mixed(1200))
    with pytest.raises(JobCancelled):
        put(vault, path, Impatient())


def test_most_rows_unreadable(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n" + "1,2\n" * 500 + "1,2,3\n" * 4000)
    with pytest.raises(UnreadableFile, match=r"t\.csv"):
        put(vault, path)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (b"a,b\nc,d\ne", 8),
        (b'a,"x\ny\nz', 0),
        (b'a,b\n"x\ny', 4),
        (b'a,5" pipe\nb,c\nd', 14),
        (b'a,"say ""hi""\n"\nb', 16),
        (b'"","",""\n"\n', 9),
        (b'a,"q"z",b\nc', 10),
    ],
)
def test_where_rows_end(text: bytes, end: int) -> None:
    assert last_row_end(text, COMMA) == end


def test_blocks_are_the_file() -> None:
    text = mixed(400).encode()
    pieces = [text[i : i + 777] for i in range(0, len(text), 777)]
    blocks = list(row_blocks(pieces, COMMA, 5000))
    assert b"".join(block.text for block in blocks) == text
    assert len(blocks) == 9
    lines = 1
    for block in blocks:
        assert block.first_line == lines
        lines += block.text.count(b"\n")
        assert block.text.count(b'"') % 2 == 0


def test_a_quote_that_is_never_closed_does_not_swallow_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "LONGEST_LINE", 3000)
    text = b'a,"b\n' + b"1,2\n" * 5000
    blocks = list(row_blocks(io.BytesIO(text), COMMA, 1000))
    assert b"".join(block.text for block in blocks) == text
    assert len(blocks) > 3
