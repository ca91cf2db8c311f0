"""What must come out when the synthetic rows are a copy, fresh real rows, or shuffled."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Action, Column, ColumnType, Relationship, Role, Schema, Table
from core.errors import InvalidInput, InvalidParameter
from core.evaluation import NotMeasured, Report
from core.evaluation import evaluate as evaluate_tables
from core.evaluation.thresholds import MIN_HOLDOUT
from tests.evaluation.tables import TYPES, frame_of, people, schema_of, shuffled

SCHEMA = schema_of(TYPES)

evaluate = partial(evaluate_tables, depth="quick")


class Recorder:
    def __init__(self):
        self.stages, self.steps = [], []

    def stage(self, name):
        self.stages.append(name)

    def step(self, done, total, note="", values=None):
        self.steps.append((done, total, note))


@pytest.fixture(scope="module")
def real():
    rng = np.random.default_rng(5)
    return {"train": people(2000, rng), "holdout": people(500, rng), "fresh": people(2000, rng)}


def judge(real, synthetic, **kwargs):
    holdout = kwargs.pop("holdout", real["holdout"])
    return evaluate(
        {"people": real["train"]}, {"people": holdout}, {"people": synthetic}, SCHEMA, **kwargs
    )


@pytest.fixture(scope="module")
def copied(real):
    return judge(real, real["train"].sample(frac=1, random_state=0, ignore_index=True))


@pytest.fixture(scope="module")
def fresh(real):
    return judge(real, real["fresh"])


@pytest.fixture(scope="module")
def mixed(real):
    return judge(real, shuffled(real["train"], np.random.default_rng(2)))


def test_a_copy_scores_worst_on_privacy(copied):
    measures = copied["people"].measures
    assert copied.level == "poor"
    assert copied.dial("privacy").level == "poor"
    assert copied.dial("privacy").value == pytest.approx(0, abs=0.1)
    assert measures["copies"].value == 1
    assert measures["nearer"].value > 0.95
    assert measures["membership"].value > 0.9
    assert measures["distance"].value == 0
    assert any("hand this table out" in s for s in copied.suggestions)


def test_a_copy_is_as_faithful_as_training_rows(copied):
    for name in ("columns", "pairs", "tstr"):
        measure = copied["people"].measures[name]
        assert measure.value == pytest.approx(measure.fresh, abs=0.01)


def test_fresh_real_rows_are_at_the_ceiling_everywhere(fresh):
    measures = fresh["people"].measures
    assert fresh.level == "good"
    assert {d.level for d in fresh.dials} == {"good"}
    for name in ("columns", "pairs", "tstr"):
        assert measures[name].value == pytest.approx(measures[name].fresh, abs=0.02)
    assert measures["c2st"].value == pytest.approx(0.5, abs=0.08)
    assert measures["nearer"].value == pytest.approx(0.5, abs=0.06)
    assert measures["membership"].value == pytest.approx(0.5, abs=0.05)
    assert measures["copies"].value == 0
    assert fresh.suggestions == ("Make a release, so that others can review and use it.",)


def test_shuffled_columns_keep_single_columns_and_lose_pairs(mixed):
    measures = mixed["people"].measures
    assert measures["columns"].value == pytest.approx(measures["columns"].fresh, abs=1e-9)
    assert measures["pairs"].value < measures["pairs"].fresh - 0.1
    assert measures["pairs"].value == pytest.approx(measures["pairs"].chance, abs=0.02)
    assert measures["c2st"].value > 0.9
    assert mixed.dial("fidelity").level == "poor"
    assert mixed.dial("utility").level == "poor"
    assert mixed.dial("privacy").level == "good"


def test_every_measured_value_stands_beside_a_measured_reference(fresh):
    for measure in fresh["people"].measures.values():
        assert isinstance(measure.value, float)
        assert isinstance(measure.fresh, float)
    assert set(fresh.figures) == {"uni", "biv", "tri", "c2st", "tstr", "dcr", "mia", "dup"}
    assert fresh.figures["dup"] == 0


def test_the_report_survives_json(fresh, copied):
    for report in (fresh, copied):
        text = json.dumps(report.to_dict(), allow_nan=False)
        assert Report.from_dict(json.loads(text)) == report
    with pytest.raises(InvalidInput, match="not an evaluation report"):
        Report.from_dict({"tables": 3})


def test_the_same_seed_gives_the_same_report(real):
    once, again = (judge(real, real["fresh"], seed=9) for _ in range(2))
    assert once == again
    assert judge(real, real["fresh"], seed=10) != once


def test_progress_is_reported_to_the_end(real):
    watch = Recorder()
    judge(real, real["fresh"], progress=watch)
    assert watch.stages == ["evaluate"]
    assert watch.steps[-1][:2] == (6, 6)
    assert [s[0] for s in watch.steps] == sorted(s[0] for s in watch.steps)


@pytest.mark.parametrize("rows", [0, 1, MIN_HOLDOUT - 1])
def test_a_small_holdout_gives_reasons_instead_of_numbers(real, rows):
    report = judge(real, real["fresh"], holdout=real["holdout"].iloc[:rows])
    table = report["people"]
    for name in ("tstr", "c2st", "nearer", "distance", "membership"):
        assert isinstance(table.measures[name].value, NotMeasured), name
    assert isinstance(table.measures["pairs"].fresh, NotMeasured)
    assert isinstance(table.measures["copies"].value, float)
    assert all(isinstance(report.figures[n], NotMeasured) for n in ("uni", "biv", "tri", "dcr"))
    assert {d.level for d in report.dials} == {"unknown"}
    assert any("training rows" in note for note in table.notes)


def test_a_copy_is_flagged_without_a_holdout(real):
    report = judge(real, real["train"], holdout=real["holdout"].iloc[:0])
    assert report.dial("privacy").level == "poor"


def test_the_target_is_guessed_given_or_refused(real, fresh):
    assert (fresh["people"].target, fresh["people"].target_kind) == ("risk", "classes")
    number = judge(real, real["fresh"], target="people.income")["people"]
    assert (number.target, number.target_kind) == ("income", "number")
    assert number.measures["tstr"].fresh > 0.8
    assert number.measures["tstr"].chance == 0
    with pytest.raises(InvalidParameter, match="no column 'zip'"):
        judge(real, real["fresh"], target="zip")


def test_the_target_is_guessed_without_a_holdout_too(real):
    report = judge(real, real["fresh"], holdout=real["holdout"].iloc[:0])
    assert report["people"].target == "risk"


def test_empty_and_absent_tables_are_all_named(real):
    with pytest.raises(InvalidInput) as caught:
        evaluate({"people": real["train"].iloc[:0]}, {}, {}, SCHEMA)
    assert len(caught.value.problems) == 2


def test_left_out_columns_are_marked_and_do_not_count(real):
    columns = {c.name: c for c in SCHEMA.tables[0].columns}
    changed = [
        Column("age", ColumnType.INTEGER, role=Role.IDENTIFIER),
        Column("income", ColumnType.NUMBER, action=Action.REPLACE),
        Column("joined", ColumnType.DATE, action=Action.DROP),
        Column("note", ColumnType.TEXT),
    ]
    kept = tuple(columns[n] for n in ("member", "city", "risk"))
    schema = Schema((Table("people", (*changed, *kept)),))
    frames = [
        real[k].assign(note=pd.Series(["x"] * len(real[k]), dtype="string[pyarrow]"))
        for k in ("train", "holdout", "fresh")
    ]
    frames[2] = frames[2].drop(columns="joined")
    report = evaluate(*({"people": frame} for frame in frames), schema)["people"]
    reasons = {c.name: c.excluded.split(":")[0] for c in report.columns if c.excluded}
    assert reasons == {
        "age": "identifier",
        "income": "replaced",
        "joined": "dropped",
        "note": "free text",
    }
    assert report.pairs_total == 3
    assert all(isinstance(c.similarity, NotMeasured) for c in report.columns if c.excluded)
    assert report.association.names == ("member", "city", "risk")


def test_hard_columns_give_finite_numbers_or_reasons():
    rng = np.random.default_rng(1)
    types = {
        "constant": ColumnType.INTEGER,
        "empty": ColumnType.NUMBER,
        "blank": ColumnType.CATEGORY,
        "wide": ColumnType.CATEGORY,
        "huge": ColumnType.NUMBER,
        "when": ColumnType.TIME,
        "flag": ColumnType.BOOLEAN,
    }

    def draw(rows):
        values = {
            "constant": [7] * rows,
            "empty": [np.nan] * rows,
            "blank": [None] * rows,
            "wide": [f"c{n}" for n in rng.integers(0, 500, rows)],
            "huge": np.clip(rng.normal(0, 1, rows), -1, 1) * 1.7e308,
            "when": pd.to_timedelta(rng.integers(0, 86_400, rows), unit="s"),
            "flag": rng.random(rows) < 0.5,
        }
        return {"t": frame_of(values, types)}

    report = evaluate(draw(800), draw(200), draw(800), schema_of(types, "t"))
    table = report["t"]
    assert table.measures["columns"].value == pytest.approx(
        table.measures["columns"].fresh, abs=0.02
    )
    json.dumps(report.to_dict(), allow_nan=False)
    assert table.target == "flag"
    assert report.dial("utility").level == "unknown"


def test_one_training_row():
    types = {"a": ColumnType.INTEGER, "b": ColumnType.CATEGORY}
    one = {"t": frame_of({"a": [1], "b": ["x"]}, types)}
    report = evaluate(one, {}, one, schema_of(types, "t"))
    assert report["t"].measures["copies"].value == 1
    assert isinstance(report.figures["tstr"], NotMeasured)
    json.dumps(report.to_dict(), allow_nan=False)


def test_one_column_and_nothing_to_learn():
    types = {"a": ColumnType.INTEGER}
    rng = np.random.default_rng(0)
    draw = [{"t": frame_of({"a": rng.integers(0, 9, 3000)}, types)} for _ in range(3)]
    report = evaluate(*draw, schema_of(types, "t"))
    assert isinstance(report["t"].measures["pairs"].value, NotMeasured)
    assert report.dial("fidelity").level == "good"
    names_only = Schema((Table("t", (Column("a", ColumnType.INTEGER, Role.IDENTIFIER),)),))
    left_out = evaluate(*draw, names_only)
    assert left_out.level == "unknown"
    json.dumps(left_out.to_dict(), allow_nan=False)


def test_a_wide_table_says_how_many_pairs():
    rng = np.random.default_rng(0)
    types = {f"c{i}": ColumnType.NUMBER for i in range(60)}
    draw = [{"t": frame_of({n: rng.normal(size=200) for n in types}, types)} for _ in range(3)]
    table = evaluate(*draw, schema_of(types, "t"))["t"]
    assert table.pairs_total == 1770
    assert len(table.pairs) == 500
    assert "500 of 1,770" in table.measures["pairs"].note
    assert len(table.association.names) == 30


def test_foreign_keys_and_children_per_parent():
    schema = Schema(
        (
            Table(
                "owner",
                (Column("id", ColumnType.INTEGER), Column("kind", ColumnType.CATEGORY)),
                "id",
            ),
            Table("pet", (Column("owner", ColumnType.INTEGER), Column("legs", ColumnType.INTEGER))),
        ),
        (Relationship("owner", "id", "pet", "owner"),),
    )

    def draw(rows, each, seed):
        rng = np.random.default_rng(seed)
        ids = np.arange(rows)
        owner = frame_of(
            {"id": ids, "kind": rng.choice(["a", "b"], rows)},
            {"id": ColumnType.INTEGER, "kind": ColumnType.CATEGORY},
        )
        keys = np.repeat(ids, each)
        pet = frame_of(
            {"owner": keys, "legs": rng.integers(2, 5, len(keys))},
            {"owner": ColumnType.INTEGER, "legs": ColumnType.INTEGER},
        )
        return {"owner": owner, "pet": pet}

    good = evaluate(draw(100, 2, 0), draw(60, 2, 1), draw(90, 2, 2), schema)
    assert good.relations[0].valid.value == 1
    assert good.relations[0].children.value == 1
    assert good.relations[0].children.fresh == 1
    broken = draw(90, 3, 2)
    broken["pet"]["owner"] = broken["pet"]["owner"] + 30
    bad = evaluate(draw(100, 2, 0), draw(60, 2, 1), broken, schema)
    assert bad.relations[0].valid.value == pytest.approx(2 / 3)
    assert bad.relations[0].children.value == 0
    assert bad.level == "poor"
    assert "pet.owner points to missing rows" in bad.suggestions[0]


def test_parents_that_both_sides_share_are_no_holdout():
    types = {"id": ColumnType.INTEGER, "size": ColumnType.NUMBER, "kind": ColumnType.CATEGORY}
    rng = np.random.default_rng(0)
    values = {
        "id": np.arange(300),
        "size": rng.normal(size=300),
        "kind": rng.choice(["a", "b"], 300),
    }
    parents = {"t": frame_of(values, types)}
    schema = Schema((Table("t", tuple(Column(n, k) for n, k in types.items()), "id"),))
    report = evaluate(parents, parents, parents, schema)
    assert report["t"].rows["holdout"] == 0
    assert report.dial("privacy").level == "poor"
    assert report["t"].notes[0].startswith("300 holdout rows were training rows too")
    assert not any("furthest" in text for text in report.suggestions)


@pytest.mark.parametrize("side", ["synthetic", "train"])
def test_a_handful_of_rows_is_not_called_alike(real, side):
    parts = {"train": real["train"].iloc[:300], "synthetic": real["fresh"].iloc[:300]}
    parts[side] = parts[side].iloc[: MIN_HOLDOUT - 1]
    report = judge({**real, "train": parts["train"]}, parts["synthetic"])
    dial = report.dial("fidelity")
    assert dial.level == "unknown"
    assert f"has {MIN_HOLDOUT - 1} {side} rows" in dial.sentence
