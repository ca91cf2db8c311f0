"""Train and holdout: no row lost, none on both sides, families stay together."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.schema import Column, ColumnType, Relationship, Role, Schema, Table
from core.data.split import split, split_tables
from core.errors import InvalidParameter


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def integers(**columns: list) -> pd.DataFrame:
    return pd.DataFrame({n: pd.array(v, dtype="Int64") for n, v in columns.items()})


def schema_of(tables: dict[str, pd.DataFrame], *links: tuple[str, str]) -> Schema:
    described = tuple(
        Table(n, tuple(Column(c, ColumnType.INTEGER) for c in f), "id") for n, f in tables.items()
    )
    return Schema(described, tuple(Relationship(p, "id", c, f"{p}_id") for p, c in links))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60), st.floats(0, 0.99), st.integers(0, 5))
def test_every_row_is_on_one_side(rows: int, share: float, seed: int) -> None:
    frame = integers(id=list(range(rows)))
    train, holdout = split(frame, share, rng(seed))
    assert sorted([*train["id"], *holdout["id"]]) == list(range(rows))
    assert list(train["id"]) == sorted(train["id"])
    assert list(train.index) == list(range(len(train)))
    assert len(holdout) == min(round(rows * share), max(rows - 1, 0))


def test_a_few_rows() -> None:
    for rows, held in ((0, 0), (1, 0), (2, 0), (3, 1), (5, 1), (10, 2)):
        train, holdout = split(integers(id=list(range(rows))), 0.2, rng())
        assert (len(train), len(holdout)) == (rows - held, held)
    train, holdout = split(integers(id=[1, 2]), 0.5, rng())
    assert (len(train), len(holdout)) == (1, 1)
    train, holdout = split(integers(id=[1]), 0.9, rng())
    assert (len(train), len(holdout)) == (1, 0)


def test_the_same_seed_gives_the_same_rows_and_dtypes_stay() -> None:
    frame = integers(id=list(range(100)))
    first, again, other = (split(frame, 0.2, rng(seed))[1] for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    assert first.dtypes.equals(frame.dtypes)


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0, float("nan")])
def test_an_impossible_share(share: float) -> None:
    with pytest.raises(InvalidParameter, match="`holdout` must be from 0"):
        split(integers(id=[1, 2]), share, rng())


def families(parents: int = 100, children: int = 3) -> tuple[dict[str, pd.DataFrame], Schema]:
    owner = np.repeat(np.arange(parents), children)
    tables = {
        "toy": integers(
            id=list(range(2 * len(owner))), child_id=list(np.repeat(np.arange(len(owner)), 2))
        ),
        "child": integers(id=list(range(len(owner))), parent_id=list(owner)),
        "parent": integers(id=list(range(parents))),
    }
    return tables, schema_of(tables, ("parent", "child"), ("child", "toy"))


def related(tables: dict[str, pd.DataFrame], schema: Schema) -> bool:
    return all(
        set(tables[r.child][r.child_key].dropna()) <= set(tables[r.parent][r.parent_key])
        for r in schema.relationships
    )


def test_children_follow_their_parents() -> None:
    tables, schema = families()
    train, holdout = split_tables(tables, schema, 0.2, rng())
    assert {n: len(f) for n, f in holdout.items()} == {"toy": 120, "child": 60, "parent": 20}
    assert {n: len(f) for n, f in train.items()} == {"toy": 480, "child": 240, "parent": 80}
    assert related(train, schema)
    assert related(holdout, schema)
    assert not set(train["child"]["parent_id"]) & set(holdout["child"]["parent_id"])


def test_rows_without_parents_are_drawn_by_themselves() -> None:
    tables, schema = families(parents=10, children=2)
    tables["child"].loc[:9, "parent_id"] = pd.NA
    train, holdout = split_tables(tables, schema, 0.5, rng())
    assert len(train["child"]) + len(holdout["child"]) == 20
    assert 0 < holdout["child"]["parent_id"].isna().sum() < 10
    assert related(train, schema)
    assert related(holdout, schema)


def lookup_tables() -> tuple[dict[str, pd.DataFrame], Schema]:
    tables = {
        "product": integers(id=list(range(5))),
        "person": integers(id=list(range(300))),
        "account": integers(
            id=list(range(600)),
            person_id=list(np.repeat(np.arange(300), 2)),
            product_id=list(np.arange(600) % 5),
        ),
    }
    return tables, schema_of(tables, ("product", "account"), ("person", "account"))


def test_lookup_tables_are_whole_on_both_sides() -> None:
    tables, schema = lookup_tables()
    train, holdout = split_tables(tables, schema, 0.2, rng())
    assert train["product"].equals(tables["product"])
    assert holdout["product"].equals(tables["product"])
    assert (len(holdout["person"]), len(holdout["account"])) == (60, 120)
    assert related(train, schema)
    assert related(holdout, schema)


def test_a_small_table_of_persons_is_no_lookup_table() -> None:
    people = integers(id=list(range(50)), name=list(range(50)))
    tables = {
        "person": people,
        "visit": integers(id=list(range(1_000)), person_id=list(np.arange(1_000) % 50)),
    }
    schema = schema_of(tables, ("person", "visit"))
    train, _ = split_tables(tables, schema, 0.2, rng())
    assert len(train["person"]) == 50
    marked = schema.with_table(
        schema["person"].with_column(Column("name", ColumnType.INTEGER, role=Role.IDENTIFIER))
    )
    train, holdout = split_tables(tables, marked, 0.2, rng())
    assert (len(train["person"]), len(holdout["person"])) == (40, 10)
    assert len(holdout["visit"]) == 200


def test_two_parents_that_share_children_stay_together() -> None:
    count = 200
    tables = {
        "client": integers(id=list(range(2 * count))),
        "account": integers(id=list(range(count))),
        "owner": integers(
            id=list(range(2 * count)),
            client_id=list(range(2 * count)),
            account_id=list(np.repeat(np.arange(count), 2)),
        ),
    }
    schema = schema_of(tables, ("client", "owner"), ("account", "owner"))
    train, holdout = split_tables(tables, schema, 0.25, rng())
    assert {n: len(f) for n, f in holdout.items()} == {"client": 100, "account": 50, "owner": 100}
    assert related(train, schema)
    assert related(holdout, schema)


def test_where_all_hangs_together_the_largest_root_is_drawn() -> None:
    source = rng(5)
    tables = {
        "film": integers(id=list(range(250))),
        "user": integers(id=list(range(400))),
        "rating": integers(
            id=list(range(4_000)),
            film_id=list(source.integers(0, 250, 4_000)),
            user_id=list(source.integers(0, 400, 4_000)),
        ),
    }
    schema = schema_of(tables, ("film", "rating"), ("user", "rating"))
    train, holdout = split_tables(tables, schema, 0.2, rng())
    assert len(train["film"]) == len(holdout["film"]) == 250
    assert (len(train["user"]), len(holdout["user"])) == (320, 80)
    assert len(train["rating"]) + len(holdout["rating"]) == 4_000
    assert not set(train["rating"]["user_id"]) & set(holdout["rating"]["user_id"])
    assert related(train, schema)
    assert related(holdout, schema)


def test_unrelated_and_tiny_tables() -> None:
    tables = {"a": integers(id=list(range(10))), "b": integers(id=[1]), "c": integers(id=[])}
    train, holdout = split_tables(tables, schema_of(tables), 0.2, rng())
    assert [len(f) for f in train.values()] == [8, 1, 0]
    assert [len(f) for f in holdout.values()] == [2, 0, 0]
    one = {"parent": integers(id=[1]), "child": integers(id=[1, 2], parent_id=[1, 1])}
    train, holdout = split_tables(one, schema_of(one, ("parent", "child")), 0.2, rng())
    assert [len(f) for f in train.values()] == [1, 2]
    assert [len(f) for f in holdout.values()] == [0, 0]


def test_related_tables_split_the_same_with_the_same_seed() -> None:
    tables, schema = lookup_tables()
    first, again = (split_tables(tables, schema, 0.2, rng(3))[1] for _ in range(2))
    assert all(first[name].equals(again[name]) for name in tables)


def test_a_table_that_points_to_itself() -> None:
    tables = {
        "staff": integers(
            id=list(range(40)), staff_id=[None, *[i - 1 for i in range(1, 20)], *[None] * 20]
        )
    }
    schema = schema_of(tables, ("staff", "staff"))
    train, holdout = split_tables(tables, schema, 0.2, rng())
    assert len(train["staff"]) + len(holdout["staff"]) == 40
    assert related(train, schema)
    assert related(holdout, schema)
