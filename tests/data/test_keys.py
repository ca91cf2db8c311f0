"""Primary keys and relationships, on tables whose answer is plain to see."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import pytest

from core.data.duck import duck
from core.data.keys import (
    detect_relationships,
    find_orphans,
    find_relationships,
    orphan_notes,
    words,
)
from core.data.keys_stored import StoredValues
from core.data.profile import Source, matching
from core.data.schema import Column, ColumnType, Relationship, Schema, Table

_TYPES = {"Int64": ColumnType.INTEGER, "string": ColumnType.CATEGORY, "float64": ColumnType.NUMBER}


def frame(**columns: list) -> pd.DataFrame:
    made = {}
    for name, values in columns.items():
        first = next((v for v in values if v is not None), "")
        kind = {int: "Int64", str: "string[pyarrow]", float: "float64"}[type(first)]
        made[name] = pd.array(values, dtype=kind)
    return pd.DataFrame(made)


def detect(**tables: pd.DataFrame) -> Schema:
    described = tuple(
        Table(n, tuple(Column(c, _TYPES[str(f[c].dtype)]) for c in f)) for n, f in tables.items()
    )
    schema = Schema(described)
    found = detect_relationships(tables, schema)
    with stored(tables) as values:
        assert find_relationships(values, schema) == found
        assert find_orphans(values, found) == orphan_notes(tables, found)
    return found


@contextmanager
def stored(tables: dict[str, pd.DataFrame]) -> Iterator[StoredValues]:
    """The same values as DuckDB has them."""
    with duck() as cursor:
        sources = {}
        for name, table in tables.items():
            relation = f"rows_of_{name}"
            cursor.register(
                relation, table.set_axis([f"c{i}" for i in range(table.shape[1])], axis=1)
            )
            sources[name] = Source(cursor, relation, len(table))
        yield StoredValues(sources)


def links(schema: Schema) -> set[tuple[str, str]]:
    return {
        (f"{r.child}.{r.child_key}", f"{r.parent}.{r.parent_key}") for r in schema.relationships
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("playersId", ["player", "id"]),
        ("CUSTOMER_NO", ["customer", "no"]),
        ("companies", ["company"]),
        ("address", ["address"]),
        ("status", ["status"]),
        ("id", ["id"]),
    ],
)
def test_words_of_a_name(name: str, expected: list[str]) -> None:
    assert words(name) == expected


def test_a_primary_key_is_unique_present_and_called_like_one() -> None:
    assert detect(t=frame(x=[1, 1, 2], id=[7, 8, 9]))["t"].primary_key == "id"
    assert detect(t=frame(id=[7, 7, 9], x=[1, 1, 1]))["t"].primary_key is None
    assert detect(t=frame(id=[7, None, 9], x=[1, 1, 1]))["t"].primary_key is None
    assert detect(t=frame(id=[0.5, 1.5], x=[1, 1]))["t"].primary_key is None
    assert (
        detect(orders=frame(customer_id=[1, 2], order_id=[5, 6]))["orders"].primary_key
        == "order_id"
    )


def test_a_first_column_may_be_a_key_a_measurement_not() -> None:
    running = list(range(20))
    assert detect(t=frame(row=running, x=[1] * 20))["t"].primary_key == "row"
    spread = [i * 977 for i in range(20)]
    assert detect(t=frame(salary=spread, x=[1] * 20))["t"].primary_key is None
    names = [f"Ann Lee {i}" for i in range(20)]
    assert detect(t=frame(name=names, x=[1] * 20))["t"].primary_key is None
    assert detect(t=frame(x=[1, 2, 3], y=[1, 1, 1]))["t"].primary_key is None


@pytest.mark.parametrize(
    "column", ["customer_id", "customerId", "CustomerID", "customers_id", "customer"]
)
def test_a_foreign_key_by_the_name_of_the_table(column: str) -> None:
    schema = detect(
        customers=frame(id=[1, 2, 3], x=[5, 5, 5]),
        orders=frame(id=[1, 2, 3, 4], **{column: [1, 1, 2, None]}),
    )
    assert links(schema) == {(f"orders.{column}", "customers.id")}


def test_text_keys() -> None:
    schema = detect(
        product=frame(code=["a", "b"]), sale=frame(sale_id=[1, 2, 3], product_code=["a", "a", "b"])
    )
    assert links(schema) == {("sale.product_code", "product.code")}


def test_values_must_be_there_and_of_one_kind() -> None:
    customers = frame(id=[1, 2, 3])
    assert links(detect(customers=customers, orders=frame(k=[1, 1], customer_id=[1, 9]))) == set()
    assert (
        links(detect(customers=customers, orders=frame(k=[1, 1], customer_id=["1", "2"]))) == set()
    )
    assert links(detect(customers=customers, orders=frame(k=[1, 1], number=[1, 2]))) == set()
    empty = frame(k=[1, 1], customer_id=[1, 1]).assign(customer_id=pd.array([None, None], "Int64"))
    assert links(detect(customers=customers, orders=empty)) == set()


def test_every_table_has_an_id_but_that_relates_nothing() -> None:
    assert links(detect(a=frame(id=[1, 2, 3]), b=frame(id=[1, 2]))) == set()


def test_one_to_one_points_to_the_table_of_the_name() -> None:
    schema = detect(
        details=frame(customer_id=[1, 2], vip=[0, 1]), customer=frame(customer_id=[1, 2, 3])
    )
    assert links(schema) == {("details.customer_id", "customer.customer_id")}


def test_no_circles_and_one_parent_a_column() -> None:
    schema = detect(
        a=frame(a_id=[1, 2], b_id=[1, 2]),
        b=frame(b_id=[1, 2], a_id=[1, 2]),
        c=frame(k=[1, 1], a_id=[1, 2]),
    )
    found = links(schema)
    assert ("c.a_id", "a.a_id") in found
    assert len(found & {("a.b_id", "b.b_id"), ("b.a_id", "a.a_id")}) == 1


def test_two_columns_may_point_to_one_table() -> None:
    schema = detect(
        account=frame(account_id=[1, 2, 3]),
        transfer=frame(transfer_id=[1, 2], from_account_id=[1, 2], to_account_id=[3, 3]),
    )
    assert links(schema) == {
        ("transfer.from_account_id", "account.account_id"),
        ("transfer.to_account_id", "account.account_id"),
    }


def test_what_a_person_settled_is_kept() -> None:
    tables = {"a": frame(id=[1, 2], code=[5, 6]), "b": frame(k=[1, 1], ref=[5, 5])}
    given = Schema(
        (
            Table(
                "a", (Column("id", ColumnType.INTEGER), Column("code", ColumnType.INTEGER)), "code"
            ),
            Table("b", (Column("k", ColumnType.INTEGER), Column("ref", ColumnType.INTEGER))),
        ),
        (Relationship("a", "code", "b", "ref"),),
    )
    found = detect_relationships(tables, given)
    assert found["a"].primary_key == "code"
    assert found.relationships == given.relationships


def test_orphans_are_noted_without_values() -> None:
    tables = {
        "customer": frame(customer_id=list(range(1, 40))),
        "order": frame(order_id=list(range(40)), customer_id=[*range(1, 40), 777]),
    }
    schema = detect(**tables)
    assert schema.relationships == ()
    (note,) = orphan_notes(tables, schema)
    assert "'customer_id' seems to point to 'customer', but 2.5%" in note
    assert "777" not in note


def test_large_columns_are_matched_a_part_at_a_time(monkeypatch):
    monkeypatch.setattr(matching, "MOST_HASHES", 7)
    tables = {"a": frame(id=list(range(40))), "b": frame(a_id=[i % 45 for i in range(90)])}
    with stored(tables) as values:
        a, b = values.sources["a"], values.sources["b"]
        assert matching.matched(b, "c0", a, "c0") == (45, 40)
        assert matching.repeats(a, "hash(c0)") == 0
        assert matching.repeats(b, "hash(c0)") == 45
