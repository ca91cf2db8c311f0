"""Free text in the review: what is offered beside leaving it out, and the way back."""

from core.data.schema import Action
from core.governance.policy import UserRole
from tests.app.harness import House, texts


def notes(house: House, tmp_path):
    lines = ["note,points"] + [
        f"Please call the ward about case {i * 7} and again soon.,{i % 9}" for i in range(240)
    ]
    path = tmp_path / "notes.csv"
    path.write_text("\n".join(lines) + "\n")
    actor = house.actors[UserRole.GENERAL]
    files = [("notes.csv", path)]
    return house.studio.datasets.import_files(actor, house.project.id, "Notes", files)


def column(house: House, dataset):
    actor = house.actors[UserRole.GENERAL]
    return house.studio.datasets.get(actor, dataset.id).schema["notes"]["note"]


def test_it_can_come_back_in_style_from_its_card(house: House, tmp_path) -> None:
    dataset = notes(house, tmp_path)
    app = house.app(UserRole.GENERAL, "review", dataset=dataset.id)
    said = texts(app)
    assert "Dropping it tells nothing at all" in said
    assert "no formal guarantee" in said
    app.button(key=f"learned_{dataset.id}.notes.note").click().run()
    assert not app.exception
    after = column(house, dataset)
    assert (after.action, after.learned_text) == (Action.REPLACE, True)


def test_who_accepts_the_suggestion_still_finds_the_way(house: House, tmp_path) -> None:
    dataset = notes(house, tmp_path)
    app = house.app(UserRole.GENERAL, "review", dataset=dataset.id)
    app.button(key="accept_all").click().run()
    assert column(house, dataset).action is Action.DROP
    assert "Under *Free text* below it can come back made up" in texts(app)
    assert "Free text" in [one.label for one in app.expander]
    app.button(key=f"plain_{dataset.id}.notes.note").click().run()
    assert not app.exception
    after = column(house, dataset)
    assert (after.action, after.learned_text) == (Action.REPLACE, False)
    assert app.segmented_control(key=f"texts_{dataset.id}_notes_note").value == "plain"
