"""Free text on the review page: what is offered, and what is saved."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.data.schema import Action, Column, ColumnType, Schema, Table, WrittenText
from core.governance.policy import Actor, UserRole
from core.studio.texts import TextModel
from tests.app.fake_studio import FakeStudio, dataset, installed
from tests.app.harness import texts

NOTE = Column("note", ColumnType.TEXT, action=Action.REPLACE)
WARD = Column("ward", ColumnType.CATEGORY, action=Action.KEEP)
ACTOR = Actor("u1", "ada", "Ada", UserRole.GENERAL, "test")


def script(actor, known):
    from app.components.texts import show_texts

    show_texts(actor, known, "notes")


class FakeTexts:
    """Offers every column, and remembers what was chosen."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self.chosen: list[tuple] = []

    def possible(self, table: Table) -> tuple[Column, ...]:
        return tuple(c for c in table.columns if c.type is ColumnType.TEXT)

    def left_out(self, table: Table) -> tuple[Column, ...]:
        return ()

    def beside(self, table: Table) -> tuple[Column, ...]:
        return tuple(c for c in table.columns if c.type is ColumnType.CATEGORY)

    followable = beside

    def model(self) -> TextModel:
        return self._model

    def choose(self, actor, dataset_id, table, columns, written) -> None:
        self.labels = dict(columns)
        self.chosen.append((dataset_id, table, tuple(columns), dict(written)))


@pytest.fixture
def studio():
    with installed(FakeStudio()) as fake:
        fake.texts = FakeTexts(TextModel("tiny at llm.house"))
        yield fake


def shown(*columns: Column) -> AppTest:
    known = replace(dataset(), schema=Schema((Table("notes", columns),)))
    return AppTest.from_function(script, args=(ACTOR, known)).run()


def saved(app: AppTest) -> None:
    app.button(key="save_texts_notes").click().run()
    assert not app.exception


def test_styles_are_chosen_and_saved(studio) -> None:
    app = shown(NOTE, replace(NOTE, name="remark"))
    assert app.button(key="save_texts_notes").disabled
    app.segmented_control(key="texts_d1_notes_remark").set_value("learned").run()
    saved(app)
    assert studio.texts.chosen == [("d1", "notes", ("remark",), {})]


@pytest.mark.parametrize("label", ["ward", ""])
def test_which_column_texts_follow_is_chosen_and_shown(studio, label: str) -> None:
    app = shown(NOTE, WARD)
    app.segmented_control(key="texts_d1_notes_note").set_value("learned").run()
    box = app.selectbox(key="texts_d1_notes_note_label")
    assert box.options == ["Whichever column tells most about them", "No other column", "ward"]
    box.set_value(label).run()
    saved(app)
    assert studio.texts.labels == {"note": label}
    again = shown(replace(NOTE, learned_text=True, text_label=label), WARD)
    assert again.selectbox[0].value == label
    assert again.button(key="save_texts_notes").disabled


def test_left_alone_texts_follow_what_tells_most(studio) -> None:
    app = shown(NOTE, WARD)
    app.segmented_control(key="texts_d1_notes_note").set_value("learned").run()
    saved(app)
    assert studio.texts.labels == {"note": None}


def test_what_was_chosen_before_is_shown(studio) -> None:
    app = shown(replace(NOTE, learned_text=True))
    assert app.segmented_control[0].value == "learned"
    assert "no word that fewer than 5 texts have" in texts(app)
    assert "formal guarantee never learn texts" in texts(app)


def test_a_language_model_is_told_what_a_person_types(studio) -> None:
    app = shown(NOTE, WARD)
    key = "texts_d1_notes_note"
    assert "tiny at llm.house" in texts(app)
    app.segmented_control(key=key).set_value("written").run()
    app.text_area(key=f"{key}_description").set_value("  nurses' notes ")
    app.text_input(key=f"{key}_language").set_value("Norwegian")
    app.selectbox(key=f"{key}_beside").set_value("ward").run()
    saved(app)
    asked = WrittenText("nurses' notes", "Norwegian", "ward")
    assert studio.texts.chosen == [("d1", "notes", (), {"note": asked})]


def test_what_was_said_before_is_shown(studio) -> None:
    asked = WrittenText("notes", "French", "ward")
    app = shown(replace(NOTE, written=asked), WARD)
    assert app.segmented_control[0].value == "written"
    assert app.text_area[0].value == "notes"
    assert (app.text_input[0].value, app.selectbox[0].value) == ("French", "ward")
    assert app.button(key="save_texts_notes").disabled


def test_without_a_language_model_it_is_not_offered_and_it_is_said_why(studio) -> None:
    studio.texts = FakeTexts(TextModel("", "`STUDIO_LLM_PROVIDER` is empty."))
    app = shown(NOTE)
    assert not any("language model" in name for name in app.segmented_control[0].options)
    assert "STUDIO_LLM_PROVIDER" in texts(app)


def test_a_language_model_that_went_away_is_warned_of(studio) -> None:
    studio.texts = FakeTexts(TextModel("", "None is set up."))
    app = shown(replace(NOTE, written=WrittenText("notes")))
    assert "no run can start" in texts(app)
    app.segmented_control[0].set_value("plain").run()
    saved(app)
    assert studio.texts.chosen == [("d1", "notes", (), {})]


def test_nothing_is_shown_without_free_text(studio) -> None:
    studio.texts = SimpleNamespace(possible=lambda table: (), left_out=lambda table: ())
    assert not shown(NOTE).expander
