"""The generate page: what is asked of the rows reaches the run, and unfinished asks stop it."""

import pytest

from app.components.ask_words import ask_sentences, condition_words, sentences, shares_words
from app.components.fairness_form import meaning
from app.components.ranges import slider_grid
from app.components.shares_form import Sums, amplified, even, scaled
from core.data.schema import ColumnType
from core.studio.values import Askable, Purpose, RunSpec
from core.synthesis.asks import Ask, Between, Equals, Fairness, OneOf, Shares
from tests.app.fake_studio import ASKABLE, FakeRuns, FakeStudio, dataset, installed, people, start
from tests.app.harness import texts

KEY = "generate_d1_0"
CONDITION = f"{KEY}_ask_people_condition"
SHARE = f"{KEY}_ask_people_share"


@pytest.fixture
def studio():
    with installed(FakeStudio(known=[people()], runs=FakeRuns(can_be_asked=ASKABLE))) as studio:
        yield studio


def page(studio, **query):
    app = studio.app("generate", dataset="d1", **query)
    assert not app.exception
    return app


def refused(app) -> str:
    """Return why the run cannot be started."""
    assert app.button(key="generate_start").disabled
    assert app.button(key="generate_preview_button").disabled
    assert "Not ready yet" in texts(app)
    return "\n".join(str(info.value) for info in app.info)


def switched(app, name: str):
    return app.toggle(key=f"{KEY}_ask_{name}").set_value(True).run()


def condition(app, number: int, column: str):
    return app.selectbox(key=f"{CONDITION}_{number}_column").select(column).run()


def test_an_ordinary_run_asks_nothing(studio):
    app = page(studio)
    spec = start(studio, app)
    assert (spec.ask, spec.fairness, spec.purpose, spec.copies) == (None, None, Purpose.TABLES, 1)


def test_one_value_is_asked_for(studio):
    app = condition(switched(page(studio), "conditions"), 0, "sex")
    app.multiselect(key=f"{CONDITION}_0_sex_values").select("F").run()
    said = texts(app)
    assert "60 % of the real rows are like this." in said
    assert "Only rows of `people` with `sex` = `F`." in said
    spec = start(studio, app)
    assert spec.ask == Ask((Equals("sex", "F"),), None, "people")


def test_several_values_and_the_missing_one_are_asked_for(studio):
    app = condition(switched(page(studio), "conditions"), 0, "region")
    box = app.multiselect(key=f"{CONDITION}_0_region_values")
    assert len(box.options) == 4
    box.set_value(["south", "(missing)"]).run()
    assert "35 % of the real rows" in texts(app)
    assert start(studio, app).ask.conditions == (OneOf("region", ("south", None)),)


def test_a_range_of_numbers_is_open_where_it_ends(studio):
    app = condition(switched(page(studio), "conditions"), 0, "age")
    slider = app.slider(key=f"{CONDITION}_0_age_range")
    assert (slider.min, slider.max, slider.step) == (18, 90, 1)
    slider.set_range(30, 90).run()
    assert start(studio, app).ask.conditions == (Between("age", 30, None),)


def test_two_conditions_hold_together_and_one_can_be_removed(studio):
    app = condition(switched(page(studio), "conditions"), 0, "age")
    app.slider(key=f"{CONDITION}_0_age_range").set_range(30, 40).run()
    app.button(key=f"{CONDITION}_add").click().run()
    condition(app, 1, "sex")
    app.multiselect(key=f"{CONDITION}_1_sex_values").select("F").run()
    assert "with `age` `30` to `40` and `sex` = `F`." in texts(app)
    app.button(key=f"{CONDITION}_0_remove").click().run()
    assert start(studio, app).ask.conditions == (Equals("sex", "F"),)


def test_dates_and_times_are_asked_for_as_text(studio):
    app = condition(switched(page(studio), "conditions"), 0, "joined")
    from_, to = app.date_input[0], app.date_input[1]
    assert str(from_.value) == "2015-01-01"
    to.set_value("2020-06-30").run()
    app.button(key=f"{CONDITION}_add").click().run()
    condition(app, 1, "woke")
    assert "Move an end of the range of woke" in refused(app)
    slider = app.slider(key=f"{CONDITION}_1_woke_range")
    low, high = slider.value
    slider.set_range(low.replace(hour=6), high).run()
    conditions = start(studio, app).ask.conditions
    assert conditions == (Between("joined", None, "2020-06-30"), Between("woke", "06:30:00", None))


def test_a_date_range_the_wrong_way_round_is_refused(studio):
    app = condition(switched(page(studio), "conditions"), 0, "joined")
    app.date_input[0].set_value("2021-01-01").run()
    app.date_input[1].set_value("2019-01-01").run()
    assert "ends before it begins" in refused(app)


def test_unfinished_conditions_are_named(studio):
    app = switched(page(studio), "conditions")
    assert "Choose a column for each condition" in refused(app)
    condition(app, 0, "region")
    assert "Choose a value of region" in refused(app)
    condition(app, 0, "income")
    assert "Move an end of the range of income" in refused(app)
    app.button(key=f"{CONDITION}_0_remove").click().run()
    assert "Add a condition, or turn conditions off" in refused(app)
    app.toggle(key=f"{KEY}_ask_conditions").set_value(False).run()
    assert start(studio, app).ask is None


