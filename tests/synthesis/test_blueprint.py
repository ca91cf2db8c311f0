"""Tables from a schema alone: what is asked is what comes, and what is wrong is said at once."""

import pandas as pd
import pytest

from core.data.schema import ColumnType
from core.errors import InvalidInput, NotFound
from core.synthesis.blueprint import (
    TEMPLATES,
    make_blueprint,
    parse_blueprint,
    read_blueprint,
    schema_of,
    template_text,
    with_rows,
)
from core.synthesis.blueprint.check import in_order
from core.synthesis.blueprint.formula import check_formula, evaluate_formula


def one(columns: str, rows: int = 4_000, more: str = "") -> pd.DataFrame:
    text = f"tables:\n  t:\n    rows: {rows}\n{more}    columns:\n"
    text += "".join(f"      {line.strip()}\n" for line in columns.strip().splitlines())
    return make_blueprint(parse_blueprint(text), 1)["t"]


def problems_of(text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        parse_blueprint(text)
    return list(caught.value.problems)


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_template_gives_canonical_tables_whose_references_hold(key):
    plan = parse_blueprint(template_text(key))
    tables, schema = make_blueprint(plan, 7), schema_of(plan)
    for table in schema.tables:
        frame = tables[table.name]
        assert list(frame.columns) == list(table.names)
        for column in table.columns:
            assert pd.api.types.pandas_dtype(column.type.dtype) == frame[column.name].dtype
        if table.primary_key:
            assert frame[table.primary_key].is_unique
            assert frame[table.primary_key].notna().all()
    for link in schema.relationships:
        pointing = tables[link.child][link.child_key].dropna()
        assert pointing.isin(tables[link.parent][link.parent_key]).all()


def test_the_same_seed_gives_the_same_tables_and_another_one_others():
    plan = parse_blueprint(template_text("shop"))
    first, again, other = (make_blueprint(plan, seed) for seed in (3, 3, 4))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, again[name])
    assert not first["customers"].equals(other["customers"])


def test_a_new_column_changes_no_other():
    a = "a: {low: 0, high: 1}"
    pd.testing.assert_series_equal(one(a)["a"], one(f"z: {{low: 0, high: 9}}\n{a}")["a"])


def test_numbers_keep_to_bounds_shape_zeros_and_step():
    frame = one(
        """
        flat: {low: 10, high: 20}
        bell: {low: 0, high: 100, shape: normal, middle: 40, width: 10}
        skew: {low: 1, high: 1000, shape: lognormal, middle: 20, width: 0.5}
        wait: {low: 0, high: 1000, shape: exponential, middle: 30, zeros: 0.25}
        even: {type: integer, low: 3, high: 99, step: 4}
        """
    )
    assert frame["flat"].between(10, 20).all()
    assert frame["flat"].mean() == pytest.approx(15, abs=0.3)
    assert frame["bell"].median() == pytest.approx(40, abs=1)
    assert frame["bell"].std() == pytest.approx(10, rel=0.1)
    assert frame["skew"].median() == pytest.approx(20, rel=0.06)
    assert (frame["wait"] == 0).mean() == pytest.approx(0.25, abs=0.03)
    assert frame.loc[frame["wait"] > 0, "wait"].mean() == pytest.approx(30, rel=0.1)
    assert set((frame["even"] - 3) % 4) == {0}


def test_codes_have_their_weights_also_by_another_column_and_stay_text():
    frame = one(
        """
        code: {values: {"01": 3, "02": 1}}
        sort: {by: code, values: {"01": [x], "02": {y: 1, z: 0}}}
        many: {type: integer, values: {"1": 1, "10": 1}}
        flag: {share: 0.2}
        """
    )
    assert (frame["code"] == "01").mean() == pytest.approx(0.75, abs=0.03)
    assert set(frame.loc[frame["code"] == "01", "sort"]) == {"x"}
    assert set(frame.loc[frame["code"] == "02", "sort"]) == {"y"}
    assert set(frame["many"]) == {1, 10}
    assert frame["flag"].mean() == pytest.approx(0.2, abs=0.03)


def test_shifts_formulas_and_conditions_hold_in_every_row():
    frame = one(
        """
        start: {type: date, low: 2024-01-01, high: 2024-12-31}
        open: {share: 0.5}
        end: {plus: start, low: 2, high: 5, type: date, when: {open: ["false"]}}
        a: {type: integer, low: 1, high: 9}
        b: {low: 0, high: 1, decimals: 2}
        total: {formula: "a * (1 + b)", decimals: 2}
        """
    )
    days = (frame["end"] - frame["start"]).dt.days.dropna()
    assert days.between(2, 5).all()
    assert (frame["end"].isna() == frame["open"]).all()
    assert frame["total"].to_numpy() == pytest.approx(
        (frame["a"].astype(float) * (1 + frame["b"])).round(2).to_numpy(), abs=0.0051
    )


def test_missing_unique_patterns_and_fakes():
    frame = one(
        """
        sku: {pattern: "@@-##", unique: true}
        gap: {low: 0, high: 1, missing: 0.3}
        name: {fake: full_name}
        mail: {fake: email, unique: true}
        job: {faker: job}
        """,
        rows=2_000,
    )
    assert frame["sku"].is_unique
    assert frame["sku"].str.fullmatch(r"[A-Z]{2}-[0-9]{2}").all()
    assert frame["gap"].isna().mean() == pytest.approx(0.3, abs=0.04)
    assert frame["mail"].is_unique
    assert frame["mail"].str.contains("@example.", regex=False).all()
    assert frame["job"].nunique() > 100


