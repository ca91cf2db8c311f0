"""Import folders give what is inside them and nothing else."""

import os
from pathlib import Path

import pytest

from core.data.folders import folder_file, folder_files, import_folders
from core.errors import NotFound


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    inside = tmp_path / "drop"
    (inside / "sub").mkdir(parents=True)
    (inside / "a.csv").write_text("a\n1\n")
    (inside / "sub" / "b.csv.gz").write_bytes(b"x")
    (inside / ".hidden.csv").write_text("x")
    (inside / "run.sh").write_text("x")
    (tmp_path / "secret.csv").write_text("x")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inside / "near.csv").symlink_to(inside / "a.csv")
    (inside / "out").symlink_to(tmp_path)
    os.mkfifo(inside / "pipe.csv")
    setting = os.pathsep.join([str(inside), "relative", str(tmp_path / "none")])
    return import_folders(setting)


def test_only_plain_tables_are_listed(folders: list[Path]) -> None:
    found = [(f.folder, f.folder_name, f.path, f.size) for f in folder_files(folders)]
    assert found == [(0, "drop", "a.csv", 4), (0, "drop", "sub/b.csv.gz", 1)]


def test_a_file_is_found(folders: list[Path]) -> None:
    assert folder_file(folders, 0, "sub/b.csv.gz") == folders[0] / "sub" / "b.csv.gz"


@pytest.mark.parametrize(
    "path",
    ["../secret.csv", "link.csv", "near.csv", "out/secret.csv", "sub/../../secret.csv", "..",
     "", "/etc/passwd", "..\\secret.csv", "pipe.csv", "a.csv\0", "none.csv"],
)  # fmt: skip
def test_what_leads_out_is_refused(folders: list[Path], path: str) -> None:
    with pytest.raises(NotFound):
        folder_file(folders, 0, path)


def test_no_such_folder(folders: list[Path]) -> None:
    for number in (-1, 1):
        with pytest.raises(NotFound):
            folder_file(folders, number, "a.csv")
    assert import_folders("") == []
