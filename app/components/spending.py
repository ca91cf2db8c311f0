"""What a run would take of a dataset's privacy budget, what was spent, and what is left."""

import streamlit as st

from app.components.promise import figure
from app.navigation import BY_NAME, may_open, page_path
from core.governance.policy import Actor
from core.studio.budgets import PrivateCheck
from core.studio.values import Dataset


def show_spending(actor: Actor, dataset: Dataset, check: PrivateCheck) -> None:
    """Show it for the card beside the forms, before the start."""
    st.markdown("**Privacy budget**")
    left, right = st.columns(2)
    left.metric(
        "This run spends",
        f"ε {figure(check.would_spend)}",
        help="Reserved when the run starts, and spent for good, also when it fails.",
    )
    right.metric(
        "Left after it",
        f"ε {figure(max(check.cap - check.spent_after, 0.0))}",
        help=f"Of ε {figure(check.cap)} that all runs on this dataset may spend together.",
    )
    share = check.spent_after / check.cap if check.cap else 1.0
    st.progress(
        min(max(share, 0.0), 1.0),
        text=f"ε {figure(check.spent_before)} spent, {figure(check.spent_after)} after this run, "
        f"of {figure(check.cap)}",
    )
    st.caption(
        "Composed truly: several runs cost less together than their ε added up. A run that has not "
        "ended counts with all that it may spend."
    )
    budget_link(actor, dataset.id)


def budget_link(actor: Actor, dataset_id: str) -> None:
    """Lead to a dataset's budget, for those who may open its page."""
    if may_open(actor, BY_NAME["budget"]):
        st.page_link(
            page_path("budget"),
            label="See the budget",
            icon=":material/account_balance_wallet:",
            query_params={"dataset": dataset_id},
        )
