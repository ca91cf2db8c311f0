"""Pairs, whole rows and what gives synthetic rows away, by hand and beside both references."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Schema, Table
from core.evaluation.case import open_case
from core.evaluation.charts import OTHER
from core.evaluation.codec import decode, encode
from core.evaluation.details import FidelityDetail
from core.evaluation.fidelity_detail import fidelity_detail, giveaways, support
from core.evaluation.fidelity_detail.crosstabs import MISSING, crosstab
from core.evaluation.fidelity_detail.sides import drawn_by_lot, sides_of
from core.evaluation.fidelity_detail.whole import rules_kept, triples
from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.models import one_thread
from core.evaluation.words import MEASURES
from core.synthesis.asks import AtMost, FixedCombinations, InRange
from tests.evaluation.tables import TYPES, frame_of, people, schema_of, shuffled

ROWS = 600
WHOLE = ("associations", "triples", "alpha_precision", "beta_recall", "authenticity")


def case_of(train, holdout, synthetic, schema=None):
    schema = schema or schema_of(TYPES)
    rng = np.random.default_rng(9)
    return open_case(schema.tables[0], schema, train, holdout, synthetic, rng)


def detail_of(case, **asked):
    with one_thread():
        schema = Schema((case.table,))
        return fidelity_detail(
            case, schema, np.random.default_rng(1), with_sdmetrics=False, **asked
        )


@pytest.fixture(scope="module")
def real():
    rng = np.random.default_rng(7)
    return people(ROWS, rng), people(ROWS, rng), people(ROWS, rng)


@pytest.fixture(scope="module")
def details(real):
    train, holdout, fresh = real
    rng = np.random.default_rng(8)
    swapped = fresh.assign(income=fresh["balance"], balance=fresh["income"])
    made = {
        "fresh": fresh,
        "independent": shuffled(train, rng),
        "copy": train,
        "swapped": swapped,
    }
    return {name: detail_of(case_of(train, holdout, part)) for name, part in made.items()}


def whole(detail):
    return {measure.name: measure for measure in detail.whole}


def test_fresh_rows_are_at_the_ceiling(details):
    found = whole(details["fresh"])
    assert tuple(found) == WHOLE
    for measure in found.values():
        assert measure.value == pytest.approx(measure.fresh, abs=0.06)
    assert all(pair.similarity > pair.fresh - 0.08 for pair in details["fresh"].pairs)
    assert max(g.drop for g in details["fresh"].giveaways) < 0.08


def test_independent_columns_fail_pairs_and_whole_rows(details):
    found = whole(details["independent"])
    for name in ("associations", "triples", "alpha_precision", "beta_recall"):
        measure = found[name]
        assert abs(measure.value - measure.chance) < abs(measure.value - measure.fresh) / 3
    worst = details["independent"].pairs[0]
    assert {worst.left, worst.right} == {"age", "joined"}
    assert worst.association_real == pytest.approx(1)
    assert abs(worst.association_synthetic) < 0.2
    assert worst.measure == "rank correlation"
    assert details["independent"].giveaways[0].column in {"age", "joined"}
    assert details["independent"].giveaways[0].drop > 0.1


def test_a_copy_has_no_authenticity_and_all_recall(details):
    found = whole(details["copy"])
    assert found["authenticity"].value == 0
    assert found["authenticity"].fresh > 0.3
    assert found["beta_recall"].value == pytest.approx(found["beta_recall"].fresh, abs=0.03)


def test_swapping_two_columns_is_seen_in_pairs_and_giveaways(details):
    before, after = details["fresh"], details["swapped"]
    assert {"income", "balance"} & {after.pairs[0].left, after.pairs[0].right}
    assert after.pairs[0].similarity < before.pairs[0].similarity - 0.3
    assert after.giveaways[0].column in {"income", "balance"}
    assert whole(after)["alpha_precision"].value < whole(before)["alpha_precision"].value - 0.1


def test_every_measure_has_its_words(details):
    for detail in details.values():
        named = {m.name for m in detail.whole}
        named |= {m.name for measures in detail.columns.values() for m in measures}
        for name in named | {"giveaways", "rules", "c2st"}:
            words = MEASURES[name]
            assert words.title
            assert words.meaning.endswith(".")
            assert words.computed.endswith(".")
            assert words.reading.endswith(".")
            assert words.misleads.endswith(".")


def test_the_same_seed_gives_the_same_detail(real, details):
    again = detail_of(case_of(real[0], real[1], real[2]))
    assert again == details["fresh"]
    assert decode(FidelityDetail, encode(again)) == again


def test_at_most_ten_pairs_with_their_counts(details):
    pairs = details["independent"].pairs
    assert len(pairs) == 10
    for pair in pairs:
        for counts in (pair.table.real, pair.table.synthetic):
            assert len(counts) == len(pair.table.rows)
            assert {len(row) for row in counts} == {len(pair.table.columns)}
            assert sum(map(sum, counts)) == ROWS


def test_rare_labels_are_other_and_edges_are_round():
    types = {"city": ColumnType.CATEGORY, "pay": ColumnType.NUMBER}
    city = ["Köln"] * 40 + ["Hidden"] * 4 + [None] * 6
    frame = frame_of({"city": city, "pay": np.linspace(1234.567, 9876.543, 50)}, types)
    table = crosstab(case_of(frame, frame, frame, schema_of(types)), "city", "pay")
    assert table.rows == ("Köln", OTHER, MISSING)
    assert [sum(row) for row in table.real] == [40, 4, 6]
    assert table.columns[0] == "below 2,300"
    assert all("." not in label for label in table.columns)


def test_neighbours_and_balls_by_hand():
    line = np.array([[0.0], [1], [3], [7]], np.float32)
    assert support.neighbour_distance(line, 1).tolist() == [1, 1, 4, 16]
    assert support.neighbour_distance(line, 2).tolist() == [9, 4, 9, 36]
    own = support.neighbour_distance(line, 1)
    moved = np.array([[0.0], [1.5], [5], [20]], np.float32)
    assert support.authenticity(line, moved, own).value == pytest.approx(0.25)
    ring = np.array([[-4.0], [-2], [2], [4]], np.float32)
    assert support.alpha_precision(ring, ring).value == pytest.approx(1, abs=1e-3)
    assert support.alpha_precision(ring, ring * 10).value == pytest.approx(0, abs=1e-3)
    assert support.alpha_precision(ring, ring * 0).value == pytest.approx(0, abs=1e-2)


def test_recall_by_hand():
    real = np.array([[0.0], [10], [20], [30]], np.float32)
    radii = np.full(4, 1.0, np.float32)
    assert support.beta_recall(real, real, radii).value == pytest.approx(0.75)
    one_kind = np.full((4, 1), 10.0, np.float32)
    assert support.beta_recall(real, one_kind, radii).value == pytest.approx(0.375, abs=1e-3)


def test_rules_are_learned_from_the_training_rows(real):
    train, holdout, fresh = real
    late = fresh.assign(age=fresh["age"] + 100)
    case = case_of(train, holdout, late)
    sides = sides_of(case, np.random.default_rng(0))

    def kept(*rules):
        return rules_kept(case, sides, rules, np.random.default_rng(0))

    ages = kept(InRange("age", 18, 80))
    assert (ages.value, ages.fresh) == (0, 1)
    combined = kept(FixedCombinations(("age", "joined")))
    assert combined.value == 0
    assert combined.fresh > 0.9
    assert combined.chance < 0.3
    both = kept(InRange("age", 18, 80), AtMost("balance", "income"))
    assert "2 rules; least kept: age in its range (0.00%)" in both.note
    assert "no column" in kept(InRange("height", 1, 2)).value.reason


def test_rules_are_part_of_the_detail(real):
    detail = detail_of(case_of(*real), rules=(InRange("age", 18, 80),))
    assert whole(detail)["rules"].value == 1


@pytest.mark.parametrize("rows", [1, 19, 45])
def test_too_few_rows_are_not_measured(rows):
    rng = np.random.default_rng(3)
    train = people(rows, rng)
    found = detail_of(case_of(train, people(rows, rng), people(rows, rng)))
    assert found.giveaways == ()
    assert "not measured" in found.notes[0]
    if rows < 20:
        assert isinstance(whole(found)["alpha_precision"].value, NotMeasured)


@pytest.mark.parametrize("value", [5.0, np.nan])
def test_columns_without_variation_raise_no_warning(value):
    types = {"a": ColumnType.NUMBER, "b": ColumnType.NUMBER, "c": ColumnType.CATEGORY}
    frame = frame_of({"a": [value] * 80, "b": [value] * 80, "c": ["x"] * 80}, types)
    found = detail_of(case_of(frame, frame, frame, schema_of(types)))
    assert isinstance(whole(found)["associations"].value, NotMeasured)
    assert isinstance(whole(found)["alpha_precision"].value, NotMeasured)
    assert whole(found)["triples"].value == 1
    assert all(isinstance(pair.association_real, NotMeasured) for pair in found.pairs)


def test_a_table_without_learned_columns():
    schema = Schema((Table("t", (Column("id", ColumnType.INTEGER),), "id"),))
    frame = frame_of({"id": range(80)}, {"id": ColumnType.INTEGER})
    found = detail_of(case_of(frame, frame, frame, schema))
    assert found.pairs == ()
    assert isinstance(whole(found)["triples"].value, NotMeasured)


def test_what_is_drawn_by_lot_is_said_with_an_interval():
    types = {f"c{n}": ColumnType.NUMBER for n in range(12)}
    rng = np.random.default_rng(2)
    frames = [frame_of({n: rng.normal(size=60) for n in types}, types) for _ in range(3)]
    measure = triples(case_of(*frames, schema_of(types)), rng)
    assert measure.note == "100 of 220 triples, drawn by lot"
    assert measure.low < measure.value < measure.high
    plain = Measure("x", 0.5, 0.5, 0.5, 1.0)
    assert drawn_by_lot(plain, [0.4, 0.6], 2, "pairs") == plain
    assert replace(drawn_by_lot(plain, [0.4, 0.6], 9, "pairs"), note="").value == 0.5


def test_large_tables_are_cut_and_say_so(monkeypatch, real):
    monkeypatch.setattr(support, "MAX_ROWS", 200)
    found = support.support_measures(case_of(*real), np.random.default_rng(0))
    assert {m.note for m in found} == {"200 of at most 600 rows of each kind"}
    assert all(m.low < m.value < m.high for m in found)


def test_missing_values_differ_only_in_synthetic_rows(real):
    train, holdout, fresh = real
    holes = fresh.assign(age=fresh["age"].where(np.arange(ROWS) % 2 == 0, pd.NA))
    found = detail_of(case_of(train, holdout, holes))
    missing = next(m for m in found.columns["age"] if m.name == "missing")
    assert missing.value == pytest.approx(0.5)
    assert found.giveaways[0].column == "age"


def test_wide_tables_look_closer_at_the_strongest_columns_only(monkeypatch, real):
    monkeypatch.setattr(giveaways, "_MOST", 3)
    train, holdout, fresh = real
    case = case_of(train, holdout, fresh.assign(balance=fresh["balance"] + 4_000))
    with one_thread():
        told = giveaways.giveaways(case, np.random.default_rng(0))
    assert len(told.giveaways) == 3
    assert told.giveaways[0].column == "balance"
    assert "the 3 of 7 columns that a first look on 500 rows found strongest" in told.note


def test_more_synthetic_than_training_rows_are_compared_by_the_same_number(real):
    train, holdout, fresh = real
    many = pd.concat([fresh] * 3, ignore_index=True)
    found = detail_of(case_of(train, holdout, many))
    assert "On 600 of 1,800 synthetic rows" in found.notes[1]
    assert sum(map(sum, found.pairs[0].table.synthetic)) == ROWS
    assert "1,200 rows" in next(m for m in found.columns["age"] if m.name == "chi_square").note
