"""Review: settle what each column means, what it tells about a person, and what happens to it."""

import streamlit as st

from app.components.datasets import (
    ACTION_NAMES,
    ACTION_TEXTS,
    ROLE_NAMES,
    choose_dataset,
    choose_table,
    code,
    counted,
    show_notes,
)
from app.components.exposure import show_exposure, show_why_not
from app.components.page import empty_state, guard, page_header, plain
from app.components.projects import project_or_start
from app.components.review import (
    Findings,
    OpenFinding,
    accept_all,
    choose_keys,
    choose_links,
    edit_columns,
    explain_words,
    kept_all,
    open_findings,
    open_without,
    settled_frame,
    show_finding,
)
from app.components.review_bulk import bulk_form, choose_coarser, picked_form
from app.components.text_ways import (
    bring_back,
    is_free_text,
    say_left_out,
    show_left_out,
    show_ways,
)
from app.components.texts import show_texts
from app.components.versions import show_carried
from app.navigation import page_path
from app.resources import studio
from app.session import require_actor
from core.data.pii import SEMANTICS
from core.data.schema import Action, Coarser, Column, Role, Table
from core.governance.policy import Actor
from core.studio.values import Dataset, Decision

MOST_CARDS = 8
MOST_NAMES = 12


def show() -> None:
    actor = require_actor()
    page_header(
        "Review",
        "review",
        text="Before anything is learned, a person decides what happens to personal data.",
        icon=":material/rule:",
    )
    with guard():
        project = project_or_start(actor)
        datasets = studio().datasets.list(actor, project.id)
        if not datasets:
            empty_state(
                "There is nothing to review yet",
                "Upload your own tables, or take a sample that ships.",
                lambda: st.page_link(
                    page_path("datasets"), label="Add data", icon=":material/upload:"
                ),
                icon=":material/rule:",
            )
            return
        first = next((d for d in datasets if d.open_columns), datasets[0])
        dataset = choose_dataset(datasets, key="review_dataset", default=first.id)
        findings = studio().datasets.findings(actor, dataset.id)
        waiting = open_findings(dataset, findings)
        unfound = open_without(dataset, findings)
        show_progress(actor, dataset, findings, waiting, len(unfound))
        show_carried(dataset)
        show_notes(dataset)
        if together := bulk_form(dataset, findings, waiting):
            save(actor, dataset, together)
        show_open(actor, dataset, waiting)
        show_unfound(actor, dataset, unfound, is_next=not waiting)
        show_everything(actor, dataset, findings)
        show_keys(actor, dataset)


def show_progress(
    actor: Actor,
    dataset: Dataset,
    findings: Findings,
    waiting: list[OpenFinding],
    unfound: int,
) -> None:
    total = sum(len(columns) for columns in findings.values())
    settled = total - len(waiting)
    text, button = st.columns([3, 1.4], vertical_alignment="center")
    if not waiting and unfound:
        text.info(
            f"{counted(unfound, 'column')} without a finding {'waits' if unfound == 1 else 'wait'} "
            "for a decision: new or changed since the version before.",
            icon=":material/difference:",
        )
        return
    if not waiting:
        said = f"All {counted(total, 'finding')} are settled." if total else "Nothing was found."
        said = "The one finding is settled." if total == 1 else said
        text.success(f"{said} This dataset can be used.", icon=":material/check_circle:")
        if button.button(
            "Generate synthetic data",
            key="next_step",
            type="primary",
            icon=":material/auto_awesome:",
            width="stretch",
        ):
            st.switch_page(page_path("generate"), query_params={"dataset": dataset.id})
        say_left_out(dataset)
        return
    text.progress(settled / total, f"{settled} of {counted(total, 'finding')} settled")
    if button.button(
        f"Accept {counted(len(waiting), 'suggestion')}",
        key="accept_all",
        type="primary",
        icon=":material/done_all:",
        width="stretch",
        help="Does what is suggested below for every open column of every table.",
    ):
        save(actor, dataset, accept_all(waiting))


def show_open(actor: Actor, dataset: Dataset, waiting: list[OpenFinding]) -> None:
    explain_words()
    if not waiting:
        return
    st.subheader("Waiting for your decision", anchor=False)
    for item in waiting[:MOST_CARDS]:
        show_card(actor, dataset, item)
    if len(waiting) > MOST_CARDS:
        more = counted(len(waiting) - MOST_CARDS, "column")
        st.caption(f"And {more} more; they follow once these are settled.")


def show_unfound(
    actor: Actor, dataset: Dataset, unfound: list[tuple[str, Column]], *, is_next: bool
) -> None:
    if not unfound:
        return
    with st.container(border=True):
        st.markdown("**New or changed columns in which nothing was found**")
        shown = " · ".join(code(column.name) for _, column in unfound[:MOST_NAMES])
        more = len(unfound) - MOST_NAMES
        st.markdown(f"{shown} and {more} more" if more > 0 else shown)
        st.caption("Look at them below under *All columns*, and choose an action for each.")
        label = f"Keep {counted(len(unfound), 'column')}"
        kind = "primary" if is_next else "secondary"
        if st.button(label, key="keep_unfound", icon=":material/check:", type=kind):
            save(actor, dataset, kept_all(unfound))


