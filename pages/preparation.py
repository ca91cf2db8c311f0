"""Preparation: steps that clean and protect the rows before they are learned, seen and undone."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.chosen_dataset import dataset_or_start, show_taken_over
from app.components.datasets import choose_table, counted
from app.components.looked_for import looked_for
from app.components.page import guard, page_header, plain
from app.components.step_form import step_form
from app.components.steps_list import choose_steps, choose_suggestions, show_examples
from app.resources import studio
from app.session import require_actor
from core.errors import StudioError
from core.governance.policy import Actor
from core.studio.preparing import Pipeline, Tried
from core.studio.values import Dataset

TEXT = (
    "What is done to the rows before a generator learns them. The stored rows stay as they are; "
    "what can be turned back is turned back in what is made."
)


def show() -> None:
    actor = require_actor()
    page_header("Preparation", text=TEXT, icon=":material/cleaning_services:")
    with guard():
        dataset = dataset_or_start(
            actor, key="preparation_dataset", icon=":material/cleaning_services:"
        )
        held = studio().preparing.get(actor, dataset.id)
        show_held(actor, dataset, held)
        show_suggestions(actor, dataset, held)
        with st.expander("Add a step", icon=":material/add:"):
            add_step(actor, dataset, held)
        with st.expander("As text", icon=":material/code:"):
            show_text(actor, dataset, held)


def show_held(actor: Actor, dataset: Dataset, held: Pipeline) -> None:
    if not held.count:
        st.info(
            "No steps: rows are learned as they are, and missing values stay missing. Let the "
            "studio look for what the rows suggest, or add a step below.",
            icon=":material/lightbulb:",
        )
        undo_button(actor, dataset, held)
        return
    st.subheader(f"{counted(held.count, 'step')} of this dataset", anchor=False)
    if held.carried:
        show_taken_over(held.left_out, "step")
    table = choose_table(dataset, key=f"preparation_table_{dataset.id}")
    tried = tried_steps(actor, dataset, held)
    if tried is not None:
        st.caption(looked_at(tried) + " Runs that start from now on have these steps.")
    steps = held.steps.get(table, ())
    chosen: list[int] = []
    if steps:
        key = f"steps_{dataset.id}_{table}_{held.revision}"
        chosen = choose_steps(held, table, tried, key=key)
    else:
        st.caption("This table has no steps.")
    with st.container(horizontal=True):
        change_buttons(actor, dataset, held, table, chosen)
        undo_button(actor, dataset, held)
    if tried is not None and steps:
        show_columns(tried, table, dataset)


def looked_at(tried: Tried) -> str:
    some = f"{tried.rows:,} of {tried.whole:,} rows, drawn at random"
    return f"Counted on {some if tried.rows < tried.whole else f'all {tried.rows:,} rows'}."


def tried_steps(actor: Actor, dataset: Dataset, held: Pipeline) -> Tried | None:
    """What the steps do; kept until they change. Why it cannot be said is shown instead."""
    key = f"tried_{dataset.id}_{held.revision}_{hash(dataset.schema)}"
    if key not in st.session_state:
        try:
            with st.spinner("Trying the steps on the rows"):
                st.session_state[key] = studio().preparing.preview(actor, dataset.id, held.steps)
        except StudioError as error:
            st.warning(
                f"These steps do not fit the data as it is now. {plain(str(error))}",
                icon=":material/rule:",
            )
            return None
    return st.session_state[key]


def change_buttons(
    actor: Actor, dataset: Dataset, held: Pipeline, table: str, chosen: Sequence[int]
) -> None:
    steps = list(held.steps.get(table, ()))
    label = f"Remove {counted(len(chosen), 'step')}" if chosen else "Remove"
    if st.button(label, icon=":material/delete:", disabled=not chosen, key="remove_steps"):
        left = [step for place, step in enumerate(steps) if place not in chosen]
        save(actor, dataset, held, {**held.steps, table: left})
    one = chosen[0] if len(chosen) == 1 else -1
    for text, icon, key, other in (
        ("Move up", ":material/arrow_upward:", "move_up", one - 1),
        ("Move down", ":material/arrow_downward:", "move_down", one + 1),
    ):
        able = one >= 0 and 0 <= other < len(steps)
        if st.button(text, icon=icon, disabled=not able, key=key):
            steps[one], steps[other] = steps[other], steps[one]
            save(actor, dataset, held, {**held.steps, table: steps})


def undo_button(actor: Actor, dataset: Dataset, held: Pipeline) -> None:
    if st.button(
        "Undo",
        icon=":material/undo:",
        disabled=not held.undoable,
        key="undo_steps",
        help=f"{counted(held.undoable, 'change')} can be undone, down to no steps.",
    ):
        with guard(stop=False):
            undone = studio().preparing.undo(actor, dataset.id, held.revision)
            st.toast(f"Undone: {counted(undone.count, 'step')} now.", icon=":material/undo:")
            st.rerun()


def show_columns(tried: Tried, table: str, dataset: Dataset) -> None:
    columns = [column for name, column in tried.examples if name == table]
    if not columns:
        return
    st.markdown("**Before and after**")
    column = st.selectbox("Column", columns, key=f"examples_{dataset.id}_{table}")
    st.caption(
        "The most frequent changes. Values of fewer than five people, and of columns that are "
        "sensitive or identify, are shown as their shape: A and a for letters, 9 for digits."
    )
    show_examples(tried.examples[table, column], column)


def show_suggestions(actor: Actor, dataset: Dataset, held: Pipeline) -> None:
    key = f"suggested_steps_{dataset.id}_{held.revision}"
    found = looked_for(
        "steps",
        lambda: studio().preparing.suggest(actor, dataset.id),
        key=key,
        is_primary=not held.count,
        help="Looks in the rows for what they suggest. No value is shown.",
        none="The rows suggest no further step.",
    )
    if not found:
        return
    st.subheader("What the rows suggest", anchor=False)
    chosen = choose_suggestions(found, key=f"choose_{key}")
    with st.container(horizontal=True):
        label = f"Accept {counted(len(chosen), 'step')}" if chosen else "Accept"
        is_some = st.button(label, key="accept_steps", icon=":material/check:", disabled=not chosen)
        is_all = st.button(
            "Accept all", key="accept_all_steps", type="primary", icon=":material/done_all:"
        )
    if is_some or is_all:
        wanted = {name: list(own) for name, own in held.steps.items()}
        for one in found if is_all else chosen:
            wanted.setdefault(one.table, []).append(one.step)
        save(actor, dataset, held, wanted)


def add_step(actor: Actor, dataset: Dataset, held: Pipeline) -> None:
    table = choose_table(dataset, key=f"new_step_table_{dataset.id}")
    kinds = studio().preparing.kinds()
    described = studio().preparing.prepared(actor, dataset.id)[table]
    kind, values = step_form(kinds, described, key=f"new_step_{dataset.id}_{table}")
    if st.button("Add this step", key="add_step", icon=":material/add:"):
        with guard(stop=False):
            step = studio().preparing.make(kind, values)
            own = (*held.steps.get(table, ()), step)
            save(actor, dataset, held, {**held.steps, table: own})


def show_text(actor: Actor, dataset: Dataset, held: Pipeline) -> None:
    text = studio().preparing.to_yaml(actor, dataset.id)
    key = f"steps_text_{dataset.id}_{held.revision}"
    st.caption("The same text is what the command line takes with `--prepare`.")
    edited = st.text_area("As YAML", text, key=key, height=260)
    with st.container(horizontal=True):
        is_saved = st.button("Check and save", key="save_steps_text", icon=":material/save:")
        st.download_button(
            "Download what is saved",
            text,
            file_name="preparation.yaml",
            mime="application/yaml",
            icon=":material/download:",
        )
    if is_saved:
        with guard(stop=False):
            wanted = studio().preparing.from_yaml(actor, dataset.id, edited)
            save(actor, dataset, held, wanted)


def save(
    actor: Actor, dataset: Dataset, held: Pipeline, wanted: Mapping[str, Sequence[object]]
) -> None:
    with guard(stop=False):
        saved = studio().preparing.set(actor, dataset.id, wanted, held.revision)
        st.toast(f"{counted(saved.count, 'step')} saved.", icon=":material/check:")
        st.rerun()


show()
