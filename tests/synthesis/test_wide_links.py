"""Keys of several columns: each reference holds as a whole, keys are never twice."""

import numpy as np
import pandas as pd
import pytest

from core.data.linked import link_keys
from core.data.schema import Column, ColumnType, Relationship, Schema, Table
from core.data.split import split_tables
from core.evaluation.relations import relation_reports
from core.synthesis.links import with_distinct_keys
from core.synthesis.synthesizer import Synthesizer

INTEGER, CATEGORY = ColumnType.INTEGER, ColumnType.CATEGORY


def wide_schema() -> Schema:
    orders = Table("orders", (Column("id", INTEGER), Column("kind", CATEGORY)), "id")
    lines = Table(
        "lines",
        (Column("order", INTEGER), Column("line", INTEGER), Column("size", CATEGORY)),
    )
    notes = Table(
        "notes", (Column("of_order", INTEGER), Column("of_line", INTEGER), Column("tone", CATEGORY))
    )
    links = (
        Relationship("orders", "id", "lines", "order"),
        Relationship.of("lines", ("order", "line"), "notes", ("of_order", "of_line")),
    )
    return Schema((orders, lines, notes), links)


def wide_tables(orders: int = 60) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(5)
    counts = rng.integers(1, 5, orders)
    order = np.repeat(np.arange(orders), counts)
    line = np.concatenate([np.arange(1, count + 1) for count in counts])
    picked = rng.integers(0, len(order), 2 * len(order))
    notes = {"of_order": order[picked], "of_line": line[picked]}
    tone = rng.choice(["glad", "cross"], len(picked))
    return {
        "orders": _frame({"id": np.arange(orders)}, kind=rng.choice(["a", "b"], orders)),
        "lines": _frame({"order": order, "line": line}, size=rng.choice(["s", "l"], len(order))),
        "notes": _frame(notes, tone=tone),
    }


def _frame(numbers: dict, **labels) -> pd.DataFrame:
    columns = {name: pd.array(values, dtype="Int64") for name, values in numbers.items()}
    columns |= {n: pd.array(list(v), dtype="string[pyarrow]") for n, v in labels.items()}
    return pd.DataFrame(columns)


def tuples(frame: pd.DataFrame, *names: str) -> set:
    return set(frame[list(names)].dropna().itertuples(index=False, name=None))


@pytest.mark.parametrize("engine", ["forest", "copula"])
def test_references_of_several_columns_hold_as_a_whole(engine: str) -> None:
    schema, tables = wide_schema(), wide_tables()
    synthesizer = Synthesizer(schema, engine)
    synthesizer.fit(tables, rng=np.random.default_rng(1))
    again = Synthesizer.load(synthesizer.dump())
    assert again.schema == schema
    assert again.output_schema.relationships == schema.relationships
    made = again.sample({"orders": 80}, rng=np.random.default_rng(2))
    keys = made["lines"][["order", "line"]]
    assert not keys.duplicated().any()
    assert tuples(made["lines"], "order") <= tuples(made["orders"], "id")
    assert tuples(made["notes"], "of_order", "of_line") <= tuples(made["lines"], "order", "line")
    assert made["notes"]["of_order"].notna().all()
    assert 0.5 < len(made["notes"]) / (2 * len(made["lines"])) < 2
    reports = relation_reports(tables, {n: f.iloc[:0] for n, f in tables.items()}, made, schema)
    assert [report.valid.value for report in reports] == [1.0, 1.0]


def test_repeated_keys_go_on_within_their_group_or_are_left_out() -> None:
    made = _frame({"order": [1, 1, 1, 2, 2], "line": [1, 1, 4, None, 1]}, x="abcde")
    kept, which = with_distinct_keys(made, ("order", "line"), frozenset({"order"}))
    assert which.all()
    assert kept["line"].tolist() == [1, 5, 4, 2, 1]
    fixed = frozenset({"order", "line"})
    kept, which = with_distinct_keys(made, ("order", "line"), fixed)
    assert which.tolist() == [True, False, True, False, True]
    assert kept["x"].tolist() == ["a", "c", "e"]


def test_keys_of_several_columns_are_equal_where_all_of_them_are() -> None:
    link = Relationship.of("p", ("a", "b"), "c", ("x", "y"))
    p = _frame({"a": [1, 1, 2]}, b=["u", "v", "u"])
    c = _frame({"x": [1, 2, 2, None]}, y=["v", "u", "v", "u"])
    parents, children = link_keys({"p": p, "c": c}, link)
    found = [parents[parents == key].index.tolist() for key in children.iloc[:3]]
    assert found == [[1], [2], []]
    assert children.isna().tolist() == [False, False, False, True]


def test_a_holdout_keeps_rows_that_hang_together_apart() -> None:
    schema, tables = wide_schema(), wide_tables(200)
    train, holdout = split_tables(tables, schema, 0.3, rng=np.random.default_rng(3))
    lines = tuples(holdout["lines"], "order", "line")
    assert lines
    assert tuples(holdout["notes"], "of_order", "of_line") <= lines
    assert not tuples(train["notes"], "of_order", "of_line") & lines


def test_the_schema_survives_its_dict() -> None:
    schema = wide_schema()
    assert Schema.from_dict(schema.to_dict()) == schema
    assert schema.keys_of("lines") == {"order", "line"}
