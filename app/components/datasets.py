"""How a dataset is put into words on every page: its size, its next step, its types and actions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.links import choose_linked
from app.components.page import plain
from app.navigation import page_path
from core.data.schema import Action, ColumnType, Role
from core.studio.values import Dataset, Stage

MOST_SEGMENTS = 8
FEW_NOTES = 3


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do with a dataset at a stage, and the page where it is done."""

    label: str
    page: str
    icon: str
    state: str


NEXT: Mapping[Stage, NextStep] = {
    Stage.REVIEW: NextStep(
        "Review its columns", "review", ":material/rule:", "Waits for your review"
    ),
    Stage.GENERATE: NextStep(
        "Generate synthetic data", "generate", ":material/auto_awesome:", "Ready to generate"
    ),
    Stage.TRAINING: NextStep(
        "See the progress", "jobs", ":material/pending_actions:", "A run is under way"
    ),
    Stage.RESULT: NextStep(
        "Judge the result", "results", ":material/analytics:", "Has a result to judge"
    ),
    Stage.RELEASED: NextStep("See its releases", "releases", ":material/inventory_2:", "Released"),
}
TYPE_NAMES: Mapping[ColumnType, str] = {
    ColumnType.INTEGER: "Whole number",
    ColumnType.NUMBER: "Number",
    ColumnType.BOOLEAN: "Yes or no",
    ColumnType.DATE: "Date",
    ColumnType.DATETIME: "Date and time",
    ColumnType.TIME: "Time of day",
    ColumnType.CATEGORY: "Category",
    ColumnType.TEXT: "Text",
}
ACTION_NAMES: Mapping[Action, str] = {
    Action.KEEP: "Keep",
    Action.MASK: "Mask",
    Action.DROP: "Drop",
    Action.REPLACE: "Replace",
    Action.GENERALISE: "Generalise",
}
ACTION_TEXTS: Mapping[Action, str] = {
    Action.KEEP: "The generator learns the column as it is; its values can come back.",
    Action.MASK: "Each value becomes a made-up token of the same shape; equal values stay equal.",
    Action.DROP: "The column is left out of the synthetic table.",
    Action.REPLACE: "The generator never sees the column; fresh invented values take its place.",
    Action.GENERALISE: "The generator learns coarser values: months, bands, prefixes. Only such "
    "come out.",
}
ROLE_NAMES: Mapping[Role, str] = {
    Role.IDENTIFIER: "Identifier",
    Role.QUASI_IDENTIFIER: "Quasi-identifier",
    Role.SENSITIVE: "Sensitive",
    Role.PLAIN: "Plain",
}
ROLE_TEXTS: Mapping[Role, str] = {
    Role.IDENTIFIER: "Points to one person or record by itself: a name, a number, an address.",
    Role.QUASI_IDENTIFIER: "Narrows down who it is, together with others: age, place, date.",
    Role.SENSITIVE: "Must not become known of a person: health, income, religion.",
    Role.PLAIN: "Says little about who it is.",
}


def card(key: str | None = None) -> DeltaGenerator:
    """Return a frame whose text and buttons stand side by side where there is room."""
    return st.container(border=True, horizontal=True, vertical_alignment="center", key=key)


def next_step_button(dataset: Dataset, stage: Stage, *, key: str, is_primary: bool) -> None:
    """Show the button that leads to a dataset's next step."""
    step = NEXT[stage]
    kind = "primary" if is_primary else "secondary"
    if st.button(step.label, key=key, type=kind, icon=step.icon):
        st.switch_page(page_path(step.page), query_params={"dataset": dataset.id})


def go_to_next_step(dataset: Dataset) -> None:
    """Leave for where a fresh dataset is looked at: the review, or its page with nothing open."""
    page = "review" if dataset.open_columns else "datasets"
    st.switch_page(page_path(page), query_params={"dataset": dataset.id})


def show_notes(dataset: Dataset) -> None:
    """Show what reading the files had to say: what was skipped, renamed or taken for what."""
    if not dataset.notes:
        return
    with st.expander(
        f"{counted(len(dataset.notes), 'note')} from reading the files",
        icon=":material/info:",
        expanded=len(dataset.notes) <= FEW_NOTES,
    ):
        st.markdown("\n".join(f"- {plain(note)}" for note in dataset.notes))


def retyped_columns(dataset: Dataset, table: str, known: Mapping[str, ColumnType]) -> list[str]:
    """Return the columns whose type the review changed since the profile was taken."""
    columns = dataset.schema[table].columns
    return [c.name for c in columns if c.name in known and c.type is not known[c.name]]


def choose_dataset(datasets: Sequence[Dataset], *, key: str, default: str) -> Dataset:
    """Let the user choose a dataset; the address names it."""
    chosen = choose_linked(
        "Dataset",
        "dataset",
        dataset_labels(datasets),
        default=default,
        key=key,
        missing="The dataset of this address is not in this project. Another one is shown.",
    )
    return next(dataset for dataset in datasets if dataset.id == chosen)


def dataset_labels(datasets: Sequence[Dataset]) -> dict[str, str]:
    """Return a label for each dataset by id; no two are alike, also where names are.

    A select box tells its options apart by their labels only.
    """
    names = Counter(dataset.name for dataset in datasets)
    return {
        d.id: d.name
        if names[d.name] == 1
        else f"{d.name} ({d.created_at:%d %b %Y %H:%M}, {d.id[:6]})"
        for d in datasets
    }


def size_line(dataset: Dataset) -> str:
    """Return the dataset's tables and rows in words."""
    tables, rows = len(dataset.table_rows), sum(dataset.table_rows.values())
    return f"{counted(tables, 'table')}, {counted(rows, 'row')}"


def counted(number: int, word: str) -> str:
    """Return a number with its word, ``1 row`` or ``1,200 rows``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def choose_table(dataset: Dataset, *, key: str) -> str:
    """Let the user choose one of the tables; one table needs no choice."""
    names = list(dataset.schema.names)
    if len(names) == 1:
        return names[0]
    label = {name: f"{name} ({dataset.table_rows.get(name, 0):,})" for name in names}
    if len(names) > MOST_SEGMENTS:
        return str(st.selectbox("Table", names, format_func=label.__getitem__, key=key))
    chosen = st.segmented_control(
        "Table",
        names,
        format_func=lambda name: plain(label[name]),
        key=key,
        default=names[0],
        required=True,
    )
    return chosen or names[0]


def code(text: str) -> str:
    """Return a value or name so that Markdown shows it letter by letter, in type of equal width."""
    shown = " ".join(text.replace("`", "'").split())
    return f"`{shown}`" if shown else "(empty)"
