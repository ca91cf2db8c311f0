"""Free text in the review: plain words, the style of its texts, or written by a language model."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.components.page import guard, plain
from app.resources import studio
from core.data.schema import Column, Table, WrittenText
from core.data.texts import FEW, RUN
from core.governance.policy import Actor
from core.studio.texts import MOST_DESCRIPTION, MOST_LANGUAGE, TextModel
from core.studio.values import Dataset

PLAIN, LEARNED, WRITTEN = "plain", "learned", "written"
NAMES = {
    PLAIN: ":material/short_text: Plain words",
    LEARNED: ":material/style: In their style",
    WRITTEN: ":material/edit_note: Written by a language model",
}
_MOST = "\0"
_FOLLOWED = {_MOST: "Whichever column tells most about them", "": "No other column"}
_EXAMPLE = "Short notes that nurses write after a home visit: what was done, how it went, what next"


@dataclass(frozen=True)
class Choice:
    """How one column of free text is to come back."""

    way: str
    asked: WrittenText | None = None
    label: str | None = None

    @classmethod
    def of(cls, column: Column) -> "Choice":
        """What was chosen before."""
        if column.written is not None:
            return cls(WRITTEN, column.written)
        if column.learned_text:
            return cls(LEARNED, label=column.text_label)
        return cls(PLAIN)


def show_texts(
    actor: Actor, dataset: Dataset, name: str, left_out: Callable[[], None] = lambda: None
) -> None:
    """Let the user choose how free text comes back; nothing where there is none.

    ``left_out`` shows what is left out, and may let it come back.
    """
    table = dataset.schema[name]
    possible, dropped = studio().texts.possible(table), studio().texts.left_out(table)
    if not possible and not dropped:
        return
    model = studio().texts.model()
    with st.expander("Free text", icon=":material/notes:"):
        explain(model)
        if dropped:
            left_out()
        if not possible:
            return
        key = f"texts_{dataset.id}_{name}"
        chosen = {c.name: choose(c, table, model, f"{key}_{c.name}") for c in possible}
        is_new = any(chosen[c.name] != Choice.of(c) for c in possible)
        save = st.button(
            "Save", key=f"save_texts_{name}", icon=":material/save:", disabled=not is_new
        )
        if save:
            with guard(stop=False):
                keep(actor, dataset, name, chosen)


def explain(model: TextModel) -> None:
    """Say what each choice does, and what it tells whom."""
    lines = [
        "**Plain words** have the same length, and nothing else of the column.",
        "**In their style**: how words are spelt, follow each other and end is learned. No "
        f"training text comes back, no word that fewer than {FEW} texts have, and of those texts "
        f"no run of more than {RUN} characters. It needs a few hundred different texts. Texts fit "
        "their row: they follow the words that texts of its label share.",
    ]
    if model.name:
        lines.append(
            f"**Written by a language model** ({plain(model.name)}), which is told the column's "
            "name, how long texts are, and what you say here: no text, and no piece of one. What "
            "it writes keeps the same promises. A few hundred texts are written, and repeat in "
            "larger tables."
        )
    else:
        lines.append(
            f"**Written by a language model**: not available. {plain(model.why_not)} An "
            "administrator of the installation can set one up, also one that runs in the house "
            "(*Configuration* in the README)."
        )
    lines.append("Engines with a formal guarantee never learn texts, nor have them written.")
    st.caption("\n".join(f"- {line}" for line in lines))


def choose(column: Column, table: Table, model: TextModel, key: str) -> Choice:
    """One column's choice, with what a language model is to know of it."""
    before = Choice.of(column)
    ways = [way for way in NAMES if way != WRITTEN or model.name or before.way == WRITTEN]
    way = st.segmented_control(
        plain(column.name),
        ways,
        default=before.way,
        required=True,
        format_func=NAMES.__getitem__,
        key=key,
    )
    if way == LEARNED:
        return Choice(LEARNED, label=follow(column, table, key))
    if way != WRITTEN:
        return Choice(way or before.way)
    if not model.name:
        st.warning(
            "There is no language model any more, so that no run can start. Choose another way.",
            icon=":material/warning:",
        )
    return Choice(WRITTEN, describe(column, table, before.asked or WrittenText(""), key))


def follow(column: Column, table: Table, key: str) -> str | None:
    """The column whose labels learned texts follow; None for the one that tells most."""
    names = [c.name for c in studio().texts.followable(table) if c.name != column.name]
    options = [_MOST, "", *names]
    before = _MOST if column.text_label is None else column.text_label
    chosen = st.selectbox(
        f"Texts of {plain(column.name)} fit the row's",
        options,
        index=options.index(before) if before in options else 1,
        format_func=lambda name: _FOLLOWED.get(name) or plain(name),
        key=f"{key}_label",
        help="That some words are frequent with a label is told then: at least "
        f"{FEW} texts of the label share each of them. Labels of few texts are not told apart. "
        "Which column tells most is found when a run learns, and said with the run.",
    )
    return None if chosen == _MOST else chosen or ""


def describe(column: Column, table: Table, before: WrittenText, key: str) -> WrittenText:
    """What is said of a column to the language model."""
    with st.container(border=True):
        description = st.text_area(
            f"What {plain(column.name)} holds",
            value=before.description,
            placeholder=_EXAMPLE,
            max_chars=MOST_DESCRIPTION,
            key=f"{key}_description",
            help="This is sent to the language model. Name no person and paste no text of the "
            "table: a description that repeats one is not sent.",
        )
        left, right = st.columns(2)
        language = left.text_input(
            "Language",
            value=before.language,
            placeholder="That of the description",
            max_chars=MOST_LANGUAGE,
            key=f"{key}_language",
        )
        beside = ["", *(c.name for c in studio().texts.beside(table) if c.name != column.name)]
        fitted = right.selectbox(
            "Fits the row's",
            beside,
            index=beside.index(before.beside) if before.beside in beside else 0,
            format_func=lambda name: plain(name) if name else "No other column",
            key=f"{key}_beside",
            help="Labels that at least ten rows share are told to the language model, so that "
            "texts fit the synthetic row. Offered are kept columns of labels whose role is plain.",
        )
    return WrittenText(description.strip(), language.strip(), fitted or "")


def keep(actor: Actor, dataset: Dataset, name: str, chosen: dict[str, Choice]) -> None:
    """Save what was chosen for all columns of a table."""
    learned = {name: choice.label for name, choice in chosen.items() if choice.way == LEARNED}
    written = {column: choice.asked for column, choice in chosen.items() if choice.asked}
    studio().texts.choose(actor, dataset.id, name, learned, written)
    st.toast("How free text comes back is saved.", icon=":material/check:")
    st.rerun()
