"""Conditions and shares: what they mean, and that every row keeps to them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.schema import Action, Column, ColumnType, Relationship, Schema, Table, ValueFormat
from core.errors import InvalidInput
from core.synthesis.asks import (
    Ask,
    Asked,
    Asking,
    Between,
    Equals,
    OneOf,
    Shares,
    ask_fitted,
    read_conditions,
    read_shares,
    real_shares,
)
from core.synthesis.asks.settle import apportion, settle
from core.synthesis.synthesizer import Synthesizer

TABLE = Table(
    "t",
    (
        Column("id", ColumnType.INTEGER),
        Column("city", ColumnType.CATEGORY),
        Column("age", ColumnType.INTEGER),
        Column("pay", ColumnType.NUMBER, format=ValueFormat(decimals=2)),
        Column("born", ColumnType.DATE, format=ValueFormat(pattern="%d/%m/%Y")),
        Column("ok", ColumnType.BOOLEAN, format=ValueFormat(true="Y", false="N")),
        Column("mail", ColumnType.CATEGORY, action=Action.REPLACE),
    ),
    "id",
)
SCHEMA = Schema((TABLE,))
CITIES = ["Bern", "Rome", "Oslo", "Nuuk"]


def people(rows: int = 2000, table: Table = TABLE) -> pd.DataFrame:
    """Pay is ten times the age, and a hundred more in Rome; one in a hundred lives in Nuuk."""
    rng = np.random.default_rng(3)
    city = rng.choice(CITIES, rows, p=[0.5, 0.3, 0.19, 0.01])
    age = rng.integers(18, 90, rows)
    values = {
        "id": np.arange(rows),
        "city": city,
        "age": np.where(rng.random(rows) < 0.05, None, age),
        "pay": np.round(age * 10.0 + (city == "Rome") * 100 + rng.random(rows), 2),
        "born": pd.Timestamp("2024-01-01") - pd.to_timedelta(age * 365, unit="D"),
        "ok": rng.random(rows) < 0.5,
        "mail": [f"p{i}@example.org" for i in range(rows)],
    }
    return pd.DataFrame(
        {c.name: pd.Series(values[c.name]).astype(c.type.dtype) for c in table.columns}
    )


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return people()


def asked(frame, ask, rows=500, engine="forest", seed=5, **more) -> Asked:
    made = Asking(SCHEMA, engine, more, columns={"t": ask.columns})
    made.fit({"t": frame}, rng=np.random.default_rng(1))
    return made.ask(ask, {"t": rows}, rng=np.random.default_rng(seed))


CASES = [
    ((Equals("city", "Nuuk"),), lambda f: f["city"] == "Nuuk"),
    ((Equals("ok", "Y"),), lambda f: f["ok"]),
    ((Equals("age", None),), lambda f: f["age"].isna()),
    ((OneOf("city", ("Oslo", "Nuuk")),), lambda f: f["city"].isin(["Oslo", "Nuuk"])),
    ((OneOf("age", ("20", 70)),), lambda f: f["age"].isin([20, 70])),
    ((Between("age", 80, None),), lambda f: f["age"] >= 80),
    ((Between("pay", "199.5", 300),), lambda f: f["pay"].between(199.5, 300)),
    ((Between("born", "01/01/1960", "1969-12-31"),), lambda f: f["born"].dt.year // 10 == 196),
    (
        (Equals("city", "Rome"), Between("age", 30, 40), OneOf("ok", (False,))),
        lambda f: (f["city"] == "Rome") & f["age"].between(30, 40) & ~f["ok"],
    ),
    ((Between("age", 30, None), Between("age", None, 33)), lambda f: f["age"].between(30, 33)),
]


@pytest.mark.parametrize(("conditions", "holds"), CASES)
def test_every_row_keeps_to_the_conditions(frame, conditions, holds) -> None:
    result = asked(frame, Ask(conditions))
    made = result.tables["t"]
    assert len(made) == 500
    assert holds(made).fillna(False).all()
    assert (result.method, result.acceptance, result.drawn) == ("construction", 1.0, 0)
    assert result.matching == int(holds(frame).fillna(False).sum())
    assert made["id"].is_unique
    assert not made["mail"].isin(frame["mail"]).any()


def test_the_other_columns_follow_the_condition(frame) -> None:
    made = asked(frame, Ask((Between("age", 70, 80), Equals("city", "Rome")))).tables["t"]
    assert made["pay"].between(795, 905).mean() > 0.9
    real = frame[frame["age"].between(70, 80) & (frame["city"] == "Rome")]
    assert abs(made["age"].mean() - real["age"].mean()) < 1.5
    assert abs(made["ok"].mean() - real["ok"].mean()) < 0.2


def test_rejection_gives_the_same_rows_and_its_rate(frame) -> None:
    result = asked(frame, Ask((Equals("city", "Rome"),)), engine="copula")
    assert (result.tables["t"]["city"] == "Rome").all()
    assert len(result.tables["t"]) == 500
    assert result.method == "rejection"
    assert result.acceptance == pytest.approx(0.3, abs=0.06)
    assert result.drawn >= 500


def test_hopeless_rejection_ends_early_and_says_so(frame) -> None:
    ask = Ask((Equals("city", "Nuuk"), Equals("age", 50), Between("pay", 500, 500.5)))
    with pytest.raises(InvalidInput, match=r"of [\d,]+ rows 0.0\d\d% fitted. At most 100,000"):
        asked(frame, ask, engine="copula")


def test_one_fit_is_asked_many_times(frame) -> None:
    made = Asking(SCHEMA, "forest", columns={"t": ("city", "age")})
    made.fit({"t": frame}, rng=np.random.default_rng(1))
    for ask, rows in ((Ask((Equals("city", "Oslo"),)), 7), (Ask((Between("age", 20, 25),)), 300)):
        first, second = (
            made.ask(ask, {"t": rows}, rng=np.random.default_rng(2)).tables["t"] for _ in range(2)
        )
        pd.testing.assert_frame_equal(first, second)
        assert len(first) == rows
    free = made.ask(Ask(), {"t": 2000}, rng=np.random.default_rng(2)).tables["t"]
    assert free["city"].value_counts(normalize=True)["Bern"] == pytest.approx(0.5, abs=0.04)
    with pytest.raises(InvalidInput, match="not fitted to be asked of pay"):
        made.ask(Ask((Between("pay", 300, 400),)), rng=np.random.default_rng(2))


def test_a_fitted_synthesizer_is_asked_by_rejection(frame) -> None:
    made = Synthesizer(SCHEMA, "forest")
    made.fit({"t": frame}, rng=np.random.default_rng(1))
    loaded = Synthesizer.load(made.dump())
    result = ask_fitted(
        loaded, Ask((Equals("ok", True),)), {"t": 100}, rng=np.random.default_rng(2)
    )
    assert result.tables["t"]["ok"].all()
    assert result.acceptance == pytest.approx(0.5, abs=0.03)
    free = loaded.sample({"t": 100}, rng=np.random.default_rng(2))["t"]
    assert not free["ok"].all()


def test_few_matching_rows_still_give_rows(frame) -> None:
    ask = Ask((Equals("city", "Nuuk"), Between("age", 40, 45)))
    result = asked(frame, ask)
    assert result.matching < 20
    made = result.tables["t"]
    assert (made["city"] == "Nuuk").all()
    assert made["age"].between(40, 45).all()


def test_a_gap_in_the_training_rows_is_filled_evenly() -> None:
    frame = people()
    frame = frame[~frame["age"].between(40, 50).fillna(False)].reset_index(drop=True)
    made = asked(frame, Ask((Between("age", 42, 48),))).tables["t"]
    assert made["age"].between(42, 48).all()
    assert made["age"].nunique() > 4


@pytest.mark.parametrize("engine", ["forest", "copula"])
@pytest.mark.parametrize(
    ("shares", "counts"),
    [
        ({"Nuuk": 0.5, "Rome": 0.5}, {"Nuuk": 101, "Rome": 100}),
        ({"Nuuk": 1 / 3, "Bern": 2 / 3}, {"Nuuk": 67, "Bern": 134}),
    ],
)
def test_shares_are_reached_up_to_rounding(frame, engine, shares, counts) -> None:
    made = asked(frame, Ask(shares=Shares("city", shares)), 201, engine).tables["t"]
    found = made["city"].value_counts().to_dict()
    assert sum(found.values()) == 201
    assert all(abs(found[city] - count) <= 1 for city, count in counts.items())


def test_the_rest_of_the_shares_is_as_it_was(frame) -> None:
    made = asked(frame, Ask(shares=Shares("city", {"Nuuk": 0.4})), 1000).tables["t"]
    found = made["city"].value_counts(normalize=True)
    assert found["Nuuk"] == 0.4
    assert found["Bern"] == pytest.approx(0.6 * 0.5 / 0.99, abs=0.03)


def test_strata_are_kept_exactly(frame) -> None:
    shares = real_shares(frame["city"], TABLE["city"])
    made = asked(frame, Ask(shares=shares), 2000).tables["t"]
    assert made["city"].value_counts().to_dict() == frame["city"].value_counts().to_dict()


def test_missing_values_are_a_stratum(frame) -> None:
    shares = real_shares(frame["age"], TABLE["age"])
    made = asked(frame, Ask(shares=shares), 2000).tables["t"]
    assert made["age"].isna().sum() == frame["age"].isna().sum()


def test_shares_and_conditions_together(frame) -> None:
    ask = Ask((Between("age", 30, 39),), Shares("ok", {"Y": 0.9, "N": 0.1}))
    made = asked(frame, ask, 100).tables["t"]
    assert made["ok"].sum() == 90
    assert made["age"].between(30, 39).all()


def test_all_problems_come_at_once_and_show_no_value(frame) -> None:
    ask = Ask(
        (
            Equals("city", "Secretville"),
            Equals("age", "many"),
            Between("pay", 9, 3),
            Between("city", "a", "b"),
            Equals("nope", 1),
            Equals("mail", "p1@example.org"),
            Equals("id", 3),
            Between("born", "1800-01-01", "1801-01-01"),
            Equals("pay", None),
            OneOf("ok", ()),
        ),
        Shares("city", {"Bern": 0.9, "Rome": 0.4}),
    )
    with pytest.raises(InvalidInput) as caught:
        settle(ask, TABLE, frame)
    assert len(caught.value.problems) == 11
    for name in ("city", "age", "pay", "nope", "mail", "id", "born", "ok"):
        assert any(repr(name) in problem for problem in caught.value.problems), name
    assert "Secretville" not in str(caught.value)
    assert "example.org" not in str(caught.value)


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (Ask((Equals("city", "Bern"), Equals("city", "Rome"))), "leave no value"),
        (Ask((Between("age", 20, 30), Equals("age", 40))), "leave no value"),
        (Ask((Between("age", 20, 30), Between("age", 40, 50))), "leave no value"),
        (Ask((Equals("city", "Bern"),), Shares("city", {"Rome": 1.0})), "contradict"),
        (Ask(shares=Shares("ok", {"Y": 0.2, "N": 0.2})), "every value"),
        (Ask(shares=Shares("age", {"20": 0.2, "20.0": 0.2})), "twice"),
        (Ask((Equals("age", 17),)), "range"),
        (Ask((Equals("age", "2.5"),)), "a whole number"),
        (Ask((Equals("ok", "maybe"),)), "Y or N"),
        (Ask((Between("born", "soon", None),)), "such as YYYY-MM-DD"),
        (Ask((Equals("pay", "inf"),)), "finite"),
    ],
)
def test_what_cannot_be_asked(frame, ask, reason) -> None:
    with pytest.raises(InvalidInput, match=reason):
        settle(ask, TABLE, frame)


def test_unlearned_columns_are_refused_before_the_fit() -> None:
    with pytest.raises(InvalidInput) as caught:
        Asking(SCHEMA, "forest", columns={"t": ("id", "mail", "nope")})
    assert len(caught.value.problems) == 3


def test_children_follow_the_rows_that_were_asked_for() -> None:
    child = Table(
        "visit",
        (Column("person", ColumnType.INTEGER), Column("where", ColumnType.CATEGORY)),
    )
    schema = Schema((TABLE, child), (Relationship("t", "id", "visit", "person"),))
    parents = people(400)
    repeated = parents.loc[parents.index.repeat(2)]
    visits = pd.DataFrame(
        {"person": repeated["id"].array, "where": repeated["city"].array}
    ).reset_index(drop=True)
    made = Asking(schema, "forest", columns={"t": ("city",)})
    made.fit({"t": parents, "visit": visits}, rng=np.random.default_rng(1))
    ask = Ask((Equals("city", "Oslo"),), table="t")
    tables = made.ask(ask, {"t": 50}, rng=np.random.default_rng(2)).tables
    assert (tables["t"]["city"] == "Oslo").all()
    assert len(tables["visit"]) == 100
    assert (tables["visit"]["where"] == "Oslo").mean() > 0.9
    with pytest.raises(InvalidInput, match="Say of which table"):
        made.ask(replace(ask, table=None), rng=np.random.default_rng(2))


def test_every_column_may_be_asked_of(frame) -> None:
    names = ("city", "age", "pay", "born", "ok")
    made = Asking(SCHEMA, "forest", columns={"t": names})
    made.fit({"t": frame}, rng=np.random.default_rng(1))
    rows = made.ask(Ask((Equals("city", "Rome"),)), {"t": 30}, rng=np.random.default_rng(1))
    assert (rows.tables["t"]["city"] == "Rome").all()


def test_a_time_is_asked_for_as_it_is_read() -> None:
    table = Table("t", (Column("at", ColumnType.TIME), Column("when", ColumnType.DATETIME)))
    (part,) = settle(Ask((Equals("at", "08:30"), Between("when", "2024-01-01T06:00"))), table)
    times = pd.DataFrame(
        {
            "at": pd.to_timedelta(["08:30:00", "08:30:01", None]).astype("timedelta64[us]"),
            "when": pd.to_datetime(["2024-01-01 06:00"] * 3).astype("datetime64[us]"),
        }
    )
    assert part.mask(times).tolist() == [True, False, False]


@given(
    st.lists(st.floats(0.001, 1), min_size=1, max_size=8),
    st.integers(0, 10_000),
)
def test_apportioned_rows_add_up_and_are_within_one(sizes: list[float], rows: int) -> None:
    counts = apportion(sizes, rows)
    assert sum(counts) == rows
    exact = np.array(sizes) / sum(sizes) * rows
    assert (np.abs(np.array(counts) - exact) < 1 + 1e-6).all()


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("city=Bern", Equals("city", "Bern")),
        ("city = 'New York'", Equals("city", "New York")),
        ("city=Stratford in Avon", Equals("city", "Stratford in Avon")),
        ("city=", Equals("city", "")),
        ("city is missing", Equals("city", None)),
        ("city in Bern, Rome", OneOf("city", ("Bern", "Rome"))),
        ('city in "a, b",c', OneOf("city", ("a, b", "c"))),
        ("age between 1 5", Between("age", "1", "5")),
        ("age between 1 and 5", Between("age", "1", "5")),
        ("at between 2024-01-01 10:00 and 2024-01-02 10:00",
         Between("at", "2024-01-01 10:00", "2024-01-02 10:00")),
        ("hours a week between -2 .. 5", Between("hours a week", "-2", "5")),
        ("age >= 3", Between("age", "3", None)),
        ("age<=3", Between("age", None, "3")),
    ],
)  # fmt: skip
def test_conditions_as_text(text, condition) -> None:
    assert read_conditions([text]) == (condition,)


def test_unreadable_texts_are_named_by_place() -> None:
    with pytest.raises(InvalidInput, match="Condition 1, 3 cannot be read"):
        read_conditions(["age", "age=3", "age between 4"])


def test_shares_as_text() -> None:
    assert read_shares(["city:Bern=0.25, New York=50%"]) == Shares(
        "city", {"Bern": 0.25, "New York": 0.5}
    )
    assert read_shares([]) is None
    for wrong in ("city", "city:Bern", "city:Bern=much"):
        with pytest.raises(InvalidInput, match="Shares cannot be read"):
            read_shares([wrong])
    with pytest.raises(InvalidInput, match="one column at a time"):
        read_shares(["a:b=1", "c:d=1"])


@pytest.mark.parametrize("engine", ["forest", "copula"])
def test_shares_are_exact_over_many_blocks(frame, engine, monkeypatch) -> None:
    made = Asking(SCHEMA, engine, columns={"t": ("city",)})
    made.fit({"t": frame}, rng=np.random.default_rng(1))
    monkeypatch.setattr(made, "_block", 17)
    ask = Ask(shares=Shares("city", {"Nuuk": 0.25, "Rome": 0.75}))
    rows = made.ask(ask, {"t": 200}, rng=np.random.default_rng(2)).tables["t"]
    assert rows["city"].value_counts().to_dict() == {"Rome": 150, "Nuuk": 50}
    assert rows["city"].iloc[:100].value_counts()["Nuuk"] == pytest.approx(25, abs=12)
