"""New versions on the pages: declared with the import, shown in the review."""

import pytest

from core.data.schema import Action, Role
from core.governance.policy import UserRole
from core.studio.values import Decision
from tests.app.harness import House, texts

CSV = "person_id,email,points\n" + "".join(
    f"{i},anna{i}@example.com,{i * 7 % 40}\n" for i in range(60)
)


@pytest.fixture
def dataset(house: House, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(CSV)
    actor = house.actors[UserRole.GENERAL]
    found = house.studio.datasets.import_files(
        actor, house.project.id, "People", [(path.name, path)]
    )
    told = Decision("people", "email", found.schema["people"]["email"].type, Role.IDENTIFIER,
                    Action.MASK, "joined later")  # fmt: skip
    house.studio.datasets.decide(actor, found.id, [told])
    return house.accept(found)


def test_a_new_version_is_declared_and_its_review_says_what_was_taken_over(house: House, dataset):
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id)
    app.button(key="new_version").click().run()
    assert not app.exception
    assert "A new version of" in texts(app)
    assert "A dataset of its own instead" in [link.proto.label for link in app.get("page_link")]
    newer = (
        CSV.replace("points\n", "points,level\n")
        .replace("\n", ",low\n")
        .replace("level,low", "level")
    )
    app.file_uploader(key="upload_files").upload("people.csv", newer.encode()).run()
    box = next(b for b in app.selectbox if b.label == "This is")
    assert box.value == dataset.id
    assert "shares the privacy budget" in texts(app)
    app.button(key="import").click().run()
    assert not app.exception
    said = texts(app)
    assert "Taken over: the decisions on 3 columns, 1 key" in said
    assert "1 column without a finding waits for a decision" in said
    actor = house.actors[UserRole.GENERAL]
    second = house.studio.datasets.list(actor, house.project.id)[0]
    assert second.version_of == dataset.id
    assert second.open_columns == (("people", "level"),)
    app = house.app(UserRole.GENERAL, "review", dataset=second.id)
    primary = [b.key for b in app.button if b.proto.type == "primary"]
    assert primary == ["keep_unfound"]
    app.button(key="keep_unfound").click().run()
    assert not app.exception
    assert house.studio.datasets.get(actor, second.id).open_columns == ()
    assert "can be used" in texts(app)


def test_a_plain_import_is_no_version(house: House, dataset):
    app = house.app(UserRole.GENERAL, "datasets")
    app.file_uploader(key="upload_files").upload("people.csv", CSV.encode()).run()
    box = next(b for b in app.selectbox if b.label == "This is")
    assert box.value == ""
    app.button(key="import").click().run()
    assert not app.exception
    second = house.studio.datasets.list(house.actors[UserRole.GENERAL], house.project.id)[0]
    assert second.version_of == ""
