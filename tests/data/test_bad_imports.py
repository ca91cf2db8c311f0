"""Bad input on its way into the vault: what, where and what to do, whatever the file's size."""

import json
from pathlib import Path

import pytest

from core.data import archive, importing
from core.data.archive import ReadLimits
from core.data.importing import Job, import_files
from core.data.preview import preview_files
from core.data.sniff import ReadOptions
from core.data.vault import Vault
from core.errors import UnreadableFile
from core.progress import SilentProgress

HOSTILE = ['"; DROP TABLE x; --', "${jndi:ldap://x}", "../../etc", "a\x00b".replace("\x00", ""),
           "=cmd()", "名前", "x" * 300, "\u202egnirts", "select", "<script>"]  # fmt: skip


def take(vault: Vault, path: Path, held: int, **options: object):
    """Import a file: as a stream where few bytes may be held."""
    said = {path.name: ReadOptions(**options)}
    limits = ReadLimits(held_bytes=held)
    job = Job(vault, "d", lambda i: f"d/{i}.parquet", limits, SilentProgress(), said)
    return import_files([(path.name, path)], job)


@pytest.mark.parametrize("held", [1, 1 << 30])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n", "has a header but no rows"),
        (b"\n\n \n", "is blank"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a text table"),
        (b"name\n" + "Jürgen Müller\n".encode() * 20 + b"J\xfcrgen\n", "mixes encodings"),
        (b"a,b\n1,2\n" + b"1,2,3\n" * 40, "line 1 has another number of fields"),
        ((",".join(f"c{i}" for i in range(3000)) + "\n" + "1," * 2999 + "1\n").encode(),
         "3000 columns; at most 2000"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used(
    vault: Vault, tmp_path: Path, content: bytes, words: str, held: int
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=words) as caught:
        take(vault, path, held)
    assert "t.csv" in str(caught.value)


@pytest.mark.parametrize("held", [1, 1 << 30])
def test_hostile_names_and_values_are_only_text(vault: Vault, tmp_path: Path, held: int) -> None:
    quoted = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
    path = tmp_path / "'; DROP TABLE y; --.csv"
    path.write_text("\n".join([",".join(quoted)] * 40) + "\n")
    found = take(vault, path, held)
    (table,) = found.schema.tables
    assert len(table.columns) == len(HOSTILE)
    assert table.columns[0].name == HOSTILE[0]
    assert vault.read_table("d/0.parquet", table).iloc[3, 3] == HOSTILE[3]


@pytest.mark.parametrize("held", [1, 1 << 30])
def test_an_encoding_that_was_said_wrongly(vault: Vault, tmp_path: Path, held: int) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"name,n\n" + "Jürgen,1\n".encode("cp1252") * 9)
    with pytest.raises(UnreadableFile, match="not encoded in utf-8 throughout"):
        take(vault, path, held, encoding="utf-8")
    found = take(vault, path, held, encoding="cp1252")
    assert found.frames["t"]["name"].iloc[0] == "Jürgen"


def test_what_has_to_be_held_is_limited(vault: Vault, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MOST_HELD", 1000)
    monkeypatch.setattr(importing, "MOST_HELD", 1000)
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{"a": i} for i in range(500)]))
    with pytest.raises(UnreadableFile, match="read in one piece"):
        take(vault, path, 1 << 30)


def test_a_preview_says_what_is_wrong_and_goes_on(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("a,b\n1,2\n")
    bad.write_bytes(b"\xff\xfe\x00\x00binary")
    files = [("bad.csv", bad), ("good.csv", good)]
    first, second = preview_files(files, ReadLimits(), {})
    assert "bad.csv" in first.problem
    assert second.problem == ""
    assert second.rows == (("1", "2"),)
