"""What the dataset's page says of two versions of a dataset."""

from types import SimpleNamespace

import pytest

from app.components.drift import row_change
from app.components.drift_columns import drift_frame
from app.components.drift_words import advice_words, note_of, shape_words
from core.data.profile import Advised, ColumnDrift, Level, TableDrift
from core.data.schema import ColumnType
from core.governance.policy import UserRole
from tests.app.harness import House, texts


def csv(shift: int, fresh: str) -> bytes:
    rows = "".join(f"{i},{20 + shift + i % 40},{'ab'[i % 2]}{fresh}\n" for i in range(120))
    return f"customer_id,age,segment\n{rows}".encode()


@pytest.fixture(scope="module")
def versions(house: House, tmp_path_factory):
    actor, folder = house.actors[UserRole.GENERAL], tmp_path_factory.mktemp("files")
    found = []
    for name, contents in (("alone", csv(0, "")), ("people", csv(0, "")), ("people", csv(30, "z"))):
        path = folder / f"{name}.csv"
        path.write_bytes(contents)
        files = [(path.name, path)]
        found.append(
            house.studio.datasets.import_files(actor, house.project.id, name.title(), files)
        )
    return found


def test_the_version_before_is_compared_and_advice_comes_first(house: House, versions):
    _, before, now = versions
    app = house.app(UserRole.GENERAL, "datasets", dataset=now.id, tab="What changed")
    assert not app.exception
    assert app.selectbox(key=f"drift_{now.id}").value == before.id
    said = texts(app)
    assert "What this means for synthetic data" in said
    assert "stale" in said
    assert "categories that the earlier version did not have" in said
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Moved far"] == "2"
    frame = next(d.value for d in app.dataframe if "PSI" in d.value.columns)
    assert set(frame["Column"][:2]) == {"age", "segment"}


def test_any_other_dataset_can_be_chosen(house: House, versions):
    other, before, _ = versions
    app = house.app(UserRole.GENERAL, "datasets", dataset=before.id, tab="What changed")
    app.selectbox(key=f"drift_{before.id}").select(other.id).run()
    assert not app.exception
    assert app.query_params["before"] in (other.id, [other.id])
    assert "Nothing moved beyond chance" in texts(app)


@pytest.mark.parametrize(("now", "said"), [(90, "-10"), (100, None), (1_200, "+1,100")])
def test_as_many_rows_as_before_are_no_change(now: int, said: str | None):
    assert row_change(SimpleNamespace(rows_before=100, rows_now=now)) == said


def test_what_is_not_measured_says_why():
    key = ColumnDrift("id", "no", ColumnType.INTEGER, Level.NONE, 0.0, 0.0, why="A key.")
    assert note_of(key) == "A key.; was called no"
    row = drift_frame([key]).iloc[0]
    assert row["Moved"] == "–"
    assert row.isna()[["Distance", "PSI", "New categories"]].all()


def test_advice_names_columns_letter_by_letter():
    advised = Advised(Level.SOME, "moved.", "t", ("*a*", *"bcdefgh"))
    assert advice_words(advised, 1) == "`*a*`, `b`, `c`, `d`, `e`, `f` and 2 more: moved."
    assert advice_words(advised, 2).startswith("In `t`: ")


def test_what_came_went_and_became_is_said_in_this_order():
    moved = TableDrift("t", "t", 9, 9, ("*new*",), ("old",), (("a", "b"),), (), "id", None, (), ())
    assert shape_words(moved) == [
        "New column `*new*`.",
        "Column `old` is gone.",
        "`a` is likely called `b` now.",
        "The primary key was `id`, now none.",
    ]
