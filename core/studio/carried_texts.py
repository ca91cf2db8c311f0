"""How free text comes back, taken over into the next version of a dataset.

The choice holds on with its column. The column beside it, whose labels texts follow or fit, has to
hold on too; else texts follow none, which is said.
"""

from collections.abc import Collection
from dataclasses import replace

from core.data.schema import Column, Table


def texts_carried(
    before: Table, after: Table, again: Collection[str]
) -> tuple[Table, tuple[str, ...]]:
    """The table with the choices for free text, and what of them does not hold, in words.

    Parameters
    ----------
    before, after
        A table of the version before and the one that continues it, decisions taken over.
    again
        The columns of ``after`` that a person decides once more.
    """
    earlier = {c.name: c for c in before.columns if c.learned_text or c.written is not None}
    holding = {c.name for c in after.columns if c.name in before.names} - set(again)
    notes: list[str] = []
    columns = []
    for column in after.columns:
        chosen = earlier.get(column.name)
        if chosen is not None and column.name in holding:
            column = _beside(_as_chosen(column, chosen), holding, notes)
        elif chosen is not None:
            notes.append(
                f"How the free text of {column.name!r} comes back has to be chosen again: "
                "it is a column that waits for a decision."
            )
        columns.append(column)
    return replace(after, columns=tuple(columns)), tuple(notes)


def _as_chosen(column: Column, chosen: Column) -> Column:
    return replace(
        column,
        learned_text=chosen.learned_text,
        text_label=chosen.text_label,
        written=chosen.written,
    )


def _beside(column: Column, holding: Collection[str], notes: list[str]) -> Column:
    """The column without the other one that it followed, where that one does not hold."""
    label, written = column.text_label, column.written
    if label and label not in holding:
        notes.append(_lost(column, label, "followed"))
        column = replace(column, text_label="")
    if written is not None and written.beside and written.beside not in holding:
        notes.append(_lost(column, written.beside, "were to fit"))
        column = replace(column, written=replace(written, beside=""))
    return column


def _lost(column: Column, other: str, how: str) -> str:
    return (
        f"Texts of {column.name!r} {how} {other!r}, which is not as it was: they follow no other "
        "column now."
    )
