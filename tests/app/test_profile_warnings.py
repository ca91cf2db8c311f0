"""What a profile warns of, and what the dataset's page shows of it."""

import pandas as pd
import pytest

from app.components.profile import closed
from app.components.profile_warnings import bare, warnings_of
from core.data.frames import canonical
from core.data.profile import as_text, profile_table
from core.data.schema import Column, ColumnType, Role, Table
from core.governance.policy import UserRole
from tests.app.harness import House, texts

KINDS = {
    "flat": ColumnType.INTEGER,
    "gaps": ColumnType.NUMBER,
    "tail": ColumnType.NUMBER,
    "note": ColumnType.TEXT,
    "fine": ColumnType.INTEGER,
}


def test_each_warning_names_its_columns():
    rows = 600
    frame = pd.DataFrame(
        {
            "flat": [1] * rows,
            "gaps": [None] * 400 + [float(i) for i in range(200)],
            "tail": [*(float(i % 10) for i in range(580)), *(1e6 for _ in range(20))],
            "note": [f"text {i}" for i in range(rows)],
            "fine": [i % 50 for i in range(rows)],
        }
    )
    table = Table("t", tuple(Column(name, kind) for name, kind in KINDS.items()))
    found = warnings_of(profile_table(canonical(frame, table), table))
    assert [w.columns for w in found[:4]] == [("note",), ("flat",), ("gaps",), ("tail",)]
    assert "as in a key" in found[0].seen


@pytest.mark.parametrize(
    ("kind", "values", "seen"),
    [
        (ColumnType.CATEGORY, ["no"] * 576 + ["yes"] * 24, "one value in nearly all rows"),
        (ColumnType.CATEGORY, [f"c{i % 150}" for i in range(600)], "many categories"),
        (ColumnType.CATEGORY, ["AB-1"] * 400 + ["ab 1"] * 200, "written in several ways"),
        (ColumnType.TEXT, [f"t{i % 599}" for i in range(600)], "text that hardly repeats"),
        (
            ColumnType.DATE,
            [
                pd.Timestamp("2020-01-01") + pd.Timedelta(days=i % 300 + 90 * (i % 300 > 99))
                for i in range(600)
            ],
            "a long stretch of days",
        ),
    ],
)
def test_what_one_column_is_warned_of(kind, values, seen):
    table = Table("t", (Column("v", kind),))
    frame = canonical(pd.DataFrame({"v": pd.Series(values, dtype="object")}), table)
    found = [w for w in warnings_of(profile_table(frame, table)) if w.columns == ("v",)]
    assert len(found) == 1
    assert seen in found[0].seen


def test_whole_numbers_that_are_rounded_are_warned_of_and_short_ones_are_not():
    kinds = {"long": ColumnType.INTEGER, "short": ColumnType.INTEGER, "far": ColumnType.NUMBER}
    table = Table("t", tuple(Column(name, kind) for name, kind in kinds.items()))
    rows = 600
    frame = pd.DataFrame(
        {
            "long": pd.array([2**53 + 1 + i % 9 for i in range(rows)], dtype="Int64"),
            "short": [10**15 + i % 8 for i in range(rows)],
            "far": [1e17 + 1e15 * (i % 7) for i in range(rows)],
        }
    )
    profile = profile_table(canonical(frame, table), table)
    found = [w for w in warnings_of(profile) if "15 digits" in w.seen]
    assert [w.columns for w in found] == [("long",)]
    assert as_text(profile["long"].numbers.max, ColumnType.INTEGER) == "9.007199254741e+15"
    assert as_text(profile["short"].numbers.max, ColumnType.INTEGER) == "1000000000000007"
    assert profile["long"].top[0][0] == "9007199254740993"


def test_what_is_between_columns_is_warned_of():
    rows = 600
    table = Table("t", (Column("a", ColumnType.INTEGER), Column("b", ColumnType.INTEGER)))
    frame = pd.DataFrame(
        {"a": [i % 50 for i in range(rows)], "b": [i % 50 + 5 for i in range(rows)]}
    )
    found = warnings_of(profile_table(canonical(frame, table), table))
    assert [w.seen for w in found if w.columns] == [
        "nearly the same information twice",
        "something always holds between columns",
    ]
    assert all(set(w.columns) <= {"a", "b"} for w in found)


@pytest.mark.parametrize(
    ("values", "is_one"),
    [
        (("ER", "cardiology"), False),
        (("ER", "er "), True),
        (("Cafe", "Café"), True),
        (("new york", "New-York"), True),
        (("<=50K", "<=50K."), True),
        (("<=50K", ">50K"), False),
        (("A+", "A-", "A"), False),
        (("1.5", "15"), False),
        (("AB-1", "ab 1"), True),
    ],
)
def test_ways_of_writing_are_of_the_same_value_only(values, is_one):
    assert (len({bare(value) for value in values}) == 1) is is_one
    assert is_one or len({bare(value) for value in values}) == len(values)


def test_codes_beside_words_are_no_ways_of_writing():
    table = Table("t", (Column("ward", ColumnType.CATEGORY),))
    frame = pd.DataFrame({"ward": ["cardiology"] * 400 + ["ER"] * 200})
    said = [w.seen for w in warnings_of(profile_table(canonical(frame, table), table))]
    assert not any("several ways" in one for one in said)


def test_few_rows_and_copies_are_warned_of():
    table = Table("t", (Column("v", ColumnType.INTEGER),))
    frame = canonical(pd.DataFrame({"v": [1, 2, 3, 3]}), table)
    said = [warned.seen for warned in warnings_of(profile_table(frame, table))]
    assert said == ["repeated rows (1)", "there are 4 rows only"]


def test_the_page_shows_quality_and_warnings(house: House):
    dataset = house.sample(house.studio.datasets.samples()[0].key)
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id)
    assert not app.exception
    assert any("Data quality" in one.label for one in app.expander)
    said = texts(app)
    assert "For synthesis" in said or "Nothing stands out" in said


def test_values_of_sensitive_columns_are_not_shown():
    frame = pd.DataFrame({"ill": ["flu", "flu", "gout"], "size": [1, 2, 2]})
    plain = Table("t", (Column("ill", ColumnType.CATEGORY), Column("size", ColumnType.INTEGER)))
    settled = plain.with_column(Column("ill", ColumnType.CATEGORY, Role.SENSITIVE))
    shown = closed(profile_table(canonical(frame, plain), plain), settled)
    assert (shown["ill"].hidden, shown["ill"].top) == (True, ())
    assert shown["size"].top == (("2", 2),)
