"""Asking for a formal guarantee: the promise in words, what stands against it, what it spends."""

from dataclasses import replace

import pytest

from app.components.promise import bands_line
from app.components.public_form import declared_frame
from core.privacy.guards import Change, Remark
from tests.app.fake_studio import FakeStudio, dataset, installed, people, start
from tests.app.harness import texts

KEY = "generate_d1_0_private"
AGE = {"low": 17.0, "high": 90.0}


@pytest.fixture
def studio():
    with installed(FakeStudio(known=[people()])) as studio:
        yield studio


def private(studio):
    """The generate page with the intent of a proven promise."""
    app = studio.app("generate", dataset="d1")
    app.button(key="intent_private").click().run()
    assert not app.exception
    return app


def test_the_intent_chooses_a_guaranteed_engine_and_shows_the_promise(studio):
    app = private(studio)
    assert app.selectbox(key="generate_d1_0_private_engine").value == "aim"
    said = texts(app)
    assert "formal guarantee: ε, δ" in said
    assert "at most **73%** sure" in said
    assert "convention" in said
    assert app.number_input(key=f"{KEY}_epsilon").value == 1.0
    assert "Valid here below 0.00083" in said


def test_engines_without_a_guarantee_say_so(studio):
    app = studio.app("generate", dataset="d1")
    said = texts(app)
    assert "no formal guarantee" in said
    assert "formal guarantee: ε, δ" not in said
    assert not [w for w in app.number_input if w.key == f"{KEY}_epsilon"]


def test_several_tables_have_no_guarantee_and_say_why(studio):
    studio.known[:] = [dataset()]
    app = studio.app("generate", dataset="d1")
    assert app.button(key="intent_private").disabled
    assert "over several tables is not offered" in texts(app)
    app.selectbox(key="generate_d1_0_balanced_engine").select("aim").run()
    assert app.button(key="generate_start").disabled


def test_what_the_run_would_spend_is_shown_before_the_start(studio):
    app = private(studio)
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["This run spends"] == "ε 1"
    assert figures["Left after it"] == "ε 8.59"
    assert "1.41 after this run, of 10" in app.get("progress")[-1].proto.text


def test_the_promise_reaches_the_run(studio):
    app = private(studio)
    app.number_input(key=f"{KEY}_epsilon").set_value(2.0).run()
    app.selectbox(key=f"{KEY}_person").select("id").run()
    app.number_input(key=f"{KEY}_rows_per_person").set_value(3).run()
    app.number_input(key=f"{KEY}_rows_public").set_value(1200).run()
    assert "88%" in texts(app)
    spec = start(studio, app)
    wanted = {"epsilon": 2.0, "delta": 1e-5, "person": "id", "rows_per_person": 3, "rows": 1200}
    assert (spec.engine, dict(spec.params)) == ("aim", wanted)
    assert (spec.public, spec.accepted, dict(spec.rows)) == (None, False, {})


def test_warnings_have_to_be_acknowledged(studio):
    studio.budgets.changes = {"remarks": (Remark("rows", "warning", "Few rows."),)}
    app = private(studio)
    assert app.button(key="generate_start").disabled
    assert "Few rows." in texts(app)
    app.checkbox[0].check().run()
    assert start(studio, app).accepted


def test_another_warning_is_another_acknowledgement(studio):
    studio.budgets.changes = {"remarks": (Remark("rows", "warning", "Few rows."),)}
    app = private(studio)
    app.checkbox[0].check().run()
    more = (Remark("rows", "warning", "Few rows."), Remark("delta", "warning", "High δ."))
    studio.budgets.changes = {"remarks": more}
    app.run()
    assert app.button(key="generate_start").disabled


def test_errors_cannot_be_acknowledged(studio):
    studio.budgets.changes = {"remarks": (Remark("delta", "error", "δ is too large."),)}
    app = private(studio)
    assert "δ is too large." in texts(app)
    assert app.button(key="generate_start").disabled
    assert not [box for box in app.checkbox if "accepted" in str(box.key)]