def test_columns_that_go_together_do():
    frame = one(
        """
        a: {low: 0, high: 1}
        b: {low: 5, high: 500, shape: lognormal, middle: 40, width: 0.4}
        c: {low: 0, high: 1}
        """,
        more="    together: [{columns: [a, b], strength: 0.8}]\n",
    )
    ranks = frame.corr(method="spearman")
    assert ranks.loc["a", "b"] == pytest.approx(0.786, abs=0.04)
    assert abs(ranks.loc["a", "c"]) < 0.08


def test_children_look_at_their_parents_and_keep_to_their_counts():
    text = """
    tables:
      parent:
        rows: 500
        key: id
        columns: {id: {counter: 10}, born: {type: date, low: 2000-01-01, high: 2000-12-31},
                  above: {references: parent.id, missing: 0.1}}
      child:
        per: {parent: parent, mean: 2, least: 1, most: 3}
        columns: {owner: {references: parent.id}, seen: {lookup: parent.born},
                  later: {plus: parent.born, low: 1, high: 1, type: date}}
    """
    tables = make_blueprint(parse_blueprint(text), 1)
    parent, child = tables["parent"].set_index("id"), tables["child"]
    counts = child["owner"].value_counts()
    assert counts.between(1, 3).all()
    assert len(counts) == 500
    born = parent["born"].loc[child["owner"].astype(int)].reset_index(drop=True)
    assert (child["seen"] == born).all()
    assert ((child["later"] - born).dt.days == 1).all()
    above = tables["parent"]["above"]
    assert (above.dropna() < tables["parent"]["id"][above.notna()]).all()
    assert schema_of(parse_blueprint(text))["child"]["seen"].type is ColumnType.DATE


def test_everything_that_is_wrong_is_said_at_once():
    found = problems_of(
        """
        locale: xx_YY
        tables:
          t:
            rows: 0
            columns:
              a: {low: 5, high: 1}
              b: {values: {x: -1}}
              c: {fake: nobody}
              d: {faker: binary}
              e: {low: 0, high: 1, colour: red}
              f: {formula: "__import__('os')"}
              g: {low: 0, high: 1, pattern: "##"}
              h: 3
        """
    )
    assert len(found) >= 9
    for part in ("locale", "rows", "t.a", "t.b", "t.c", "t.d", "colour", "t.f", "t.h"):
        assert any(part in problem for problem in found), part


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        ("a: {formula: b}, b: {formula: a}", "circle"),
        ("a: {plus: gone, low: 0, high: 1}", "gone"),
        ("a: {references: other.id}", "no table 'other'"),
        ("a: {lookup: other.x}", "refers to 'other'"),
        ("a: {values: [x, y]}, b: {by: a, values: {x: [q]}}", "says nothing for y"),
        ("a: {type: date, low: 2020-01-01, high: 2021-01-01}, b: {formula: a + 1}", "no number"),
    ],
)
def test_columns_that_do_not_fit_each_other_are_refused(columns, part):
    found = problems_of(f"tables: {{t: {{columns: {{{columns}}}}}}}")
    assert any(part in problem for problem in found), found


def test_a_key_must_be_unique_and_tables_must_not_form_a_circle():
    assert problems_of("tables: {t: {key: a, columns: {a: {low: 0, high: 1}}}}")
    circle = problems_of(
        "tables: {a: {key: i, columns: {i: {counter: 1}, o: {references: b.i}}},"
        " b: {key: i, columns: {i: {counter: 1}, o: {references: a.i}}}}"
    )
    assert circle == ["The tables refer to each other in a circle."]
    assert in_order({"a": {"b"}, "b": ()}) == ["b", "a"]


def test_a_pattern_without_room_and_too_many_rows_are_refused():
    with pytest.raises(InvalidInput, match="too few free places"):
        one('a: {pattern: "#", unique: true}', rows=50)
    plan = parse_blueprint(template_text("shop"))
    with pytest.raises(InvalidInput, match="follow from those of its parent"):
        with_rows(plan, {"orders": 5})
    with pytest.raises(InvalidInput, match="1 to 10,000,000"):
        with_rows(plan, {"customers": 10**8})


def test_text_that_is_no_blueprint_is_refused_with_its_place(tmp_path):
    with pytest.raises(InvalidInput, match="line 3"):
        parse_blueprint("tables:\n  a: [\n")
    with pytest.raises(InvalidInput, match="There is no file"):
        read_blueprint(tmp_path / "none.yaml")
    with pytest.raises(NotFound, match="customers"):
        template_text("none")


def test_formulas_are_arithmetic_only():
    assert evaluate_formula("max(1, 2) * 3 - -1", {}) == 7
    for text in ("a.b", "a[0]", "lambda: 1", "open('x')", "a if a else 1", "'x'", "1 +", "(" * 400):
        assert check_formula(text), text


def test_a_name_given_twice_and_aliases_are_refused_and_nothing_is_lost():
    twice = "tables: {t: {columns: {a: {counter: 1}, a: {low: 0, high: 1}}}}"
    with pytest.raises(InvalidInput, match="there twice"):
        parse_blueprint(twice)
    with pytest.raises(InvalidInput, match="aliases"):
        parse_blueprint("tables: {t: {columns: {a: &x {counter: 1}, b: *x}}}")
