"""Broken text tables: the file, the line and what is wrong are named, and no value is."""

from io import BytesIO
from pathlib import Path

import pytest

from core.data.archive import ReadLimits, Source
from core.data.broken import check_one_column, find_fault
from core.data.read import read_files
from core.data.sniff import LONGEST_LINE, Dialect, ReadOptions
from core.errors import UnreadableFile

HEADER = "id,name,kind\n"
ROWS = "".join(f"{i},n{i},x{i % 3}\n" for i in range(1, 60))
SECRET = "Hildegard"


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "people.csv"
    path.write_text(text)
    with pytest.raises(UnreadableFile) as caught:
        read_files([(path.name, path)], limits=ReadLimits())
    said = str(caught.value)
    assert "'people.csv'" in said
    assert SECRET not in said
    return said


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f'{HEADER}{ROWS}60,"{SECRET},x\n{ROWS}', "line 61 has a quotation mark that is not"),
        (f'{HEADER}{ROWS}60,"{SECRET},x\n', "line 61 has a quotation mark that is not closed"),
        (f'{HEADER}{ROWS}60,"{SECRET}" late,x\n{ROWS}', "line 61 has text after a closing"),
        (f'id,"name,kind\n{ROWS}', "line 1 has a quotation mark that is not closed"),
    ],
)
def test_broken_quotation_marks_are_named_by_line(tmp_path: Path, text: str, what: str) -> None:
    assert what in refused(tmp_path, text)


def test_a_line_that_is_too_long_is_named(tmp_path: Path) -> None:
    long = f"60,{SECRET}{'y' * LONGEST_LINE},x\n"
    assert "line 61 is longer than 16 MiB" in refused(tmp_path, HEADER + ROWS + long + ROWS)


def test_the_line_of_the_first_wrong_byte_is_named(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes((HEADER + "1,é,é\n" + ROWS).encode() + f"60,{SECRET}".encode() + b"\xfc,x\n")
    with pytest.raises(UnreadableFile, match="1 bytes are not valid UTF-8, the first in line 62"):
        read_files([(path.name, path)])


def test_what_a_person_said_of_quotation_marks_is_taken_as_said(tmp_path: Path) -> None:
    path = tmp_path / "inches.csv"
    path.write_text('size,name\n5" pipe,a\n"6 pipe,b\n' * 30)
    source = Source(path.name, path.name, BytesIO(path.read_bytes()))
    no_marks = Dialect(",", "", "", 0, 1)
    check_one_column(source.file, source, no_marks, ReadOptions(quote=""))
    with pytest.raises(UnreadableFile, match="line 3"):
        check_one_column(source.file, source, Dialect(",", '"', '"', 0, 1), ReadOptions())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n"x, ""y""",1\n"two\nlines",2\n', None),
        ('a,b\n5" pipe,1\n', None),
        ('a,b\n"x",1\n2,"y"\n"open,3\n', 4),
        ('a,b\n"x"y,1\n', 2),
        ('a,b\n1,"two\nlines"x\n', 2),
        ('a,b\n"x" ,1\n', None),
    ],
)
def test_where_the_first_fault_is(text: str, line: int | None) -> None:
    fault = find_fault(BytesIO(text.encode()), ",", '"')
    assert (fault.line if fault else None) == line
