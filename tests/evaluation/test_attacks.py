"""Generators that leak in known ways are caught, fresh real rows are not, and the rest says why."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.schema import ColumnType, Role
from core.errors import InvalidParameter
from core.evaluation.attacks import ATTACK_WORDS, ATTACKS, attack_named, privacy_detail
from core.evaluation.bounds import ATTACK_BOUNDS, Bounds
from core.evaluation.codec import decode, encode
from core.evaluation.details import OUTCOMES, PrivacyDetail
from core.evaluation.measures import NotMeasured
from core.evaluation.policy import EvaluationPolicy
from tests.evaluation.leaks import SCHEMA, attacked, case_of, clients, is_apart
from tests.evaluation.tables import frame_of, schema_of

ROWS = 1500


@pytest.fixture(scope="module")
def real():
    rng = np.random.default_rng(11)
    return [clients(ROWS, rng) for _ in range(3)]


def detail(train, holdout, synthetic, schema=SCHEMA, policy=None, seed=1):
    case = case_of(train, holdout, synthetic, schema)
    return privacy_detail(case, schema, policy, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def copied(real):
    return detail(real[0], real[1], real[0].sample(frac=1, random_state=0, ignore_index=True))


@pytest.fixture(scope="module")
def fresh(real):
    return detail(*real)


def by_name(found: PrivacyDetail):
    return {attack.name: attack for attack in found.attacks}


def test_a_verbatim_copy_fails_every_attack(copied):
    assert {name: a.outcome for name, a in by_name(copied).items()} == dict.fromkeys(
        ATTACKS, "fail"
    )
    assert copied.outcome == "fail"
    for attack in copied.attacks:
        middle = (attack.harmless + attack.worst) / 2
        assert attack.value > (0.3 if attack.name == "linkability" else middle), attack.name
        assert attack.value == pytest.approx(attack.copy, abs=0.1), attack.name


def test_fresh_real_rows_pass_every_attack(fresh):
    assert {name: a.outcome for name, a in by_name(fresh).items()} == dict.fromkeys(ATTACKS, "pass")
    assert fresh.outcome == "pass"
    assert "None of 14 attacks" in fresh.sentence
    for attack in fresh.attacks:
        assert attack.value <= attack.harmless + 0.12, attack.name
        assert attack.fresh <= attack.harmless + 0.12, attack.name
        assert attack.copy > attack.fail_at, attack.name


def test_numbers_lie_in_their_intervals_and_in_the_unit_range(copied, fresh):
    for attack in (*copied.attacks, *fresh.attacks):
        assert 0 <= attack.low <= attack.value <= attack.high <= 1, attack.name
        assert attack.outcome in OUTCOMES
        bounds = ATTACK_BOUNDS[attack.name].default
        assert (attack.warn_at, attack.fail_at) == (bounds.warn, bounds.fail)


def test_half_a_copy_is_caught(real):
    half = ROWS // 2
    rows = pd.concat([real[2].iloc[half:], real[0].iloc[:half]], ignore_index=True)
    found = detail(real[0], real[1], rows)
    assert found.outcome == "fail"
    outcomes = {name for name, attack in by_name(found).items() if attack.outcome == "fail"}
    assert {"copies", "near_copies", "nearer", "neighbour_ratio", "membership"} <= outcomes
    assert {"membership_density", "attribute_inference", "singling_out", "replay"} <= outcomes
    assert by_name(found)["copies"].value == pytest.approx(0.5, abs=0.02)


def test_one_copied_row_in_twenty_is_seen_among_the_copies(real):
    few = ROWS // 20
    rows = pd.concat([real[2].iloc[few:], real[0].iloc[:few]], ignore_index=True)
    found = attacked(case_of(real[0], real[1], rows), "copies", "near_copies")
    assert found["copies"].outcome == "fail"
    assert found["near_copies"].outcome in {"warn", "fail"}
    assert found["copies"].value == pytest.approx(0.05, abs=0.01)


def test_people_who_stand_apart_and_are_remembered_are_found(real):
    train, holdout, other = real
    rows = pd.concat([other[~is_apart(other)], train[is_apart(train)]], ignore_index=True)
    found = attacked(case_of(train, holdout, rows), "membership", "membership_isolated")
    assert found["membership_isolated"].outcome == "fail"
    assert found["membership_isolated"].value > 0.85
    assert found["membership"].outcome != "fail"


def test_names_that_were_to_be_replaced_are_found_and_not_told(real):
    train, holdout, other = real
    few = ROWS // 20
    leaked = other.copy()
    leaked.loc[: few - 1, "email"] = train["email"].iloc[:few].to_numpy()
    found = attacked(case_of(train, holdout, leaked), "replay")["replay"]
    assert found.outcome == "fail"
    assert found.figures["values of email that occur again"] == few
    assert "example.org" not in json.dumps(encode(found))
    moved = other.drop(columns="email").assign(
        town=other["town"].where(other.index >= few, train["email"])
    )
    assert attacked(case_of(train, holdout, moved), "replay")["replay"].outcome == "fail"
    gone = other.drop(columns="email")
    assert attacked(case_of(train, holdout, gone), "replay")["replay"].value == 0


def test_rare_values_extremes_and_people_alone_are_found_without_any_copy(real):
    train, holdout, other = real
    rows = other.copy()
    counts = train["town"].value_counts()
    rare = counts.index[counts < 5]
    rows.loc[: len(rare) - 1, "town"] = rare.to_numpy()
    for name, ends in (("income", ("min", "max")), ("debt", ("min", "max"))):
        for place, end in enumerate(ends):
            rows.loc[place, name] = getattr(train[name], end)()
    names = ("copies", "rare_values", "extremes", "anonymity")
    found = attacked(case_of(train, holdout, rows), *names)
    assert found["copies"].outcome == "pass"
    assert found["rare_values"].outcome == "fail"
    assert found["extremes"].outcome in {"warn", "fail"}
    alone = rows.assign(age=train["age"], town=train["town"])
    assert attacked(case_of(train, holdout, alone), "anonymity")["anonymity"].outcome == "fail"


def test_the_same_seed_gives_the_same_detail(real):
    few = [part.iloc[:300] for part in real]
    once, again, other = (detail(*few, seed=seed) for seed in (4, 4, 5))
    assert once == again
    assert once != other
    assert decode(PrivacyDetail, json.loads(json.dumps(encode(once), allow_nan=False))) == once


@pytest.mark.parametrize("side", [0, 1, 2])
@pytest.mark.parametrize("rows", [0, 1, 30])
def test_too_few_rows_never_pass(real, side, rows):
    parts = [part.iloc[:200] for part in real]
    parts[side] = parts[side].iloc[: max(rows, int(side == 0))]
    found = detail(*parts)
    assert found.outcome == "inconclusive"
    for attack in found.attacks:
        counted = attack.name in {"rare_values", "extremes", "replay"}
        assert attack.outcome != "pass" or (counted and attack.value <= attack.warn_at)
        if isinstance(attack.value, NotMeasured) or attack.outcome == "inconclusive":
            assert attack.note, attack.name


def test_hard_columns_give_outcomes_or_reasons():
    rng = np.random.default_rng(1)
    types = {
        "constant": ColumnType.INTEGER,
        "empty": ColumnType.NUMBER,
        "blank": ColumnType.CATEGORY,
        "wide": ColumnType.CATEGORY,
        "huge": ColumnType.NUMBER,
        "gaps": ColumnType.NUMBER,
        "when": ColumnType.TIME,
    }

    def draw(rows):
        gaps = np.where(rng.random(rows) < 0.4, np.nan, rng.normal(size=rows))
        values = {
            "constant": [7] * rows,
            "empty": [np.nan] * rows,
            "blank": [None] * rows,
            "wide": [f"c{n}" for n in rng.integers(0, 500, rows)],
            "huge": np.clip(rng.normal(0, 1, rows), -1, 1) * 1.7e308,
            "gaps": gaps,
            "when": pd.to_timedelta(rng.integers(0, 86_400, rows), unit="s"),
        }
        return frame_of(values, types)

    train = draw(600)
    schema = schema_of(types, "t")
    found = detail(train, draw(600), train, schema)
    assert found.outcome == "fail"
    outcomes = {name: attack.outcome for name, attack in by_name(found).items()}
    assert outcomes["copies"] == outcomes["membership"] == "fail"
    assert outcomes["anonymity"] == outcomes["replay"] == "not applicable"
    json.dumps(encode(found), allow_nan=False)


def test_a_table_in_which_nothing_can_be_told_apart_is_not_called_safe():
    types = {"a": ColumnType.CATEGORY, "b": ColumnType.BOOLEAN}
    rng = np.random.default_rng(0)

    def draw():
        return frame_of({"a": rng.choice(["x", "y"], 400), "b": rng.random(400) < 0.5}, types)

    found = detail(draw(), draw(), draw(), schema_of(types, "t"))
    assert found.outcome == "inconclusive"
    copies = by_name(found)["copies"]
    assert copies.outcome == "inconclusive"
    assert "copy of the training rows is not detected" in copies.note


def test_a_table_of_names_only_has_nothing_to_attack(real):
    types = {"note": ColumnType.TEXT}
    parts = [frame_of({"note": part["email"]}, types) for part in real]
    found = detail(*parts, schema_of(types, "t"))
    assert found.outcome == "inconclusive"
    assert all(a.outcome in {"inconclusive", "not applicable"} for a in found.attacks)


def test_a_short_list_that_others_point_to_has_no_members_to_attack():
    types = {"product": ColumnType.CATEGORY, "fee": ColumnType.NUMBER}
    rows = frame_of({"product": [f"p{i}" for i in range(12)], "fee": np.arange(12.0)}, types)
    schema = schema_of(types, "t")
    made = case_of(rows, rows.iloc[:0], rows, schema)
    listed = privacy_detail(replace(made, shared=12), schema, None, np.random.default_rng(0))
    assert listed.outcome == "not applicable"
    assert {a.outcome for a in listed.attacks} == {"not applicable"}
    alone = privacy_detail(made, schema, None, np.random.default_rng(0))
    assert alone.outcome in {"fail", "inconclusive"}
    person = replace(schema.tables[0].columns[1], role=Role.SENSITIVE)
    personal = replace(made, shared=12, table=made.table.with_column(person))
    told = privacy_detail(personal, schema, None, np.random.default_rng(0))
    assert told.outcome in {"fail", "inconclusive"}


def test_the_policy_sets_the_bounds(real):
    strict = EvaluationPolicy(
        attacks={**EvaluationPolicy().attacks, "copies": Bounds(0.9, 0.95)}, small_group=9
    )
    few = [part.iloc[:300] for part in real]
    found = by_name(detail(few[0], few[1], pd.concat([few[0][:150], few[2][:150]]), policy=strict))
    assert (found["copies"].warn_at, found["copies"].fail_at) == (0.9, 0.95)
    assert found["copies"].outcome == "pass"
    assert "share of synthetic rows in groups below 9" in found["anonymity"].figures


def test_every_attack_has_words_bounds_and_a_place():
    assert set(ATTACKS) == set(ATTACK_WORDS) == set(ATTACK_BOUNDS)
    for name, attack in ATTACKS.items():
        assert attack.name == name
        assert attack.harmless == ATTACK_BOUNDS[name].low
        words = ATTACK_WORDS[name]
        assert all((words.title, words.meaning, words.computed, words.reading, words.misleads))
    assert attack_named("copies") is ATTACKS["copies"]
    with pytest.raises(InvalidParameter, match="Known: copies"):
        attack_named("bribery")


class Recorder:
    def __init__(self):
        self.steps = []

    def stage(self, name):
        raise AssertionError("the evaluation names its own stage")

    def step(self, done, total, note="", values=None):
        self.steps.append((done, total, note))


def test_progress_goes_on_to_the_end(real):
    watch, few = Recorder(), [part.iloc[:120] for part in real]
    privacy_detail(case_of(*few), SCHEMA, None, np.random.default_rng(0), progress=watch)
    done = [step[0] for step in watch.steps]
    assert done == sorted(done)
    assert watch.steps[-1][:2] == (42, 42)
