"""Two versions compared, on figures worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from core.data.duck import duck
from core.data.frames import canonical
from core.data.profile import (
    Level,
    Side,
    Source,
    Version,
    advice_on,
    compare,
    distances,
    drift,
    profile_relation,
)
from core.data.profile.drift_values import ColumnDrift, Drift, TableDrift
from core.data.schema import Column, ColumnType, Relationship, Role, Schema, Table

T = ColumnType


def table_of(name: str = "t", key: str | None = None, **columns):
    described = Table(name, tuple(Column(n, kind) for n, (kind, _) in columns.items()), key)
    frame = pd.DataFrame({n: pd.Series(v, dtype="object") for n, (_, v) in columns.items()})
    return described, canonical(frame, described)


@pytest.fixture
def cursor():
    with duck() as connection:
        yield connection


def version(cursor, label, *tables, links=(), closed=frozenset(), person=""):
    sides = {}
    for described, frame in tables:
        relation = f"{label}_{described.name}"
        names = [f"c{i}" for i in range(len(described.columns))]
        cursor.register(relation, frame.set_axis(names, axis=1))
        profile = profile_relation(cursor, relation, described)
        cell = f"c{described.names.index(person)}" if person else ""
        source = Source(cursor, relation, len(frame), cell)
        sides[described.name] = Side(source, described, profile, closed)
    return Version(Schema(tuple(t for t, _ in tables), tuple(links)), sides)


def drifted(cursor, before, now, **more) -> TableDrift:
    (found,) = compare(
        version(cursor, "a", table_of(**before), **more),
        version(cursor, "b", table_of(**now), **more),
    ).tables
    return found


def column(found: TableDrift, name: str) -> ColumnDrift:
    return next(c for c in found.columns if c.name == name)


def test_distances_by_hand():
    before, now = np.array([0.0, 1, 2, 3]), np.array([1.0, 2, 3, 4])
    ks, moved = distances.ks_and_wasserstein(before, now)
    assert ks == 0.25
    assert moved == pytest.approx(1 / math.sqrt(1.25))
    assert distances.ks_and_wasserstein(np.ones(3), np.ones(2)) == (0.0, None)
    p, q = np.array([3.0, 1.0, 0.0]), np.array([1.0, 1.0, 2.0])
    assert distances.total_variation(p, q) == 0.5
    assert distances.jensen_shannon(p, p) == 0
    assert distances.jensen_shannon(np.array([1.0, 0]), np.array([0, 1.0])) == 1
    assert distances.psi(np.array([1.0, 3]), np.array([3.0, 1])) == pytest.approx(math.log(3))
    assert distances.psi(p, p) == 0
    assert math.isfinite(distances.psi(p, q))


def test_values_near_the_end_of_float64_have_distances():
    huge = np.array([-1.7e308, 0.0, 1.7e308])
    ks, moved = distances.ks_and_wasserstein(huge, -huge)
    assert (ks, moved) == (0.0, 0.0)


def test_deciles_are_of_the_earlier_version():
    before = np.arange(100.0)
    one, two = distances.decile_counts(before, np.full(50, 99.0))
    assert one.tolist() == [10.0] * 10
    assert two.tolist() == [0.0] * 9 + [50.0]
    assert len(distances.decile_counts(np.ones(20), np.zeros(20))[0]) == 2


def test_equal_versions_have_not_moved(cursor):
    same = {
        "x": (T.NUMBER, np.linspace(0, 1, 200).tolist()),
        "k": (T.CATEGORY, ["a", "b", None, "c"] * 50),
        "note": (T.TEXT, [f"text {i}" for i in range(200)]),
    }
    found = drifted(cursor, same, same)
    assert not found.has_new_shape
    assert {c.level for c in found.columns} == {Level.NONE}
    assert (column(found, "x").distance, column(found, "k").psi) == (0.0, 0.0)
    assert column(found, "note").distance is None
    assert "missing values only" in column(found, "note").why
    (said,) = advice_on(Drift((found,)))
    assert said.level is Level.NONE


def test_a_number_that_moved_is_large_and_comes_first(cursor):
    still = (T.INTEGER, [i % 7 for i in range(400)])
    found = drifted(
        cursor,
        {"still": still, "moved": (T.NUMBER, [float(i % 100) for i in range(400)])},
        {"still": still, "moved": (T.NUMBER, [float(i % 100 + 50) for i in range(400)])},
    )
    first = found.columns[0]
    assert (first.name, first.level, first.distance) == ("moved", Level.LARGE, 0.5)
    assert first.psi > 0.25
    assert not first.is_sampled
    assert sum(first.shift.before) == pytest.approx(1)
    assert "stale" in advice_on(Drift((found,)))[0].says


def test_new_and_vanished_categories_are_counted_and_only_frequent_ones_named(cursor):
    found = drifted(
        cursor,
        {"k": (T.CATEGORY, ["a"] * 80 + ["old"] * 16 + ["one", "one", "two", "two"])},
        {"k": (T.CATEGORY, ["a"] * 80 + ["fresh"] * 17 + ["rare"] * 3)},
    ).columns[0]
    assert (found.new, found.gone, found.new_share) == (2, 3, 0.2)
    assert (found.new_labels, found.gone_labels) == (("fresh",), ("old",))
    assert found.distance == pytest.approx(0.2)
    assert "rare" not in found.shift.labels
    assert found.level is Level.LARGE


def test_labels_and_bins_are_told_of_enough_people_and_not_of_enough_rows(cursor):
    """``fresh`` has eight rows of two people, and so have the sizes of nine; ``mine`` has eight."""
    many = list(range(80))
    before = {
        "k": (T.CATEGORY, ["a"] * 80 + ["gone"] * 8),
        "x": (T.INTEGER, [i % 8 for i in range(80)] + [9] * 8),
        "who": (T.INTEGER, many + [1, 2] * 4),
    }
    now = {
        "k": (T.CATEGORY, ["a"] * 80 + ["fresh"] * 8 + ["mine"] * 8),
        "x": (T.INTEGER, [i % 8 for i in range(80)] + [9] * 16),
        "who": (T.INTEGER, [*many, *[1, 2] * 4, *range(8)]),
    }
    rows, people = drifted(cursor, before, now), drifted(cursor, before, now, person="who")
    assert column(rows, "k").new_labels == ("fresh", "mine")
    assert column(rows, "k").gone_labels == ("gone",)
    assert column(people, "k").new_labels == ("mine",)
    assert column(people, "k").gone_labels == ()
    assert column(rows, "k").shift.labels == ("a", "gone", "fresh", "mine", "(all others)")
    told = column(people, "k").shift
    assert told.labels == ("a", "mine", "(all others)")
    assert (told.before[-1], told.now[-1]) == (0, 0)
    assert column(rows, "x").shift.before[-1] > 0
    told = column(people, "x").shift
    assert told.before[-1] == 0
    assert told.now[-1] == pytest.approx(16 / 96, abs=1e-6)
    assert column(people, "x").distance == column(rows, "x").distance


def test_what_many_people_have_together_is_told_as_all_others(cursor):
    rare = {
        "k": (T.CATEGORY, ["a"] * 80 + [f"rare {i}" for i in range(20)]),
        "who": (T.INTEGER, [*range(80), *range(20)]),
    }
    shift = column(drifted(cursor, rare, rare, person="who"), "k").shift
    assert (shift.labels, shift.now) == (("a", "(all others)"), (0.8, 0.2))


def test_of_closed_columns_no_label_and_no_bin_is_told(cursor):
    found = drifted(
        cursor,
        {"k": (T.CATEGORY, ["a"] * 50 + ["b"] * 50)},
        {"k": (T.CATEGORY, ["a"] * 50 + ["c"] * 50)},
        closed=frozenset({"k"}),
    ).columns[0]
    assert found.distance == 0.5
    assert (found.shift, found.new_labels, found.gone_labels) == (None, (), ())


def test_more_missing_values_are_a_change_beyond_chance_only(cursor):
    def versions(rows, gaps):
        full = [float(i % 9) for i in range(rows)]
        return {"x": (T.NUMBER, full)}, {"x": (T.NUMBER, [None] * gaps + full[gaps:])}

    assert drifted(cursor, *versions(900, 90)).columns[0].level is Level.SOME
    assert drifted(cursor, *versions(18, 2)).columns[0].level is Level.NONE


def test_columns_that_came_went_and_were_renamed(cursor):
    numbers = np.random.default_rng(3).normal(size=300).tolist()
    found = drifted(
        cursor,
        {"income": (T.NUMBER, numbers), "gone": (T.BOOLEAN, [True, False] * 150)},
        {"salary": (T.NUMBER, numbers), "fresh": (T.DATE, [pd.Timestamp("2024-01-01")] * 300)},
    )
    assert found.renamed == (("income", "salary"),)
    assert (found.added, found.removed) == (("fresh",), ("gone",))
    assert column(found, "salary").was == "income"
    assert found.has_new_shape
    assert advice_on(Drift((found,)))[0].columns == ("fresh", "salary", "gone", "income")


def test_types_and_roles_that_changed(cursor):
    before = version(cursor, "a", table_of(x=(T.INTEGER, [1, 2, 3] * 9)))
    now = version(cursor, "b", table_of(x=(T.CATEGORY, ["1", "2", "3"] * 9)))
    settled = now.schema["t"].with_column(Column("x", T.CATEGORY, Role.SENSITIVE))
    (found,) = compare(before, Version(now.schema.with_table(settled), now.sides)).tables
    (changed,) = found.changed
    assert (changed.type_before, changed.type_now) == (T.INTEGER, T.CATEGORY)
    assert changed.role_now is Role.SENSITIVE
    assert "another one" in found.columns[0].why


def test_keys_are_no_drift_and_links_are_compared(cursor):
    def tables(first, key):
        parents = table_of("p", key, id=(T.INTEGER, list(range(first, first + 60))))
        return parents, table_of("c", p_id=(T.INTEGER, [first + i % 50 for i in range(80)]))

    link = Relationship("p", "id", "c", "p_id")
    found = compare(
        version(cursor, "a", *tables(1, None)),
        version(cursor, "b", *tables(500, "id"), links=[link]),
    )
    assert found.links_added == (link,)
    assert found.links_removed == ()
    parents, _ = found.tables
    assert (parents.key_before, parents.key_now) == (None, "id")
    assert parents.columns[0].level is Level.NONE
    assert found.has_new_shape


def test_tables_that_came_and_went(cursor):
    a, b = (table_of(name, x=(T.INTEGER, [1, 2] * 9)) for name in ("a", "b"))
    c = table_of("c", x=(T.INTEGER, [1, 2] * 9))
    found = compare(version(cursor, "a", a, b), version(cursor, "b", a, c))
    assert (found.tables_added, found.tables_removed) == (("c",), ("b",))
    assert [t.table for t in found.tables] == ["a"]


def test_a_pair_whose_association_turned_is_named(cursor):
    x = list(range(300))
    found = drifted(
        cursor,
        {"x": (T.INTEGER, [i % 50 for i in x]), "y": (T.INTEGER, [i % 50 for i in x])},
        {"x": (T.INTEGER, [i % 50 for i in x]), "y": (T.INTEGER, [49 - i % 50 for i in x])},
    )
    (pair,) = found.pairs
    assert (pair.left, pair.right, pair.before, pair.now) == ("x", "y", 1.0, -1.0)
    assert pair.change == -2


def test_large_versions_are_compared_on_a_sample_and_say_so(cursor, monkeypatch):
    monkeypatch.setattr(drift, "MOST_ROWS", 100)
    rows = {"x": (T.NUMBER, [float(i) for i in range(1000)])}
    found = drifted(cursor, rows, rows).columns[0]
    assert found.is_sampled
    assert found.rows == (100, 100)
    assert found.distance == 0


@pytest.mark.parametrize("kind", [kind for kind in T if kind is not T.TIME])
def test_no_values_and_one_row(cursor, kind):
    found = drifted(cursor, {"x": (kind, [None, None])}, {"x": (kind, [])})
    assert found.columns[0].why
    assert found.columns[0].level is Level.NONE