def test_a_run_over_the_cap_cannot_start_and_says_what_to_do(studio):
    app = private(studio)
    app.number_input(key=f"{KEY}_epsilon").set_value(50.0).run()
    assert app.button(key="generate_start").disabled
    assert "of 10 allowed" in texts(app)


def test_adjusting_changes_the_form_and_says_what_and_why(studio):
    changes = (Change("epsilon", 20.0, 10.0, "Above, it says little."),)
    studio.budgets.changes = {"changes": changes}
    app = private(studio)
    app.button(key=f"{KEY}_adjust").click().run()
    assert not app.exception
    studio.budgets.changes = {}
    app.run()
    assert app.number_input(key="generate_d1_1_private_epsilon").value == 10.0
    assert "ε from 20 to 10. Above, it says little." in texts(app)


def test_the_recommendation_is_taken_with_a_click(studio):
    app = private(studio)
    assert "Few rows." in texts(app)
    app.button(key=f"{KEY}_recommended").click().run()
    assert app.number_input(key="generate_d1_1_private_epsilon").value == 3.0


def test_without_a_guarantee_nothing_of_the_promise_is_submitted(studio):
    app = private(studio)
    app.number_input(key=f"{KEY}_epsilon").set_value(2.0).run()
    app.selectbox(key="generate_d1_0_private_engine").select("forest").run()
    assert start(studio, app).public is None


def test_there_is_no_preview_and_no_value_of_the_data_in_the_declaration(studio):
    app = private(studio)
    assert app.button(key="generate_preview_button").disabled
    assert "every fit of this engine spends privacy" in texts(app)
    frame = declared_frame(people().schema["people"], None)
    assert list(frame["column"]) == ["age", "income", "region", "sex", "outcome", "joined", "woke"]
    assert not frame[["low", "high", "step", "codes"]].to_numpy().any()


def test_what_was_declared_is_kept_and_counted(studio):
    app = private(studio)
    assert "0 of 7 columns declared" in texts(app)
    app.segmented_control(key=f"{KEY}_public_mode").set_value("typed").run()
    assert not app.exception
    table = people().schema["people"]
    shown = declared_frame(table, {"rows": 0, "columns": {"age": AGE}})
    assert list(shown.loc[0, ["low", "high"]]) == ["17", "90"]


def test_an_upload_is_declared_or_says_what_is_wrong(studio):
    app = private(studio)
    app.segmented_control(key=f"{KEY}_public_mode").set_value("file").run()
    given = app.file_uploader(key=f"{KEY}_public_file")
    given.upload("public.yaml", b"columns: {age: {low: 17, high: 90}}", "text/yaml").run()
    assert "1 of 7 columns declared" in texts(app)
    assert start(studio, app).public["columns"]["age"] == AGE


def test_the_bands_are_marked_at_the_present_one():
    assert ":blue-badge[:material/arrow_right: strong up to 1]" in bands_line(1.0)
    assert ":blue-badge[:material/arrow_right: weak above 10]" in bands_line(11.0)
    assert bands_line(2.0).count("blue-badge") == 1


def test_the_draft_keeps_the_promise_over_a_reload(studio):
    app = private(studio)
    app.number_input(key=f"{KEY}_epsilon").set_value(0.5).run()
    again = studio.app("generate", dataset="d1")
    assert again.number_input(key=f"{KEY}_epsilon").value == 0.5
    assert replace(studio.budgets.checked[-1]).params["epsilon"] == 0.5


def test_the_number_of_real_rows_is_never_filled_in(studio):
    """It is private too: what was filled in for another engine does not come along."""
    app = studio.app("generate", dataset="d1")
    assert app.number_input(key="generate_d1_0_rows_people").value == 1200
    app.button(key="intent_private").click().run()
    rows = app.number_input(key="generate_d1_0_private_rows_people")
    assert rows.value is None
    rows.set_value(500).run()
    assert dict(start(studio, app).rows) == {"people": 500}


def test_with_a_guarantee_nothing_but_synthetic_tables_is_offered(studio):
    app = private(studio)
    keys = [control.key for control in app.get("button_group")]
    assert "generate_d1_0_purpose" not in keys
