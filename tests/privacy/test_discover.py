"""Cells of columns of which nothing is public: bounds, atoms, labels, gaps, and what stays out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.data.schema import Column, ColumnType, Table, ValueFormat
from core.privacy.accountant import spent
from core.privacy.audit.tape import without_noise
from core.privacy.discover import build_domain, rho_to_share, rows_of_persons
from core.privacy.domain import OTHER, Domain
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import Ledger
from core.privacy.public import PublicColumn, PublicTable, public_from_dict

ROWS = 4_000


def found(column: Column, values, *, epsilon: float = 3.0) -> tuple[Domain, pd.DataFrame, Ledger]:
    series = pd.Series(values, name=column.name).astype(column.type.dtype)
    frame, table = pd.DataFrame({column.name: series}), Table("t", (column,))
    ledger = Ledger(Guarantee(epsilon, 1e-5))
    rho = rho_to_share(ledger.guarantee, table, None)
    return build_domain(frame, table, None, ledger, rho), frame, ledger


def again(domain: Domain, frame: pd.DataFrame) -> pd.Series:
    return domain.decode(domain.encode(frame), np.random.default_rng(3)).iloc[:, 0]


def numbers(size: int = ROWS) -> np.ndarray:
    return np.random.default_rng(2).integers(18, 66, size)


def test_an_extreme_value_moves_no_bound():
    values = np.append(numbers(), [987_654_321, -55_555])
    domain, frame, _ = found(Column("age", ColumnType.INTEGER), values)
    edges = domain.columns[0].edges
    assert 16 <= edges[0] <= 20
    assert 60 <= edges[-1] <= 80
    assert again(domain, frame).between(16, 80).all()


def test_values_that_many_rows_have_come_out_exactly():
    rng = np.random.default_rng(4)
    spread = np.round(rng.gamma(2, 300, ROWS), 2)
    kind = rng.random(ROWS)
    values = np.where(kind < 0.3, 0.0, np.where(kind < 0.5, 499.99, spread))
    column = Column("price", ColumnType.NUMBER, format=ValueFormat(decimals=2))
    domain, frame, _ = found(column, values, epsilon=5.0)
    back = again(domain, frame)
    for atom in (0.0, 499.99):
        assert (back == atom).mean() == pytest.approx((values == atom).mean(), abs=0.01)
    assert np.corrcoef(back, values)[0, 1] > 0.98


def test_negative_numbers_have_bounds_too():
    values = -np.random.default_rng(5).integers(1_000, 3_000, ROWS)
    domain, frame, _ = found(Column("debt", ColumnType.INTEGER), values)
    back = again(domain, frame).astype(float)
    assert back.between(-4_096, -500).all()
    assert np.abs(back - values).mean() < 60


@pytest.mark.parametrize(
    ("column", "values", "error"),
    [
        (
            Column("day", ColumnType.DATE),
            np.datetime64("2019-03-01") + np.arange(ROWS) % 300,
            pd.Timedelta(days=20),
        ),
        (
            Column("at", ColumnType.DATETIME, format=ValueFormat(pattern="%Y-%m-%d %H:%M")),
            np.datetime64("2019-03-01T00:00") + 60 * (np.arange(ROWS) % 3000),
            pd.Timedelta(days=9),
        ),
        (
            Column("time", ColumnType.TIME, format=ValueFormat(pattern="%H:%M")),
            pd.to_timedelta(np.arange(ROWS) % 1440, unit="min"),
            pd.Timedelta(minutes=60),
        ),
    ],
)
def test_moments_have_cells(column, values, error):
    domain, frame, _ = found(column, values)
    back = again(domain, frame)
    assert back.dtype == column.type.dtype
    assert (back - frame.iloc[:, 0]).abs().mean() < error
    if column.format.pattern:
        unit = back.astype("int64") % 60_000_000
        assert (unit == 0).all()


def test_labels_of_few_rows_are_not_shown():
    values = ["red"] * 2_000 + ["blue"] * 1_000 + [f"only {i}" for i in range(500)]
    domain, frame, ledger = found(Column("colour", ColumnType.CATEGORY), values)
    assert domain.columns[0].labels == ("blue", "red", OTHER)
    back = again(domain, frame)
    assert set(back) == {"blue", "red"}
    assert (back == "red").mean() == pytest.approx(2 / 3, abs=0.05)
    assert all("only" not in entry.about for entry in ledger.entries)


def test_where_nothing_is_shown_there_is_one_label():
    domain, frame, _ = found(Column("name", ColumnType.CATEGORY), [f"n{i}" for i in range(ROWS)])
    assert set(again(domain, frame)) == {OTHER}


@pytest.mark.parametrize("kind", [ColumnType.CATEGORY, ColumnType.NUMBER, ColumnType.BOOLEAN])
def test_missing_values_have_a_cell_where_there_are_some(kind):
    values = {"category": "x", "number": 1.0, "boolean": True}[kind]
    gaps = pd.Series([values] * 3_000 + [None] * 1_000)
    domain, frame, _ = found(Column("c", kind), gaps)
    assert again(domain, frame).isna().sum() == 1_000
    with without_noise():
        domain, frame, _ = found(Column("c", kind), pd.Series([values] * 4_000 + [None]))
    assert not again(domain, frame).isna().any()


def test_a_column_without_values_stays_empty():
    column = Column("blank", ColumnType.INTEGER)
    domain, frame, _ = found(column, pd.Series([None] * 2_000))
    assert again(domain, frame).isna().all()


def test_no_more_is_spent_than_given_and_most_of_it_is():
    frame = pd.DataFrame({"n": numbers(), "c": ["a"] * ROWS, "b": [True] * ROWS})
    types = (ColumnType.INTEGER, ColumnType.CATEGORY, ColumnType.BOOLEAN)
    table = Table("t", tuple(map(Column, frame, types)))
    frame = frame.astype({c.name: c.type.dtype for c in table.columns})
    guarantee = Guarantee(1.0, 1e-5)
    ledger = Ledger(guarantee)
    domain = build_domain(frame, table, None, ledger, rho_to_share(guarantee, table, None))
    cost = spent([entry.event for entry in ledger.entries], 1e-5).epsilon
    assert 0.9 < cost <= 1.0
    assert domain.rows == pytest.approx(ROWS, abs=400)
    assert Domain.from_dict(domain.to_dict()).to_dict() == domain.to_dict()


def test_public_labels_cost_no_delta():
    table = Table("t", (Column("c", ColumnType.CATEGORY),))
    public = PublicTable({"c": PublicColumn("c", values=("a",))})
    guarantee = Guarantee(1.0, 1e-5)
    assert rho_to_share(guarantee, table, public) > rho_to_share(guarantee, table, None)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(some.lists(some.floats(-1e12, 1e12), min_size=0, max_size=30), some.integers(0, 6))
def test_any_numbers_have_cells_that_hold(values, decimals):
    column = Column("x", ColumnType.NUMBER, format=ValueFormat(decimals=decimals))
    domain, frame, _ = found(column, np.array(values, dtype=float))
    edges = domain.columns[0].edges
    assert (np.diff(edges) > 0).all()
    codes = domain.encode(frame)
    assert codes.min(initial=0) >= 0
    assert codes.max(initial=0) < domain.sizes[0]
    back = domain.decode(codes, np.random.default_rng(1)).iloc[:, 0].dropna()
    assert back.between(edges[0], edges[-1]).all()


def persons(counts: dict[str | None, int]) -> pd.DataFrame:
    names = [name for name, count in counts.items() for _ in range(count)]
    order = np.random.default_rng(8).permutation(len(names))
    frame = pd.DataFrame({"who": pd.Series(names, dtype="string[pyarrow]").iloc[order].array})
    return frame.assign(row=np.arange(len(frame)))


def test_a_person_keeps_few_rows_and_others_are_left_alone():
    guarantee = Guarantee(1.0, 1e-5, 3, "who")
    frame = persons({"ann": 10, "bob": 2, "cyd": 3, None: 4})
    kept = frame.iloc[rows_of_persons(frame, guarantee, 1)]
    assert kept["who"].value_counts().to_dict() == {"ann": 3, "cyd": 3, "bob": 2}
    without = frame[frame["who"] != "bob"]
    rest = without.iloc[rows_of_persons(without.reset_index(drop=True), guarantee, 1)]
    assert rest["row"].tolist() == kept.loc[kept["who"] != "bob", "row"].tolist()


def test_each_row_is_a_person_where_nobody_says_otherwise():
    frame = persons({"ann": 5})
    assert len(rows_of_persons(frame, Guarantee(1.0, 1e-5), 1)) == 5


def test_declared_columns_of_many_cells_get_more_of_the_budget():
    names = ("few", "many")
    table = Table("t", tuple(Column(name, ColumnType.INTEGER) for name in names))
    frame = pd.DataFrame({name: numbers() for name in names}).astype("Int64")
    public = public_from_dict(
        {"columns": {"few": {"low": 0, "high": 3}, "many": {"low": 0, "high": 99}}}
    )
    domain = build_domain(frame, table, public, Ledger(Guarantee(3.0, 1e-5)), 0.01)
    few, many = (column.sigma for column in domain.columns)
    assert few / many == pytest.approx(5**0.5, rel=1e-3)
