"""Each kind of rule: which rows keep it, how an engine does, and how it is written down."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Schema, Table, ValueFormat
from core.errors import InvalidInput
from core.synthesis.asks import (
    Allowed,
    Ask,
    Asking,
    AtMost,
    Conditional,
    FixedCombinations,
    InRange,
    IsNull,
    Matches,
    NotNull,
    OneHot,
    SqlRule,
    SumOf,
    Unique,
    load_synthesizer,
    read_rule,
    rule_to_dict,
    rules_from_dict,
)

TABLE = Table(
    "t",
    (
        Column("status", ColumnType.CATEGORY),
        Column("closed_on", ColumnType.DATE, format=ValueFormat(pattern="%Y-%m-%d")),
        Column("red", ColumnType.INTEGER),
        Column("green", ColumnType.BOOLEAN),
        Column("blue", ColumnType.INTEGER),
        Column("net", ColumnType.NUMBER, format=ValueFormat(decimals=2)),
        Column("tax", ColumnType.NUMBER, format=ValueFormat(decimals=2)),
        Column("gross", ColumnType.NUMBER, format=ValueFormat(decimals=2)),
        Column("code", ColumnType.CATEGORY),
        Column("ticket", ColumnType.INTEGER),
        Column("score", ColumnType.NUMBER, format=ValueFormat(decimals=1)),
    ),
)
CLOSED = Allowed("status", ("closed",))
ALL = (
    Conditional(CLOSED, NotNull("closed_on")),
    Conditional(Allowed("status", ("open",)), IsNull("closed_on")),
    OneHot(("red", "green", "blue")),
    SumOf("gross", ("net", "tax")),
    Matches("code", "[A-Z]{2}[0-9]"),
    Unique(("ticket",)),
    NotNull("score"),
    InRange("score", 0, 5, above=True),
    SqlRule("net >= 10 OR tax < 2", "small nets have small taxes"),
)


def canonical(values: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame({n: pd.Series(v).astype(TABLE[n].type.dtype) for n, v in values.items()})


def tickets(rows: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    closed = rng.random(rows) < 0.4
    colour = rng.choice(3, rows, p=[0.6, 0.3, 0.1])
    net = rng.gamma(2, 20, rows).round(2)
    tax = np.where(net < 10, 1.0, net * 0.2).round(2)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, rows), unit="D")
    return canonical(
        {
            "status": np.where(closed, "closed", "open"),
            "closed_on": pd.Series(days).where(closed),
            "red": (colour == 0).astype(int),
            "green": colour == 1,
            "blue": (colour == 2).astype(int),
            "net": net,
            "tax": tax,
            "gross": (net + tax).round(2),
            "code": rng.choice(["AB1", "CD2", "EF3"], rows),
            "ticket": rng.permutation(rows) + 1,
            "score": rng.integers(1, 51, rows) / 10,
        }
    )


@pytest.fixture(scope="module")
def made_and_reports():
    asking = Asking(Schema((TABLE,)), "forest", columns={}, rules={"t": ALL})
    asking.fit({"t": tickets()}, rng=np.random.default_rng(1))
    loaded = load_synthesizer(asking.dump())
    found = asking.ask(Ask(table="t"), {"t": 500}, rng=np.random.default_rng(2))
    again = loaded.ask(Ask(table="t"), {"t": 500}, rng=np.random.default_rng(2))
    return found, again


def test_every_row_keeps_every_rule(made_and_reports) -> None:
    made = made_and_reports[0].tables["t"]
    assert (made["closed_on"].notna() == (made["status"] == "closed")).all()
    assert (made[["red", "green", "blue"]].astype(int).sum(axis=1) == 1).all()
    assert ((made["net"] + made["tax"] - made["gross"]).abs() < 1e-6).all()
    assert made["code"].isin(["AB1", "CD2", "EF3"]).all()
    assert made["ticket"].is_unique
    assert made["score"].between(0.1, 5).all()
    assert ((made["net"] >= 10) | (made["tax"] < 2)).all()
    assert {r.to_dict()["kept"] for r in made_and_reports[0].rules} == {1.0}


def test_what_is_built_in_is_said(made_and_reports) -> None:
    how = {r.rule: r for r in made_and_reports[0].rules}
    assert how[ALL[0].words].built_in
    assert how[ALL[2].words].built_in
    assert how[ALL[3].words].built_in
    assert how[ALL[1].words].kept == how[ALL[1].words].drawn


def test_what_is_learned_stays_like_the_real_rows(made_and_reports) -> None:
    made = made_and_reports[0].tables["t"]
    assert (made["status"] == "closed").mean() == pytest.approx(0.4, abs=0.12)
    assert made["red"].astype(int).mean() == pytest.approx(0.6, abs=0.12)


def test_a_loaded_model_keeps_the_rules_too(made_and_reports) -> None:
    made = made_and_reports[1].tables["t"]
    assert {r.to_dict()["kept"] for r in made_and_reports[1].rules} == {1.0}
    assert ((made["net"] + made["tax"] - made["gross"]).abs() < 1e-6).all()


@pytest.mark.parametrize(
    ("rule", "values", "kept"),
    [
        (Allowed("status", ("a", "b")), {"status": ["a", "c", None]}, [True, False, True]),
        (Allowed("ticket", (1, 3)), {"ticket": [1, 2, None]}, [True, False, True]),
        (Matches("code", "a|bb"), {"code": ["a", "ab", None, "bb", "a\n"]},
         [True, False, True, True, False]),
        (NotNull("net"), {"net": [1.0, None]}, [True, False]),
        (IsNull("net"), {"net": [1.0, None]}, [False, True]),
        (Unique(("ticket", "code")),
         {"ticket": [1, 1, 1, None, None], "code": ["a", "a", "b", "a", "a"]},
         [True, False, True, True, True]),
        (OneHot(("red", "blue")), {"red": [1, 0, 1, 0, None], "blue": [0, 1, 1, 0, 1]},
         [True, True, False, False, False]),
        (OneHot(("red", "blue"), or_none=True), {"red": [1, 0, 1], "blue": [0, 0, 1]},
         [True, True, False]),
        (SumOf("gross", ("net", "tax")),
         {"net": [1.0, 1.0, None, 0.1], "tax": [2.0, 2.0, 1.0, 0.2],
          "gross": [3.0, 3.02, 5.0, 0.3]}, [True, False, True, True]),
        (Conditional(CLOSED, NotNull("net")),
         {"status": ["closed", "closed", "open", None], "net": [1.0, None, None, None]},
         [True, False, True, True]),
        (Conditional(InRange("net", 10), InRange("tax", 1)),
         {"net": [10.0, 20.0, None], "tax": [0.0, 2.0, 0.0]}, [False, True, True]),
        (InRange("ticket", 1, 3, above=True, below=True), {"ticket": [1, 2, 3, None]},
         [False, True, False, True]),
        (SqlRule("net < tax"), {"net": [1.0, 3.0], "tax": [2.0, 2.0]}, [True, False]),
    ],
)  # fmt: skip
def test_rows_that_keep_a_rule_and_repairs(rule, values, kept) -> None:
    frame, table = canonical(values), TABLE.select(tuple(values))
    assert rule.problems(table) == []
    keeper = rule.settled(frame, table)
    assert keeper.kept(frame, table).tolist() == kept
    before = frame.copy()
    mended = keeper.repair(frame, table, (), np.random.default_rng(0))
    pd.testing.assert_frame_equal(frame, before)
    if not isinstance(rule, SqlRule):
        assert keeper.kept(mended, table).all()
    whole = np.flatnonzero(kept)
    if not isinstance(rule, Unique):
        pd.testing.assert_frame_equal(mended.iloc[whole], frame.iloc[whole])
    assert mended.dtypes.equals(frame.dtypes)


@pytest.mark.parametrize(
    "rule",
    [*ALL, FixedCombinations(("status", "code"), (("open", "AB1"),)), AtMost("net", "gross", True),
     InRange("net", low=0), Unique(("ticket", "code")), OneHot(("red", "blue"), or_none=True)],
)  # fmt: skip
def test_rules_are_written_down_and_read_again(rule) -> None:
    assert read_rule(rule_to_dict(rule)) == rule


def test_an_end_of_zero_is_written_down() -> None:
    assert rule_to_dict(InRange("net", 0))["low"] == 0


def test_every_problem_of_rules_that_are_read_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        rules_from_dict(
            {
                "t": [
                    {"rule": "magic"},
                    {"rule": "not_null", "colum": "net"},
                    {"rule": "sum", "total": "gross", "parts": "net"},
                    {"rule": "if", "when": {"rule": "unique", "columns": ["a"]}, "then": 3},
                ],
                "u": "not a list",
            }
        )
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize(
    "rule",
    [
        Allowed("none", ("a",)), Allowed("net", ("abc",)), Allowed("status", ()),
        Matches("net", "a"), Matches("code", "("), Matches("code", "(?=a)"), Unique(()),
        Unique(("net", "net")), OneHot(("red",)), OneHot(("red", "status")), SumOf("net", ()),
        SumOf("net", ("net",)), SumOf("status", ("net",)), InRange("net"),
        SqlRule("(SELECT 1) > net"),
        SqlRule("NET > 1"), Conditional(Allowed("net", ("a",)), NotNull("none")),
    ],
)  # fmt: skip
def test_rules_that_make_no_sense(rule) -> None:
    assert rule.problems(TABLE)


def test_sums_of_sums_and_inequalities_hold_together() -> None:
    rng = np.random.default_rng(3)
    table = Table("t", tuple(Column(n, ColumnType.INTEGER) for n in ("a", "b", "c", "d", "e")))
    a, b, d = (rng.integers(0, 50, 300) for _ in range(3))
    frame = pd.DataFrame({"a": a, "b": b, "c": a + b, "d": d, "e": a + b + d}).astype("Int64")
    rules = (SumOf("c", ("a", "b")), SumOf("e", ("c", "d")), AtMost("a", "c"))
    asking = Asking(Schema((table,)), "forest", columns={}, rules={"t": rules})
    asking.fit({"t": frame}, rng=rng)
    made = asking.ask(Ask(table="t"), {"t": 200}, rng=rng).tables["t"]
    assert (made["a"] + made["b"] == made["c"]).all()
    assert (made["c"] + made["d"] == made["e"]).all()
    assert (made["a"] <= made["c"]).all()


def test_values_stay_unique_from_block_to_block() -> None:
    table = Table("t", (Column("n", ColumnType.INTEGER), Column("k", ColumnType.CATEGORY)))
    frame = pd.DataFrame({"n": np.arange(400), "k": ["x", "y"] * 200})
    frame = frame.astype({"n": "Int64", "k": "string[pyarrow]"})
    asking = Asking(Schema((table,)), "forest", columns={}, rules={"t": (Unique(("n",)),)})
    asking.fit({"t": frame}, rng=np.random.default_rng(0))
    asking._block = 100
    made = asking.ask(Ask(table="t"), {"t": 300}, rng=np.random.default_rng(1)).tables["t"]
    assert made["n"].is_unique
    assert made["n"].notna().all()
    assert made["n"].between(0, 500).all()
