"""The page of preparation: steps are looked for, accepted, added, moved, removed and undone."""

import pytest

from app.components.steps_list import visible
from core.data.pipeline import make_step
from core.data.schema import Action, ColumnType, Role
from core.governance.policy import UserRole
from core.studio.preparing import Pipeline
from core.studio.values import Decision
from tests.app.fake_studio import FakeStudio, installed
from tests.app.harness import House, texts


@pytest.fixture
def dataset(house: House, tmp_path):
    towns = ["Bern", " Bern", "Chur ", "n/a"]
    lines = ["town,age", *(f"{towns[i % 4]},{20 + i % 40}" for i in range(200)), "Zuoz,119"]
    path = tmp_path / "staff.csv"
    path.write_text("\n".join(lines) + "\n")
    actor = house.actors[UserRole.GENERAL]
    made = house.studio.datasets.import_files(
        actor, house.project.id, f"Staff {tmp_path.name}", [("staff.csv", path)]
    )
    columns = made.schema["staff"].columns
    kept = [Decision("staff", c.name, c.type, Role.PLAIN, Action.KEEP, "made up") for c in columns]
    return house.studio.datasets.decide(actor, made.id, kept)


def page(house: House, dataset):
    app = house.app(UserRole.GENERAL, "preparation", dataset=dataset.id)
    assert not app.exception
    return app


def held(house: House, dataset) -> Pipeline:
    return house.studio.preparing.get(house.actors[UserRole.GENERAL], dataset.id)


def kinds(house: House, dataset) -> list[str]:
    return [step.kind for step in held(house, dataset).steps.get("staff", ())]


def test_suggestions_are_accepted_shown_and_undone(house: House, dataset) -> None:
    app = page(house, dataset)
    assert "missing values stay missing" in texts(app)
    assert app.button(key="undo_steps").disabled
    app.button(key="look_for_steps").click().run()
    assert not app.exception
    assert "What the rows suggest" in texts(app)
    app.button(key="accept_all_steps").click().run()
    assert not app.exception
    assert kinds(house, dataset) == ["trim", "markers", "merge_rare", "protect_extremes"]
    assert "4 steps of this dataset" in texts(app)
    assert "all 201 rows" in texts(app)
    assert "Before and after" in texts(app)
    shown = " ".join(str(frame.value.to_dict()) for frame in app.dataframe)
    assert "␣Bern" in shown
    assert "Zuoz" not in shown
    app.button(key="look_for_steps").click().run()
    assert "suggest no further step" in texts(app)
    app.button(key="undo_steps").click().run()
    assert not app.exception
    assert kinds(house, dataset) == []


def test_a_step_is_added_with_its_parameters(house: House, dataset) -> None:
    app = page(house, dataset)
    key = f"new_step_{dataset.id}_staff"
    app.selectbox(key=f"{key}_kind").set_value("clip").run()
    app.button(key="add_step").click().run()
    assert "no column" in texts(app)
    assert kinds(house, dataset) == []
    app.selectbox(key=f"{key}_clip_column").set_value("age").run()
    app.text_input(key=f"{key}_clip_high").set_value("90").run()
    app.button(key="add_step").click().run()
    assert not app.exception
    (step,) = held(house, dataset).steps["staff"]
    assert (step.kind, step.column, step.high) == ("clip", "age", "90")


def test_steps_are_edited_as_text(house: House, dataset) -> None:
    app = page(house, dataset)
    area = app.text_area(key=f"steps_text_{dataset.id}_0")
    area.set_value("tables: {staff: [{step: trim, column: age}]}").run()
    app.button(key="save_steps_text").click().run()
    assert "of type integer" in texts(app)
    app.text_area(key=f"steps_text_{dataset.id}_0").set_value(
        "tables: {staff: [{step: trim, column: town}, {step: markers, column: town, words: [x]}]}"
    ).run()
    app.button(key="save_steps_text").click().run()
    assert not app.exception
    assert kinds(house, dataset) == ["trim", "markers"]


def test_steps_that_no_longer_fit_are_said_so(house: House, dataset) -> None:
    actor = house.actors[UserRole.GENERAL]
    step = make_step("clip", {"column": "age", "high": "90"})
    house.studio.preparing.set(actor, dataset.id, {"staff": [step]}, 0)
    retyped = Decision("staff", "age", ColumnType.CATEGORY, Role.PLAIN, Action.KEEP, "a code")
    house.studio.datasets.decide(actor, dataset.id, [retyped])
    app = page(house, dataset)
    assert "do not fit the data as it is now" in texts(app)
    assert not app.button(key="undo_steps").disabled


def test_spaces_at_the_ends_are_seen() -> None:
    assert visible("  a b ") == "␣␣a b␣"
    assert visible("   ") == "␣␣␣"
    assert visible("a") == "a"


STEPS = {
    "customers": (
        make_step("clip", {"column": "age", "low": "0"}),
        make_step("protect_extremes", {"column": "age"}),
    )
}


def started(studio: FakeStudio, choose: str = "", **more):
    app = studio.app("generate", dataset="d1", **more)
    assert not app.exception
    if choose:
        app.get_by_key("generate_d1_0_forest_preparation").set_value(choose).run()
    app.button(key="generate_start").click().run()
    assert not app.exception
    return next(what[2] for what in studio.runs.asked if what[0] == "submit")


@pytest.mark.parametrize(
    ("choose", "steps"),
    [("", None), ("none", {}), ("allowed", {"customers": STEPS["customers"][:1]})],
)
def test_a_run_takes_the_steps_that_were_chosen(choose: str, steps) -> None:
    with installed(FakeStudio(prepared=Pipeline(STEPS, 1))) as studio:
        assert started(studio, choose).preparation == steps


def test_without_steps_there_is_nothing_to_choose() -> None:
    with installed(FakeStudio()) as studio:
        app = studio.app("generate", dataset="d1")
        assert "Preparation" not in [one.label for one in app.get("button_group")]
        assert started(studio).preparation is None
