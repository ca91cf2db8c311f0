"""The generate page: what is chosen reaches the studio, and an open review stops it."""

from dataclasses import replace

import pytest
import streamlit as st

from app.components.rows_form import following_tables, short_lists
from core.data.schema import Column, ColumnType, Relationship, Schema, Table
from tests.app.fake_studio import FakeStudio, dataset, installed
from tests.app.harness import texts

FOREST = "generate_d1_0_balanced_forest"
USUAL = {
    "min_leaf": 10,
    "corrections": 30,
    "caution": 0.0,
    "protect_rare": 5,
    "rate": 2e-4,
    "exact": False,
    "mode": "fast",
    "depth": 8,
}


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
    assert "It handles 1,200 rows." in said
    assert "No formal guarantee" in said
    assert "From 3 past runs" in said
    assert app.metric[0].value == "1 min 15 s"


def test_start_submits_what_the_page_shows_and_goes_to_the_jobs(studio):
    app = studio.app("generate", dataset="d1")
    app.number_input(key="generate_d1_0_rows_customers").set_value(300).run()
    app.number_input(key="generate_d1_0_seed").set_value(7).run()
    app.button(key="generate_start").click().run()
    assert not app.exception
    spec = submitted(studio)
    assert (spec.engine, spec.seed, spec.target) == ("forest", 7, "customers.churn")
    assert dict(spec.rows) == {"customers": 300}
    assert spec.params == USUAL
    assert app.title[0].value == "Jobs"
    assert app.query_params["run"] in ("new", ["new"])


def test_children_have_no_row_count_of_their_own(studio):
    app = studio.app("generate", dataset="d1")
    keys = [widget.key for widget in app.number_input]
    assert "generate_d1_0_rows_customers" in keys
    assert "generate_d1_0_rows_orders" not in keys
    assert "`orders` get as many rows as fit" in texts(app)


@pytest.mark.parametrize(
    ("intent", "engine", "preset"),
    [("closest", "forest", "best"), ("test", "copula", "quick look")],
)
def test_an_intent_chooses_engine_and_preset(studio, intent, engine, preset):
    app = studio.app("generate", dataset="d1")
    app.button(key=f"intent_{intent}").click().run()
    assert app.selectbox(key=f"generate_d1_0_{intent}_engine").value == engine
    app.button(key="generate_start").click().run()
    assert submitted(studio).engine == engine
    if preset == "best":
        assert submitted(studio).params["rate"] == 1e-3
        assert submitted(studio).params["min_leaf"] == 5
        assert submitted(studio).params["depth"] == 12


def test_changed_parameters_reach_the_run(studio):
    app = studio.app("generate", dataset="d1")
    app.number_input(key=f"{FOREST}_balanced_min_leaf").set_value(50).run()
    app.toggle(key=f"{FOREST}_expert").set_value(True).run()
    app.number_input(key=f"{FOREST}_balanced_depth").set_value(3).run()
    app.button(key="generate_start").click().run()
    spec = submitted(studio)
    assert (spec.params["min_leaf"], spec.params["depth"]) == (50, 3)


def test_a_preview_shows_synthetic_rows_and_starts_nothing(studio):
    app = studio.app("generate", dataset="d1")
    app.button(key="generate_preview_button").click().run()
    assert not app.exception
    assert list(app.dataframe[-1].value["income"]) == [1.0, 2.0]
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


def other(key: str, name: str = "Customers", *, is_open: bool = False):
    return replace(dataset(key, is_open=is_open), name=name)


def test_a_chosen_dataset_stays_chosen_also_when_names_are_alike(studio):
    studio.known.append(other("d2"))
    app = studio.app("generate")
    box = app.selectbox(key="generate_dataset")
    assert len(set(box.options)) == 2
    for key in ("d2", "d1", "d2"):
        app.selectbox[0].set_value(key).run()
        assert app.query_params["dataset"] in (key, [key])
        assert app.number_input(key=f"generate_{key}_0_rows_customers")


def test_without_an_address_a_dataset_that_is_ready_is_shown(studio):
    studio.known[:] = [dataset("d1", is_open=True), other("d2", "Ready")]
    assert studio.app("generate").button(key="generate_start")


def test_an_address_of_elsewhere_says_so_and_shows_another(studio):
    app = studio.app("generate", dataset="gone")
    assert "not in this project" in texts(app)
    assert app.query_params["dataset"] in ("d1", ["d1"])
    app.run()
    assert "not in this project" not in texts(app)


def test_engines_that_train_for_minutes_offer_no_preview_and_say_why(studio, monkeypatch):
    monkeypatch.setattr("app.components.start_card.PREVIEW_ENGINES", ("copula",))
    app = studio.app("generate", dataset="d1")
    assert app.button(key="generate_preview_button").disabled
    assert "No preview: it is not known to fit in a moment" in texts(app)
    app.selectbox(key="generate_d1_0_balanced_engine").select("copula").run()
    assert not app.button(key="generate_preview_button").disabled
    assert "No preview" not in texts(app)


def table(name: str) -> Table:
    return Table(name, (Column("id", ColumnType.INTEGER), Column("up", ColumnType.INTEGER)), "id")


def bank(rows: dict[str, int], *links: tuple[str, str]):
    pointers = tuple(Relationship(parent, "id", child, "up") for child, parent in links)
    schema = Schema(tuple(table(name) for name in rows), pointers)
    return replace(dataset(), schema=schema, table_rows=rows)


@pytest.mark.parametrize(
    ("rows", "links", "following", "lists"),
    [
        ({"a": 9}, [], [], []),
        ({"a": 9}, [("a", "a")], [], []),
        ({"a": 900, "b": 900}, [("b", "a")], ["b"], []),
        ({"a": 900, "b": 900}, [("b", "a"), ("a", "b")], [], []),
        ({"a": 900, "p": 12, "b": 900}, [("b", "a"), ("b", "p")], ["b"], ["p"]),
        ({"a": 900, "p": 12, "b": 90}, [("b", "a"), ("b", "p")], ["b"], []),
        ({"p": 12, "b": 900}, [("b", "p")], ["b"], []),
    ],
)
def test_which_tables_have_a_number_of_rows(rows, links, following, lists):
    made = bank(rows, *links)
    followers = following_tables(made.schema)
    assert followers == following
    assert short_lists(made, [name for name in rows if name not in followers]) == lists


def test_a_short_list_keeps_its_rows(studio):
    studio.known[:] = [bank({"a": 900, "p": 12, "b": 900}, ("b", "a"), ("b", "p"))]
    app = studio.app("generate", dataset="d1")
    assert "`p`: a short list that keeps its number of rows" in texts(app)
    app.button(key="generate_start").click().run()
    assert dict(submitted(studio).rows) == {"a": 900}


def test_a_first_visit_says_what_it_waits_for(studio, monkeypatch):
    heard, spinner = [], st.spinner

    def heard_spinner(text, **more):
        heard.append(text)
        return spinner(text, **more)

    monkeypatch.setattr(st, "spinner", heard_spinner)
    studio.app("generate", dataset="d1")
    assert any("how fast this machine is" in text for text in heard)
