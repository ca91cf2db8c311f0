"""Groups and their gaps, against figures worked out by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Action, Column, ColumnType, Role, Schema, Table
from core.evaluation.case import Case, open_case
from core.evaluation.charts import OTHER
from core.evaluation.usefulness import utility_detail
from core.evaluation.usefulness.groups import Groups, find_groups, group_columns
from core.evaluation.usefulness.parity import Outcome, odds_gap, parity_gap
from core.evaluation.values import NotMeasured
from tests.evaluation.tables import frame_of

TYPES = {
    "fit": ColumnType.BOOLEAN,
    "group": ColumnType.CATEGORY,
    "age": ColumnType.INTEGER,
    "hired": ColumnType.BOOLEAN,
}
ROLES = {"group": Role.SENSITIVE, "age": Role.QUASI_IDENTIFIER}
TABLE = Table("t", tuple(Column(n, t, ROLES.get(n, Role.PLAIN)) for n, t in TYPES.items()))


def frame(*, biased: bool = False, extra: dict[str, int] | None = None) -> pd.DataFrame:
    """200 rows of group a and 100 of b, a quarter of each fit, all fit ones hired.

    Biased, none of group b is hired. ``extra`` adds rows of further groups.
    """
    sizes = {"a": 200, "b": 100, **(extra or {})}
    group = np.repeat(list(sizes), list(sizes.values()))
    fit = np.arange(len(group)) % 4 == 0
    hired = fit & (group != "b") if biased else fit
    age = 20 + np.arange(len(group)) % 40
    return frame_of({"fit": fit, "group": group, "age": age, "hired": hired}, TYPES)


def case_of(train, holdout, synthetic, table: Table = TABLE) -> Case:
    rng = np.random.default_rng(0)
    return open_case(table, Schema((table,)), train, holdout, synthetic, rng)


def report_of(case: Case, target: str = "hired", sensitive=("group",), repeats: int = 1):
    rng = np.random.default_rng(1)
    found = utility_detail(case, [target], rng, sensitive=sensitive, repeats=repeats)
    return found.targets[0].groups


def test_a_bias_planted_in_one_group_shows():
    (found,) = report_of(case_of(frame(), frame(), frame(biased=True)), repeats=2)
    assert (found.parity_real, found.odds_real) == (0, 0)
    assert (found.parity_synthetic, found.odds_synthetic) == (0.25, 1)
    by_name = {g.group: g for g in found.groups}
    assert (by_name["a"].rows, by_name["b"].rows) == (200, 100)
    assert by_name["a"].positive_synthetic == by_name["b"].positive_real == 0.25
    assert by_name["b"].positive_synthetic == 0
    assert (by_name["b"].error_real, by_name["b"].error_synthetic) == (0, 0.25)


def test_gaps_by_hand():
    codes = np.repeat([0, 1, 2], [40, 40, 5])
    groups = Groups(("a", "b", OTHER), codes)
    said = np.concatenate([np.arange(40) < 30, np.arange(40) < 10, np.ones(5)])[:, None] * 1.0
    true = np.concatenate([np.arange(40) < 20, np.arange(40) < 20, np.ones(5)])[:, None] * 1.0
    of = Outcome(said, true, np.zeros(85))
    assert parity_gap(of, groups) == pytest.approx(0.5)
    # True positive rates 20/20 and 10/20, false positive rates 10/20 and 0/20.
    assert odds_gap(of, groups) == pytest.approx(0.5)
    alone = Groups(("a", OTHER), np.zeros(85, np.int64))
    assert isinstance(parity_gap(of, alone), NotMeasured)
    assert isinstance(odds_gap(of, alone), NotMeasured)


def test_the_largest_gap_of_several_answers_counts():
    groups = Groups(("a", "b"), np.repeat([0, 1], 40))
    said = np.zeros((80, 3))
    said[:40, 0] = said[40:60, 0] = said[60:, 2] = 1
    assert parity_gap(Outcome(said, said, np.zeros(80)), groups) == pytest.approx(0.5)


def test_rare_groups_are_never_named():
    few = frame(extra={"secret": 6, "hidden": 3})
    (found,) = report_of(case_of(few, few, few))
    assert [(g.group, g.rows) for g in found.groups] == [("a", 200), ("b", 100), (OTHER, 9)]
    assert isinstance(found.groups[-1].error_real, NotMeasured)
    assert found.parity_real < 0.1


def test_a_value_with_few_training_rows_is_not_named_however_many_holdout_rows_have_it():
    held = frame(extra={"secret": 50})
    case = case_of(frame(extra={"secret": 4}), held, frame())
    groups = find_groups(case, "group", np.arange(len(held)))
    assert groups.labels == ("a", "b", OTHER)
    assert (groups.codes == 2).sum() == 50


def test_a_number_of_many_values_is_cut_into_ranges():
    case = case_of(frame(), frame(), frame())
    groups = find_groups(case, "age", np.arange(300))
    assert groups.labels[0].startswith("up to ")
    assert groups.labels[-2].startswith("above ")
    assert len(groups.labels) == 5
    assert np.bincount(groups.codes).min() > 50


def test_missing_values_are_a_group():
    gaps = frame()
    gaps.loc[:59, "group"] = None
    case = case_of(gaps, gaps, gaps)
    assert set(find_groups(case, "group", np.arange(300)).labels) == {"a", "b", "missing", OTHER}


def test_columns_of_groups_come_from_their_roles():
    case = case_of(frame(), frame(), frame())
    assert group_columns(case, (), "hired") == ("group",)
    assert group_columns(case, (), "group") == ()
    assert group_columns(case, ("age", "age", "hired"), "hired") == ("age",)
    plain = replace(TABLE, columns=tuple(replace(c, role=Role.PLAIN) for c in TABLE.columns))
    assert group_columns(case_of(frame(), frame(), frame(), plain), (), "hired") == ()


def test_a_column_that_was_not_learned_says_so():
    masked = TABLE.with_column(replace(TABLE["group"], action=Action.MASK))
    (found,) = report_of(case_of(frame(), frame(), frame(), masked))
    assert found.groups == ()
    assert "not among the learned columns" in found.parity_real.reason


def test_numbers_and_many_classes_have_gaps_too():
    case = case_of(frame(), frame(), frame())
    (found,) = report_of(case, "age")
    assert found.groups[0].error_real > 1
    assert 0 <= found.parity_real <= 1
    threes = frame(extra={"c": 100})
    (found,) = report_of(case_of(threes, threes, threes), "group", ("fit",))
    assert isinstance(found.groups[0].positive_real, NotMeasured)
    assert isinstance(found.parity_real, float)
