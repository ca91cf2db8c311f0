"""Rules: what keeps them, how, and how many rows did before."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Schema, Table, ValueFormat
from core.errors import InvalidInput
from core.synthesis.asks import (
    Ask,
    Asked,
    Asking,
    AtMost,
    Between,
    Equals,
    FixedCombinations,
    InRange,
    complete,
    filler_of,
    kept_share,
)
from core.synthesis.asks.rules import check_rules

TABLE = Table(
    "t",
    (
        Column("country", ColumnType.CATEGORY),
        Column("city", ColumnType.CATEGORY),
        Column("start", ColumnType.DATE, format=ValueFormat(pattern="%Y-%m-%d")),
        Column("end", ColumnType.DATE, format=ValueFormat(pattern="%Y-%m-%d")),
        Column("net", ColumnType.NUMBER, format=ValueFormat(decimals=2)),
        Column("gross", ColumnType.NUMBER, format=ValueFormat(decimals=2)),
        Column("rooms", ColumnType.INTEGER),
    ),
)
PLACES = [("CH", "Bern"), ("CH", "Zug"), ("IT", "Rome"), ("IT", "Bari"), ("NO", "Oslo")]
COMBINATIONS = FixedCombinations(("country", "city"))
DATES, MONEY = AtMost("start", "end"), AtMost("net", "gross")
ROOMS = InRange("rooms", 1, 6)
ALL = (COMBINATIONS, DATES, MONEY, ROOMS)


def stays(rows: int = 1500, broken: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    place = rng.integers(0, len(PLACES), rows)
    start = rng.integers(0, 700, rows)
    net = rng.gamma(3, 50, rows).round(2)
    bad = rng.random(rows) < broken
    values = {
        "country": [PLACES[p][0] for p in place],
        "city": [PLACES[p][1] for p in place],
        "start": pd.Timestamp("2023-01-01") + pd.to_timedelta(start, unit="D"),
        "end": pd.Timestamp("2023-01-01")
        + pd.to_timedelta(start + np.where(bad, -3, rng.integers(0, 9, rows)), unit="D"),
        "net": np.where(rng.random(rows) < 0.1, np.nan, net),
        "gross": (net * (1 + 0.08 * (place < 2))).round(2),
        "rooms": np.where(bad, 9, rng.integers(1, 7, rows)),
    }
    return pd.DataFrame(
        {c.name: pd.Series(values[c.name]).astype(c.type.dtype) for c in TABLE.columns}
    )


def made_of(frame, rules=ALL, ask=None, engine="forest", rows=1000) -> Asked:
    ask = ask or Ask()
    made = Asking(Schema((TABLE,)), engine, columns={"t": ask.columns}, rules={"t": rules})
    made.fit({"t": frame}, rng=np.random.default_rng(1))
    return made.ask(ask, {"t": rows}, rng=np.random.default_rng(4))


@pytest.mark.parametrize("engine", ["forest", "copula"])
def test_every_row_keeps_every_rule(engine) -> None:
    frame = stays()
    result = made_of(frame, engine=engine)
    made = result.tables["t"]
    assert kept_share(made, TABLE, (FixedCombinations(("country", "city"), tuple(PLACES)),)) == 1
    assert (made["start"] <= made["end"]).all()
    assert not (made["net"] > made["gross"]).any()
    assert made["rooms"].between(1, 6).all()
    assert list(made.columns) == list(TABLE.names)
    assert [report.to_dict()["kept"] for report in result.rules] == [1.0] * 4
    assert made["net"].isna().mean() == pytest.approx(0.1, abs=0.04)


def test_rules_are_built_in_by_forest() -> None:
    reports = {r.rule: r for r in made_of(stays()).rules}
    assert set(reports) == {r.words for r in ALL}
    assert all(r.how == "construction" for r in reports.values())
    assert all(r.kept == r.drawn for r in reports.values())


def test_the_joint_distribution_is_kept_with_the_combinations() -> None:
    frame = stays()
    made = made_of(frame).tables["t"]
    real = frame.groupby(["country", "city"]).size() / len(frame)
    found = made.groupby(["country", "city"]).size() / len(made)
    assert (real - found).abs().max() < 0.03
    taxed = (made["gross"] / made["net"] > 1.04).groupby(made["country"]).mean()
    assert taxed["CH"] > 0.8
    assert taxed["NO"] < 0.1


def test_rows_that_break_a_rule_are_not_learned_and_counted() -> None:
    frame = stays(broken=0.1)
    share = kept_share(frame, TABLE, ALL)
    assert share == pytest.approx(0.9, abs=0.03)
    result = made_of(frame)
    reports = {r.rule: r.to_dict() for r in result.rules}
    assert reports["start ≤ end"]["kept_in_training"] == pytest.approx(share)
    assert reports["start ≤ end"]["kept"] == 1.0
    assert kept_share(result.tables["t"], TABLE, (DATES, ROOMS)) == 1.0
    assert (result.tables["t"]["rooms"] == 6).mean() < 0.3


@pytest.mark.parametrize(
    ("ask", "rows_that_fit"),
    [
        (Ask((Equals("city", "Rome"),)), lambda f: f["city"] == "Rome"),
        (Ask((Equals("country", "CH"), Between("net", 100, 200))),
         lambda f: (f["country"] == "CH") & f["net"].between(100, 200)),
        (Ask((Between("gross", 50, 60),)), lambda f: f["gross"].between(50, 60)),
        (Ask((Between("end", "2023-02-01", "2023-02-28"),)),
         lambda f: f["end"].between("2023-02-01", "2023-02-28")),
    ],
)  # fmt: skip
def test_rules_and_conditions_together(ask, rows_that_fit) -> None:
    made = made_of(stays(), ask=ask, rows=300).tables["t"]
    assert rows_that_fit(made).all()
    allowed = FixedCombinations(("country", "city"), tuple(PLACES))
    assert kept_share(made, TABLE, (allowed, DATES, MONEY, ROOMS)) == 1.0


def test_partial_rows_are_completed_by_the_rules() -> None:
    partial = pd.DataFrame(
        {
            "city": pd.array(["Rome", "Oslo"] * 60, dtype="string[pyarrow]"),
            "net": [200.0, 20.0] * 60,
            "end": pd.to_datetime(["2023-03-01"] * 120).astype("datetime64[us]"),
        }
    )
    filler = filler_of(rules={"t": (COMBINATIONS, DATES, MONEY)})
    made = complete(stays(), TABLE, partial, filler=filler, rng=np.random.default_rng(1)).frame
    assert made["country"].tolist() == ["IT", "NO"] * 60
    assert (made["start"] <= made["end"]).all()
    assert (made["gross"] >= made["net"]).all()


def test_a_chain_of_inequalities() -> None:
    rng = np.random.default_rng(0)
    table = Table("t", tuple(Column(n, ColumnType.INTEGER) for n in "abcd"))
    steps = np.cumsum(rng.integers(0, 5, (4, 800)), axis=0)
    frame = pd.DataFrame(
        {n: pd.array(s, dtype="Int64") for n, s in zip("abcd", steps, strict=True)}
    )
    rules = (AtMost("c", "d"), AtMost("a", "b"), AtMost("b", "c"))
    made = Asking(Schema((table,)), "forest", columns={}, rules={"t": rules})
    made.fit({"t": frame}, rng=np.random.default_rng(1))
    rows = made.sample({"t": 800}, rng=np.random.default_rng(2))["t"]
    assert (rows["a"] <= rows["b"]).all()
    assert (rows["b"] <= rows["c"]).all()
    assert (rows["c"] <= rows["d"]).all()


def test_strict_inequality_and_repair_by_hand() -> None:
    table = Table("t", tuple(Column(n, ColumnType.INTEGER) for n in "ab"))
    frame = pd.DataFrame({"a": [1, 5, None, 2], "b": [2, 3, 1, 2]}).astype("Int64")
    rng = np.random.default_rng(0)
    assert AtMost("a", "b").kept(frame, table).tolist() == [True, False, True, True]
    assert AtMost("a", "b", strict=True).kept(frame, table).tolist() == [True, False, True, False]
    swapped = AtMost("a", "b").repair(frame, table, (), rng)
    assert swapped["a"].tolist()[:2] == [1, 3]
    assert swapped["b"].tolist()[:2] == [2, 5]
    held = AtMost("a", "b").repair(frame, table, ("a",), rng)
    assert held["a"].tolist()[:2] == [1, 5]
    assert held["b"].tolist()[:2] == [2, 5]
    clipped = InRange("b", 2, None).repair(frame, table, (), rng)
    assert clipped["b"].tolist() == [2, 3, 2, 2]


def test_listed_combinations_with_missing_values() -> None:
    table = Table("t", (Column("a", ColumnType.CATEGORY), Column("n", ColumnType.INTEGER)))
    rule = FixedCombinations(("a", "n"), (("x", 1), ("x", "2"), (None, 3)))
    frame = pd.DataFrame(
        {
            "a": pd.array(["x", "x", "y", None, None], dtype="string[pyarrow]"),
            "n": pd.array([1, 3, 1, 3, 2], dtype="Int64"),
        }
    )
    keeper = rule.settled(frame, table)
    assert keeper.kept(frame, table).tolist() == [True, False, False, True, False]
    mended = keeper.repair(frame, table, ("a",), np.random.default_rng(0))
    assert mended["a"].tolist()[:3] == ["x", "x", "y"]
    assert mended["n"].tolist()[0] == 1
    assert mended["n"].tolist()[1] in (1, 2)
    assert mended["n"].tolist()[2:] == [1, 3, 3]
    assert (
        rule.settled(frame, table)
        .kept(keeper.repair(frame, table, (), np.random.default_rng(0)), table)
        .all()
    )


def test_rules_nobody_keeps_are_refused() -> None:
    with pytest.raises(InvalidInput, match="Only 0 of 1,500 training rows"):
        made_of(stays(), (InRange("rooms", 100, 200),))


def test_all_problems_of_all_rules_come_at_once() -> None:
    rules = (
        InRange("city", 1, 2),
        InRange("rooms", 5, 1),
        InRange("rooms", "many", None),
        AtMost("start", "net"),
        AtMost("net", "nope"),
        AtMost("net", "net"),
        FixedCombinations(("city",)),
        FixedCombinations(("city", "rooms"), (("Bern",),)),
        FixedCombinations(("city", "rooms"), (("Bern", "x"),)),
    )
    with pytest.raises(InvalidInput) as caught:
        check_rules(rules, TABLE)
    assert len(caught.value.problems) == len(rules)
