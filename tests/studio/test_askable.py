"""What a page offers to choose from: frequent values and protected ends, never one person's."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.profile import profile_table
from core.data.schema import Action, Column, ColumnType, Relationship, Role, Schema, Table
from core.errors import InvalidParameter, NotFound, PermissionDenied
from core.governance.policy import UserRole
from core.studio.askable import askable
from core.studio.values import Askable, Offer, RunSpec
from tests.studio.office import Office

TABLE = Table(
    "t",
    (
        Column("id", ColumnType.INTEGER),
        Column("city", ColumnType.CATEGORY),
        Column("kids", ColumnType.INTEGER),
        Column("pay", ColumnType.NUMBER),
        Column("born", ColumnType.DATE),
        Column("ok", ColumnType.BOOLEAN),
        Column("mail", ColumnType.CATEGORY, action=Action.REPLACE),
        Column("note", ColumnType.TEXT),
        Column("code", ColumnType.CATEGORY, Role.IDENTIFIER),
    ),
    "id",
)


def frame() -> pd.DataFrame:
    """1,000 people: one lives in Nuuk, one earns a million, 100 have no number of children."""
    rows = np.arange(1000)
    city = np.where(rows % 4 == 0, "Rome", "Bern").astype(object)
    city[0] = "Nuuk"
    pay = (rows % 100).astype(float)
    pay[1] = 1e6
    values = {
        "id": rows,
        "city": city,
        "kids": np.where(rows % 10 == 0, None, rows % 3),
        "pay": pay,
        "born": pd.Timestamp("1970-01-01") + pd.to_timedelta(rows * 10, unit="D"),
        "ok": rows % 2 == 0,
        "mail": [f"p{i}@example.org" for i in rows],
        "note": [f"remark {i}" for i in rows],
        "code": [f"c{i % 7}" for i in rows],
    }
    return pd.DataFrame(
        {c.name: pd.Series(values[c.name]).astype(c.type.dtype) for c in TABLE.columns}
    )


def columns_of(table: Table = TABLE, hidden: frozenset[str] = frozenset()) -> dict[str, Askable]:
    profiles = {"t": profile_table(frame(), TABLE, hidden)}
    found = askable(Schema((table,)), {"t": 1000}, profiles)["t"]
    return {column.column: column for column in found}


def test_columns_that_are_not_learned_are_not_offered() -> None:
    assert list(columns_of()) == ["city", "kids", "pay", "born", "ok"]


def test_frequent_values_come_with_their_real_shares_and_rare_ones_do_not() -> None:
    city = columns_of()["city"]
    assert city.values == (Offer("Bern", 750, 0.75), Offer("Rome", 249, 0.249))
    assert city.others == pytest.approx(0.001)
    kids = columns_of()["kids"]
    assert {offer.value for offer in kids.values} == {0, 1, 2}
    assert kids.missing == pytest.approx(0.1)
    assert kids.others == pytest.approx(0)
    assert {offer.value for offer in columns_of()["ok"].values} == {"true", "false"}


def test_ranges_end_where_others_lie_beyond() -> None:
    pay, born = columns_of()["pay"], columns_of()["born"]
    assert pay.low == 1.0
    assert 98 <= pay.high <= 99
    assert born.low == dt.date(1970, 1, 1) + dt.timedelta(days=100)
    assert isinstance(born.high, dt.date)
    assert born.high < dt.date(1970, 1, 1) + dt.timedelta(days=9990)
    assert not pay.offers_values
    assert pay.has_range


def test_a_handful_of_rows_offers_no_ends() -> None:
    few = frame().head(15)
    profiles = {"t": profile_table(few, TABLE)}
    found = {c.column: c for c in askable(Schema((TABLE,)), {"t": 15}, profiles)["t"]}
    assert (found["pay"].low, found["pay"].high) == (None, None)


def test_of_a_hidden_column_nothing_is_shown_but_it_can_be_asked() -> None:
    pay = columns_of(hidden=frozenset({"pay", "city"}))
    assert (pay["pay"].low, pay["city"].values) == (None, ())


def test_a_type_changed_in_the_review_offers_only_what_still_fits() -> None:
    as_label = columns_of(TABLE.with_column(Column("kids", ColumnType.CATEGORY)))["kids"]
    assert {offer.value for offer in as_label.values} == {"0", "1", "2"}
    as_moment = columns_of(TABLE.with_column(Column("born", ColumnType.DATETIME)))["born"]
    assert (as_moment.low, as_moment.values) == (None, ())


def test_tables_that_follow_others_are_left_out() -> None:
    child = Table("v", (Column("person", ColumnType.INTEGER), Column("x", ColumnType.CATEGORY)))
    schema = Schema((TABLE, child), (Relationship("t", "id", "v", "person"),))
    visits = pd.DataFrame({"person": frame()["id"], "x": pd.array(["a"] * 1000, "string[pyarrow]")})
    profiles = {"t": profile_table(frame(), TABLE), "v": profile_table(visits, child)}
    assert list(askable(schema, {"t": 1000, "v": 1000}, profiles)) == ["t"]


def test_members_only(office: Office, people_csv: Path) -> None:
    dataset = office.reviewed(people_csv)
    ask = office.studio.runs.askable
    assert {c.column for c in ask(office.worker, dataset.id)["people"]} == {
        "points", "income", "member",
    }  # fmt: skip
    with pytest.raises(NotFound):
        ask(office.outsider, dataset.id)
    with pytest.raises((PermissionDenied, NotFound)):
        ask(office.actors[UserRole.AUDITOR], dataset.id)


def test_a_run_is_cloned_with_changes(office: Office, people_csv: Path) -> None:
    runs = office.studio.runs
    run = office.finished(office.reviewed(people_csv), RunSpec(seed=7))
    spec = runs.clone(office.worker, run.id, seed=8, params={"trees": 1})
    assert (spec.engine, spec.seed, spec.params) == ("forest", 8, {"trees": 1})
    again = runs.sample_again(office.worker, run.id)
    assert runs.clone(office.worker, office.wait(again).id).model_of == ""
    with pytest.raises(InvalidParameter, match="colour"):
        runs.clone(office.worker, run.id, colour="red")
    with pytest.raises(NotFound):
        runs.clone(office.outsider, run.id)
