"""What rows suggest, on columns that were made to suggest one thing each."""

import pandas as pd

from core.data.pipeline.step import Step
from core.data.pipeline.suggest import person_column, suggest_steps
from core.data.schema import Action, Column, ColumnType, Role, Table

T = ColumnType
ROWS = 200


def suggested(values: list[object], kind: ColumnType, **about: object) -> dict[str, Step]:
    column = Column("x", kind, **about)  # type: ignore[arg-type]
    frame = pd.DataFrame({"x": pd.Series(values, dtype=kind.dtype)})
    found = suggest_steps(frame, Table("t", (column,)), frozenset())
    return {one.step.kind: one.step for one in found}


def cycle(*values: object) -> list[object]:
    return [values[i % len(values)] for i in range(ROWS)]


def test_clean_columns_suggest_nothing() -> None:
    assert suggested(cycle("a", "b", None), T.CATEGORY) == {}
    assert suggested(cycle(*range(50)), T.INTEGER) == {}
    assert suggested([], T.CATEGORY) == {}
    assert suggested([None] * ROWS, T.NUMBER) == {}


def test_padding_and_markers() -> None:
    found = suggested(cycle("a", " a", "n/a", " - ", "  ", "NULL"), T.CATEGORY)
    assert set(found) == {"trim", "markers"}
    assert found["markers"].words == ("", "-", "NULL", "n/a")  # type: ignore[attr-defined]


def test_numbers_that_are_text_because_of_some_words() -> None:
    values = [f"{i}.{i % 900 + 100},{i % 10}5 €" for i in range(1, 190)] + ["unknown"] * 11
    step = suggested(values, T.TEXT)["parse_numbers"]
    assert (step.point, step.thousands, step.units) == (",", ".", ("€",))  # type: ignore[attr-defined]
    assert (step.whole, step.decimals) == (False, 2)  # type: ignore[attr-defined]
    whole = suggested([str(i) for i in range(190)] + ["none known"] * 10, T.TEXT)
    assert whole["parse_numbers"].whole  # type: ignore[attr-defined]
    assert "parse_numbers" not in suggested(cycle("1", "a", "b"), T.CATEGORY)
    assert not suggested([str(i) for i in range(190)] + ["x"] * 10, T.TEXT, semantic="phone")


def test_dates_in_two_patterns() -> None:
    values = [f"{i % 28 + 1:02d}.{i % 12 + 1:02d}.2023" for i in range(150)]
    values += [f"2023-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(45)] + ["soon"] * 5
    step = suggested(list(values), T.TEXT)["parse_dates"]
    assert step.patterns == ("%d.%m.%Y", "%Y-%m-%d")  # type: ignore[attr-defined]


def test_labels_of_few_people_and_very_many_strings() -> None:
    assert set(suggested(["a"] * 100 + ["b"] * 3, T.CATEGORY)) == {"merge_rare"}
    many = ["a"] * 100 + [f"word {i}" for i in range(300)]
    assert set(suggested(many, T.CATEGORY)) == {"frequent"}
    assert not suggested(["a"] * 100 + ["b"], T.CATEGORY, role=Role.IDENTIFIER)
    assert not suggested(["a"] * 100 + ["b"], T.CATEGORY, action=Action.REPLACE)
    assert not suggested(["a"] * 100 + ["b"], T.CATEGORY, action=Action.MASK)


def test_sentinels_and_extremes() -> None:
    values = [float(i % 100) for i in range(500)]
    assert set(suggested([*values, -999.0, -999.0, -999.0], T.NUMBER)) == {"markers"}
    assert set(suggested([*values, 5000.0], T.NUMBER)) == {"protect_extremes"}
    days = [pd.Timestamp("2020-01-01") + pd.Timedelta(days=i) for i in range(100)]
    ends = [pd.Timestamp("9999-12-31").as_unit("us")] * 4
    found = suggested([*days, *ends], T.DATE)
    assert found["markers"].words == ("9999-12-31",)  # type: ignore[attr-defined]


def test_reasons_show_no_value_of_the_rows() -> None:
    values = ["Secret", " Secret "] * 50 + ["Hidden"]
    frame = pd.DataFrame({"x": pd.Series(values, dtype="string[pyarrow]")})
    found = suggest_steps(frame, Table("t", (Column("x", T.CATEGORY),)), frozenset())
    assert found
    assert not any("Secret" in one.why or "Hidden" in one.why for one in found)


def test_keys_take_no_step_and_people_are_found() -> None:
    table = Table("t", (Column("who", T.CATEGORY, Role.IDENTIFIER), Column("id", T.INTEGER)), "id")
    frame = pd.DataFrame({"who": pd.array(["a", "a ", "a "], "string[pyarrow]"), "id": [1, 2, 3]})
    assert suggest_steps(frame, table, frozenset({"who", "id"})) == ()
    assert person_column(frame, table, []) == "who"
    assert person_column(frame, table, ["id"]) == "who"