def test_missing_numbers_can_be_asked_for(studio):
    app = condition(switched(page(studio), "conditions"), 0, "income")
    app.get_by_key(f"{CONDITION}_0_income_kind").set_value("Values").run()
    app.multiselect(key=f"{CONDITION}_0_income_values").select("(missing)").run()
    assert start(studio, app).ask.conditions == (Equals("income", None),)


def shares(app, column: str):
    return app.selectbox(key=f"{SHARE}_column").select(column).run()


def test_a_target_share_leaves_the_rest_to_the_others(studio):
    app = shares(switched(page(studio), "shares"), "region")
    assert "Set a target share for a value of region" in refused(app)
    app.number_input(key=f"{SHARE}_region_0_1").set_value(60.0).run()
    said = texts(app)
    assert "add up to 60 %, 40 % are left for the other values" in said
    assert "`region`: 60 % `south`, 40 % for its other values." in said
    assert start(studio, app).ask.shares == Shares("region", {"south": 0.6})


@pytest.mark.parametrize(
    ("button", "column", "targets"),
    [
        ("make_even", "sex", {"F": 0.5, "M": 0.5}),
        ("amplify_the_rarest", "outcome", {"yes": 0.5}),
        ("keep_real_shares_exactly", "outcome", {"no": 0.9, "yes": 0.1}),
    ],
)
def test_shortcuts_fill_in_the_targets(studio, button, column, targets):
    app = shares(switched(page(studio), "shares"), column)
    app.button(key=f"{SHARE}_{column}_{button}").click().run()
    made = start(studio, app).ask.shares
    assert made.column == column
    assert dict(made.shares) == pytest.approx(targets)


def test_sums_that_cannot_be_are_refused_and_scaled(studio):
    app = shares(switched(page(studio), "shares"), "outcome")
    app.number_input(key=f"{SHARE}_outcome_0_0").set_value(90.0).run()
    app.number_input(key=f"{SHARE}_outcome_0_1").set_value(60.0).run()
    assert "add up to 150 %" in refused(app)
    app.button(key=f"{SHARE}_outcome_scale").click().run()
    assert app.number_input(key=f"{SHARE}_outcome_1_1").value == 40.0
    assert dict(start(studio, app).ask.shares.shares) == pytest.approx({"no": 0.6, "yes": 0.4})


def test_too_little_for_all_values_is_refused(studio):
    app = shares(switched(page(studio), "shares"), "outcome")
    app.number_input(key=f"{SHARE}_outcome_0_0").set_value(50.0).run()
    app.number_input(key=f"{SHARE}_outcome_0_1").set_value(20.0).run()
    assert "no value is left for the rest" in refused(app)
    app.button(key=f"{SHARE}_outcome_clear").click().run()
    assert "Set a target share" in refused(app)


def test_conditions_and_shares_go_together(studio):
    app = condition(switched(page(studio), "conditions"), 0, "age")
    app.slider(key=f"{CONDITION}_0_age_range").set_range(30, 40).run()
    switched(app, "shares")
    shares(app, "outcome")
    app.number_input(key=f"{SHARE}_outcome_0_1").set_value(50.0).run()
    ask = start(studio, app).ask
    assert (ask.columns, ask.table) == (("age", "outcome"), "people")


def test_fairness_goes_alone(studio):
    app = switched(page(studio), "fair")
    assert [t.key for t in app.toggle if t.key == f"{KEY}_ask_conditions"] == []
    box = app.selectbox(key=f"{KEY}_ask_fairness_sensitive")
    assert box.value == "sex"
    app.selectbox(key=f"{KEY}_ask_fairness_target_sex").select("outcome").run()
    app.slider(key=f"{KEY}_ask_fairness_degree").set_value(60).run()
    said = texts(app)
    assert "differences between groups shrink to 40%" in said
    assert "The influence of `sex` on `outcome` is weakened by 60%." in said
    spec = start(studio, app)
    assert spec.fairness == Fairness("sex", "outcome", 0.6)
    assert spec.ask is None


def test_fairness_is_not_offered_beside_conditions(studio):
    app = switched(page(studio), "conditions")
    assert app.toggle(key=f"{KEY}_ask_fair").disabled


def test_how_it_is_judged_reaches_the_run(studio):
    app = page(studio)
    app.get_by_key(f"{KEY}_depth").set_value("quick").run()
    app.slider(key=f"{KEY}_holdout").set_value(35).run()
    app.selectbox(key=f"{KEY}_target").select("people.region").run()
    spec = start(studio, app)
    assert (spec.depth, spec.holdout, spec.target) == ("quick", 0.35, "people.region")


def test_extra_rows_only(studio):
    app = page(studio)
    app.get_by_key(f"{KEY}_purpose").set_value(Purpose.AUGMENT).run()
    app.number_input(key=f"{KEY}_rows_people").set_value(500).run()
    assert "Extra rows only" in texts(app)
    spec = start(studio, app)
    assert (spec.purpose, dict(spec.rows)) == (Purpose.AUGMENT, {"people": 500})


