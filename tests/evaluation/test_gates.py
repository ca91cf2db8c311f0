"""Each data quality gate on small tables whose answer is known by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.schema import (
    Action,
    Column,
    ColumnType,
    Relationship,
    Role,
    Schema,
    Table,
    ValueFormat,
)
from core.evaluation.case import open_case
from core.evaluation.criteria import GateThresholds
from core.evaluation.gates import GATE_WORDS, GATES, Gated, gate_results
from core.evaluation.gates.distribution import benjamini_hochberg, p_value
from core.evaluation.measures import NotMeasured
from core.synthesis.asks import AtMost, FixedCombinations
from tests.evaluation.tables import TYPES, frame_of, people, schema_of

INT, NUM, CAT, TEXT = (
    ColumnType.INTEGER,
    ColumnType.NUMBER,
    ColumnType.CATEGORY,
    ColumnType.TEXT,
)


def gated(columns, train, made, holdout=None, *, rules=(), asked=None, key=None):
    table = Table("t", tuple(columns), key)
    kinds = {c.name: c.type for c in columns}
    held = train if holdout is None else holdout
    sides = [frame_of(side, {n: kinds[n] for n in side}) for side in (train, held, made)]
    rng = np.random.default_rng(0)
    schema = Schema((table,))
    case = open_case(table, schema, sides[0], sides[1], sides[2], rng)
    asked = asked or GateThresholds()
    return Gated(case, schema, {"t": sides[0]}, {"t": sides[2]}, asked, rules, rng)


def test_every_gate_has_its_words():
    assert GATE_WORDS.keys() == GATES.keys()
    for words in GATE_WORDS.values():
        assert all((words.title, words.meaning, words.reading, words.computed, words.misleads))


def test_completeness_asks_for_columns_without_a_gap():
    columns = [Column("a", INT), Column("b", INT), Column("c", INT)]
    train = {"a": [1, 2, 3, 4], "b": [1, 2, 3, 4], "c": [1, None, 3, 4]}
    made = {"a": [1, 2, 3, None], "b": [1, 2, 3, 4], "c": [None, None, None, None]}
    found = GATES["completeness"](gated(columns, train, made))
    assert (found.value, found.outcome) == (7 / 8, "fail")
    assert [f.column for f in found.failed] == ["a"]
    assert found.failed[0].figures["cells"] == 1
    assert "2 of 3" in found.note


def test_one_bad_column_among_many_good_ones_warns():
    names = [f"c{i}" for i in range(20)]
    columns = [Column(n, INT) for n in names]
    train = {n: list(range(10)) for n in names}
    made = train | {"c3": [None, *range(1, 10)]}
    found = GATES["completeness"](gated(columns, train, made))
    assert found.value == pytest.approx(0.995)
    assert (found.outcome, [f.column for f in found.failed]) == ("warn", ["c3"])


def test_completeness_without_required_columns():
    found = GATES["completeness"](gated([Column("a", INT)], {"a": [None, 1]}, {"a": [None, 1]}))
    assert found.outcome == "not applicable"
    assert isinstance(found.value, NotMeasured)


def test_types_count_cells_that_can_be_read():
    columns = [Column("a", INT), Column("b", CAT)]
    good = gated(columns, {"a": [1, 2], "b": ["x", "y"]}, {"a": [1, 2], "b": ["x", "y"]})
    assert GATES["types"](good).outcome == "pass"
    made = good.case.synthetic.assign(a=pd.Series(["1", "2.5"], dtype=object))
    bad = replace(good, case=replace(good.case, synthetic=made))
    found = GATES["types"](bad)
    assert found.outcome == "fail"
    assert [(f.column, f.value) for f in found.failed] == [("a", 0.5)]


def test_formats_know_ranges_decimals_categories_and_patterns():
    price = Column("price", NUM, format=ValueFormat(decimals=2))
    columns = [price, Column("city", CAT), Column("code", TEXT), Column("age", INT)]
    train = {
        "price": [1.5, 2.25, 9.99, 4.0],
        "city": ["Köln", "Οία", "Köln", None],
        "code": ["AB-12", "CD-34", "EF-5", "GH-67"],
        "age": [18, 40, 60, 80],
    }
    made = {
        "price": [1.5, 2.255, 9.99, 12.0],
        "city": ["Köln", "Rom", None, "Οία"],
        "code": ["XY-99", "12-AB", "ZZZZZ-1", "QQ-1"],
        "age": [18, 80, 79, 81],
    }
    found = GATES["formats"](gated(columns, train, made))
    shares = {f.column: f.value for f in found.failed}
    assert shares == {"price": 0.5, "city": pytest.approx(2 / 3), "code": 0.5, "age": 0.75}
    assert found.outcome == "fail"


def test_values_of_the_holdout_are_allowed_too():
    found = gated([Column("a", CAT)], {"a": ["x", "y"]}, {"a": ["z", "x"]}, {"a": ["z"]})
    assert GATES["formats"](found).outcome == "pass"


def test_replaced_columns_conform_by_the_form_of_their_kind():
    mail = Column("m", TEXT, semantic="email", action=Action.REPLACE)
    name = Column("n", TEXT, semantic="full_name", action=Action.REPLACE)
    train = {"m": ["a@b.example"], "n": ["Ada L"]}
    made = {"m": ["kim@post.example", "nobody"], "n": ["Xx", "Yy"]}
    found = GATES["formats"](gated([mail, name], train, made))
    assert [(f.column, f.value) for f in found.failed] == [("m", 0.5)]
    only = GATES["formats"](gated([name], {"n": ["Ada"]}, {"n": ["Xx"]}))
    assert only.outcome == "not applicable"


def test_validity_is_the_share_of_rows_that_keep_all_rules():
    columns = [Column("low", INT), Column("high", INT), Column("kind", CAT)]
    train = {"low": [1, 2], "high": [3, 4], "kind": ["x", "y"]}
    made = {"low": [1, 9, 3, 1], "high": [2, 3, 4, 2], "kind": ["x", "x", "x", "x"]}
    rules = (AtMost("low", "high"), FixedCombinations(("low", "kind")))
    found = GATES["validity"](gated(columns, train, made, rules=rules))
    # Row 2 breaks the order; rows 2 and 3 pair a low with a kind that no real row has.
    assert (found.value, found.outcome) == (0.5, "fail")
    assert [(f.column, f.value) for f in found.failed] == [
        ("low ≤ high", 0.75),
        ("combinations of low, kind", 0.5),
    ]
    assert found.failed[0].figures == {"n": 4, "broken": 1, "fresh": 1.0}
    assert GATES["validity"](gated(columns, train, made)).outcome == "not applicable"


def test_duplicate_and_missing_keys():
    columns = [Column("id", INT), Column("a", INT)]
    train = {"id": [1, 2, 3, 4], "a": [1, 1, 1, 1]}
    made = {"id": [7, 7, None, 9], "a": [1, 1, 1, 1]}
    found = GATES["keys"](gated(columns, train, made, key="id"))
    assert (found.value, found.outcome, found.failed[0].figures["rows"]) == (0.25, "fail", 3)
    assert GATES["keys"](gated(columns, train, train, key="id")).outcome == "pass"
    assert GATES["keys"](gated(columns, train, made)).outcome == "not applicable"


def test_near_duplicates_are_flagged_beyond_those_of_real_rows():
    quasi = Role.QUASI_IDENTIFIER
    columns = [Column("age", INT, quasi), Column("zip", CAT, quasi), Column("x", INT)]
    train = {"age": [1, 1, 3, 4], "zip": ["a", "a", "b", "b"], "x": [1, 2, 3, 4]}
    made = {"age": [5, 5, 5, 6], "zip": ["a", "a", "a", "b"], "x": [1, 2, 3, 4]}
    found = GATES["near_duplicates"](gated(columns, train, made))
    assert (found.value, found.outcome) == (0.25, "warn")
    assert found.failed[0].figures == {"synthetic": 0.75, "fresh": 0.5, "n": 4}
    assert GATES["near_duplicates"](gated(columns, train, train)).outcome == "pass"


def test_metadata_names_each_fault():
    columns = [
        Column("a", INT),
        Column("b", INT),
        Column("gone", INT, action=Action.DROP),
        Column("mail", TEXT, semantic="email"),
    ]
    train = {"a": [1], "b": [1], "gone": [1], "mail": ["a@b.example"]}
    found = GATES["metadata"](gated(columns, train, train))
    assert {f.column: f.note for f in found.failed} == {
        "gone": "dropped in the review, but here",
        "mail": "tagged as email without a decision in the review",
    }
    assert (found.value, found.outcome) == (0.5, "fail")
    swapped = gated(columns[:2], {"a": [1], "b": [1]}, {"b": [1], "a": [1]})
    assert GATES["metadata"](swapped).value == 0
    lacking = gated(columns[:2], {"a": [1], "b": [1]}, {"b": [1]})
    assert [f.note for f in GATES["metadata"](lacking).failed] == [
        "missing from the synthetic table"
    ]


def test_distances_and_p_agree_with_scipy():
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(3)
    columns = [Column("a", NUM), Column("b", NUM)]
    train = {"a": rng.normal(size=700), "b": rng.normal(size=700)}
    held = {"a": rng.normal(size=400), "b": rng.normal(size=400)}
    made = {"a": rng.normal(0.4, 1, 500), "b": rng.normal(size=500)}
    found = GATES["distribution"](gated(columns, train, made, held))
    known = ks_2samp(made["a"], held["a"], method="asymp")
    figures = found.failed[0].figures
    assert found.failed[0].column == "a"
    assert figures["D"] == pytest.approx(known.statistic)
    assert figures["p"] == pytest.approx(known.pvalue)
    assert (figures["n"], figures["m"]) == (500, 400)
    assert (found.outcome, found.at_most, found.threshold) == ("fail", True, 0.05)
    assert "D 0." in found.note
    assert "n 500 and 400" in found.note


def test_categories_lie_in_source_order():
    """In source order y, x, z; a quarter moved from y to x is D 0.25, and from x to z as well."""
    real = {"c": ["y"] * 50 + ["x"] * 25 + ["z"] * 25}
    moved = {"c": ["y"] * 25 + ["x"] * 50 + ["z"] * 25}
    asked = GateThresholds(distribution_by="p", benjamini_hochberg=False)
    found = GATES["distribution"](gated([Column("c", CAT)], real, moved, asked=asked))
    assert found.failed[0].figures["D"] == pytest.approx(0.25)
    assert found.value == pytest.approx(p_value(0.25, 100, 100))
    assert found.outcome == "fail"


def test_p_values_of_large_samples_are_those_of_scipy():
    from scipy.stats import kstwo

    for d in (0.004, 0.008, 0.012, 0.02):
        exact = float(kstwo.sf(d, 10_000))
        assert p_value(d, 20_000, 20_000) == pytest.approx(exact, abs=1e-5)


def test_a_distance_that_chance_explains_is_inconclusive():
    rng = np.random.default_rng(1)
    rows = [{"a": rng.normal(size=n)} for n in (5000, 40, 60)]
    rows[2]["a"] += 0.25
    found = GATES["distribution"](gated([Column("a", NUM)], rows[0], rows[2], rows[1]))
    assert found.outcome in {"inconclusive", "pass"}
    assert not (found.outcome == "pass" and found.value > 0.05)
    none = gated([Column("a", NUM)], rows[0], rows[2], {"a": []})
    assert GATES["distribution"](none).outcome == "not applicable"


def test_many_columns_are_corrected_for():
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])
    assert benjamini_hochberg([0.9]) == [0.9]


OWNER = Table("owner", (Column("id", INT), Column("kind", CAT)), "id")
PET = Table("pet", (Column("owner", INT), Column("legs", INT)))
LINKED = Schema((OWNER, PET), (Relationship("owner", "id", "pet", "owner"),))


def linked(keys):
    real = {
        "owner": frame_of({"id": [1, 2, 3], "kind": ["a", "b", "a"]}, {"id": INT, "kind": CAT}),
        "pet": frame_of(
            {"owner": [1, 1, 2, 2, 3, 3], "legs": [4] * 6}, {"owner": INT, "legs": INT}
        ),
    }
    pets = frame_of({"owner": keys, "legs": [4] * len(keys)}, {"owner": INT, "legs": INT})
    rng = np.random.default_rng(0)
    case = open_case(PET, LINKED, real["pet"], real["pet"], pets, rng)
    made = {"owner": real["owner"], "pet": pets}
    return Gated(case, LINKED, real, made, GateThresholds(), (), rng)


def test_orphans_and_children_per_parent():
    found = linked([1, 2, 3, 9, 8, None])
    keys = GATES["coverage"](found)
    assert (keys.value, keys.outcome) == (3 / 5, "fail")
    assert keys.failed[0].column == "pet.owner → owner"
    assert keys.failed[0].figures == {"orphans": 2}
    counts = GATES["children"](found)
    assert (counts.value, counts.outcome) == (1.0, "fail")  # all have one child, not two
    assert GATES["children"](linked([1, 1, 2, 2, 3, 3])).outcome == "pass"


def test_few_parents_and_lists_are_judged_by_what_chance_allows():
    assert GATES["children"](linked([1, 1, 1, 2, 2, 3])).outcome == "pass"
    more = linked([1, 2, 3] * 40)
    assert GATES["children"](more).outcome == "fail"  # forty children each, not two
    twice = replace(more, train={**more.train, "pet": more.synthetic["pet"].iloc[:60]})
    assert GATES["children"](twice).outcome == "pass"  # a list: twice the rows, shared alike


def test_single_tables_have_no_linkage():
    single = gated([Column("a", INT)], {"a": [1]}, {"a": [1]})
    for name in ("coverage", "children"):
        assert GATES[name](single).outcome == "not applicable"


@pytest.mark.parametrize("rows", [1, 2, 40])
def test_hard_columns_pass_every_gate_without_an_error(rows):
    kinds = {"same": INT, "empty": NUM, "blank": CAT, "wide": CAT, "when": ColumnType.TIME}
    values = {
        "same": [7] * rows,
        "empty": [np.nan] * rows,
        "blank": [None] * rows,
        "wide": [f"c{i}" for i in range(rows)],
        "when": pd.to_timedelta(np.arange(rows), unit="s"),
    }
    columns = [Column(n, k) for n, k in kinds.items()]
    results = gate_results(gated(columns, values, values))
    assert [r.name for r in results] == list(GATES)
    assert {r.outcome for r in results} <= {"pass", "not applicable"}


def test_fresh_real_rows_fail_no_gate():
    rng = np.random.default_rng(0)
    parts = [people(n, rng) for n in (2000, 800, 2000)]
    schema = schema_of(TYPES)
    case = open_case(schema.tables[0], schema, parts[0], parts[1], parts[2], rng)
    sides = ({"people": parts[0]}, {"people": parts[2]})
    results = gate_results(Gated(case, schema, *sides, GateThresholds(), (), rng))
    assert {r.outcome for r in results} <= {"pass", "warn", "not applicable", "inconclusive"}
