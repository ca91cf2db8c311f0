"""Privacy budget: what formal privacy was spent on each dataset, what is left, which ε to take."""

import streamlit as st

from app.components.budget import show_budget, unit_title
from app.components.datasets import choose_dataset
from app.components.page import empty_state, guard, page_header
from app.components.projects import project_or_start
from app.components.sweep import SEARCH, show_sweep
from app.navigation import BY_NAME, may, may_open, page_path
from app.resources import studio
from app.session import require_actor
from core.governance.policy import Actor
from core.studio.values import Dataset

SPENT = "What was spent"
PARTS = (SPENT, SEARCH)


def show() -> None:
    actor = require_actor()
    page_header(
        "Privacy budget",
        text="What runs with a formal guarantee have spent on a dataset, and what is left. What "
        "is spent stays spent.",
        icon=":material/account_balance_wallet:",
    )
    with guard():
        project = project_or_start(actor)
        datasets = studio().datasets.list(actor, project.id)
        if not datasets:
            show_no_data(actor)
            return
        dataset = choose_dataset(datasets, key="budget_dataset", default=datasets[0].id)
        part = st.segmented_control(
            "Part",
            PARTS,
            default=SPENT,
            required=True,
            key="part",
            bind="query-params",
            label_visibility="collapsed",
        )
        if part == SEARCH:
            show_sweep(actor, dataset)
        else:
            show_budgets(actor, dataset)
            show_chain(actor)


def show_chain(actor: Actor) -> None:
    """Say how the entries are kept, and verify them for those who may."""
    st.caption(
        ":material/link: The entries are chained and only ever added to. The chain is verified "
        "before each private run starts; one that was tampered with lets none start."
    )
    if may(actor, "audit.verify") and st.button(
        "Verify the chain", icon=":material/verified:", key="budget_verify"
    ):
        with st.spinner("Reading every entry"):
            result = studio().audit.verify(actor)
        if result.ok:
            st.success(
                f"All {result.budget:,} budget entries and {result.entries:,} audit records are as "
                "they were written.",
                icon=":material/verified:",
            )
        else:
            st.error(f"**The chain is broken.** {result.first_problem}", icon=":material/gpp_bad:")


def show_budgets(actor: Actor, dataset: Dataset) -> None:
    budgets = studio().budgets.of(actor, dataset.id)
    used = [budget for budget in budgets if budget.entries]
    if not used:
        show_unused(actor, dataset)
    shown = used or budgets[:1]
    for budget in shown:
        st.subheader(unit_title(budget), anchor=False)
        show_budget(actor, budget)
    if len(shown) > 1:
        st.caption(
            "Each choice of who a person is has a budget of its own: they are promises about "
            "different things, and cannot be added up."
        )


def show_unused(actor: Actor, dataset: Dataset) -> None:
    def action() -> None:
        if may(actor, "run.submit") and may_open(actor, BY_NAME["generate"]):
            st.page_link(
                page_path("generate"),
                label="Generate with a guarantee",
                icon=":material/auto_awesome:",
                query_params={"dataset": dataset.id},
            )

    empty_state(
        "Nothing was spent yet",
        "Runs that promise formal privacy spend from this budget. Choose “A promise that can be "
        "proven” on the page Generate; what a run would spend is shown before it starts.",
        action,
        icon=":material/account_balance_wallet:",
    )


def show_no_data(actor: Actor) -> None:
    def action() -> None:
        if may_open(actor, BY_NAME["datasets"]):
            icon = ":material/upload:"
            st.page_link(page_path("datasets"), label="Add data", icon=icon)

    empty_state(
        "There is no data yet",
        "Each dataset has a budget of its own.",
        action,
        icon=":material/table_chart:",
    )


show()
