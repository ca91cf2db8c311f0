"""Choices for free text in a new version: they hold on with their column, or it is said."""

import pytest

from core.data.schema import Action, Column, ColumnType, Table, WrittenText
from core.studio.carried_texts import texts_carried

NOTE = Column("note", ColumnType.TEXT, action=Action.REPLACE)
STYLED = Column("note", ColumnType.TEXT, learned_text=True, text_label="ward")
ASKED = Column("note", ColumnType.TEXT, written=WrittenText("notes", "French", "ward"))
WARD = Column("ward", ColumnType.CATEGORY)


def table(*columns: Column) -> Table:
    return Table("visits", columns)


@pytest.mark.parametrize("chosen", [STYLED, ASKED])
def test_a_choice_holds_on_with_its_column(chosen: Column) -> None:
    after, notes = texts_carried(table(chosen, WARD), table(NOTE, WARD), ())
    note = after["note"]
    assert (note.learned_text, note.text_label, note.written) == (
        chosen.learned_text,
        chosen.text_label,
        chosen.written,
    )
    assert note.action is Action.REPLACE
    assert notes == ()


@pytest.mark.parametrize(("after", "again"), [((NOTE,), ()), ((NOTE, WARD), ("ward",))])
def test_a_label_that_does_not_hold_is_followed_no_more(after, again) -> None:
    styled, said = texts_carried(table(STYLED, WARD), table(*after), again)
    assert (styled["note"].learned_text, styled["note"].text_label) == (True, "")
    assert "'ward', which is not as it was" in said[0]
    asked, said = texts_carried(table(ASKED, WARD), table(*after), again)
    assert asked["note"].written == WrittenText("notes", "French", "")
    assert len(said) == 1


def test_a_column_that_is_open_again_takes_nothing_and_it_is_said() -> None:
    after, notes = texts_carried(table(STYLED, WARD), table(NOTE, WARD), ("note",))
    assert after["note"] == NOTE
    assert "'note' comes back has to be chosen again" in notes[0]


def test_other_columns_and_plain_words_say_nothing() -> None:
    assert texts_carried(table(NOTE, WARD), table(NOTE, WARD), ("ward",))[1] == ()
