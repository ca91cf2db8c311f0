"""The generate page: what is chosen reaches the studio, and an open review stops it."""

import pytest

from app.components.intents import INTENTS
from tests.app.fake_studio import FakeStudio, dataset, installed
from tests.app.harness import texts


@pytest.fixture
def studio():
    with installed(FakeStudio()) as studio:
        yield studio


def submitted(studio):
    return next(what[2] for what in studio.runs.asked if what[0] == "submit")


def test_the_suggestion_the_engine_and_the_estimate_are_shown(studio):
    app = studio.app("generate", dataset="d1")
    assert not app.exception
    said = texts(app)
    assert "Forest** is suggested" in said
    assert "1,200 rows of mixed columns." in said
    assert "Formal privacy guarantee** none" in said
    assert "from 3 past runs" in said
    assert app.metric[0].value == "1 min 15 s"


def test_start_submits_what_the_page_shows_and_goes_to_the_jobs(studio):
    app = studio.app("generate", dataset="d1")
    app.number_input(key="generate_d1_rows_customers").set_value(300).run()
    app.number_input(key="generate_d1_seed").set_value(7).run()
    app.button(key="generate_start").click().run()
    assert not app.exception
    spec = submitted(studio)
    assert (spec.engine, spec.seed, spec.target) == ("forest", 7, "customers.churn")
    assert dict(spec.rows) == {"customers": 300}
    assert spec.params == {"leaf": 20, "rate": 2e-4, "exact": False, "mode": "fast", "depth": 8}
    assert app.title[0].value == "Jobs"
    assert app.query_params["run"] in ("new", ["new"])


def test_children_have_no_row_count_of_their_own(studio):
    app = studio.app("generate", dataset="d1")
    keys = [widget.key for widget in app.number_input]
    assert "generate_d1_rows_customers" in keys
    assert "generate_d1_rows_orders" not in keys
    assert "Rows of orders follow" in texts(app)


@pytest.mark.parametrize(
    ("intent", "engine", "preset"),
    [("closest", "forest", "best"), ("test", "copula", "quick look")],
)
def test_an_intent_chooses_engine_and_preset(studio, intent, engine, preset):
    app = studio.app("generate", dataset="d1")
    app.button(key=f"intent_{intent}").click().run()
    assert app.selectbox(key=f"generate_d1_{intent}_engine").value == engine
    app.button(key="generate_start").click().run()
    assert submitted(studio).engine == engine
    if preset == "best":
        assert submitted(studio).params["leaf"] == 7
        assert submitted(studio).params["depth"] == 12


def test_the_formally_private_intent_is_not_offered_yet(studio):
    app = studio.app("generate", dataset="d1")
    button = app.button(key="intent_private")
    assert button.disabled
    assert "Not available yet" in texts(app)
    assert [intent.key for intent in INTENTS if intent.why_not] == ["private"]


def test_changed_parameters_reach_the_run(studio):
    app = studio.app("generate", dataset="d1")
    form = "generate_d1_balanced_forest_balanced"
    app.number_input(key=f"{form}_leaf").set_value(50).run()
    app.toggle(key=f"{form}_expert").set_value(True).run()
    app.number_input(key=f"{form}_depth").set_value(3).run()
    app.button(key="generate_start").click().run()
    spec = submitted(studio)
    assert (spec.params["leaf"], spec.params["depth"]) == (50, 3)


def test_a_preview_shows_synthetic_rows_and_starts_nothing(studio):
    app = studio.app("generate", dataset="d1")
    app.button(key="generate_preview_button").click().run()
    assert not app.exception
    assert list(app.dataframe[0].value["income"]) == [1.0, 2.0]
    assert "Every row here is synthetic" in texts(app)
    assert [what[0] for what in studio.runs.asked] == ["preview"]


def test_a_refusal_is_shown_with_its_reason(studio):
    studio.refuse_next()
    app = studio.app("generate", dataset="d1")
    app.button(key="generate_start").click().run()
    assert not app.exception
    assert "This run has ended already" in texts(app)
    assert app.title[0].value == "Generate"


def test_an_open_review_blocks_with_a_link_and_a_list(studio):
    studio.known[:] = [dataset(is_open=True)]
    app = studio.app("generate", dataset="d1")
    assert "The review is not finished" in texts(app)
    assert [button.key for button in app.button if "start" in str(button.key)] == []
    assert list(app.dataframe[0].value["Column"]) == ["email"]
    assert app.button(key="go_review").label == "Finish the review"


def test_without_data_the_page_says_where_to_get_some(studio):
    studio.known.clear()
    app = studio.app("generate")
    assert not app.exception
    assert "There is no data to learn from yet" in texts(app)