def test_filling_missing_cells_takes_copies_and_nothing_else(studio):
    app = page(studio)
    app.get_by_key(f"{KEY}_purpose").set_value(Purpose.IMPUTE).run()
    said = texts(app)
    assert "Filled in `people`: `income`." in said
    assert "never released" in said
    assert "Which rows" not in said
    assert app.button(key="generate_preview_button").disabled
    app.number_input(key=f"{KEY}_copies").set_value(5).run()
    spec = start(studio, app)
    assert (spec.purpose, spec.copies, dict(spec.rows)) == (Purpose.IMPUTE, 5, {})


def test_an_engine_that_cannot_fill_is_refused(studio):
    app = page(studio)
    app.get_by_key(f"{KEY}_purpose").set_value(Purpose.IMPUTE).run()
    app.selectbox(key=f"{KEY}_balanced_engine").select("copula").run()
    assert "Gaussian copula cannot fill cells" in refused(app)


def test_without_gaps_there_is_nothing_to_fill(studio):
    studio.gaps = ()
    app = page(studio)
    app.get_by_key(f"{KEY}_purpose").set_value(Purpose.IMPUTE).run()
    assert "No cell that could be filled is missing" in refused(app)


def test_extra_rows_of_several_tables_are_refused(studio):
    studio.known[:] = [dataset()]
    studio.runs.can_be_asked = {}
    app = page(studio)
    assert "nothing can be asked" in texts(app)
    app.get_by_key(f"{KEY}_purpose").set_value(Purpose.AUGMENT).run()
    assert "Extra rows are of one table" in refused(app)


def test_a_value_that_looks_like_markdown_is_shown_letter_by_letter():
    assert condition_words(Equals("a`b", "*x*")) == "`a'b` = `*x*`"
    assert shares_words(Shares("r", {"[e](x)": 0.25})) == (
        "`r`: 25 % `[e](x)`, 75 % for its other values"
    )


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Equals("sex", None), "`sex` missing"),
        (OneOf("sex", ("F", None)), "`sex` one of `F`, `(missing)`"),
        (Between("age", 30, None), "`age` from `30`"),
        (Between("age", None, 1234567), "`age` up to `1,234,567`"),
        (Between("age", 0.5, 2.0), "`age` `0.5` to `2`"),
    ],
)
def test_conditions_in_words(condition, words):
    assert condition_words(condition) == words


def test_everything_is_read_back():
    ask = Ask((Between("age", 30, 40), Equals("sex", "F")), Shares("outcome", {"yes": 0.5}))
    assert ask_sentences(ask) == [
        "Only rows with `age` `30` to `40` and `sex` = `F`.",
        "`outcome`: 50 % `yes`, 50 % for its other values.",
    ]
    spec = RunSpec(
        purpose=Purpose.IMPUTE, copies=3, fairness=Fairness("sex"), rules={"t": ("a <= b",)}
    )
    assert sentences(spec) == [
        "The real table with its missing cells filled, 3 times over.",
        "The influence of `sex` on all other columns is broken.",
        "Every row keeps 1 rule.",
    ]
    assert sentences(RunSpec()) == []


@pytest.mark.parametrize(
    ("fairness", "words"),
    [
        (Fairness("sex", None, 1.0), "Every row gets"),
        (Fairness("sex", None, 0.3), "30% of the rows get"),
        (Fairness("sex", "pay", 1.0), "every group has the same shares"),
        (Fairness("sex", "pay", 0.0), "nothing changes"),
    ],
)
def test_what_a_degree_means(fairness, words):
    assert words in meaning(fairness)


@pytest.mark.parametrize(
    ("low", "high", "whole", "grid"),
    [
        (18, 90, True, (18, 90, 1)),
        (0, 250_000, True, (0, 250_000, 2000)),
        (0.0, 1.0, False, (0.0, 1.0, 0.005)),
        (-0.37, 84_300.5, False, (-500, 84_500, 500)),
    ],
)
def test_sliders_step_by_round_numbers(low, high, whole, grid):
    assert slider_grid(low, high, whole=whole) == pytest.approx(grid)


def test_shares_made_by_shortcuts():
    real = {"a": 0.6, "b": 0.3, None: 0.02}
    assert even(real) == pytest.approx({"a": 0.92 / 3, "b": 0.92 / 3, None: 0.92 / 3})
    assert even({"a": 0.6, "b": 0.4}) == {"a": 0.5, "b": 0.5}
    assert amplified(real) == {None: pytest.approx(0.1)}
    assert scaled({"a": 0.5, "b": 1.5}) == {"a": 0.25, "b": 0.75}
    assert Sums(1.0, 0.0).problem == ""
    assert Sums(0.4, 0.6).problem == ""


def test_a_column_without_anything_to_choose_says_so(studio):
    studio.runs.can_be_asked = {"people": (Askable("age", ColumnType.INTEGER),)}
    app = condition(switched(page(studio), "conditions"), 0, "age")
    assert "Of age nothing can be chosen" in refused(app)
    switched(app, "shares")
    assert "No column has a few frequent values" in texts(app)
