"""An open studio with two projects and somebody of each role in the first."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.studio.inline import InlinePool, inline
from tests.studio.office import Office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office.open(tmp_path_factory.mktemp("office"))
    yield office
    office.studio.close()


@pytest.fixture(scope="module")
def pool(office: Office) -> Iterator[InlinePool]:
    """For modules whose runs are carried out in this process, at once."""
    with inline(office) as pool:
        yield pool


@pytest.fixture
def people_csv(tmp_path: Path) -> Path:
    """300 people: one column names them, one is nearly determined by another."""
    lines = ["email,points,income,member"]
    for i in range(300):
        points = 20 + (i * 7) % 50
        lines.append(f"person{i}@example.com,{points},{points * 1000 + i % 10},{i % 3 == 0}")
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n")
    return path
