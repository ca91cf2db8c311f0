"""Expressions on rows: what they say, and everything that they must not be able to do."""

import pandas as pd
import pytest

from core.data.rules import expressions
from core.data.rules.expressions import expression_columns, expression_problems, holds
from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput

TABLE = Table(
    "t",
    (
        Column("a", ColumnType.INTEGER),
        Column("b", ColumnType.NUMBER),
        Column("c", ColumnType.CATEGORY),
        Column("d", ColumnType.DATE),
        Column("e", ColumnType.TIME),
        Column("f", ColumnType.BOOLEAN),
        Column('x"; DROP TABLE data; --', ColumnType.INTEGER),
    ),
)
VALUES = {
    "a": [1, 2, None],
    "b": [1.0, 5.0, 3.0],
    "c": ["x", "y", None],
    "d": pd.to_datetime(["2020-01-01", "2021-06-30", None]),
    "e": pd.to_timedelta([3600, 7200, None], unit="s"),
    "f": [True, False, None],
    'x"; DROP TABLE data; --': [1, 2, 3],
}
FRAME = pd.DataFrame(
    {c.name: pd.Series(VALUES[c.name]).astype(c.type.dtype) for c in TABLE.columns}
)


@pytest.mark.parametrize(
    ("expression", "met"),
    [
        ("a + 2 >= b", [True, False, True]),
        ("c IN ('x', 'z')", [True, False, True]),
        ("year(d) > 2020 OR c LIKE 'x%'", [True, True, True]),
        ("e > TIME '01:30:00'", [False, True, True]),
        ("NOT f", [False, True, True]),
        ("d < DATE '2021-01-01'", [True, False, True]),
        ("CASE WHEN a > 1 THEN b < 5 ELSE true END", [True, False, True]),
        ('"x""; DROP TABLE data; --" BETWEEN 2 AND 3', [False, True, True]),
        ("A = 1", [True, False, True]),
    ],
)
def test_what_is_unknown_counts_as_met(expression: str, met: list[bool]) -> None:
    assert expression_problems(expression, TABLE) == []
    assert holds(expression, FRAME, TABLE).tolist() == met


@pytest.mark.parametrize(
    "expression",
    [
        "(SELECT 1) = a",
        "EXISTS (SELECT 1)",
        "a IN (SELECT 1)",
        "read_text('/etc/passwd') = c",
        "getenv('HOME') = c",
        "current_setting('threads') = a",
        "repeat(c, 1000000000) = c",
        "count(*) > a",
        "sum(a) OVER () > 1",
        "random() > b",
        "nextval('s') > a",
        "list_transform([a], x -> x)[1] = a",
        "COLUMNS(*) > 1",
        "other.a > 1",
        "a > ?",
        "a > 1) FROM data; DROP TABLE data; --",
        "a > 1) FROM 'passwords.csv' WHERE (true",
        "a > 1) LIMIT (0",
        "a > 1; SELECT 1",
        "c::JSON IS NULL",
        "a >",
        "",
        "a = 1 AND " * 1_000 + "true",
        "missing > 1",
        "1 = 1",
        "regexp_matches(c, '(((')",
    ],
)
def test_nothing_else_is_let_through(expression: str) -> None:
    assert expression_problems(expression, TABLE)
    with pytest.raises(InvalidInput):
        holds(expression, FRAME, TABLE)


@pytest.mark.parametrize(
    "expression", ["- " * 900 + "a", "NOT " * 900 + "a", "a = 1 OR NOT (" * 150 + "a" + ")" * 150]
)
def test_what_is_nested_too_deeply_is_refused(expression: str) -> None:
    with pytest.raises(InvalidInput, match="too deeply"):
        expression_columns(expression)


def test_a_failure_tells_no_value() -> None:
    with pytest.raises(InvalidInput) as caught:
        holds("c::INTEGER > 1", FRAME, TABLE)
    assert "'x'" not in str(caught.value)
    assert "ConversionException" in str(caught.value)


def test_no_file_and_no_frame_of_the_process_can_be_read() -> None:
    import duckdb

    with duckdb.connect(config=dict(expressions._CONFIG)) as connection:
        outside = pd.DataFrame({"a": [1]})
        for query in ("SELECT * FROM outside", "SELECT * FROM '/etc/passwd'", "INSTALL httpfs"):
            with pytest.raises(duckdb.Error):
                connection.execute(query)
        assert len(outside) == 1


def test_an_expression_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "SECONDS", 0.01)
    long = pd.DataFrame({"a": pd.array([1, 2, 3] * 200_000, dtype="Int64")})
    slow = " + ".join(f"power(sin_, {i})".replace("sin_", "sqrt(a)") for i in range(40))
    with pytest.raises(InvalidInput, match="takes more than"):
        holds(f"{slow} > 0", long, TABLE)


def test_columns_are_named_in_order() -> None:
    assert expression_columns('b > a AND "x""; DROP TABLE data; --" > b') == (
        "b",
        "a",
        'x"; DROP TABLE data; --',
    )
