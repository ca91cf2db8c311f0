"""Free text on the review page: what is offered, and what is saved."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.data.schema import Action, Column, ColumnType, Schema, Table
from core.governance.policy import Actor, UserRole
from tests.app.fake_studio import FakeStudio, dataset, installed
from tests.app.harness import texts

NOTE = Column("note", ColumnType.TEXT, action=Action.REPLACE)
ACTOR = Actor("u1", "ada", "Ada", UserRole.GENERAL, "test")


def script(actor, known):
    from app.components.texts import show_texts

    show_texts(actor, known, "notes")


class FakeTexts:
    """Offers every column, and remembers what was chosen."""

    def __init__(self) -> None:
        self.chosen: list[tuple] = []

    def possible(self, table: Table) -> tuple[Column, ...]:
        return table.columns

    def choose(self, actor, dataset_id, table, columns) -> None:
        self.chosen.append((dataset_id, table, tuple(columns)))


@pytest.fixture
def studio():
    with installed(FakeStudio()) as fake:
        fake.texts = FakeTexts()
        yield fake


def shown(*columns: Column) -> AppTest:
    known = replace(dataset(), schema=Schema((Table("notes", columns),)))
    return AppTest.from_function(script, args=(ACTOR, known)).run()


def test_columns_are_chosen_and_saved(studio) -> None:
    app = shown(NOTE, replace(NOTE, name="remark"))
    assert app.button(key="save_texts_notes").disabled
    app.multiselect[0].set_value(["remark"]).run()
    app.button(key="save_texts_notes").click().run()
    assert not app.exception
    assert studio.texts.chosen == [("d1", "notes", ("remark",))]


def test_what_was_chosen_before_is_shown(studio) -> None:
    app = shown(replace(NOTE, learned_text=True))
    assert app.multiselect[0].value == ["note"]
    assert "no word that fewer than 5 texts have" in texts(app)
    assert "formal guarantee never learn texts" in texts(app)


def test_nothing_is_shown_without_free_text(studio) -> None:
    studio.texts = SimpleNamespace(possible=lambda table: ())
    assert not shown(NOTE).expander