def show_card(actor: Actor, dataset: Dataset, item: OpenFinding) -> None:
    with st.container(border=True, key=f"card_{item.key}"):
        left, right = st.columns(2, gap="medium")
        with right:
            action = choose_action(item)
            is_coarse = action is Action.GENERALISE
            coarser = choose_coarser(item.column, item.key) if is_coarse else None
            with st.container(horizontal=True):
                decide(actor, dataset, item, action, coarser)
            if is_free_text(item) and (asked := show_ways(item)):
                bring_back(actor, dataset, asked)
        with left:
            if len(dataset.schema.tables) > 1:
                st.caption(f"Table {plain(item.table)}")
            show_finding(item)
            show_effect(actor, dataset, item, action, coarser)


def choose_action(item: OpenFinding) -> Action:
    suggested = item.finding.suggested_action
    chosen = st.segmented_control(
        "Action",
        list(Action),
        default=suggested,
        required=True,
        format_func=lambda action: ACTION_NAMES[action],
        key=f"action_{item.key}",
        help=f"Suggested: {ACTION_NAMES[suggested].lower()}.",
    )
    action = Action(chosen or suggested)
    st.caption(ACTION_TEXTS[action])
    if action is Action.KEEP and SEMANTICS[item.finding.semantic].direct:
        st.warning(
            "Kept, real values of persons can appear in the synthetic table.",
            icon=":material/warning:",
        )
    return action


def decide(
    actor: Actor, dataset: Dataset, item: OpenFinding, action: Action, coarser: Coarser | None
) -> None:
    confirmed = st.button("Confirm", key=f"confirm_{item.key}", icon=":material/check:")
    with st.popover("Role and reason", icon=":material/tune:"):
        role = st.selectbox(
            "Role",
            list(Role),
            index=list(Role).index(item.finding.suggested_role),
            format_func=lambda r: ROLE_NAMES[r],
            key=f"role_{item.key}",
        )
        reason = st.text_input(
            "Reason", key=f"reason_{item.key}", max_chars=500, help="Written to the audit."
        )
    if confirmed:
        save(actor, dataset, [item.decision(action, Role(role), reason, coarser)])


def show_effect(
    actor: Actor, dataset: Dataset, item: OpenFinding, action: Action, coarser: Coarser | None
) -> None:
    if action not in {Action.REPLACE, Action.MASK, Action.GENERALISE}:
        return
    if st.toggle("Show an example of what comes out", key=f"example_{item.key}_{action}"):
        with guard(stop=False):
            shown = studio().datasets.preview_action(
                actor, dataset.id, item.table, item.column.name, action, coarser
            )
            st.markdown(" · ".join(code(value) for value in shown) or "No values.")


def show_everything(actor: Actor, dataset: Dataset, findings: Findings) -> None:
    st.subheader("All columns", anchor=False)
    st.caption("Change a type, role or action at any time before a run; earlier runs stay as is.")
    name = choose_table(dataset, key=f"review_table_{dataset.id}")
    table, found = dataset.schema[name], findings.get(name, {})
    decisions: list[Decision] = []
    picked: list[str] = []
    with guard(stop=False):
        decisions, picked = edit_columns(dataset, table, found)
    label = f"Save {counted(len(decisions), 'change')}" if decisions else "No changes"
    if st.button(label, key="save", icon=":material/save:", disabled=not decisions):
        save(actor, dataset, decisions)
    if together := picked_form(table, picked, found):
        save(actor, dataset, together)
    settled = settled_frame(table, found)
    if len(settled):
        st.caption(f"{counted(len(settled), 'finding')} of this table settled so far.")
    show_texts(actor, dataset, name, lambda: left_out(actor, dataset, table))
    show_why_not(actor, dataset, table, dict(found))
    show_exposure(actor, dataset, table)


def left_out(actor: Actor, dataset: Dataset, table: Table) -> None:
    if asked := show_left_out(dataset, table):
        bring_back(actor, dataset, asked)


def show_keys(actor: Actor, dataset: Dataset) -> None:
    links = len(dataset.schema.relationships)
    label = f"Keys and links between tables ({counted(links, 'link')})"
    is_single = len(dataset.schema.tables) == 1
    with st.expander("Key of the table" if is_single else label, icon=":material/key:"):
        st.caption(
            "A key tells the rows of a table apart. A link says that a column names the key of "
            "another table; synthetic tables keep such links whole."
        )
        left, right = st.columns(2, gap="large")
        with left:
            keys = choose_keys(dataset)
        with right:
            relationships = choose_links(dataset, keys)
        if st.button("Save keys and links", key="save_keys", icon=":material/save:"):
            with guard(stop=False):
                studio().datasets.set_keys(actor, dataset.id, keys, relationships)
                st.toast("Keys and links are saved.", icon=":material/check:")
                st.rerun()


def save(actor: Actor, dataset: Dataset, decisions: list[Decision]) -> None:
    with guard(stop=False):
        studio().datasets.decide(actor, dataset.id, decisions)
        st.toast(f"{counted(len(decisions), 'decision')} saved.", icon=":material/check:")
        st.rerun()


show()
